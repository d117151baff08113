"""Running mpremote and esptool: with a deadline, a cap on what they print, and their words kept."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import threading
from collections.abc import Callable, Sequence

from host_client.deploy.errors import UsbError
from host_client.errors import MissingExtra

MAX_OUTPUT = 1 << 20  # characters
_COLOUR = re.compile(r"\x1b\[[0-9;]*m")


def run_module(
    module: str,
    arguments: Sequence[str],
    deadline_s: float,
    on_line: Callable[[str], None] | None = None,
) -> str:
    """Run `python -m module arguments` and return its output, standard error included.

    `on_line` gets each line as it comes. Raises UsbError, with the tool's last words, when it
    fails, passes its deadline or talks without end; MissingExtra where it is not installed.
    """
    process = _start(module, arguments)
    late = threading.Event()

    def stop() -> None:
        late.set()
        process.kill()

    watchdog = threading.Timer(deadline_s, stop)
    watchdog.start()
    try:
        output = _read(process, on_line)
        process.wait()
    finally:
        watchdog.cancel()
        if process.poll() is None:
            process.kill()
            process.wait()
        if process.stdout is not None:
            process.stdout.close()
    if late.is_set():
        raise UsbError(f"{module} did not end within {deadline_s:.0f} s")
    if process.returncode:
        if f"No module named {module}" in output:
            raise MissingExtra(f"boards on USB need {module}", "board")
        raise UsbError(f"{module}: {_last_words(output)}")
    return output


def _start(module: str, arguments: Sequence[str]) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", module, *arguments],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        encoding="utf-8",
        errors="replace",
        env={**os.environ, "PYTHONUNBUFFERED": "1", "PYTHONUTF8": "1", "NO_COLOR": "1"},
        # Ctrl-C at the terminal is ours to act upon: a tray finishes the boards under way, and
        # whoever does not wait ends the tool.
        start_new_session=True,
    )


def _read(process: subprocess.Popen[str], on_line: Callable[[str], None] | None) -> str:
    lines: list[str] = []
    size = 0
    while process.stdout is not None:
        line = process.stdout.readline(MAX_OUTPUT)
        if not line:
            break
        size += len(line)
        if size > MAX_OUTPUT:
            raise UsbError("the board talks without end")
        lines.append(line)
        if on_line is not None:
            on_line(line.rstrip("\r\n"))
    return "".join(lines)


def _last_words(output: str) -> str:
    lines = [line.strip() for line in _COLOUR.sub("", output).splitlines() if line.strip()]
    return " / ".join(lines[-3:]) or "no reason given"
