"""The TCP proxy through which this machine is a client of a board, over one of its networks."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import struct
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

_CHUNK = 4096
_NO_LINGER = struct.pack("ii", 1, 0)  # close with a reset: the radio link went, not the program


@dataclass
class LinkFaults:
    """Faults of the radio link to the AP's clients; they last until changed.

    cut_up: octets from the client to the board after which a connection is cut; cut_down:
    the same the other way; once: a cut happens to one connection only; delay_ms: added to
    everything, both ways.
    """

    cut_up: int | None = None
    cut_down: int | None = None
    once: bool = False
    delay_ms: float = 0.0


class Proxy:
    """Listens on a loopback port that stays the same; passes on to whatever `target()` says.

    While shut, a connection attempt is refused. client: the address that the board sees its
    clients come from. on_client(port, client) is called before a connection reaches the board
    from that port of this machine.
    """

    def __init__(
        self,
        target: Callable[[], int | None],
        port: int = 0,
        host: str = "127.0.0.1",
        client: str = "192.168.4.2",
        on_client: Callable[[int, str], None] = lambda port, client: None,
    ) -> None:
        self.client = client
        self._on_client = on_client
        self._host = host
        self.faults = LinkFaults()
        self.octets_up = 0
        self.octets_down = 0
        self.accepted = 0
        self._target = target
        self._server: asyncio.Server | None = None
        self._pairs: dict[asyncio.Task[Any], list[asyncio.StreamWriter]] = {}
        # Bound and never listening: keeps the port ours while the access point is off.
        self._holder = self._bound(port)
        self.port = int(self._holder.getsockname()[1])

    @property
    def is_open(self) -> bool:
        return self._server is not None

    async def open(self) -> None:
        if self._server is None:
            sock = self._bound(self.port)
            self._server = await asyncio.start_server(self._serve, sock=sock)

    def shut(self) -> None:
        """Refuse from now on, and drop everybody."""
        if self._server is not None:
            self._server.close()
            self._server = None
        self.drop_all()

    def drop_all(self) -> None:
        """Cut every connection now, in the middle of whatever it does."""
        for writers in list(self._pairs.values()):
            for writer in writers:
                _reset(writer)

    def close(self) -> None:
        self.shut()
        for task in self._pairs:
            task.cancel()
        self._holder.close()

    def _bound(self, port: int) -> socket.socket:
        sock = socket.socket()
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sock.bind((self._host, port))
        return sock

    async def _to_board(self, port: int) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        sock = socket.socket()
        try:
            sock.setblocking(False)
            sock.bind(("127.0.0.1", 0))
            self._on_client(sock.getsockname()[1], self.client)
            await asyncio.get_running_loop().sock_connect(sock, ("127.0.0.1", port))
            return await asyncio.open_connection(sock=sock)
        except BaseException:
            sock.close()
            raise

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        writers = self._pairs[task] = [writer]
        self.accepted += 1
        try:
            port = self._target()
            if port is None:
                _reset(writer)
                return
            board_reader, board_writer = await self._to_board(port)
            writers.append(board_writer)
            faults = self.faults
            await asyncio.gather(
                self._pass_on(reader, board_writer, faults.cut_up, writers, up=True),
                self._pass_on(board_reader, writer, faults.cut_down, writers, up=False),
            )
        except (OSError, asyncio.CancelledError):  # a canceled handler is complained about (3.11)
            _reset(writer)
        finally:
            self._pairs.pop(task, None)
            for one in writers:
                one.close()

    async def _pass_on(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        cut: int | None,
        pair: list[asyncio.StreamWriter],
        up: bool,
    ) -> None:
        passed = 0
        while chunk := await reader.read(_CHUNK):
            if self.faults.delay_ms:
                await asyncio.sleep(self.faults.delay_ms / 1000)
            part = chunk if cut is None else chunk[: cut - passed]
            passed += len(part)
            self.octets_up += len(part) * up
            self.octets_down += len(part) * (not up)
            writer.write(part)
            await writer.drain()
            if cut is not None and passed >= cut:
                await self._cut(pair)
                return
        with contextlib.suppress(OSError):
            writer.write_eof()

    async def _cut(self, pair: list[asyncio.StreamWriter]) -> None:
        if self.faults.once:
            self.faults.cut_up = self.faults.cut_down = None
        await asyncio.sleep(0.005)  # what was let through arrives before the reset does
        for writer in pair:
            _reset(writer)


def _reset(writer: asyncio.StreamWriter) -> None:
    sock = writer.get_extra_info("socket")
    if sock is not None:
        with contextlib.suppress(OSError):
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _NO_LINGER)
    writer.transport.abort()
