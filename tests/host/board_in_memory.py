"""A board for host tests: the real handler, policy and envelope, with a scripted Wi-Fi.

Only what lies below the handler is made up (store, radio, clock), as in
tests/device/bench_board.py. What lies between it and the host client is one of

- `MemoryLink`: a fake at the Link seam, for the client's own logic, with faults to order;
- the real `transports/wifi_ap.py` on a loopback port, for the HTTP link;
- `tests/host/radio_in_memory.py`: bleak backend classes, for the BLE link.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
from collections.abc import AsyncIterator, Callable

from firmware.crypto import pacing, x25519
from firmware.provision import policies
from firmware.provision.handler import Handler
from firmware.provision.record import Record
from firmware.provision.window import Window
from host_client import cbor
from host_client.authority import Authority
from host_client.errors import LinkError
from host_client.links.base import Link
from tests.device.bench_board import LIMITS, BenchBoard
from transports import contract as c

MODEL = "bench"


class BoardIdentity:
    """What the factory step writes, made here."""

    model = MODEL
    policy = c.SIGNED
    profile = c.COMMERCIAL
    label_key = bootstrap = group = certificate = serial = None
    limits = LIMITS

    def __init__(self, authority: bytes, device_id: str) -> None:
        self.device_id = device_id
        self.private_key = os.urandom(32)
        self.public_key = pacing.run(x25519.public_key(self.private_key))
        self.authority = authority

    def authority_tables(self) -> None:
        """None: made without them."""


class MemoryBoard(BenchBoard):
    """`handler` is the running board's; `press()` and `start()` make a new one."""

    handler: Handler

    def __init__(self, authority: Authority, device_id: str = "lk-test") -> None:
        super().__init__()
        self.identity = BoardIdentity(authority.public_key, device_id)

    def start(self) -> Handler:
        self.record = Record(self.store)
        self.window = Window(self.record, LIMITS["window_s"], LIMITS["attempts"])
        self.window.start()
        self.handler = Handler(self, policies.load(self.identity, self.record))
        return self.handler


class MemoryLink(Link):
    """Octets straight to the handler. `faults` is asked before and after each exchange.

    `faults(moment, operation)`, moment "before" or "after", may raise LinkError: before, the
    board never sees the request; after, its reply is lost.
    """

    def __init__(
        self, board: MemoryBoard, faults: Callable[[str, int], None] | None = None
    ) -> None:
        self.url = "memory://board"
        self.board = board
        self.faults = faults or (lambda moment, operation: None)
        self.is_open = False
        self.opened = 0
        self.requests: list[tuple[int, bytes]] = []

    async def open(self) -> None:
        if not self.is_open:
            self.faults("open", 0)
            self.is_open = True
            self.opened += 1

    async def close(self) -> None:
        self.is_open = False

    async def exchange(self, operation: int, body: bytes = b"") -> bytes:
        if not self.is_open:
            raise LinkError("the link is not open")
        self.requests.append((operation, body))
        try:
            self.faults("before", operation)
            reply = await self.board.handler.handle(operation, body)
            try:
                self.faults("after", operation)
            finally:
                reply.delivered()
        except LinkError:
            self.is_open = False
            raise
        return bytes(reply.body)

    async def wait_for_change(self, timeout_s: float) -> None:
        await asyncio.sleep(0.001)


class Lying(MemoryLink):
    """Somebody between host and board, who changes replies."""

    def __init__(
        self, board: MemoryBoard, change: Callable[[int, dict[int, object]], None]
    ) -> None:
        super().__init__(board)
        self._change = change

    async def exchange(self, operation: int, body: bytes = b"") -> bytes:
        fields = cbor.decode(await super().exchange(operation, body))
        self._change(operation, fields)
        return cbor.encode(fields)


class _Running:
    """The handler of a board as it runs now: each start makes a new one."""

    def __init__(self, board: MemoryBoard) -> None:
        self._board = board

    def __getattr__(self, name: str) -> object:
        return getattr(self._board.handler, name)


@contextlib.asynccontextmanager
async def rest_endpoint(board: MemoryBoard) -> AsyncIterator[str]:
    """The board's REST endpoint on a loopback port; yields its URL."""
    from transports.wifi_ap import WifiAp

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    endpoint = WifiAp()
    serving = asyncio.create_task(endpoint.serve(_Running(board), "127.0.0.1", port))
    try:
        await _until_listening(port, serving)
        yield f"http://127.0.0.1:{port}"
    finally:
        for _ in range(200):  # let its connections end before the loop does
            if not endpoint._places:
                break
            await asyncio.sleep(0.005)
        serving.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await serving


async def _until_listening(port: int, serving: asyncio.Task[None]) -> None:
    for _ in range(200):
        if serving.done():
            serving.result()
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", port)
        except OSError:
            await asyncio.sleep(0.01)
            continue
        writer.close()
        await writer.wait_closed()
        return
    raise AssertionError("the endpoint did not begin to listen")
