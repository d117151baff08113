"""A push after one that broke off while mip was at work."""

from collections.abc import Callable
from pathlib import Path

import pytest

from host_client.deploy.errors import UsbError
from host_client.deploy.push import Options, push
from host_client.deploy.usb_board import UsbBoard
from tests.host_deploy.conftest import Quiet
from tests.host_deploy.usb_stand_in import UsbStandIn

OPTIONS = Options("0.1.0", platforms=("linux",))
HALF = """
import os
for folder in ("/lib", "/lib/aioble"):
    os.mkdir(folder)
open("/lib/aioble/peripheral.mpy", "w").close()
"""


def test_half_of_aioble_is_not_taken_for_the_whole(
    usb_port: UsbStandIn, sources: Path, watcher: Quiet, monkeypatch: pytest.MonkeyPatch
) -> None:
    board = UsbBoard(usb_port.port)
    asked: list[list[str]] = []

    def cable_pulled(
        board: UsbBoard, packages: list[str], index: str | None, on_line: Callable[[str], None]
    ) -> None:
        asked.append(list(packages))
        if len(asked) == 1:
            board.run(HALF)
            raise UsbError("gone")

    monkeypatch.setattr(UsbBoard, "install", cable_pulled)
    with pytest.raises(UsbError):
        push(board, OPTIONS, watcher)
    assert push(board, OPTIONS, watcher).installed == ["aioble-peripheral", "aioble-server"]
    assert asked[0] == asked[1]
    assert push(board, OPTIONS, watcher).installed == []
