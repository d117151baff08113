"""Frames as no honest central writes them: what is not whole is never looked at."""

from __future__ import annotations

import asyncio
import struct
from collections.abc import Callable

import pytest

from tests.attacks.raw_ble import RawLink, frames_of, raw_link, two_links
from tests.attacks.siege import HEAP_SLACK, PATIENT, Heap, answer, siege, unharmed
from tests.scenarios.conftest import NewRig
from tests.scenarios.rig import Rig
from transports import contract as c
from transports import framing

# Costs an attempt if it arrives, and if anything else does than it.
MESSAGE = bytes((c.PROVISION,)) + bytes(range(7, 107))
BODY = 11  # octets of it in a frame: ten frames
Frames = list[bytes]


@pytest.fixture
def link() -> str:
    return "ble"


@pytest.fixture
async def patient(new_rig: NewRig) -> Rig:
    rig = await new_rig(limits=PATIENT)
    await rig.open_window()
    return rig


@pytest.mark.parametrize("body", [1, 17, 100, 241])
async def test_intact_frames_of_any_size_make_a_message(patient: Rig, body: int) -> None:
    async with siege(patient) as attack, two_links(patient) as (link, clock):
        before = await link.attempts()
        await link.send_in_step(frames_of(MESSAGE, 1, body), clock)
        assert await link.reply() == answer(c.NOT_AUTHENTIC)
        assert await link.attempts() == before - 1
        attack.spent += 1


def without(index: int) -> Callable[[Frames], Frames]:
    return lambda frames: frames[:index] + frames[index + 1 :]


def changed(index: int, change: Callable[[bytes], bytes]) -> Callable[[Frames], Frames]:
    return lambda frames: [change(f) if i == index else f for i, f in enumerate(frames)]


def header(**fields: int) -> Callable[[Frames], Frames]:
    """The first frame announces something else."""

    def change(first: bytes) -> bytes:
        kind, length, count, checksum = struct.unpack(">BHHI", first[:9])
        values = {"length": length, "count": count, "checksum": checksum, **fields}
        return (
            struct.pack(">BHHI", kind, *(values[n] for n in ("length", "count", "checksum")))
            + (first[9:])
        )

    return changed(0, change)


NEVER_JOINED: dict[str, Callable[[Frames], Frames]] = {
    **{f"without frame {n}": without(n) for n in range(10)},
    "swapped": lambda f: f[:4] + [f[5], f[4]] + f[6:],
    "backwards": lambda f: f[::-1],
    "the last one first": lambda f: f[-1:] + f[:-1],
    "another message's frame": changed(5, lambda f: bytes((f[0] ^ 3,)) + f[1:]),
    "a frame of another index": changed(5, lambda f: f[:2] + b"\x07" + f[3:]),
    "a bit of the body": changed(5, lambda f: f[:-1] + bytes((f[-1] ^ 1,))),
    "a bit of the first body": changed(0, lambda f: f[:-1] + bytes((f[-1] ^ 1,))),
    "a frame cut": changed(5, lambda f: f[:-1]),
    "a frame longer": changed(5, lambda f: f + b"\x00"),
    "the last one longer": changed(9, lambda f: f + b"\x00"),
    "the last one cut": changed(9, lambda f: f[:-1]),
    "a frame empty": changed(5, lambda f: f[:3]),
    "length less": header(length=100),
    "length more": header(length=102),
    "length of none": header(length=0),
    "length over the limit": header(length=c.MAX_MESSAGE + 1),
    "the greatest length": header(length=0xFFFF),
    "count less": header(count=9),
    "count more": header(count=11),
    "count of none": header(count=0),
    "the greatest count": header(count=0xFFFF),
    "checksum of nothing": header(checksum=0),
    "first frame again in the middle": lambda f: f[:5] + f[:1] + f[6:],
    "another first frame in the middle": lambda f: f[:5] + frames_of(b"x" * 50, 2, 11)[:1] + f[5:],
    "only the head of the first": lambda f: [f[0][:9], *f[1:]],
}  # fmt: skip


async def test_frames_that_are_not_the_whole_message_are_never_joined(patient: Rig) -> None:
    async with siege(patient), two_links(patient) as (link, clock):
        before = await link.attempts()
        heap = await Heap.of(patient, lambda: link.ask(c.INFO))
        for name, change in NEVER_JOINED.items():
            await link.send_in_step(change(frames_of(MESSAGE, 1, BODY)), clock)
            assert await link.attempts() == before, name
        assert await heap.growth() <= HEAP_SLACK


JOINED: dict[str, Callable[[Frames], Frames]] = {
    "every frame twice": lambda f: [frame for frame in f for _ in (1, 2)],
    "the first five again": lambda f: f[:5] + f,
    "after half of another": lambda f: frames_of(b"y" * 90, 5, 11)[:4] + f,
    "beside strangers' answers": lambda f: f[:5] + [b"\x81\x00\x05", b"\xc1\x02"] + f[5:],
    "with noise between": lambda f: f[:5] + [b"\x00", b"\x41", b"\x41\x00", b"\xff" * 20] + f[5:],
    "the whole message twice": lambda f: f + f,
}


async def test_repeated_frames_are_taken_once(patient: Rig) -> None:
    async with siege(patient) as attack, two_links(patient) as (link, clock):
        before = await link.attempts()
        for number, (name, change) in enumerate(JOINED.items(), 1):
            await link.send_in_step(change(frames_of(MESSAGE, 10 + number, BODY)), clock)
            assert await link.reply() == answer(c.NOT_AUTHENTIC), name
            assert await link.attempts() == before - number, name
        attack.spent += len(JOINED)


async def test_a_message_id_may_be_used_again(patient: Rig) -> None:
    async with siege(patient) as attack, raw_link(patient) as link:
        for _ in range(3):
            assert await link.ask(c.PROVISION, b"\xd0", number=9) == answer(c.NOT_AUTHENTIC)
            info = await link.ask(c.INFO, number=9)
            assert info[:3] != answer(c.NOT_AUTHENTIC)
            attack.spent += 1


async def test_operations_that_there_are_not(patient: Rig) -> None:
    async with siege(patient), raw_link(patient) as link:
        for operation in (0, 7, 127, 128, 255):
            assert await link.ask(operation, b"xyz") == answer(c.UNKNOWN_OPERATION)
        for operation in (c.STATUS, c.RECEIPT):
            for length in (1, 15, 17, 500):
                assert await link.ask(operation, bytes(length)) == answer(c.BAD_REQUEST)
        assert await link.ask(c.SCAN, b"\x00\x00") == answer(c.BAD_REQUEST)


async def test_more_writes_than_the_queue_holds(patient: Rig) -> None:
    """aioble keeps ten and loses the rest in silence; nothing must be joined from what is left."""
    async with siege(patient), raw_link(patient) as link:
        before = await link.attempts()
        heap = await Heap.of(patient, lambda: link.ask(c.INFO))
        gappy = [frame for n in range(30) for frame in frames_of(MESSAGE, n, 5)[::2]]
        await link.send(gappy, with_response=False)
        assert await link.attempts() == before
        await link.send([bytes((n & 0xDF,)) * (n % 60) for n in range(300)], with_response=False)
        assert await link.attempts() == before
        assert await heap.growth() <= HEAP_SLACK


async def test_a_flood_from_one_central_does_not_keep_another_out(patient: Rig) -> None:
    noise = frames_of(bytes(8000), 3, 200)[1:]

    async def flood(link: RawLink) -> None:
        while True:
            await link.send(noise[:8], with_response=False)
            await asyncio.sleep(0.02)

    before = await patient.saved()
    async with raw_link(patient) as attacker:
        flooding = asyncio.create_task(flood(attacker))
        async with raw_link(patient) as honest:
            for _ in range(5):
                assert (await honest.ask(c.PROVISION, b"\xd0" * 200)) == answer(c.NOT_AUTHENTIC)
        flooding.cancel()
        await asyncio.gather(flooding, return_exceptions=True)
    await unharmed(patient, before, 5)


async def test_half_messages_are_announced_in_full_and_cost_little(patient: Rig) -> None:
    """Each central can make the board set aside one message, and no more."""
    async with siege(patient), raw_link(patient) as link:
        heap = await Heap.of(patient, lambda: link.ask(c.INFO))
        for number in range(20):
            await link.send(frames_of(bytes(c.MAX_MESSAGE), number, 200)[:3])
        # Two: a stale word may hold the one before. Twenty of them would be 160 KB.
        assert await patient.heap_used() - heap.used <= 2 * c.MAX_MESSAGE + HEAP_SLACK
        assert await heap.growth() <= HEAP_SLACK
    assert framing.STALLED_MS <= 10_000
