"""A board's Wi-Fi chip: station and access point on one channel, and what sockets reach."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.virtual_board.access_point import ADDRESS, AccessPoint
from tests.virtual_board.air import REFUSED, SILENT, Air, free_port
from tests.virtual_board.lan import Lan
from tests.virtual_board.station import Station
from tests.virtual_board.wire import Refusal, Wire

_TO_LISTEN = ("0.0.0.0", "", "::", None, ADDRESS)
_NO_SUCH_NAME = -202  # EAI_FAIL of lwIP


class WiFi:
    """`loopback[80]` is the port of this machine where the board's TCP port 80 is, `datagrams[53]`
    where its UDP port 53 is."""

    def __init__(self, air: Air, mac: bytes, http_port: int = 0) -> None:
        self._air = air
        self.loopback: dict[int, int] = {}
        self.datagrams: dict[int, int] = {}
        # Port of this machine -> address the board sees: over TCP, over UDP.
        self._clients: dict[int, str] = {}
        self._datagram_clients: dict[int, str] = {}
        self.access_point = AccessPoint(
            mac, self._port_80, http_port, self._clients.__setitem__,
            self._port_53, self._datagram_clients.__setitem__,
        )  # fmt: skip
        self.station = Station(air, mac, self.access_point.follow_channel)
        self.lan = Lan(
            self.station, air.responder, self.access_point.proxy.port, self._port_80,
            lambda: self.hostname, self._clients.__setitem__,
            self.access_point.dns_port, self._port_53, self._datagram_clients.__setitem__,
        )  # fmt: skip
        self.fits: Callable[[], bool] = lambda: True
        self.hostname = ""
        self.country = ""

    @property
    def is_active(self) -> bool:
        return self.station.active or self.access_point.active

    def _port_80(self) -> int | None:
        return self.loopback.get(80)

    def _port_53(self) -> int | None:
        return self.datagrams.get(53)

    def plug_into(self, wire: Wire) -> None:
        """Answer the board at the other end of this wire."""
        self.power_off()
        wire.calls["wlan"] = self._wlan
        wire.calls["getaddrinfo"] = self._getaddrinfo
        wire.calls["peername"] = lambda address, port: [self._clients.get(port, address), port]
        wire.calls["datagram_peer"] = lambda address, port: [
            self._datagram_clients.get(port, address), port
        ]  # fmt: skip
        wire.calls["hostname"] = self._hostname
        wire.calls["country"] = self._country

    def power_off(self) -> None:
        self.station.power_off()
        self.access_point.power_off()
        self.lan.power_off()
        self.loopback, self.datagrams = {}, {}
        self._clients.clear()
        self._datagram_clients.clear()
        self.hostname, self.country = "mpy-esp32", "XX"

    async def _wlan(self, interface: str, what: str, *values: Any) -> Any:
        side: Any = self.station if interface == "sta" else self.access_point
        if what == "active":
            if not values:
                return side.active
            if values[0] and not self.is_active and not self.fits():
                raise Refusal("Wifi Out of Memory")
            return side.set_active(values[0])
        if what == "connect":
            self.station.connect(_octets(values[0]), _octets(values[1]))
            return None
        if what == "isconnected":
            return self.station.has_address if side is self.station else False
        if what == "status" and side is self.access_point:
            return [] if values and values[0] == "stations" else None
        if what == "scan":
            return await self.station.scan()
        if what not in ("disconnect", "status", "get", "set", "ifconfig", "ask_dhcp"):
            raise Refusal("unknown request")
        return getattr(side, what)(*values)

    def _getaddrinfo(self, host: str | None, port: int, datagrams: bool = False) -> list[Any]:
        if host in _TO_LISTEN or (self.station.has_address and host == self.station.address):
            if datagrams:
                return ["127.0.0.1", self.datagrams.setdefault(port, free_port(datagrams))]
            if port not in self.loopback:
                self.loopback[port] = free_port()
                self.access_point.let_clients_in()
            return ["127.0.0.1", self.loopback[port]]
        if not self.station.has_address or self.station.network is None:
            raise Refusal(_NO_SUCH_NAME)
        servers = self.station.network.servers if self.station.is_on_subnet else {}
        found = servers.get(f"{host}:{port}", servers.get(str(host)))
        if found is None and not _is_address(str(host)):
            raise Refusal(_NO_SUCH_NAME)
        if found == SILENT:
            return ["127.0.0.1", self._air.silent_port()]
        if found is None or found == REFUSED:
            return ["127.0.0.1", free_port()]
        return ["127.0.0.1", found]

    def _hostname(self, name: str | None) -> str:
        self.hostname = self.hostname if name is None else name
        return self.hostname

    def _country(self, code: str | None) -> str:
        self.country = self.country if code is None else code
        return self.country


def _octets(value: Any) -> bytes | None:
    return bytes.fromhex(value["hex"]) if value is not None else None


def _is_address(host: str) -> bool:
    parts = host.split(".")
    return len(parts) == 4 and all(part.isdigit() for part in parts)
