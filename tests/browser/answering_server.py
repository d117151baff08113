"""An HTTP server that answers as a test says, for the pages' link: boards, and what is none."""

from __future__ import annotations

import contextlib
import socket
import struct
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from host_client import cbor
from transports import contract as c

Answer = Callable[[socket.socket], None]
_RESET = struct.pack("ii", 1, 0)  # SO_LINGER: close without a farewell
_LONGEST_S = 20.0


@dataclass
class Server:
    """`answers`: one a connection, the last again and again; `requests`: head and body as they
    came."""

    url: str
    answers: list[Answer]
    requests: list[tuple[str, bytes]] = field(default_factory=list)

    @property
    def asked(self) -> list[str]:
        """Method and path of each request."""
        return [text.split("\r\n")[0].rpartition(" ")[0] for text, _ in self.requests]

    def serve(self, connection: socket.socket) -> None:
        with connection, contextlib.suppress(OSError, EOFError):  # the page may go at any time
            connection.settimeout(_LONGEST_S)
            self.requests.append(request(connection))
            number = min(len(self.requests), len(self.answers)) - 1
            self.answers[number](connection)


def head(status: int = 200, media_type: str = c.CBOR_TYPE, *more: str) -> bytes:
    lines = (f"HTTP/1.0 {status} As it is", f"Content-Type: {media_type}", *more, "", "")
    return "\r\n".join(lines).encode()


def octets(*parts: bytes) -> Answer:
    return lambda connection: connection.sendall(b"".join(parts))


def reply(fields: dict[int, object]) -> Answer:
    """A board's, with the HTTP status that goes with its own."""
    status = c.HTTP_STATUS.get(int(str(fields[c.F_STATUS])), 200)
    return octets(head(status), cbor.encode(fields))


def hangs_up(connection: socket.socket) -> None:
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)


def says_nothing(connection: socket.socket) -> None:
    connection.recv(1)


def never_ends(connection: socket.socket) -> None:
    connection.sendall(head())
    while True:
        connection.sendall(bytes(4096))


def dribbles(connection: socket.socket) -> None:
    """Keeps every single read alive, and must not keep the exchange."""
    connection.sendall(head())
    connection.settimeout(0.02)
    while True:
        connection.sendall(b"\xa0")
        with contextlib.suppress(TimeoutError):
            if not connection.recv(1):
                return


@contextlib.contextmanager
def answering(*answers: Answer) -> Iterator[Server]:
    """A server on a loopback port; its connections are over when this is."""
    connections: list[socket.socket] = []
    threads: list[threading.Thread] = []
    listening = socket.create_server(("127.0.0.1", 0))
    server = Server(f"http://127.0.0.1:{listening.getsockname()[1]}", list(answers))

    def accept() -> None:
        with contextlib.suppress(OSError):
            while True:
                connections.append(listening.accept()[0])
                threads.append(threading.Thread(target=server.serve, args=(connections[-1],)))
                threads[-1].start()

    accepting = threading.Thread(target=accept)
    accepting.start()
    try:
        yield server
    finally:
        listening.shutdown(socket.SHUT_RDWR)
        accepting.join()
        listening.close()
        for connection in connections:
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        for thread in threads:
            thread.join()


def request(connection: socket.socket) -> tuple[str, bytes]:
    """One request's head and body. Raises EOFError, OSError."""
    received = b""
    while b"\r\n\r\n" not in received:
        received += _more(connection)
    text, _, body = received.partition(b"\r\n\r\n")
    lengths = [line for line in text.lower().split(b"\r\n") if line.startswith(b"content-length:")]
    length = int(lengths[0].partition(b":")[2]) if lengths else 0
    while len(body) < length:
        body += _more(connection)
    return text.decode(), body


def _more(connection: socket.socket) -> bytes:
    octets = connection.recv(4096)
    if not octets:
        raise EOFError
    return octets
