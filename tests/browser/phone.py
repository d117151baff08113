"""A phone on the Wi-Fi of a virtual board: where its browser's names and addresses lead.

The browser uses the phone as its proxy, and so really is at http://192.168.4.1/: on an address
that is no secure context, with a name server that is the board's own, and with nothing else to
be reached.
"""

from __future__ import annotations

import asyncio
import contextlib
import ipaddress
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import dns.asyncquery
import dns.exception
import dns.message
import dns.rdatatype

from tests.browser.socks import (
    HOST_UNREACHABLE,
    NETWORK_UNREACHABLE,
    REFUSED,
    Socks,
    Streams,
    Unreachable,
)
from tests.virtual_board.access_point import ADDRESS
from tests.virtual_board.board import Board

HTTP_PORT = 80
DNS_S = 2.0
_CHUNK = 16384
_HOST = re.compile(rb"^host:[ \t]*([^\r\n]*)", re.IGNORECASE | re.MULTILINE)


@dataclass
class Exchange:
    """One connection that reached the board. `request`: "GET /path", empty while nothing was
    asked; `host`: what its Host header says; times are the loop's, in seconds."""

    began_s: float
    request: str = ""
    host: str = ""
    octets_up: int = 0
    octets_down: int = 0
    ended_s: float | None = None
    body: bytearray = field(default_factory=bytearray, repr=False)


class Phone:
    """On the board's access point at first. `async with Phone(board) as phone:`."""

    def __init__(self, board: Board) -> None:
        self._board = board
        self._socks = Socks(self._connect, self._carry)
        self.place = "access point"
        self.exchanges: list[Exchange] = []
        self.refused: list[tuple[str, int]] = []  # what was asked for and is not there
        self.names_asked: list[str] = []

    async def __aenter__(self) -> Phone:
        await self._socks.open()
        return self

    async def __aexit__(self, *error: object) -> None:
        await self._socks.close()

    @property
    def proxy(self) -> str:
        """For the browser's proxy setting."""
        return f"socks5://127.0.0.1:{self._socks.port}"

    @property
    def requests(self) -> list[str]:
        """What was asked of the board, such as "GET /v1/info"."""
        return [exchange.request for exchange in self.exchanges if exchange.request]

    # Where it is

    def leave(self) -> None:
        """Out of reach of every network; what is under way is cut."""
        self.place = ""
        self._socks.drop_all()

    def join_access_point(self) -> None:
        """On the board's Wi-Fi again."""
        self.place = "access point"
        self._board.wifi.access_point.rejoin()

    def join_lan(self) -> None:
        """On the network that the board has joined, or will join; see lan.py for which can be."""
        self.leave()
        self.place = "lan"

    @contextlib.asynccontextmanager
    async def asleep(self) -> AsyncIterator[None]:
        """Its Wi-Fi is off inside; afterwards it is where it was."""
        place = self.place
        self.leave()
        try:
            yield
        finally:
            self.place = place

    # What is to be reached from there

    async def _connect(self, host: str, port: int) -> Streams:
        if not self.place:
            raise Unreachable(NETWORK_UNREACHABLE)
        try:
            address = str(ipaddress.IPv4Address(host))
        except ValueError:
            address = await self.resolve(host)
        there = self._loopback(address)
        if there is None:
            self.refused.append((host, port))
            raise Unreachable(HOST_UNREACHABLE)
        if port != HTTP_PORT:
            self.refused.append((host, port))
            raise Unreachable(REFUSED)
        try:
            return await asyncio.open_connection(*there)
        except OSError as error:
            raise Unreachable(HOST_UNREACHABLE) from error

    def _loopback(self, address: str) -> tuple[str, int] | None:
        """Where on this machine the board is that has this address, if one has."""
        wifi = self._board.wifi
        port = wifi.access_point.proxy.port
        if self.place == "access point":
            return ("127.0.0.1", port) if address == ADDRESS else None
        return (address, port) if address == wifi.station.address else None

    async def resolve(self, name: str) -> str:
        """The IPv4 address of a name, from the name server of where the phone is.

        Raises Unreachable.
        """
        self.names_asked.append(name)
        if self.place == "lan":
            if name == f"{self._board.wifi.hostname}.local":
                return self._board.wifi.station.address
            raise Unreachable(HOST_UNREACHABLE)
        port = self._board.wifi.access_point.dns_port
        query = dns.message.make_query(name, dns.rdatatype.A)
        try:
            reply = await dns.asyncquery.udp(query, "127.0.0.1", DNS_S, port)
        except (OSError, dns.exception.DNSException) as error:
            raise Unreachable(HOST_UNREACHABLE) from error
        for answer in reply.answer:
            for record in answer:
                if record.rdtype == dns.rdatatype.A:
                    return str(record.address)
        raise Unreachable(HOST_UNREACHABLE)

    # What passes

    async def _carry(self, client: Streams, board: Streams, host: str, port: int) -> None:
        exchange = Exchange(asyncio.get_running_loop().time())
        self.exchanges.append(exchange)
        try:
            await asyncio.gather(
                self._pass_on(client[0], board[1], exchange, up=True),
                self._pass_on(board[0], client[1], exchange, up=False),
            )
        finally:
            exchange.ended_s = asyncio.get_running_loop().time()

    async def _pass_on(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        exchange: Exchange,
        up: bool,
    ) -> None:
        while chunk := await reader.read(_CHUNK):
            if up:
                _note(exchange, chunk)
            else:
                exchange.octets_down += len(chunk)
            writer.write(chunk)
            await writer.drain()
        with contextlib.suppress(OSError):
            writer.write_eof()


def _note(exchange: Exchange, chunk: bytes) -> None:
    """Write down what is asked; a page sends its head in one piece."""
    if not exchange.request:
        line = chunk.split(b"\r\n", 1)[0].decode("latin-1")
        exchange.request = line.rpartition(" ")[0]
        host = _HOST.search(chunk)
        exchange.host = host[1].decode("latin-1").strip() if host else ""
    exchange.octets_up += len(chunk)
    exchange.body += chunk
