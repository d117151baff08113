"""Octets that are no order, rightly signed and sealed: refused after verification."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.attacks.forging import Forger
from tests.attacks.siege import HEAP_SLACK, PATIENT, SOAK, Heap, siege
from tests.attacks.vector_board import authority, orders, vector_rig
from tests.scenarios.conftest import NewRig
from tests.vectors.sealing import dumps, ordered
from transports import contract as c

PUBLIC = Path(__file__).resolve().parents[3] / "shared" / "vectors" / "cbor-malformed"
EXPECTED = {"not authentic": c.NOT_AUTHENTIC, "malformed order": c.MALFORMED_ORDER}
HUGE = 0xFFFFFFFF


def malformed(file: str) -> list[bytes]:
    if not PUBLIC.is_dir():
        pytest.skip(f"the public vectors are not there: {PUBLIC.parent}")
    return [bytes.fromhex(case["hex"]) for case in json.loads((PUBLIC / file).read_text())]


@pytest.mark.parametrize("file", ["rfc8949_appendix_f.json", "cborwg_rfc8949_bad.json"])
async def test_no_public_example_of_bad_cbor_is_an_order(new_rig: NewRig, file: str) -> None:
    rig = await new_rig(limits=PATIENT)
    await rig.open_window()
    forger = Forger(rig)
    every, first = (1, 0) if SOAK else (4, ("http", "ble").index(rig.link))
    async with siege(rig) as attack:
        for payload in malformed(file)[first::every]:
            await attack.refused(forger.order(payload), c.MALFORMED_ORDER, payload.hex())
            as_value = b"\xa1\x03" + payload
            await attack.refused(forger.order(as_value), c.MALFORMED_ORDER, as_value.hex())


async def test_well_formed_cbor_outside_the_profile_is_no_order(new_rig: NewRig) -> None:
    rig = await vector_rig(new_rig, "Ed25519", **PATIENT)
    async with siege(rig, authority("Ed25519")) as attack:
        for case in orders("orders_malformed.json", "Ed25519"):
            order = bytes.fromhex(case["order"])
            await attack.refused(order, EXPECTED[case["outcome"]], case["name"])


async def test_depth_and_claimed_lengths_cost_nothing(new_rig: NewRig) -> None:
    """Each would take more than the heap if it were believed."""
    rig = await new_rig(limits=PATIENT)
    await rig.open_window()
    forger = Forger(rig)
    size = 4000  # of 7,000 a heap in pieces may refuse the plaintext itself, as out of memory
    payloads = {
        "arrays in arrays": b"\x81" * size,
        "maps in maps": b"\xa1\x01" * (size // 2),
        "tags on tags": b"\xc1" * size,
        "octets of 4 GB": b"\xa1\x03\x5a" + HUGE.to_bytes(4, "big") + bytes(size),
        "text of 2^64": b"\xa1\x03\x7b" + b"\xff" * 8 + bytes(size),
        "array of 2^32": b"\x9a" + HUGE.to_bytes(4, "big") + bytes(size),
        "map of 2^32": b"\xba" + HUGE.to_bytes(4, "big") + bytes(size),
        "map of thousands": b"\xb9\x07\xd0" + b"\x00\x00" * 2000,
        "array of thousands": b"\x99\x0f\xa0" + bytes(size),
        "indefinite octets": b"\x5f" + b"\x41\x00" * (size // 2) + b"\xff",
    }
    async with siege(rig) as attack:

        async def request() -> None:
            await attack.refused(forger.order(b"\x00"), c.MALFORMED_ORDER)

        heap = await Heap.of(rig, request)
        for name, payload in payloads.items():
            await attack.refused(forger.order(payload), c.MALFORMED_ORDER, name)
        assert await heap.growth() <= HEAP_SLACK


async def test_claims_that_the_cddl_does_not_know(new_rig: NewRig) -> None:
    rig = await new_rig(limits=PATIENT)
    await rig.open_window()
    forger = Forger(rig)
    network = {1: b"Workshop", 2: b"long enough"}
    changes: list[dict] = [
        {c.CLAIM_NETWORKS: [network] * (c.MAX_NETWORKS + 1)},
        {c.CLAIM_NETWORKS: []},
        {c.CLAIM_NETWORKS: [{**network, 1: b""}]},
        {c.CLAIM_NETWORKS: [{**network, 1: bytes(33)}]},
        {c.CLAIM_NETWORKS: [{**network, 2: b"7 octet"}]},
        {c.CLAIM_NETWORKS: [{**network, 2: b"g" * 64}]},
        {c.CLAIM_NETWORKS: [{**network, 9: 1}]},
        {c.CLAIM_APP: bytes(c.MAX_APP_DATA + 1)},
        {c.CLAIM_SEQUENCE: c.MAX_SEQUENCE + 1},
        {c.CLAIM_SEQUENCE: -1},
        {c.CLAIM_SEQUENCE: True},
        {c.CLAIM_ORDER_ID: bytes(15)},
        {c.CLAIM_NONCE: bytes(17)},
        {c.CLAIM_SERVER: {1: "gopher://example.org"}},
        {c.CLAIM_SERVER: {1: "https://example.org:65536/"}},
        {c.CLAIM_SERVER: {1: "https://example.org:-1/"}},
        {c.CLAIM_SERVER: {1: "https://example.org:0/"}},
        {c.CLAIM_SERVER: {1: "https://example.org:" + "9" * 200}},
        {c.CLAIM_DEVICE: {2: "under_score"}},
        {c.CLAIM_DEVICE: {3: "ch"}},
        {c.CLAIM_DEVICE: {1: "n" * 65}},
        {c.CLAIM_NETWORKS: [{**network, 4: {1: bytes(4), 2: 31}}]},
        {c.CLAIM_TRUST: {4: len(c.TIGHTER)}},
        {c.CLAIM_TRUST: {3: b"no key"}},
        {-65599: 0},
    ]
    async with siege(rig) as attack:
        for change in changes:
            payload = dumps(ordered({**forger.claims(), **change}))
            await attack.refused(forger.order(payload), c.MALFORMED_ORDER, change)
