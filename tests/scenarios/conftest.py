"""Fixtures of the scenarios: each runs over HTTP and over Bluetooth LE."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest

from tests.scenarios.bootstrap_field import false_key, fetching, pinned_key  # noqa: F401
from tests.scenarios.rig import (
    AUTHORITY,
    LIMITS,
    OTHER_PASSWORD,
    OTHER_SSID,
    PASSWORD,
    SSID,
    Rig,
)
from tests.scenarios.usb_rig import UsbRig
from tests.virtual_board.fixtures import world  # noqa: F401
from tests.virtual_board.host_radio import host_radio
from tests.virtual_board.world import World

NewRig = Callable[..., Awaitable[Rig]]


@pytest.fixture(params=["http", "ble"])
def link(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
async def new_rig(
    request: pytest.FixtureRequest,
    world: World,  # noqa: F811
    link: str,
) -> AsyncIterator[NewRig]:
    """`await new_rig(...)`: a rig whose board has no power yet; arguments of World.add_board.

    Afterwards what the board logged and answered is searched for whatever it may not hold.
    """
    rigs: list[Rig] = []
    async with contextlib.AsyncExitStack() as stack:
        radio = None
        if link == "ble" and _port(request) is None:
            radio = await stack.enter_async_context(host_radio(world))

        async def make(limits: dict[str, int] | None = None, **board: Any) -> Rig:
            board.setdefault("authority", AUTHORITY.public_key)
            made = await world.add_board(limits={**LIMITS, **(limits or {})}, **board)
            made.wifi.access_point.follows = True
            rigs.append(Rig(link, world, made, radio))
            return rigs[-1]

        world.add_network(SSID, password=PASSWORD.decode())
        world.add_network(OTHER_SSID, password=OTHER_PASSWORD.decode(), channel=11, rssi=-61)
        yield make
    for rig in rigs:
        assert not rig.told_secrets()
        assert not [line for line in rig.board.log if "Traceback" in line], "\n".join(rig.board.log)


@pytest.fixture
async def rig(request: pytest.FixtureRequest, new_rig: NewRig, link: str) -> Rig:
    """A rig whose window is open: of a virtual board, or of the one on --board's port."""
    port = _port(request)
    made = await (new_rig() if port is None else UsbRig.make(link, port, AUTHORITY.public_key))
    await made.open_window()
    return made


def _port(request: pytest.FixtureRequest) -> str | None:
    """The real board's port, None for virtual boards."""
    board = request.config.getoption("--board")
    return None if board == "virtual" else str(board)
