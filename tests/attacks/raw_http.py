"""A client of the access point that speaks octets, not HTTP."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import struct
from dataclasses import dataclass

from tests.scenarios.rig import Rig

DEADLINE_S = 14.0  # the board's ten seconds, and what a busy computer takes
_NO_LINGER = struct.pack("ii", 1, 0)


@dataclass(frozen=True)
class HttpAnswer:
    """status: 0 where the connection was dropped without an answer."""

    status: int
    body: bytes = b""
    whole: bytes = b""

    @property
    def refused(self) -> bool:
        """Dropped, or answered with 4xx."""
        return self.status == 0 or 400 <= self.status < 500


class RawConnection:
    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer

    @classmethod
    async def open(cls, rig: Rig) -> RawConnection:
        port = rig.board.wifi.access_point.proxy.port
        return cls(*await asyncio.open_connection("127.0.0.1", port))

    async def send(self, octets: bytes) -> None:
        """A peer that has hung up is no error: its answer tells."""
        with contextlib.suppress(ConnectionError):
            self._writer.write(octets)
            await self._writer.drain()

    async def trickle(self, octets: bytes, every_s: float) -> None:
        for octet in octets:
            await self.send(bytes((octet,)))
            await asyncio.sleep(every_s)

    def end(self) -> None:
        """No more will come from here; the other way stays open."""
        with contextlib.suppress(OSError):
            self._writer.write_eof()

    async def answer(self) -> HttpAnswer:
        """Read until the board closes. Raises TimeoutError past the deadline."""
        whole = b""
        with contextlib.suppress(ConnectionError):
            while part := await asyncio.wait_for(self._reader.read(4096), DEADLINE_S):
                whole += part
        return parse(whole)

    def close(self) -> None:
        self._writer.close()

    def reset(self) -> None:
        sock: socket.socket = self._writer.get_extra_info("socket")
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _NO_LINGER)
        self._writer.transport.abort()


def parse(whole: bytes) -> HttpAnswer:
    head, _, body = whole.partition(b"\r\n\r\n")
    line = head.split(b"\r\n")[0].split(b" ")
    if len(line) < 2 or not line[1].isdigit():
        return HttpAnswer(0, b"", whole)
    return HttpAnswer(int(line[1]), body, whole)


async def send(rig: Rig, octets: bytes, end: bool = False) -> HttpAnswer:
    """One connection: send, read the answer until the board closes."""
    connection = await RawConnection.open(rig)
    try:
        await connection.send(octets)
        if end:
            connection.end()
        answer = await connection.answer()
    finally:
        connection.close()
    rig.answers.append(answer.whole)
    return answer
