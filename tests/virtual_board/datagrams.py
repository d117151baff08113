"""The UDP relay through which this machine asks a board something, over one of its networks."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import Callable

_MOST_CLIENTS = 32
_LARGEST = 65535
_Address = tuple[str, int]


class Relay:
    """A loopback port that stays the same; passes datagrams on to whatever `target()` says.

    While shut, or while nobody listens on the board, what comes is lost, as on the air. client:
    the address that the board sees its clients come from. on_client(port, client) is called
    before the first datagram reaches the board from that port of this machine.
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
        self.asked = 0  # datagrams that went to the board
        self.answered = 0  # and that came back
        self._target = target
        self._on_client = on_client
        self._loop: asyncio.AbstractEventLoop | None = None
        self._ways: dict[_Address, socket.socket] = {}  # to the board, one a client
        self._sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._sock.setblocking(False)
        self._sock.bind((host, port))
        self.port = int(self._sock.getsockname()[1])

    @property
    def is_open(self) -> bool:
        return self._loop is not None

    def open(self) -> None:
        """From now on; what came before is lost. Inside a running loop."""
        if self._loop is not None:
            return
        with contextlib.suppress(BlockingIOError):
            while True:
                self._sock.recv(1)
        self._loop = asyncio.get_running_loop()
        self._loop.add_reader(self._sock, self._from_client)

    def shut(self) -> None:
        """Lose everything from now on."""
        if self._loop is None:
            return
        self._loop.remove_reader(self._sock)
        for client in list(self._ways):
            self._forget(client)
        self._loop = None

    def close(self) -> None:
        self.shut()
        self._sock.close()

    def _from_client(self) -> None:
        with contextlib.suppress(OSError):
            data, client = self._sock.recvfrom(_LARGEST)
            port = self._target()
            if port is not None:
                self._way(client).sendto(data, ("127.0.0.1", port))
                self.asked += 1

    def _way(self, client: _Address) -> socket.socket:
        way = self._ways.get(client)
        if way is None:
            if len(self._ways) >= _MOST_CLIENTS:
                self._forget(next(iter(self._ways)))
            way = self._ways[client] = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            way.setblocking(False)
            way.bind(("127.0.0.1", 0))
            self._on_client(way.getsockname()[1], self.client)
            assert self._loop is not None
            self._loop.add_reader(way, self._from_board, way, client)
        return way

    def _from_board(self, way: socket.socket, client: _Address) -> None:
        with contextlib.suppress(OSError):  # nobody listens there: the port says so once
            data = way.recv(_LARGEST)
            self._sock.sendto(data, client)
            self.answered += 1

    def _forget(self, client: _Address) -> None:
        way = self._ways.pop(client)
        assert self._loop is not None
        self._loop.remove_reader(way)
        way.close()
