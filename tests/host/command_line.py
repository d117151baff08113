"""Running `latchkey` in a test: in this process, or as a process of its own."""

from __future__ import annotations

import asyncio
import contextlib
import functools
import json
import os
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from typer import testing

from host_client.cli.app import app
from tests.host.board_in_memory import MemoryBoard, rest_endpoint

ROOT = Path(__file__).resolve().parents[2]
COMMAND = [sys.executable, "-c", "from host_client.cli import main; main()"]
# Building all commands takes longer than running one.
testing._get_command = functools.cache(testing._get_command)


@dataclass
class Run:
    """How a command ended. `document` is its JSON document, if it printed one."""

    code: int
    out: str
    err: str

    @property
    def document(self) -> dict[str, Any]:
        document: dict[str, Any] = json.loads(self.out)
        assert document["schema"] == "latchkey/1"
        assert set(document) == {"schema", "command", "ok", "exit_code", "result", "error"}
        assert document["exit_code"] == self.code
        assert document["ok"] == (self.code == 0)
        assert (document["error"] is None) == document["ok"]
        return document

    @property
    def result(self) -> dict[str, Any]:
        assert self.code == 0, self.out + self.err
        result: dict[str, Any] = self.document["result"]
        return result

    @property
    def error(self) -> dict[str, Any]:
        error: dict[str, Any] = self.document["error"]
        assert set(error) == {"kind", "message", "remedy", "status", "name", "reason", "proven"}
        return error


def latchkey(*arguments: str, typed: str | None = None) -> Run:
    """Run a command in this process; what it prints is wide enough not to be folded."""
    done = testing.CliRunner().invoke(app, list(arguments), input=typed, env={"COLUMNS": "200"})
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        raise done.exception
    return Run(done.exit_code, done.stdout, done.stderr)


@contextlib.contextmanager
def serving(board: MemoryBoard) -> Iterator[str]:
    """The board's REST endpoint, in a thread with a loop of its own; yields its URL."""
    with _loop_in_thread() as loop:
        stop = asyncio.Event()
        ready: asyncio.Queue[str] = asyncio.Queue()

        async def serve() -> None:
            async with rest_endpoint(board) as url:
                await ready.put(url)
                await stop.wait()

        task = asyncio.run_coroutine_threadsafe(serve(), loop)
        try:
            yield asyncio.run_coroutine_threadsafe(ready.get(), loop).result(10)
        finally:
            loop.call_soon_threadsafe(stop.set)
            task.result(10)


@contextlib.contextmanager
def _loop_in_thread() -> Iterator[asyncio.AbstractEventLoop]:
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    try:
        yield loop
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)
        loop.close()


def environment(**variables: str) -> dict[str, str]:
    """For a process of its own: this one's, the project on the path, and the given ones."""
    return {**os.environ, "PYTHONPATH": str(ROOT), "COLUMNS": "200", **variables}
