"""The promises of link_contract.py, kept by the unmodified firmware on the virtual board."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest

from host_client.authority import Authority
from host_client.links.base import LinkOptions, open_link
from tests.host.link_contract import PROMISES, OpenWorld, Scene
from tests.virtual_board.fixtures import world  # noqa: F401
from tests.virtual_board.host_radio import host_radio
from tests.virtual_board.world import World

HOLD_MS = 150
OPTIONS = {"connect_timeout_s": 3.0, "exchange_timeout_s": 20.0}


def virtual_world(world: World, medium: str, authority: Authority) -> OpenWorld:  # noqa: F811
    @contextlib.asynccontextmanager
    async def open_world() -> AsyncIterator[Scene]:
        for number in range(20):  # more than one page of a scan
            world.add_network(b"net%d" % number, password="not used here")
        async with contextlib.AsyncExitStack() as stack:
            board = await world.add_board(
                authority=authority.public_key, limits={"hold_ms": HOLD_MS}
            )
            await board.power_on()
            await board.ready()

            def reachable() -> bool:
                if medium == "ble":
                    return board.ble.is_advertising
                return board.wifi.access_point.proxy.is_open

            async def come_back() -> None:
                await board.power_on()
                await board.until(reachable, what="a board in reach")

            await board.press(HOLD_MS * 4)
            await board.until(reachable, what="a board in reach")
            if medium == "ble":
                radio = await stack.enter_async_context(host_radio(world))
                options = LinkOptions(**OPTIONS, **radio.backend_arguments)
                link = open_link(f"ble://{board.ble_name}", options)
            else:
                link = open_link(board.http_url, LinkOptions(**OPTIONS))
            yield Scene(link, board.power_cut, come_back)

    return open_world


@pytest.mark.parametrize("promise", PROMISES, ids=lambda promise: promise.__name__)
@pytest.mark.parametrize("medium", ["http", "ble"])
async def test_link(
    promise: Callable[[OpenWorld], Awaitable[None]],
    medium: str,
    world: World,  # noqa: F811
    authority: Authority,
) -> None:
    await promise(virtual_world(world, medium, authority))
