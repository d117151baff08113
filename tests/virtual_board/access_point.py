"""A board's own access point: its settings, and when clients can reach it."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Callable
from typing import Any

from tests.virtual_board.datagrams import Relay
from tests.virtual_board.proxy import Proxy
from tests.virtual_board.wire import Refusal

ADDRESS = "192.168.4.1"
PHONE, OTHER_PHONE = "192.168.4.2", "192.168.4.3"
CHANNEL_MOVE_MS = 150.0  # how long clients of an AP that changes its channel find nothing
_PROBE_S = 0.003


class AccessPoint:
    """The board's AP as its settings say. `port_80()`, `port_53()`: where the board listens to
    connections, and to datagrams, if it does.

    Its client is a phone that somebody puts on it when it comes on the air. Moving to another
    channel drops the phone, and it stays away: until `rejoin()`, or where it `follows`.
    """

    def __init__(
        self,
        mac: bytes,
        port_80: Callable[[], int | None],
        port: int = 0,
        on_client: Callable[[int, str], None] = lambda port, client: None,
        port_53: Callable[[], int | None] = lambda: None,
        on_datagram_client: Callable[[int, str], None] = lambda port, client: None,
    ) -> None:
        self._mac = mac
        self.proxy = Proxy(port_80, port, client=PHONE, on_client=on_client)
        self.dns = Relay(port_53, client=PHONE, on_client=on_datagram_client)
        self.follows = False
        self.on_change: Callable[[], None] = lambda: None
        self._port_80 = port_80
        self._on_client = on_client
        self._opening: asyncio.Task[None] | None = None
        self.channel_moves = 0
        self.active = False
        self.power_off()

    @property
    def dns_port(self) -> int:
        """The UDP port of this machine where the phone finds the board's port 53."""
        return self.dns.port

    def close(self) -> None:
        """Off for good."""
        self.proxy.close()
        self.dns.close()

    def power_off(self) -> None:
        self.active = False
        self._shut()
        self.settings: dict[str, Any] = {
            "ssid": b"ESP_" + self._mac[-3:].hex().upper().encode(),
            "security": 0, "password": b"", "channel": 1, "hidden": False, "max_clients": 4,
        }  # fmt: skip

    def set_active(self, on: bool) -> bool:
        self.active = on
        if on:
            self.let_clients_in()
        else:
            self._shut()
        self.on_change()
        return on

    def let_clients_in(self, after_ms: float = 0) -> None:
        """Open the proxy as soon as the AP is on and the board listens; until then it refuses."""
        if self.active and (self._opening is None or self._opening.done()):
            self._opening = asyncio.get_running_loop().create_task(self._open(after_ms))

    def follow_channel(self, channel: int) -> None:
        """The station went to this channel: so does the AP, and its clients are left behind."""
        moved = channel != self.settings["channel"]
        self.settings["channel"] = channel
        if self.active and moved:
            self.channel_moves += 1
            self._shut()
            if self.follows:
                self.let_clients_in(CHANNEL_MOVE_MS)

    @contextlib.asynccontextmanager
    async def another_phone(self) -> AsyncIterator[Proxy]:
        """Somebody else on the access point, with an address of its own."""
        proxy = Proxy(self._port_80, 0, client=OTHER_PHONE, on_client=self._on_client)
        try:
            await proxy.open()
            yield proxy
        finally:
            proxy.close()

    def rejoin(self) -> None:
        """Somebody puts the phone on the access point again."""
        self.let_clients_in()

    async def _open(self, after_ms: float) -> None:
        await asyncio.sleep(after_ms / 1000)
        while (port := self._port_80()) is None or not _is_listening(port):
            await asyncio.sleep(_PROBE_S)
        await self.proxy.open()
        self.dns.open()
        self.on_change()

    def _shut(self) -> None:
        if self._opening is not None:
            self._opening.cancel()
            self._opening = None
        self.proxy.shut()
        self.dns.shut()

    def set(self, settings: dict[str, Any]) -> bool:
        new = {
            {"essid": "ssid", "authmode": "security", "key": "password"}.get(name, name): value
            for name, value in settings.items()
        }
        if "reconnects" in new:
            raise Refusal("STA required")
        for name, value in new.items():
            if name in ("ssid", "password"):
                self.settings[name] = bytes.fromhex(value["hex"])
            elif name in self.settings:
                self.settings[name] = value
            elif name not in ("pm", "txpower", "hostname", "protocol", "bandwidth", "mac"):
                return False
        if self.settings["security"] and len(self.settings["password"]) < 8:
            raise Refusal("Wifi Invalid Password")
        self.on_change()
        return True

    def get(self, name: str) -> tuple[bool, Any]:
        if name == "mac":
            return True, {"hex": self._mac.hex()}
        name = {"essid": "ssid", "authmode": "security"}.get(name, name)
        value = self.settings.get(name)
        if isinstance(value, bytes):
            value = {"hex": value.hex()}
        return name in self.settings and name != "password", value

    def ifconfig(self) -> list[str]:
        return [ADDRESS, "255.255.255.0", ADDRESS, "0.0.0.0"]


def _is_listening(port: int) -> bool:
    # Two sockets that both set SO_REUSEADDR may share a port until one of them listens. This
    # finds out without a connection, which the board would count among its clients.
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return True
        return False
