"""What the same octets cost without Latchkey: microdot alone, and values written and notified.

The peer's board and its plain protocol are in peer_board/main.py. A message of Latchkey's
becomes one of the peer's: as many octets up, as many wanted back.
"""

from __future__ import annotations

import asyncio
import contextlib
import struct
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import httpx
from bleak import BleakClient, BleakScanner

from tests.bench.provisioning import Condition
from tests.virtual_board import image
from tests.virtual_board.board import Board
from tests.virtual_board.host_radio import host_radio
from tests.virtual_board.world import World

_FOLDER = Path(__file__).with_name("peer_board")
_MESSAGE = "0000bb01-1111-2222-3333-444455556666"
_DEADLINE_S = 60.0

Sizes = list[tuple[int, int]]  # octets up and down, message by message
Carry = Callable[[int, int], Awaitable[None]]


async def seconds(condition: Condition, sizes: Sizes, runs: int) -> list[float]:
    """Seconds that all messages take one after the other on an open link, run by run."""
    async with World(condition.interval_ms) as world:
        board = await world.add_board(firmware=image.Firmware.of_folder(_FOLDER))
        await board.power_on()
        await board.until(lambda: board.http_is_up and board.ble.is_advertising, what="the peer")
        over = _over_http if condition.link == "http" else _over_ble
        async with over(world, board, condition) as carry:
            taken = [await _carry_all(carry, sizes) for _ in range(runs + 1)]
    return taken[1:]  # the first one warms up


async def _carry_all(carry: Carry, sizes: Sizes) -> float:
    began = time.monotonic()
    for up, down in sizes:
        await carry(up, down)
    return time.monotonic() - began


@contextlib.asynccontextmanager
async def _over_http(world: World, board: Board, condition: Condition) -> AsyncIterator[Carry]:
    # As the product's link does it: one request a connection.
    limits = httpx.Limits(max_connections=1, max_keepalive_connections=0)
    async with httpx.AsyncClient(
        base_url=board.http_url, headers={"Connection": "close"}, limits=limits,
        timeout=_DEADLINE_S, trust_env=False,
    ) as client:  # fmt: skip

        async def carry(up: int, down: int) -> None:
            reply = await client.request("POST" if up else "GET", f"/{down}", content=bytes(up))
            if len(reply.raise_for_status().content) != down:
                raise RuntimeError("the peer answered something else")

        yield carry


@contextlib.asynccontextmanager
async def _over_ble(world: World, board: Board, condition: Condition) -> AsyncIterator[Carry]:
    async with contextlib.AsyncExitStack() as stack:
        radio = await stack.enter_async_context(
            host_radio(world, kind="backend", mtu=condition.mtu or 517)
        )
        device = await BleakScanner.find_device_by_name("Peer", 10, **radio.scanner_arguments)
        if device is None:
            raise RuntimeError("the peer does not advertise")
        client = BleakClient(device, **radio.client_arguments)
        await client.connect()
        stack.push_async_callback(client.disconnect)
        notified: asyncio.Queue[bytes] = asyncio.Queue()
        await client.start_notify(_MESSAGE, lambda _, value: notified.put_nowait(bytes(value)))
        characteristic = client.services.get_characteristic(_MESSAGE)
        assert characteristic is not None
        size = min(characteristic.max_write_without_response_size, 509)

        async def carry(up: int, down: int) -> None:
            message = struct.pack(">HH", down, up) + bytes(up)
            for at in range(0, len(message), size):
                part = message[at : at + size]
                await client.write_gatt_char(characteristic, part, response=True)
            while down > 0:
                down -= len(await asyncio.wait_for(notified.get(), _DEADLINE_S))

        yield carry
