"""A board on a USB port, reached with mpremote's command line.

Nothing goes over the command line but names of ports and files: what is run on the board is
handed to mpremote in a file, so that it shows in no process list.
"""

from __future__ import annotations

import json
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from host_client.deploy.errors import UsbError
from host_client.deploy.image import BoardFile
from host_client.deploy.on_board import MARK
from host_client.deploy.tools import run_module

RUN_DEADLINE_S = 60.0
INSTALL_DEADLINE_S = 300.0
COPY_DEADLINE_S = 30.0  # and what the octets take at SLOWEST_RATE
SLOWEST_RATE = 2000  # octets a second; a board at 115200 baud manages about 4000
RESET_S = 0.5
FILES_AT_ONCE = 40  # keeps the command line under 32,767 characters, Windows' limit
_ON_BOARD = Path(__file__).with_name("on_board.py")


class UsbBoard:
    """The board on `port`, a device name or what else `mpremote connect` takes."""

    def __init__(self, port: str) -> None:
        self.port = port

    def __repr__(self) -> str:
        return f"UsbBoard({self.port})"

    def ask(self, call: str) -> list[dict[str, Any]]:
        """Run one call of `on_board` on the board: the facts it said. Raises UsbError."""
        text = self.run(_ON_BOARD.read_text(encoding="utf-8") + "\n" + call + "\n")
        # Not splitlines(): it takes the mark itself for the end of a line.
        lines = [line[1:] for line in text.split("\n") if line.startswith(MARK)]
        try:
            return [json.loads(line) for line in lines]
        except ValueError as error:
            raise UsbError("what came from the board is garbled") from error

    def run(self, script: str, deadline_s: float = RUN_DEADLINE_S) -> str:
        """Run MicroPython source on the board: what it printed. Raises UsbError."""
        with tempfile.TemporaryDirectory(prefix="latchkey-") as folder:
            file = Path(folder) / "script.py"
            file.write_text(script, encoding="utf-8")
            return self._mpremote(["run", str(file)], deadline_s)

    def copy(self, files: Sequence[BoardFile], on_start: Callable[[BoardFile], None]) -> None:
        """Write files in the order given; `on_start` is called as each begins. Raises UsbError."""
        with tempfile.TemporaryDirectory(prefix="latchkey-") as folder:
            for start in range(0, len(files), FILES_AT_ONCE):
                self._copy_some(files[start : start + FILES_AT_ONCE], Path(folder), on_start)

    def _copy_some(
        self, files: Sequence[BoardFile], folder: Path, on_start: Callable[[BoardFile], None]
    ) -> None:
        arguments: list[str] = []
        for index, file in enumerate(files):
            local = folder / str(index)
            local.write_bytes(file.content)
            arguments += [*(["+"] if arguments else []), *copy_arguments(str(local), file.path)]
        waiting = list(files)

        def watch(line: str) -> None:
            if waiting and line.startswith("cp ") and line.endswith(" :" + waiting[0].path):
                on_start(waiting.pop(0))

        octets = sum(len(file.content) for file in files)
        self._mpremote(arguments, COPY_DEADLINE_S + octets / SLOWEST_RATE, watch)

    def install(
        self, packages: Sequence[str], index: str | None, on_line: Callable[[str], None]
    ) -> None:
        """`mpremote mip install`: packages of micropython-lib into /lib. Raises UsbError."""
        self._mpremote(install_arguments(packages, index), INSTALL_DEADLINE_S, on_line)

    def reset(self) -> None:
        """Restart the board as its reset button would. Raises UsbError."""
        self._mpremote(["reset"], RUN_DEADLINE_S)
        # mpremote returns while the board still waits its 100 ms before the reset: who connects
        # within them loses the board in the middle of a command.
        time.sleep(RESET_S)

    def _mpremote(
        self,
        arguments: Sequence[str],
        deadline_s: float,
        on_line: Callable[[str], None] | None = None,
    ) -> str:
        return run_module("mpremote", ["connect", self.port, *arguments], deadline_s, on_line)


def copy_arguments(local: str, board_path: str) -> list[str]:
    """mpremote's arguments that write one file; `--force` since it is known to differ."""
    return ["fs", "--force", "cp", local, ":" + board_path]


def install_arguments(packages: Sequence[str], index: str | None) -> list[str]:
    """mpremote's arguments that install packages of micropython-lib into /lib."""
    where = ["--index", index] if index else []
    return ["mip", "--target", "/lib", *where, "install", *packages]
