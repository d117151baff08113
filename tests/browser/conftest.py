"""Fixtures of the scenarios in a browser: one Chromium and one world a module, one phone a test.

They live in the module's event loop: a module of scenarios says
`pytestmark = pytest.mark.asyncio(loop_scope="module")`.
"""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser, expect

from tests.browser import node
from tests.browser.chromium import ChromiumMissing, find_chromium, running_chromium
from tests.browser.false_board import HOME, FalseBoard, Seen
from tests.browser.screen import Screen
from tests.browser.visitor import PATIENCE_MS, VIEWPORT, visiting
from tests.scenarios.rig import (
    AUTHORITY,
    LIMITS,
    OTHER_PASSWORD,
    OTHER_SSID,
    PASSWORD,
    SSID,
    Rig,
)
from tests.virtual_board.process import InterpreterMissing, find_interpreter
from tests.virtual_board.world import World
from transports import contract as c

expect.set_options(timeout=PATIENCE_MS)

NewRig = Callable[..., Awaitable[Rig]]
Visit = Callable[..., Awaitable[Screen]]
Meet = Callable[..., Awaitable[Seen]]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def chromium() -> AsyncIterator[Browser]:
    try:
        find_chromium()
    except ChromiumMissing as missing:
        pytest.skip(str(missing))
    async with running_chromium() as browser:
        yield browser


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def world() -> AsyncIterator[World]:
    """A world with the two networks of the scenarios' rig on the air."""
    try:
        find_interpreter()
    except InterpreterMissing as missing:
        pytest.skip(str(missing))
    async with World() as one:
        one.add_network(SSID, password=PASSWORD.decode())
        one.add_network(OTHER_SSID, password=OTHER_PASSWORD.decode(), channel=11, rssi=-61)
        yield one


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def new_rig(world: World) -> NewRig:
    """`await new_rig(policy=...)`: a fresh board without power; arguments of World.add_board."""

    async def make(limits: dict[str, int] | None = None, **board: Any) -> Rig:
        board.setdefault("authority", AUTHORITY.public_key)
        made = await world.add_board(limits={**LIMITS, **(limits or {})}, **board)
        made.wifi.access_point.follows = True
        return Rig("http", world, made, None)

    return make


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def open_rig(new_rig: NewRig) -> Rig:
    """A board that takes orders from anybody, for scenarios about something else."""
    return await new_rig(policy=c.OPEN_POLICY)


@pytest_asyncio.fixture(loop_scope="module")
async def visit(chromium: Browser) -> AsyncIterator[Visit]:
    """`await visit(rig)`: the screen of a phone on that board's Wi-Fi, its window just opened.

    Afterwards every screen is checked, and the board's log searched for what it may not hold.
    """
    screens: list[Screen] = []
    async with contextlib.AsyncExitStack() as stack:

        async def begin(rig: Rig, **context: Any) -> Screen:
            await rig.open_window()
            visitor = await stack.enter_async_context(visiting(chromium, rig, **context))
            screens.append(Screen(visitor))
            return screens[-1]

        yield begin
        for screen in screens:
            await screen.visitor.check()
            assert not screen.rig.told_secrets()
            log = screen.rig.board.log
            assert not [line for line in log if "Traceback" in line], "\n".join(log)


@pytest_asyncio.fixture(loop_scope="module")
async def meet(chromium: Browser) -> AsyncIterator[Meet]:
    """`await meet(board)`: the page of somebody at this board. It never fails by itself, and asks
    nobody else for anything."""
    contexts = []
    errors: list[str] = []

    async def begin(board: FalseBoard, **options: Any) -> Seen:
        context = await chromium.new_context(viewport=VIEWPORT, **{"locale": "en-US", **options})
        contexts.append(context)
        context.set_default_timeout(PATIENCE_MS)
        await board.join(context)
        page = await context.new_page()
        page.on("pageerror", lambda error: errors.append(f"{error}"))
        await page.goto(HOME, wait_until="commit")
        return Seen(page, board)

    yield begin
    for context in contexts:
        await context.close()
    assert not errors, "\n".join(errors)


@pytest.fixture(scope="session")
def core(tmp_path_factory: pytest.TempPathFactory) -> Iterator[node.Node]:
    """The pages' core in Node.js, without a browser: the operations of core_server.ts."""
    with node.serving("core_server.ts", tmp_path_factory.mktemp("core")) as server:
        yield server
