"""One station of the access point that wants every connection for itself; another is served."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator

import pytest

from tests.attacks.raw_http import RawConnection
from tests.attacks.test_http import INFO
from tests.scenarios.rig import Rig, settings
from tests.virtual_board.proxy import Proxy
from transports import contract as c

ROUNDS = 25
WHOLE, PART, NOTHING = INFO, INFO[:-2], b""


@pytest.fixture
def link() -> str:
    return "http"


@contextlib.asynccontextmanager
async def flood(proxy: Proxy, says: bytes) -> AsyncIterator[None]:
    """Connection after connection, eight at a time, as fast as they come."""

    async def again_and_again() -> None:
        while True:
            with contextlib.suppress(OSError, asyncio.TimeoutError):
                reader, writer = await asyncio.open_connection("127.0.0.1", proxy.port)
                try:
                    writer.write(says)
                    await asyncio.wait_for(reader.read(), 0.5)
                finally:
                    writer.close()
            await asyncio.sleep(0)

    tasks = [asyncio.create_task(again_and_again()) for _ in range(8)]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


@pytest.mark.parametrize("says", [PART, NOTHING], ids=["part", "nothing"])
async def test_who_comes_again_and_again_takes_no_place_of_another(rig: Rig, says: bytes) -> None:
    """The honest one's request arrives in two parts, with time between for the other."""
    async with rig.board.wifi.access_point.another_phone() as phone, flood(phone, says):
        for _ in range(ROUNDS):
            connection = await RawConnection.open(rig)
            await connection.send(INFO[:20])
            seen = phone.accepted
            while phone.accepted < seen + 6:  # more than there are places
                await asyncio.sleep(0.002)
            await connection.send(INFO[20:])
            answer = await connection.answer()
            connection.close()
            assert answer.status == 200
        async with rig.client() as client:
            assert (await client.provision(settings())).receipt.verified


async def test_who_does_not_hang_up_gives_way(rig: Rig) -> None:
    """An answer that is to be acknowledged holds its place only while nobody wants it."""
    async with rig.client() as client:
        await client.provision(settings())
    ask = b"GET /v1/receipt HTTP/1.1\r\nHost: 192.168.4.1\r\n\r\n"
    await rig.board.wait_log("on the network")
    await rig.open_window()
    held = [await RawConnection.open(rig) for _ in range(4)]
    for connection in held:
        await connection.send(ask)
    async with rig.asking() as asking:
        for _ in range(8):
            assert (await asking(c.INFO))[:1] >= b"\xa0"
    for connection in held:
        connection.close()
