"""The recorded orders of tests/vectors, and the host's, in the core: HPKE, COSE and CBOR of the
pages open what a board opens, with the same claims, and nothing that a board refuses."""

from __future__ import annotations

import re
from typing import Any

import cbor2
import pytest

from host_client.order import seal_order
from tests.browser import node
from tests.browser.node import Node, NodeError
from tests.browser.sealing_in_node import DEVICE_PRIVATE, FORMS, HOST_SETTINGS, NONCE, TARGET
from tests.device.device_vectors import own_json, public_json
from tests.device.orders import OK, recorded
from tests.device.policy_board import PolicyBoard
from tests.device.policy_board import recorded as recorded_policies
from tests.vectors.policy_cases import BOARD
from transports import contract as c

# Well-formed CBOR that is no order: what the claims must be is the board's to say, and
# test_core_orders.py shows that the core writes no others.
OF_THE_CLAIMS = {
    "unknown claim",
    "sequence above the maximum",
    "sequence missing",
    "unsigned and empty",
}


def opened(core: Node, octets: str, authority: str | None, **given: Any) -> dict[str, Any]:
    """{"payload", "claims"}; given: psk (hex), unsigned. Raises NodeError."""
    result: dict[str, Any] = core.ask(
        "open_order", order=octets, device_private=DEVICE_PRIVATE, authority=authority, **given
    )
    return result


@pytest.mark.parametrize(
    ("file", "right", "wrong"),
    [("orders.json", 14, 106), ("orders_malformed.json", 0, 35), ("orders_cwt.json", 4, 0)],
)
def test_opens_the_right_ones_and_no_wrong_one(
    core: Node, file: str, right: int, wrong: int
) -> None:
    opener, cases = recorded(file)
    counted = {True: 0, False: 0}
    for case in cases:
        if case["name"] in OF_THE_CLAIMS:
            continue
        given = {name: case[name] for name in ("psk", "unsigned") if name in case}
        key = own_json(file)["keys"]["authorities"][case.get("authority", "Ed25519")]
        counted[case["outcome"] == OK] += 1
        if case["outcome"] == OK:
            payload = opened(core, case["order"], key, **given)["payload"]
            own = opener.open(bytes.fromhex(case["order"]), case)
            assert payload == bytes(own.claims_octets).hex(), case["name"]
            assert payload == case.get("claims", payload)
        else:
            with pytest.raises(NodeError):
                opened(core, case["order"], key, **given)
    assert counted == {True: right, False: wrong}


def trusted(board: dict[str, Any]) -> dict[str, Any]:
    """What opens an order to such a board of policies.json, as firmware/provision/policies does."""
    policy = board["policy"] if board["record_policy"] is None else board["record_policy"]
    if policy == c.LABEL:
        return {"authority": None, "psk": board["label_key"], "unsigned": True}
    if policy == c.FIRST_USE:
        return {"authority": board["owner"], "unsigned": board["owner"] is None}
    if policy == c.OPEN_POLICY:
        return {"authority": None, "unsigned": True}
    return {"authority": board["record_authority"] or board["authority"], "installers": True}


def test_opens_what_boards_of_every_policy_open(core: Node) -> None:
    """Whether to do what they say, and what a certificate allows, is for boards to judge."""
    keys, cases = recorded_policies()
    counted = {True: 0, False: 0}
    for case in cases:
        authentic = case["status"] not in (c.NOT_AUTHENTIC, c.MALFORMED_ORDER)
        if not authentic and case["name"].startswith("certificate, "):
            continue
        counted[authentic] += 1
        given = trusted({**keys["board"], **case["board"]})
        if not authentic:
            with pytest.raises(NodeError):
                opened(core, case["order"], **given)
            continue
        payload = opened(core, case["order"], **given)["payload"]
        if case["status"] == c.OK:
            admitted = PolicyBoard(keys, case["board"]).admit(bytes.fromhex(case["order"]))
            assert payload == bytes(admitted.claims_octets).hex(), case["name"]
    assert counted == {True: 97, False: 54}


@pytest.mark.parametrize("suite", [c.ALG_HPKE_3, c.ALG_HPKE_4])
@pytest.mark.parametrize("form", FORMS)
def test_opens_what_the_host_seals(core: Node, form: str, suite: int) -> None:
    _, proof, board = FORMS[form]
    order = seal_order(HOST_SETTINGS, TARGET, proof, nonce=NONCE, suite=suite)
    given = trusted({**BOARD, **board})
    payload = bytes.fromhex(opened(core, order.data.hex(), **given)["payload"])
    claims = cbor2.loads(payload)
    assert claims[c.CLAIM_ORDER_ID] == order.order_id and claims[c.CLAIM_NONCE] == NONCE
    assert claims[c.CLAIM_NETWORKS] == HOST_SETTINGS.to_claims()[c.CLAIM_NETWORKS]
    for place in (0, len(order.data) // 2, -1):
        damaged = bytearray(order.data)
        damaged[place] ^= 1
        with pytest.raises(NodeError):
            opened(core, damaged.hex(), **given)


@pytest.mark.parametrize(
    ("name", "suite"), [("aes128gcm", c.ALG_HPKE_3), ("chacha20poly1305", c.ALG_HPKE_4)]
)
def test_is_the_hpke_of_rfc_9180(core: Node, name: str, suite: int) -> None:
    """Base and PSK mode: the first message opens, and the exported secrets are the RFC's."""
    cases = public_json(f"hpke-rfc9180/x25519_sha256_{name}.small.json")
    checked = [case for case in cases if case["mode"] in (0, 1)]
    assert len(checked) == 2
    for case in checked:
        first = case["encryptions"][0]
        result = core.ask(
            "hpke_open",
            suite=suite,
            secret=case["skRm"],
            enc=case["enc"],
            info=case["info"],
            psk=case.get("psk"),
            psk_id=case.get("psk_id"),
            aad=first["aad"],
            ciphertext=first["ct"],
            exports=[[each["exporter_context"], each["L"]] for each in case["exports"]],
        )
        assert result["plaintext"] == first["pt"]
        assert result["exports"] == [each["exported_value"] for each in case["exports"]]


def test_signs_as_rfc_8032_does(core: Node) -> None:
    tests = public_json("rfc-primitives/rfc8032_ed25519.json")["tests"]
    for case in tests:
        made = core.ask("sign", secret=case["secret"], message=case["message"])
        assert made == {"public": case["public"], "signature": case["signature"]}
    assert len(tests) >= 4


def test_no_page_loads_what_only_boards_and_tests_need() -> None:
    """AES-GCM and the opening of seals stay out of the pages' bundles."""
    sources = [file for file in node.BROWSER.rglob("*.ts") if "node_modules" not in file.parts]
    assert len(sources) > 20
    for file in sources:
        text = file.read_text(encoding="utf-8")
        assert "suite_41.ts" not in text or file.name == "hpke.ts", file
        assert not re.search(r"import .*\bopen\b.*hpke", text), file
