"""host_client/links: both links keep the promises of link_contract.py, and wrap what is foreign."""

from __future__ import annotations

import contextlib
import socket
from collections.abc import AsyncIterator, Awaitable, Callable

import httpx
import pytest

from host_client.errors import LinkError
from host_client.links.base import LinkOptions, open_link, schemes
from host_client.links.ble import BleLink
from host_client.links.http import HttpLink
from tests.host.board_in_memory import MemoryBoard, MemoryLink, rest_endpoint
from tests.host.link_contract import PROMISES, OpenWorld, Scene
from tests.host.radio_in_memory import Peripheral, radio

HASTY = LinkOptions(connect_timeout_s=0.5, exchange_timeout_s=2.0)
NAME = "Latchkey-TEST"


def memory_world(board: MemoryBoard) -> OpenWorld:
    @contextlib.asynccontextmanager
    async def world() -> AsyncIterator[Scene]:
        gone = [False]

        def faults(moment: str, operation: int) -> None:
            if gone[0]:
                raise LinkError("gone")

        async def vanish() -> None:
            gone[0] = True

        async def come_back() -> None:
            gone[0] = False

        yield Scene(MemoryLink(board, faults), vanish, come_back)

    return world


def http_world(board: MemoryBoard) -> OpenWorld:
    """The real transports/wifi_ap.py; gone means that its port is somebody else's."""

    @contextlib.asynccontextmanager
    async def world() -> AsyncIterator[Scene]:
        with socket.socket() as closed:
            closed.bind(("127.0.0.1", 0))  # bound and not listening: refuses
            nowhere = f"http://127.0.0.1:{closed.getsockname()[1]}"
            async with rest_endpoint(board) as url:
                link = HttpLink(url, HASTY)

                async def vanish() -> None:
                    link.url = nowhere
                    if link._client is not None:
                        link._client.base_url = httpx.URL(nowhere)

                async def come_back() -> None:
                    link.url = url

                yield Scene(link, vanish, come_back)

    return world


def ble_world(board: MemoryBoard) -> OpenWorld:
    @contextlib.asynccontextmanager
    async def world() -> AsyncIterator[Scene]:
        peripheral = Peripheral(board, NAME)
        options = LinkOptions(
            connect_timeout_s=0.3, exchange_timeout_s=2.0, backend=radio(peripheral)
        )

        async def vanish() -> None:
            peripheral.advertising = False
            peripheral.drop()

        async def come_back() -> None:
            peripheral.advertising = True

        yield Scene(BleLink(f"ble://{NAME}", options), vanish, come_back)

    return world


WORLDS = (memory_world, http_world, ble_world)


@pytest.mark.parametrize("promise", PROMISES, ids=lambda promise: promise.__name__)
@pytest.mark.parametrize("world", WORLDS, ids=["memory", "http", "ble"])
async def test_link(
    promise: Callable[[OpenWorld], Awaitable[None]],
    world: Callable[[MemoryBoard], OpenWorld],
    board: MemoryBoard,
) -> None:
    await promise(world(board))


def test_schemes_are_the_modules() -> None:
    assert schemes() == ["ble", "http"]


@pytest.mark.parametrize(
    "url", ["", "192.168.4.1", "ftp://x", "base://x", "ble://", "http://", "http://u:p@h"]
)
def test_refuses_an_unusable_url(url: str) -> None:
    with pytest.raises(LinkError):
        open_link(url, LinkOptions())
