"""Centrals that go away, come in twos, or have little room: nobody gets another's message."""

from __future__ import annotations

import asyncio

import cbor2
import pytest
from bumble import att

from tests.attacks.raw_ble import RawLink, frames_of, raw_link, two_links
from tests.attacks.siege import HEAP_SLACK, PATIENT, SOAK, Heap, answer, siege, unharmed
from tests.scenarios.conftest import NewRig
from tests.scenarios.rig import Rig
from transports import contract as c
from transports import framing

MESSAGE = bytes((c.PROVISION,)) + bytes(range(7, 79))
FRAMES = frames_of(MESSAGE, 1, 12)  # seven


@pytest.fixture
def link() -> str:
    return "ble"


@pytest.fixture
async def patient(new_rig: NewRig) -> Rig:
    rig = await new_rig(limits=PATIENT)
    await rig.open_window()
    return rig


async def gone(rig: Rig, links: int) -> None:
    await rig.board.until(lambda: len(rig.board.ble.connections) == links, what="a lost link")


async def another_central(rig: Rig) -> None:
    async with raw_link(rig) as link:
        await link.ask(c.INFO)


async def test_the_link_is_lost_at_each_fragment(patient: Rig) -> None:
    """Whoever comes next, the same central or another, cannot carry the message on."""
    saved = await patient.saved()
    async with raw_link(patient) as clock:
        before = await clock.attempts()
        heap = await Heap.of(patient, lambda: another_central(patient))
        for count in range(1, len(FRAMES)):
            async with raw_link(patient) as first:
                await first.send_in_step(FRAMES[:count], clock)
                links = len(patient.board.ble.connections)
                first.lose()
                await gone(patient, links - 1)
            async with raw_link(patient) as next_one:
                await next_one.send_in_step(FRAMES[count:], clock)
                assert await next_one.attempts() == before
        assert await heap.growth() <= HEAP_SLACK
    await unharmed(patient, saved, 0)


async def test_another_central_cannot_finish_a_message(patient: Rig) -> None:
    """Both connected, frames taken in turn, in every way of sharing them out."""
    async with siege(patient) as attack, two_links(patient) as (one, other):
        before = await one.attempts()
        for count in range(1, len(FRAMES)):
            await one.send_in_step(FRAMES[:count], other)
            await other.send(FRAMES[count:])
            assert await one.attempts() == before
            assert await other.attempts() == before
        await one.send(FRAMES[:3])
        await other.send(FRAMES[:3])
        await asyncio.gather(one.ask(c.STATUS, size=20), other.ask(c.STATUS, size=20))
        assert await one.attempts() == before
        assert attack.spent == 0


async def test_two_centrals_get_each_their_own_answer(patient: Rig) -> None:
    async with siege(patient) as attack, two_links(patient) as (one, other):

        async def learn(link: RawLink) -> None:
            for _ in range(12):
                told = cbor2.loads(await link.ask(c.INFO, size=20))
                assert told[c.F_DEVICE_ID] == patient.target.device_id

        async def guess(link: RawLink) -> None:
            for _ in range(12):
                assert await link.ask(c.PROVISION, bytes(300)) == answer(c.NOT_AUTHENTIC)
                attack.spent += 1

        await asyncio.gather(learn(one), guess(other))


@pytest.mark.parametrize("interval_ms", [None, 7.5, 30])
@pytest.mark.parametrize("mtu", [None, 185, 517])
async def test_every_room_and_every_pace(
    patient: Rig, mtu: int | None, interval_ms: float | None
) -> None:
    """An order as large as the pace allows in a second or two, and a good one after it."""
    patient.world.radio.pace(interval_ms)
    size = 500 if mtu is None and interval_ms else 4000
    before = await patient.saved()
    async with raw_link(patient, mtu) as link:
        assert link.mtu == min(mtu or 23, 256)  # the board's own preference
        assert await link.ask(c.PROVISION, bytes(size)) == answer(c.NOT_AUTHENTIC)
        assert await link.ask(c.PROVISION, b"\xd0", size=20) == answer(c.NOT_AUTHENTIC)
        assert len(await link.ask(c.SCAN)) > 40
    await unharmed(patient, before, 2)


async def test_a_long_write_that_the_board_cuts_is_no_frame(patient: Rig) -> None:
    """512 octets in one prepared write: the attribute holds 509, and says nothing."""
    message = bytes((c.PROVISION,)) + bytes(502)
    async with siege(patient), raw_link(patient) as link:
        before = await link.attempts()
        await _write_long(link, frames_of(message, 1, 503)[0])
        assert await link.attempts() == before


async def test_half_a_message_is_freed_at_its_deadline(patient: Rig) -> None:
    if not SOAK:
        pytest.skip("takes the deadline's ten seconds: make soak")
    half = frames_of(bytes(c.MAX_MESSAGE), 1, 200)[:3]
    before = await patient.saved()
    async with two_links(patient) as (one, other), raw_link(patient) as clock:
        for link in (one, other):
            await link.ask(c.INFO)
        heap = await Heap.of(patient, lambda: clock.ask(c.INFO))
        for link in (one, other):
            await link.send_in_step(half, clock)
        assert await patient.heap_used() - heap.used > 2 * c.MAX_MESSAGE - HEAP_SLACK
        await asyncio.sleep(framing.STALLED_MS / 1000 + 2.5)
        assert await heap.growth() <= HEAP_SLACK
    await unharmed(patient, before, 0)


async def _write_long(link: RawLink, value: bytes) -> None:
    """Prepared piece by piece, then executed (Core 5.4, Vol 3, Part F, 3.4.6)."""
    client, handle = link.gatt
    step = link.mtu - 5
    for offset in range(0, len(value), step):
        part = value[offset : offset + step]
        reply = await client.send_request(
            att.ATT_Prepare_Write_Request(
                attribute_handle=handle, value_offset=offset, part_attribute_value=part
            )
        )
        assert isinstance(reply, att.ATT_Prepare_Write_Response)
    reply = await client.send_request(att.ATT_Execute_Write_Request(flags=1))
    assert isinstance(reply, att.ATT_Execute_Write_Response)
