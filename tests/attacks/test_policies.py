"""Policies under attack: orders of the wrong kind, beyond their maker's right, or of one who
once had it. Over HTTP; that no link makes a difference is shown elsewhere."""

from __future__ import annotations

from typing import Any

import pytest

from tests.attacks.policy_board import Orders, keep, policy_rig, recorded, under_attack
from tests.attacks.siege import SOAK
from tests.attacks.test_changed_orders import flipped
from tests.scenarios.conftest import NewRig
from tests.vectors import policy_cases
from tests.vectors.order_cases import AUTHORITY, DEVICE, STRANGER
from tests.vectors.owner_cases import NEW_BOARD
from tests.vectors.policy_cases import (
    INSTALLER,
    NEXT,
    OWNER,
    certificate,
    labelled,
    octets_of,
    signed,
    unsigned,
)
from tests.vectors.sealing import encrypt0
from transports import contract as c

pytestmark = pytest.mark.parametrize("link", ["http"], indirect=True)

EVERY = 1 if SOAK else 121  # which bits are flipped
GOOD = {c.SIGNED: signed, c.LABEL: labelled, c.OPEN_POLICY: unsigned}
OWN, GIVE, ROTATE = {1: octets_of(OWNER)}, {1: octets_of(NEXT)}, {3: octets_of(NEXT)}


@pytest.mark.parametrize("policy", GOOD)
async def test_orders_of_another_kind_and_trust_that_is_not_given(
    new_rig: NewRig, policy: int
) -> None:
    """Every order of the vectors that is not authentic gets the same answer."""
    rig = await policy_rig(new_rig, policy=policy, profile=c.CONSUMER)
    orders = Orders()
    wrong = recorded(policy, c.NOT_AUTHENTIC)
    assert len(wrong) >= (55 if policy == c.SIGNED else 3)
    async with under_attack(rig, lambda: orders.make(GOOD[policy])) as attack:
        for case in wrong:
            await attack.refused(bytes.fromhex(case["order"]), c.NOT_AUTHENTIC, case["name"])
        for trust in not_given(policy):
            order = orders.make(GOOD[policy], TRUST=trust)
            await attack.refused(order, c.FORBIDDEN, trust)


def not_given(policy: int) -> list[dict[int, Any]]:
    """The changes of trust that no order under the policy can make."""
    tighter = c.TIGHTER[c.TIGHTER.index(policy) + 1 :]
    wanted: list[dict[int, Any]] = [OWN, {2: True}, {**OWN, 2: True}]
    wanted += [{4: number} for number in c.TIGHTER if number not in tighter]
    wanted += [{**OWN, 4: number} for number in tighter]
    return wanted if policy == c.SIGNED else [*wanted, ROTATE, {**ROTATE, 4: c.SIGNED}]


async def test_an_installer_beyond_each_limit(new_rig: NewRig) -> None:
    rig = await policy_rig(new_rig)
    orders = Orders(first=100)
    wide = {3: 0, 4: 1 << 50}
    within = certificate(limits=wide)
    key = octets_of(INSTALLER)
    async with under_attack(rig, lambda: orders.delegated(within)) as attack:
        for sequence in (4, 10, c.MAX_SEQUENCE):
            await attack.refused(orders.delegated(SEQUENCE=sequence), c.FORBIDDEN, sequence)
        for kind in ({"DEVICE": {1: "x"}}, {"APP": b""}, {"DEVICE": {}, "NETWORKS": None}):
            await attack.refused(orders.delegated(within, **kind), c.FORBIDDEN, kind)
        for trust in ({}, ROTATE, {1: key}, {2: True}, {3: key}, {4: c.LABEL}):
            await attack.refused(orders.delegated(within, TRUST=trust), c.FORBIDDEN, trust)
        elsewhere = certificate(limits={**wide, 1: "site-b"})
        await attack.refused(orders.delegated(elsewhere), c.FORBIDDEN, "group")
        foreign = certificate(limits=wide, signer=STRANGER)
        await attack.refused(orders.delegated(foreign), c.NOT_AUTHENTIC, "authority")
        online = orders.delegated(within, NONCE=bytes(16))
        await attack.refused(online, c.STALE, "nonce")


async def test_what_was_certified_ends_with_the_authority(new_rig: NewRig) -> None:
    """After a rotation nothing of the old key counts: its orders of before, those of its
    installers, a rotation back, the rotation itself once more."""
    rig = await policy_rig(new_rig)
    orders = Orders()
    wide = certificate(limits={3: 0, 4: c.MAX_SEQUENCE})
    before = orders.make(signed, SEQUENCE=1 << 50)
    installed = orders.delegated(wide, SEQUENCE=1 << 51)
    rotation = orders.make(signed, TRUST=ROTATE)
    async with under_attack(rig, lambda: rotation) as attack:
        await attack.refused(orders.make(signed, STRANGER, TRUST=ROTATE), c.NOT_AUTHENTIC)
        await attack.refused(orders.delegated(wide, TRUST=ROTATE), c.FORBIDDEN)
        broken = {3: policy_cases.dumps({1: 1, -1: 6, -2: bytes(32)})}
        await attack.refused(orders.make(signed, TRUST=broken), c.FORBIDDEN, "unusable key")
    old = [before, installed, rotation, orders.make(signed)]
    old += [orders.make(signed, TRUST={3: octets_of(AUTHORITY)}), orders.delegated(wide)]
    async with under_attack(rig, lambda: orders.make(signed, NEXT)) as attack:
        for number, order in enumerate(old):
            await attack.refused(order, c.NOT_AUTHENTIC, number)


async def test_who_comes_second(new_rig: NewRig) -> None:
    rig = await policy_rig(new_rig, **NEW_BOARD)
    orders = Orders()
    first = orders.make(unsigned, TRUST=OWN)
    async with under_attack(rig, lambda: first) as attack:
        await attack.refused(orders.make(unsigned), c.FORBIDDEN, "no owner")
        await attack.refused(orders.make(unsigned, TRUST={**OWN, 4: 0}), c.FORBIDDEN, "policy")
        await attack.refused(orders.make(signed, OWNER, TRUST=OWN), c.NOT_AUTHENTIC)
    async with under_attack(rig, lambda: orders.make(signed, OWNER)) as attack:
        for trust in (GIVE, OWN, {2: True}, {4: c.SIGNED}):
            await attack.refused(orders.make(unsigned, TRUST=trust), c.NOT_AUTHENTIC, trust)
            await attack.refused(orders.make(signed, NEXT, TRUST=trust), c.NOT_AUTHENTIC, trust)
        await attack.refused(first, c.NOT_AUTHENTIC, "the first order again")
        await attack.refused(orders.make(signed), c.NOT_AUTHENTIC, "the authority")
        of_the_owner = certificate(signer=OWNER, limits={3: 0, 4: c.MAX_SEQUENCE})
        await attack.refused(orders.delegated(of_the_owner), c.NOT_AUTHENTIC, "chain")
        for trust in (GIVE, {2: True}, {3: octets_of(OWNER)}, {4: c.OPEN_POLICY}):
            await attack.refused(orders.make(signed, OWNER, TRUST=trust), c.FORBIDDEN, trust)


async def test_a_policy_is_never_loosened(new_rig: NewRig) -> None:
    """Not by an order, not by a restart, not by a physical reset."""
    rig = await policy_rig(new_rig, policy=c.OPEN_POLICY)
    orders = Orders()
    recorded_earlier = orders.make(unsigned, SEQUENCE=1 << 50)
    await keep(rig, orders.make(unsigned, TRUST={4: c.LABEL}))
    await keep(rig, orders.make(labelled, TRUST={4: c.SIGNED}))
    for _ in range(2):
        async with under_attack(rig, lambda: orders.make(signed)) as attack:
            await attack.refused(recorded_earlier, c.NOT_AUTHENTIC)
            await attack.refused(orders.make(labelled), c.NOT_AUTHENTIC)
            for number in (c.OPEN_POLICY, c.FIRST_USE, c.LABEL):
                loose = orders.make(signed, TRUST={4: number})
                await attack.refused(loose, c.FORBIDDEN, number)
        await rig.restart()


async def test_no_bit_of_an_installer_s_order_can_be_flipped(new_rig: NewRig) -> None:
    """Nor under the seal, by who can seal (anybody): certificate and both signatures. In a soak
    every bit is tried; tests/device tries more of them always."""
    rig = await policy_rig(new_rig)
    wide = certificate(limits={3: 0, 4: c.MAX_SEQUENCE})
    claims = policy_cases.payload(**Orders().claims())
    message = policy_cases.delegated_message(wide, order=claims)
    order = encrypt0(DEVICE, message)
    async with under_attack(rig, lambda: order) as attack:
        for bit in range(0, 8 * len(order), EVERY):
            await attack.refused(flipped(order, bit), c.NOT_AUTHENTIC, bit)
        for bit in range(0, 8 * len(message), EVERY):
            changed = encrypt0(DEVICE, flipped(message, bit))
            await attack.refused(changed, c.NOT_AUTHENTIC, bit)


@pytest.mark.skipif(not SOAK, reason="a soak's: tests/device tries some of its bits always")
async def test_no_bit_of_a_label_s_order_can_be_flipped(new_rig: NewRig) -> None:
    rig = await policy_rig(new_rig, policy=c.LABEL)
    order = Orders().make(labelled)
    async with under_attack(rig, lambda: order) as attack:
        for bit in range(8 * len(order)):
            await attack.refused(flipped(order, bit), c.NOT_AUTHENTIC, bit)
