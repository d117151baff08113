"""pytest fixtures of the virtual board, for any folder of tests.

In a conftest.py: `from tests.virtual_board.fixtures import *  # noqa: F403`. They skip, with
the reason, where there is no `micropython` command.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest
import pytest_asyncio

from tests.virtual_board import image
from tests.virtual_board.board import Board
from tests.virtual_board.process import InterpreterMissing, find_interpreter
from tests.virtual_board.world import World

__all__ = ("add_board", "world")

AddBoard = Callable[..., Awaitable[Board]]


@pytest_asyncio.fixture
async def world() -> AsyncIterator[World]:
    """A world with nothing in it, closed after the test."""
    try:
        find_interpreter()
    except InterpreterMissing as missing:
        pytest.skip(str(missing))
    async with World() as one:
        yield one


@pytest_asyncio.fixture
async def add_board(world: World) -> AddBoard:
    """`await add_board(...)`: World.add_board, powered on and ready."""

    async def add(firmware: image.Firmware | None = None, **settings: Any) -> Board:
        board = await world.add_board(firmware=firmware, **settings)
        await board.power_on()
        await board.ready()
        return board

    return add
