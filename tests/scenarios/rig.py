"""What a scenario has in hand: one board, one host, one link between them, and its faults."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import shutil
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from host_client import KnownBoards, Settings, connect
from host_client.authority import Authority
from host_client.client import Board as Client
from host_client.links.base import LinkOptions, open_link
from host_client.order import SealedOrder, Target, seal_order
from host_client.settings import parse_network
from tests.virtual_board import image
from tests.virtual_board.board import Board
from tests.virtual_board.host_radio import HostRadio
from tests.virtual_board.process import run_code
from tests.virtual_board.waiting import PATIENCE_S, BoardError
from tests.virtual_board.world import World

# The network that boards are given; with --board PORT a real one.
SSID = os.environ.get("LATCHKEY_TEST_SSID", "Workshop").encode()
PASSWORD = os.environ.get("LATCHKEY_TEST_PASSWORD", "tin-opener-42").encode()
OTHER_SSID, OTHER_PASSWORD = b"Field office", b"wet-boots-17"
HOLD_MS = 150
Ask = Callable[..., Awaitable[bytes]]
LIMITS = {"hold_ms": HOLD_MS, "try_s": 15, "linger_s": 30}
_NOTICED_S, _LET_GO_S = 2.0, 0.3

# One for the whole run: making keys is not what is tested here.
AUTHORITY = Authority.generate("scenario")
STRANGER = Authority.generate("stranger")


def settings(*networks: tuple[bytes, bytes | None], **sections: Any) -> Settings:
    """Settings with these (SSID, key) networks; the board's own network if none is given."""
    chosen = networks or ((SSID, PASSWORD),)
    return Settings(networks=[parse_network(ssid, key) for ssid, key in chosen], **sections)


@dataclass(frozen=True)
class Saved:
    """The board's saved record. settings: its CBOR in hex; order_id: hex, None if there is
    none; sequence: the highest accepted; window: whether one is open or asked for; used:
    orders refused in it."""

    settings: str
    order_id: str | None
    sequence: int
    window: bool
    used: int


READ_RECORD = """
import json
from binascii import hexlify
from firmware.device import identity
from firmware.device.record_store import RecordStore
from firmware.envelope import cbor
from firmware.provision.record import Record
i = identity.load()
r = Record(RecordStore(i.device_id))
print(hexlify(i.private_key).decode())
print(json.dumps({
    "settings": hexlify(cbor.encode(r.settings)).decode(),
    "order_id": hexlify(r.order_id).decode() if r.order_id else None,
    "sequence": r.sequence,
    "window": r.window is not None,
    "used": r.window[1] if r.window else 0,
}))
"""


class Rig:
    """`link` is "http" or "ble"; everything else is the same for both."""

    LAN_OPTIONS = LinkOptions(connect_timeout_s=5, exchange_timeout_s=5)

    def __init__(self, link: str, world: World, board: Board, radio: HostRadio | None) -> None:
        self.link = link
        self.world = world
        self.board = board
        self.radio = radio
        self.answers: list[bytes] = []  # all that the board answered to `asking`
        self.secrets = {PASSWORD, OTHER_PASSWORD}  # that no log and no answer may hold

    @property
    def url(self) -> str:
        return self.board.http_url if self.link == "http" else f"ble://{self.board.ble_name}"

    @property
    def target(self) -> Target:
        """The board, as its label tells it."""
        factory = self.board.factory
        return Target(factory["device_id"], bytes.fromhex(factory["device_key"]))

    async def open_window(self) -> None:
        """Give power if there is none, hold the button, wait until both transports answer."""
        await self.board.power_on()
        await self.board.ready()
        since = len(self.board.log)
        # A window may have been open before: what counts is the one after the restart.
        asked = await self._ask_for_window(since)
        await self.board.wait_log("window open", since=self.board.log.index(asked, since))
        await self.until_reachable()

    async def _ask_for_window(self, since: int) -> str:
        """The line of the log from `since` on that tells of it.

        A board that is just leaving the window before misses a button that is held or let go in
        that moment; so somebody holds it again, as here.
        """
        for patience_s in (*[_NOTICED_S] * 4, PATIENCE_S):
            with contextlib.suppress(BoardError):
                await self.hold_for("let go to reset", patience_s)
                return await self.board.wait_log("window requested", patience_s, since)
            # As long as a person takes: a button that was down when the board began to look
            # counts for it only once it has been up.
            await asyncio.sleep(_LET_GO_S)
        return await self.board.wait_log("window requested", _NOTICED_S, since)

    async def hold_for(self, stage: str, patience_s: float = PATIENCE_S) -> None:
        """Hold the button until the board says this of it, then let go. Raises BoardError."""
        since = len(self.board.log)
        self.board.hold()
        try:
            await self.board.wait_log("button held: " + stage, patience_s, since)
        finally:
            self.board.release()

    async def restart(self) -> None:
        """A power cut inside an open window, which goes on afterwards."""
        await self.board.power_cut()
        await self.board.power_on()
        await self.until_reachable()

    async def until_reachable(self) -> None:
        await self.board.until(self.is_reachable, what=f"open {self.link}")

    def is_reachable(self) -> bool:
        """Whether somebody in range could speak to the board over this link."""
        if self.link == "http":
            return self.board.wifi.access_point.proxy.is_open
        return self.board.ble.is_advertising

    @contextlib.asynccontextmanager
    async def client(
        self, authority: Authority | None = AUTHORITY, **options: Any
    ) -> AsyncIterator[Client]:
        """The host client, with the board's key known as from its label."""
        radio = self.radio.backend_arguments if self.radio else {}
        options.setdefault("device_key", self.board.factory["device_key"])
        options.setdefault("link_options", LinkOptions(connect_timeout_s=8, exchange_timeout_s=8))
        known = KnownBoards(in_memory=True)
        async with connect(
            self.url, authority=authority, known_boards=known, **radio, **options
        ) as client:
            yield client

    @property
    def lan_url(self) -> str:
        """The board on the network that it joined, for a host there."""
        wifi = self.board.wifi
        return f"http://{wifi.station.address}:{wifi.access_point.proxy.port}"

    @contextlib.asynccontextmanager
    async def on_the_network(self, hostname: str) -> AsyncIterator[Client]:
        """A host client that is on the network which the board joined, and knows its name."""
        port = self.board.wifi.access_point.proxy.port
        key, known = self.board.factory["device_key"], KnownBoards(in_memory=True)
        async with connect(
            f"http://{hostname}.local:{port}", device_key=key, known_boards=known
        ) as client:
            yield client

    @contextlib.asynccontextmanager
    async def asking(self) -> AsyncIterator[Ask]:
        """`await ask(operation, argument)`: the reply's octets as they came; no retries.

        Raises LinkError; then the link is closed, and the next question opens it again.
        """
        backend = self.radio.backend_arguments if self.radio else {}
        options = LinkOptions(connect_timeout_s=8, exchange_timeout_s=20, **backend)
        async with open_link(self.url, options) as link:

            async def ask(operation: int, argument: bytes = b"") -> bytes:
                await link.open()
                self.answers.append(await link.exchange(operation, argument))
                return self.answers[-1]

            yield ask

    async def give(self, order: SealedOrder | bytes) -> None:
        """Hand an order over; raises Refused with the board's status."""
        async with self.client() as client:
            await client.submit(order)

    def offline(self, chosen: Settings | None = None, **changes: Any) -> SealedOrder:
        """An order made for no window in particular."""
        authority = changes.pop("authority", AUTHORITY)
        target = changes.pop("target", self.target)
        return seal_order(chosen or settings(), target, authority, **changes)

    async def saved(self) -> Saved:
        """What is on the board's flash now, read by its own firmware from a copy."""
        with tempfile.TemporaryDirectory(prefix="latchkey-flash-") as folder:
            copy = Path(folder) / "flash.bin"
            shutil.copyfile(self.board.flash, copy)
            lines = await run_code(
                await image.rom(), copy, image.FLASH_BLOCKS, {"code": READ_RECORD}
            )
        self.secrets.add(bytes.fromhex(lines[-2]))
        return Saved(**json.loads(lines[-1]))

    async def heap_used(self) -> int:
        """Octets of the board's heap in use after a collection."""
        readings = self.board.record.heap_used
        before = len(readings)
        self.board.measure_heap()
        await self.board.until(lambda: len(readings) > before, what="heap figure")
        return readings[-1]

    def told_secrets(self) -> list[str]:
        """Those lines of the log and answers that hold what they must not, for a complaint."""
        forms = {form for secret in self.secrets for form in (secret, secret.hex().encode())}
        told = [line.encode() for line in self.board.log] + self.answers
        return [repr(text) for text in told if any(form in text for form in forms)]

    def joined(self) -> bytes | None:
        """SSID of the network that the board is on."""
        network = self.board.wifi.station.network
        return network.ssid if network else None
