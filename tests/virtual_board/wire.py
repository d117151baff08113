"""The world's end of the wire to one board: frames on a Unix socket (see shims/_wire.py)."""

from __future__ import annotations

import asyncio
import contextlib
import inspect
import json
import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

CALL, POST, NOTIFY, ACK = 1, 2, 3, 4
REPLY, STATE, WRITE, READ, EVENT, CREDIT = 1, 2, 3, 4, 5, 6
FLASH_OPERATION = 1  # number of a POST without a body

_MAX_WAITING = 100  # numbers of a frame are one octet: fewer than 256 may wait for an answer
_ACK_DEADLINE_S = 30.0


class BoardGone(ConnectionError):
    """The board's end of the wire closed while something was asked of it."""


class Refusal(OSError):
    """What a call answers with instead of a value: the board raises OSError(number)."""

    def __init__(self, number: int | str) -> None:
        super().__init__(number, "refused")
        self.number = number


class Wire:
    """Serves one power cycle of a board.

    calls: name -> function or coroutine function; its result is the answer (JSON).
    posts: name -> function. `on_notify(indicate, body)`, `on_flash_operation()` are set by
    those who want them.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.calls: dict[str, Callable[..., Any]] = {}
        self.posts: dict[str, Callable[..., None]] = {}
        self.on_notify: Callable[[bool, bytes], None] = lambda indicate, body: None
        self.on_flash_operation: Callable[[], None] = lambda: None
        self._server: asyncio.Server | None = None
        self._writer: asyncio.StreamWriter | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._waiting: dict[int, asyncio.Future[bytes]] = {}
        self._slots = asyncio.Semaphore(_MAX_WAITING)
        self._number = 0

    async def open(self) -> None:
        """Listen; the board connects when it has power."""
        # In two steps: cancelled in the middle, one would leave the socket to nobody.
        self._server = await asyncio.start_unix_server(
            self._serve, str(self.path), start_serving=False
        )
        await self._server.start_serving()

    async def close(self) -> None:
        """Hang up, and let everybody who waits for the board know."""
        if self._server is not None:
            self._server.close()
            self._server = None
        writer = self._writer
        self._hang_up()
        if writer is not None:
            with contextlib.suppress(ConnectionError):
                await writer.wait_closed()
        tasks = [task for task in self._tasks if task is not asyncio.current_task()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self.path.unlink(missing_ok=True)

    def send(self, kind: int, number: int, body: bytes) -> None:
        if self._writer is not None and not self._writer.is_closing():
            self._writer.write(struct.pack("<HBB", len(body), kind, number) + body)

    def set_state(self, **values: object) -> None:
        """Change what the board sees on its pins and switches."""
        self.send(STATE, 0, json.dumps(values).encode())

    async def ask(self, kind: int, body: bytes) -> bytes:
        """Send an interrupt that the board acknowledges; returns what came with the answer.

        Raises BoardGone when the power went, TimeoutError after 30 s.
        """
        async with self._slots:
            if self._writer is None:
                raise BoardGone("the board is off")
            number = self._free_number()
            future: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()
            self._waiting[number] = future
            self.send(kind, number, body)
            try:
                return await asyncio.wait_for(future, _ACK_DEADLINE_S)
            finally:
                self._waiting.pop(number, None)

    def _free_number(self) -> int:
        while True:
            self._number = self._number % 255 + 1
            if self._number not in self._waiting:
                return self._number

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writer = writer
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
            while True:
                length, kind, number = struct.unpack("<HBB", await reader.readexactly(4))
                body = await reader.readexactly(length) if length else b""
                self._dispatch(kind, number, body)
        self._hang_up()

    def _dispatch(self, kind: int, number: int, body: bytes) -> None:
        if kind == CALL:
            name, *values = json.loads(body)
            task = asyncio.get_running_loop().create_task(self._answer(number, name, values))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        elif kind == ACK:
            future = self._waiting.get(number)
            if future is not None and not future.done():
                future.set_result(body)
        elif kind == NOTIFY:
            self.on_notify(bool(number), body)
        elif number == FLASH_OPERATION:
            self.on_flash_operation()
        else:
            name, *values = json.loads(body)
            self.posts[name](*values)

    async def _answer(self, number: int, name: str, values: list[Any]) -> None:
        try:
            result = self.calls[name](*values)
            if inspect.isawaitable(result):
                result = await result
            answer = [False, result]
        except Refusal as refusal:
            answer = [True, refusal.number]
        except Exception:
            # A fault of the rig: the board must not wait for ever, and the test must see it.
            self.send(REPLY, number, json.dumps([True, f"the rig failed at {name}"]).encode())
            raise
        self.send(REPLY, number, json.dumps(answer).encode())

    def _hang_up(self) -> None:
        if self._writer is not None:
            self._writer.close()
            self._writer = None
        for future in self._waiting.values():
            if not future.done():
                future.set_exception(BoardGone("the board lost its power"))
