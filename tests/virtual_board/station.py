"""A board's Wi-Fi station: joins networks of the air with the status codes of the ESP32.

Imitates ports/esp32/network_wlan.c of MicroPython 1.29: what status() says follows from the
last disconnect reason, from whether a join is wanted and from how many tries are left. Addresses
follow network_common.c and ESP-IDF's esp_netif_lwip.c: a static one stays until DHCP is asked
for, and counts as got at once where the interface is up.
"""

from __future__ import annotations

import asyncio
import contextlib
import ipaddress
from collections.abc import Callable
from typing import Any

from tests.virtual_board.air import SECURITY, WITHOUT_KEY, Air, Network
from tests.virtual_board.wire import Refusal

IDLE, CONNECTING, GOT_IP = 1000, 1001, 1010
ASSOC_LEAVE = 8
BEACON_TIMEOUT, NO_AP_FOUND, AUTH_FAIL, CONNECTION_FAIL = 200, 201, 202, 205
NO_COMPATIBLE_SECURITY, BELOW_THRESHOLD = 210, 211
# Passed over by a station that has a passphrase (ESP-IDF's default threshold is WPA2).
_TOO_WEAK = ("open", "wep", "wpa")
ESP_ERR_WIFI_NOT_CONNECT = 0x300F
_SHOWN_AT_ONCE = (NO_AP_FOUND, 210, 211, 212)

# Each is a few times shorter than on a board, so that a suite of hundreds of joins is quick.
SCAN_MS = 60.0
HANDSHAKE_MS = 120.0
DHCP_MS = 40.0


class Station:
    """`on_channel(channel)` is called when it associates: AP and station share one radio."""

    def __init__(self, air: Air, mac: bytes, on_channel: Callable[[int], None]) -> None:
        self._air = air
        self._mac = mac
        self._on_channel = on_channel
        self._moved = asyncio.Event()
        self.on_change: Callable[[], None] = lambda: None
        self.on_address: Callable[[], None] = lambda: None
        air.listen(self._moved.set)
        self.joins: list[bytes] = []  # SSID of every association attempt, for tests
        self.power_off()

    def power_off(self) -> None:
        """As fresh from a reset; nothing of it is kept."""
        task = getattr(self, "_task", None)
        if task is not None:
            task.cancel()
        self._task: asyncio.Task[None] | None = None
        self.active = False
        self.network: Network | None = None
        self.address = "0.0.0.0"
        self._reason = 0
        self._wanted = False
        self._tries_allowed = 0  # 0: for ever
        self._tries = 0
        self._ssid = b""
        self._key = b""
        self._static: tuple[str, ...] | None = None  # address, mask, gateway, DNS server
        self._settings: dict[str, Any] = {"channel": 1, "pm": 1, "txpower": 20.0}

    @property
    def has_address(self) -> bool:
        return self.address != "0.0.0.0"

    # What the shim calls

    def set_active(self, on: bool) -> bool:
        if self.active and not on:
            self._leave()
        self.active = on
        if on:
            self._tries = 0
        return on

    def connect(self, ssid: bytes | None, key: bytes | None) -> None:
        if not self.active:
            raise Refusal("Wifi Not Started")
        if self._task is not None and not self._task.done() and self.network is None:
            raise Refusal("Wifi Internal Error")
        if ssid is not None:
            self._ssid, self._key = ssid[:32], (key or b"")[:64]
        if self._task is not None:
            self._task.cancel()
        self._lose_address()
        self._tries = 0
        self._wanted = True
        self._task = asyncio.get_running_loop().create_task(self._stay_joined())

    def disconnect(self) -> None:
        if not self.active:
            raise Refusal("Wifi Not Started")
        self._leave()

    def status(self, what: str | None = None) -> Any:
        if what == "rssi":
            if self.network is None:
                raise Refusal(ESP_ERR_WIFI_NOT_CONNECT)
            return self.network.rssi
        if what is not None:
            raise Refusal("unknown status param")
        if self.has_address:
            return GOT_IP
        if self._reason in _SHOWN_AT_ONCE:
            return self._reason
        if self._reason in (AUTH_FAIL, CONNECTION_FAIL):
            return AUTH_FAIL
        if self._reason == ASSOC_LEAVE:
            return IDLE
        if self._wanted and (not self._tries_allowed or self._tries < self._tries_allowed):
            return CONNECTING
        return self._reason or IDLE

    async def scan(self) -> list[list[Any]]:
        if not self.active:
            raise Refusal("Wifi Not Started")
        await asyncio.sleep(SCAN_MS / 1000)
        return [
            [b"".hex() if n.hidden else n.ssid.hex(), n.bssid.hex(), n.channel, n.rssi, _number(n)]
            for n in self._air.visible()
        ]

    def get(self, name: str) -> tuple[bool, Any]:
        if name in ("ssid", "essid"):
            return True, {"hex": self._ssid.hex()}
        if name == "mac":
            return True, {"hex": self._mac.hex()}
        if name == "reconnects":
            return True, self._tries_allowed - 1
        if name == "channel" and self.network:
            return True, self.network.channel
        return name in self._settings, self._settings.get(name)

    def set(self, settings: dict[str, Any]) -> bool:
        for name, value in settings.items():
            if name == "reconnects":
                self._tries_allowed = 0 if value == -1 else value + 1
            elif name in ("channel", "pm", "txpower", "protocol", "mac", "bandwidth"):
                self._settings[name] = value
            elif name in ("ssid", "essid", "key", "password", "security", "hidden", "max_clients"):
                raise Refusal("AP required")
            else:
                return False
        return True

    def ifconfig(self, values: list[Any] | None = None) -> list[str] | None:
        """Ask for, or set, address, mask (or prefix length), gateway, DNS server."""
        if values is not None:
            address, mask, gateway, dns = values
            self._static = (address, _mask(mask), gateway, dns)
            if self.network is not None:
                self._got_address(address)
            return None
        if not self.has_address or self.network is None:
            return ["0.0.0.0"] * 4
        gateway = f"{self.network.subnet}.1"
        return list(self._static or (self.address, "255.255.255.0", gateway, gateway))

    def ask_dhcp(self) -> None:
        """From the next join on."""
        self._static = None

    @property
    def is_on_subnet(self) -> bool:
        """Whether its address is one that hosts of the joined network would talk to."""
        return self.network is not None and self.address.startswith(self.network.subnet + ".")

    # The life of an association

    def _leave(self) -> None:
        self._wanted = False
        if self._task is not None:
            self._task.cancel()
            self._task = None
        self._lose_address()
        self._reason = ASSOC_LEAVE
        self.on_change()

    async def _stay_joined(self) -> None:
        while True:
            self._reason_of_end(await self._join_and_stay())
            if not self._wanted:
                return
            if self._tries_allowed:
                self._tries += 1
                if self._tries >= self._tries_allowed:
                    return

    def _reason_of_end(self, reason: int) -> None:
        self._lose_address()
        self._reason = reason
        self.on_change()

    async def _join_and_stay(self) -> int:
        """Returns the reason for which it is not, or no longer, associated."""
        self.joins.append(self._ssid)
        await asyncio.sleep(SCAN_MS / 1000)
        network = self._air.strongest(self._ssid)
        if network is None:
            return NO_AP_FOUND
        open_network = network.security in WITHOUT_KEY
        if not open_network and not self._key:
            return NO_COMPATIBLE_SECURITY
        if self._key and network.security in _TOO_WEAK:
            return BELOW_THRESHOLD
        if network.security == "wpa2-enterprise":
            return NO_COMPATIBLE_SECURITY
        await asyncio.sleep((HANDSHAKE_MS + network.delay_ms) / 1000)
        if not network.present:
            return BEACON_TIMEOUT
        if network.refuses_with is not None:
            return network.refuses_with
        if not open_network and self._key != (network.password or "").encode():
            return network.wrong_key_reason
        return await self._associated(network)

    def _lose_address(self) -> None:
        self.address, self.network = "0.0.0.0", None
        self.on_address()

    def _got_address(self, address: str) -> None:
        self.address = address
        self._reason = 0
        self.on_address()
        self.on_change()

    async def _associated(self, network: Network) -> int:
        self.network = network
        self._on_channel(network.channel)
        self.on_change()
        if self._static is not None:
            self._got_address(self._static[0])
        elif network.dhcp:
            await asyncio.sleep(DHCP_MS / 1000)
            self._got_address(f"{network.subnet}.{100 + self._mac[-1] % 100}")
        while network.present and network in self._air.networks:
            self._moved.clear()
            with contextlib.suppress(asyncio.TimeoutError):
                await asyncio.wait_for(self._moved.wait(), 60)
        return BEACON_TIMEOUT


def _mask(given: str | int) -> str:
    if isinstance(given, str):
        return given
    return str(ipaddress.ip_network(f"0.0.0.0/{given}").netmask)


def _number(network: Network) -> int:
    return SECURITY[network.security]
