"""A board under attack, and the questions that every attack ends with."""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace

import cbor2

from host_client.authority import Authority
from tests.scenarios.rig import AUTHORITY, SSID, Ask, Rig, Saved, settings
from transports import contract as c

# `make soak` tries everything; `make test` takes samples that differ by link.
SOAK = bool(os.environ.get("LATCHKEY_SOAK"))
PATIENT = {"attempts": 100_000}  # one window serves for all the wrong orders of a test
HEAP_SLACK = 2048  # octets, of what comes and goes by itself


def answer(status: int) -> bytes:
    """The octets of a refusal: the status and nothing besides."""
    return cbor2.dumps({c.F_STATUS: status})


class Heap:
    """What a board holds, read after a small request of the caller's own.

    The collector is conservative: a stale word may hold the last message, or what belonged to
    the last connection, until another lies there. So the least of a few readings counts.
    """

    def __init__(self, rig: Rig, request: Callable[[], Awaitable[object]]) -> None:
        self._rig = rig
        self._request = request
        self.used = 0

    @classmethod
    async def of(cls, rig: Rig, request: Callable[[], Awaitable[object]]) -> Heap:
        """Its state now is what `growth` compares with; all that the test takes is loaded."""
        heap = cls(rig, request)
        heap.used = min([await heap._reading() for _ in range(3)])
        return heap

    async def _reading(self) -> int:
        await self._request()
        return await self._rig.heap_used()

    async def growth(self) -> int:
        """Octets more than at first, once connections that wait for a place have ended."""
        least = await self._reading() - self.used
        for _ in range(20):
            if least <= HEAP_SLACK:
                break
            await asyncio.sleep(0.1)
            least = min(least, await self._reading() - self.used)
        return least


class Siege:
    """Hands over wrong orders and keeps count of what they must have cost."""

    def __init__(self, rig: Rig, ask: Ask) -> None:
        self.rig = rig
        self.ask = ask
        self.spent = 0

    async def refused(self, order: bytes, status: int, what: object = "") -> None:
        """The order is refused with this status, and the answer says nothing besides."""
        reply = await self.ask(c.PROVISION, order)
        assert reply == answer(status), (what, reply.hex(), order.hex())
        self.spent += c.NOT_AUTHENTIC <= status <= c.FORBIDDEN


@contextlib.asynccontextmanager
async def siege(rig: Rig, authority: Authority = AUTHORITY) -> AsyncIterator[Siege]:
    """Attacks inside; afterwards the board must be unharmed and take the next good order."""
    before = await rig.saved()
    async with rig.asking() as ask:
        one = Siege(rig, ask)
        yield one
    await unharmed(rig, before, one.spent)
    await takes_the_next_order(rig, authority)


async def unharmed(rig: Rig, before: Saved, spent: int) -> None:
    """Settings, order and sequence are the old ones; the refused orders are counted."""
    assert await rig.saved() == replace(before, used=before.used + spent)
    assert not [line for line in rig.board.log if "internal" in line], rig.board.log


async def takes_the_next_order(rig: Rig, authority: Authority = AUTHORITY) -> None:
    async with rig.client(authority) as client:
        outcome = await client.provision(settings())
    assert outcome.receipt.verified
    assert rig.joined() == SSID
    assert (await rig.saved()).order_id == outcome.order_id.hex()
