"""Clients that only hold on: idle, slow, endless. An honest one beside them is served."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from tests.attacks.raw_http import DEADLINE_S, HttpAnswer, RawConnection, send
from tests.attacks.siege import HEAP_SLACK, siege
from tests.attacks.test_http import INFO, POST, heap_of
from tests.scenarios.rig import Rig
from transports.bounded_http import READ_S

Attacker = Callable[[RawConnection], Awaitable[None]]
TLS_HELLO = bytes.fromhex("160301020001000001fc0303") + bytes(500)


@pytest.fixture
def link() -> str:
    return "http"


async def idle(connection: RawConnection) -> None:
    """Connects and says nothing."""


async def one_octet(connection: RawConnection) -> None:
    await connection.send(b"G")


async def tls(connection: RawConnection) -> None:
    await connection.send(TLS_HELLO)


async def no_body(connection: RawConnection) -> None:
    await connection.send(POST + b"Content-Length: 8192\r\n\r\n")


async def trickling_head(connection: RawConnection) -> None:
    await connection.trickle(INFO[:-1], 0.6)


async def trickling_body(connection: RawConnection) -> None:
    await connection.send(POST + b"Content-Length: 8192\r\n\r\n")
    await connection.trickle(b"x" * 30, 0.5)


async def endless_line(connection: RawConnection) -> None:
    await connection.send(b"GET /v1/info HTTP/1.1\r\nX: ")
    for _ in range(100):
        await connection.send(b"y" * 100)


async def endless_headers(connection: RawConnection) -> None:
    await connection.send(b"GET /v1/info HTTP/1.1\r\n")
    for _ in range(100):
        await connection.send(b"X: y\r\n" * 5)


async def siege_by(rig: Rig, attackers: list[Attacker]) -> list[tuple[float, HttpAnswer]]:
    """All beside each other; for each the seconds until it was done with, and its answer.

    They come one after the other: of a crowd that knocks at once the network drops some,
    which knock again after one, three, seven seconds, and are still outside.
    """
    loop = asyncio.get_running_loop()

    async def one(number: int, attacker: Attacker) -> tuple[float, HttpAnswer]:
        await asyncio.sleep(0.03 * number)
        connection = await RawConnection.open(rig)
        since = loop.time()
        pushing = asyncio.create_task(attacker(connection))
        try:
            answer = await connection.answer()
            return loop.time() - since, answer
        finally:
            pushing.cancel()
            connection.close()

    return await asyncio.gather(*(one(*numbered) for numbered in enumerate(attackers)))


async def test_up_to_four_slow_ones_are_dropped_at_their_deadline(rig: Rig) -> None:
    """Three, so that a place is left: an honest client never waits for them."""
    async with siege(rig):
        heap = await heap_of(rig)
        besieging = asyncio.create_task(siege_by(rig, [one_octet, trickling_head, trickling_body]))
        served = 0
        while not besieging.done():
            assert (await send(rig, INFO)).status == 200
            served += 1
            await asyncio.sleep(0.5)
        for seconds, answer in await besieging:
            assert answer.status == 408, answer
            assert READ_S - 1 < seconds < DEADLINE_S
        assert served >= 10
        assert await heap.growth() <= HEAP_SLACK


async def test_more_slow_ones_than_places_give_way_to_an_honest_client(rig: Rig) -> None:
    async with siege(rig):
        heap = await heap_of(rig)
        crowd = [idle, one_octet, tls, no_body, trickling_head, trickling_body] * 4
        besieging = asyncio.create_task(siege_by(rig, crowd))
        served = 0
        while not besieging.done():
            served += (await send(rig, INFO)).status == 200
            await asyncio.sleep(0.2)
        assert served >= 10  # again and again while they are there
        for seconds, answer in await besieging:
            # 503: no room, beside the others', for the 8 KB that it announced.
            assert answer.refused or answer.status == 503, answer
            assert seconds < DEADLINE_S
        assert await heap.growth() <= HEAP_SLACK


async def test_what_never_ends_is_ended(rig: Rig) -> None:
    async with siege(rig):
        heap = await heap_of(rig)
        for attacker in (endless_line, endless_headers):
            for seconds, answer in await siege_by(rig, [attacker] * 3):
                assert answer.refused, answer
                assert seconds < READ_S - 1  # at the limit, not at the deadline
        assert await heap.growth() <= HEAP_SLACK
