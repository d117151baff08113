"""Tests of the virtual board itself, with a firmware of their own (virtual_board/testdata)."""

from __future__ import annotations

from pathlib import Path

import pytest
import pytest_asyncio

from tests.virtual_board import image
from tests.virtual_board.board import Board
from tests.virtual_board.fixtures import *  # noqa: F403
from tests.virtual_board.fixtures import AddBoard

ECHO = Path(image.__file__).parent / "testdata" / "echo"


@pytest.fixture(params=["stand-in", "aioble"])
def echo(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> image.Firmware:
    """The echo firmware, on the stand-in and on the real aioble."""
    if request.param == "stand-in":
        monkeypatch.delenv("LATCHKEY_AIOBLE", raising=False)
    elif image.aioble_folder() is None:
        pytest.skip("LATCHKEY_AIOBLE does not name the folder of the real aioble")
    return image.Firmware.of_folder(ECHO)


@pytest_asyncio.fixture
async def board(echo: image.Firmware, add_board: AddBoard) -> Board:
    """A board with the echo firmware, up and advertising."""
    one = await add_board(echo)
    await one.until(lambda: one.ble.is_advertising and one.http_is_up, what="radios")
    return one
