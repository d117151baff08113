"""core/x25519.ts is the X25519 of RFC 7748, at its edges as well (vectors of Wycheproof)."""

from __future__ import annotations

import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from tests.browser.node import Node, NodeError
from tests.device.device_vectors import public_json

SOME = 8  # of what there is much of, every eighth


def test_multiplies_as_rfc_7748_does(core: Node) -> None:
    data = public_json("rfc-primitives/rfc7748_x25519.json")
    for case in data["scalarmult"]:
        assert core.ask("x25519", scalar=case["scalar"], point=case["u"]) == case["out"]
    start = data["iterated"]["start_k_and_u"]
    assert core.ask("x25519", scalar=start, point=start) == data["iterated"]["after"]["1"]


def test_agrees_with_wycheproof(core: Node) -> None:
    groups = public_json("wycheproof/x25519_test.json")["testGroups"]
    cases = [case for group in groups for case in group["tests"]]
    many = [case for case in cases if case["flags"][0] == "EdgeCaseMultiplication"]
    chosen = [case for case in cases if case not in many] + many[::SOME]
    assert len(chosen) > 150
    zero = 0
    for case in chosen:
        asked = {"scalar": case["private"], "point": case["public"]}
        if "ZeroSharedSecret" in case["flags"]:
            zero += 1
            with pytest.raises(NodeError):
                core.ask("x25519", **asked)
        else:
            assert core.ask("x25519", **asked) == case["shared"], case["tcId"]
    assert zero >= 25


def test_gives_the_public_keys_that_others_give(core: Node) -> None:
    for number in range(16):
        scalar = bytes((number * 17,)) * 32
        public = X25519PrivateKey.from_private_bytes(scalar).public_key().public_bytes_raw()
        assert core.ask("x25519_public", scalar=scalar.hex()) == public.hex()
