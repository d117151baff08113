"""Orders that are wrong in one part and right in every other, from the vectors and fresh."""

from __future__ import annotations

import pytest

from host_client.authority import Authority
from host_client.order import Target, seal_order
from tests.attacks.forging import Forger
from tests.attacks.siege import PATIENT, Siege, siege
from tests.attacks.vector_board import authority, orders, signer, vector_rig
from tests.scenarios.conftest import NewRig
from tests.scenarios.rig import STRANGER, Rig, settings
from tests.vectors.sealing import EDDSA, ES256, P256_ORDER, dumps
from transports import contract as c

EXPECTED = {"not authentic": c.NOT_AUTHENTIC, "malformed order": c.MALFORMED_ORDER}
GROUP_ORDER = (1 << 252) + 27742317777372353535851937790883648493  # RFC 8032 section 5.1


@pytest.mark.parametrize("curve", ["Ed25519", "P-256"])
async def test_every_wrong_order_of_the_vectors(new_rig: NewRig, curve: str) -> None:
    rig = await vector_rig(new_rig, curve, **PATIENT)
    cases = orders("orders.json", curve)
    async with siege(rig, authority(curve)) as attack:
        for case in cases:
            if case["outcome"] != "ok":
                order = bytes.fromhex(case["order"])
                await attack.refused(order, EXPECTED[case["outcome"]], case["name"])


@pytest.mark.parametrize("curve", ["Ed25519", "P-256"])
async def test_right_orders_of_the_vectors_are_of_another_window(
    new_rig: NewRig, curve: str
) -> None:
    """Which shows that the wrong ones are refused for what is wrong with them."""
    rig = await vector_rig(new_rig, curve, **PATIENT)
    right = [case for case in orders("orders.json", curve) if case["outcome"] == "ok"]
    assert right
    async with siege(rig, authority(curve)) as attack:
        for case in right:
            if case["name"] != "every claim at its limit":  # for no window, and so fresh
                await attack.refused(bytes.fromhex(case["order"]), c.STALE, case["name"])


async def test_whom_an_order_is_for_and_sealed_for(rig: Rig) -> None:
    forger = Forger(rig)
    async with siege(rig) as attack:
        await attack.refused(forger.order(forger.claims(aud="lk-somebody-else")), c.WRONG_DEVICE)
        other = Target(rig.target.device_id, bytes(31) + b"\x09")
        await attack.refused(rig.offline(target=other).data, c.NOT_AUTHENTIC)
        await attack.refused(rig.offline(authority=STRANGER).data, c.NOT_AUTHENTIC)
        in_41 = forger.signed(forger.claims(suite=c.ALG_HPKE_3))
        await attack.refused(forger.sealed(in_41, c.ALG_HPKE_4), c.NOT_AUTHENTIC, "suite inside")
        in_42 = forger.signed(forger.claims(suite=c.ALG_HPKE_4))
        await attack.refused(forger.sealed(in_42, c.ALG_HPKE_3), c.NOT_AUTHENTIC, "downgrade")
        receipt = forger.order(external_aad=c.RECEIPT_CONTEXT)
        await attack.refused(receipt, c.NOT_AUTHENTIC, "context")


async def test_neither_fault_can_be_told_from_the_other(rig: Rig) -> None:
    """No oracle: what does not open and what is signed wrong get the same octets."""
    forger = Forger(rig)
    sealed, signed = forger.order(), forger.signed(signature=lambda m: bytes(64))
    async with siege(rig) as attack:
        await attack.refused(sealed[:-1] + bytes((sealed[-1] ^ 1,)), c.NOT_AUTHENTIC)
        await attack.refused(forger.sealed(signed), c.NOT_AUTHENTIC)
        assert rig.answers[-1] == rig.answers[-2]
    assert len({line for line in rig.board.log if "refused" in line}) == 1


async def test_signatures_of_ed25519_are_taken_in_one_form_only(new_rig: NewRig) -> None:
    rig = await new_rig(limits=PATIENT)
    await rig.open_window()
    forger = Forger(rig)

    def longer(message: bytes) -> bytes:
        right = forger.hand.sign(message)
        scalar = int.from_bytes(right[32:], "little") + GROUP_ORDER
        return right[:32] + scalar.to_bytes(32, "little")

    def with_point(point: bytes) -> bytes:
        return forger.order(signature=lambda message: point + bytes(32))

    async with siege(rig) as attack:
        await attack.refused(forger.order(signature=longer), c.NOT_AUTHENTIC, "S + L")
        for point in (
            b"\x01" + bytes(31),  # the neutral element
            b"\xee" + b"\xff" * 30 + b"\x7f",  # the same, not reduced
            b"\xec" + b"\xff" * 30 + b"\x7f",  # of order 2
            b"\x01" + bytes(30) + b"\x80",  # x = 0 with a sign
        ):
            await attack.refused(with_point(point), c.NOT_AUTHENTIC, point.hex())
        named = forger.order(protected=dumps({1: ES256}))
        await attack.refused(named, c.NOT_AUTHENTIC, "algorithm of another key type")


async def test_signatures_on_p256_are_taken_in_one_form_only(new_rig: NewRig) -> None:
    rig = await vector_rig(new_rig, "P-256", **PATIENT)
    forger = Forger(rig, authority("P-256"))
    one, order = (number.to_bytes(32, "big") for number in (1, P256_ORDER))
    halves = (bytes(32), one, order, b"\xff" * 32)
    async with siege(rig, authority("P-256")) as attack:
        for r in halves:
            for s in halves:
                await attack.refused(
                    forger.order(signature=lambda m, r=r, s=s: r + s), c.NOT_AUTHENTIC
                )
        der = forger.order(signature=signer("P-256").sign_der)
        await attack.refused(der, c.NOT_AUTHENTIC, "DER")
        await _stranger_of_the_same_curve(attack, rig)
        named = forger.order(protected=dumps({1: EDDSA}))
        await attack.refused(named, c.NOT_AUTHENTIC, "algorithm of another key type")


async def _stranger_of_the_same_curve(attack: Siege, rig: Rig) -> None:
    stranger = Authority.generate("stranger", "p256")
    await attack.refused(rig.offline(authority=stranger).data, c.NOT_AUTHENTIC)


@pytest.mark.parametrize("algorithm", ["ed25519", "p256"])
@pytest.mark.parametrize("suite", [c.ALG_HPKE_3, c.ALG_HPKE_4])
async def test_every_algorithm_is_taken_from_its_owner(
    new_rig: NewRig, algorithm: str, suite: int
) -> None:
    owner = Authority.generate("owner", algorithm)
    rig = await new_rig(authority=owner.public_key)
    await rig.open_window()
    order = seal_order(settings(), rig.target, owner, suite=suite)
    async with rig.client(owner) as client:
        outcome = await client.provision(order)
    assert outcome.receipt.verified
