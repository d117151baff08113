"""The Wi-Fi networks that exist where the boards are, and what can be reached through them."""

from __future__ import annotations

import contextlib
import itertools
import socket
from collections.abc import Callable
from dataclasses import dataclass, field

from tests.virtual_board.mdns import Responder

# network.WLAN.SEC_* of MicroPython 1.24 on the ESP32
SECURITY = {
    "open": 0, "wep": 1, "wpa": 2, "wpa2": 3, "wpa/wpa2": 4, "wpa2-enterprise": 5,
    "wpa3": 6, "wpa2/wpa3": 7, "wapi": 8, "owe": 9,
}  # fmt: skip
WITHOUT_KEY = ("open", "owe")

REFUSED = "refused"
SILENT = "silent"


@dataclass
class Network:
    """One network. Every field may be changed while boards are running.

    delay_ms: added to a join; present: False takes it off the air (boards on it see a beacon
    timeout); wrong_key_reason: what a wrong password ends with (15, 2, 202, 204: real access
    points differ); refuses_with: the reason of an access point that lets nobody in;
    servers: host name or address -> loopback port, "refused" or "silent"; subnet: the first three
    octets of its addresses. In one of the loopback network, 127.x.y, this machine is a host too.
    """

    ssid: bytes
    password: str | None = None
    channel: int = 6
    rssi: int = -48
    security: str = "wpa2"
    dhcp: bool = True
    delay_ms: float = 0
    hidden: bool = False
    present: bool = True
    wrong_key_reason: int = 15
    refuses_with: int | None = None
    subnet: str = "192.168.1"
    servers: dict[str, int | str] = field(default_factory=dict)
    bssid: bytes = b""

    @property
    def is_here(self) -> bool:
        """Whether this machine is on it."""
        return self.subnet.startswith("127.")


class Air:
    """All networks, in the order they were added."""

    def __init__(self) -> None:
        self.networks: list[Network] = []
        self._numbers = itertools.count(1)
        self._listeners: list[Callable[[], None]] = []
        self._held: list[socket.socket] = []
        self.responder = Responder()

    def add(self, network: Network) -> Network:
        """Put a network on the air. Raises ValueError for what no access point could be."""
        if not 1 <= len(network.ssid) <= 32 or network.security not in SECURITY:
            raise ValueError("an SSID has 1 to 32 octets, and the security a name of SECURITY")
        if not network.bssid:
            network.bssid = bytes((0x02, 0, 0, 0, 0, next(self._numbers)))
        self.networks.append(network)
        self.changed()
        return network

    def remove(self, network: Network) -> None:
        self.networks.remove(network)
        self.changed()

    def changed(self) -> None:
        """Say that a field of a network was changed, so that boards on it notice at once."""
        for listener in list(self._listeners):
            listener()

    def listen(self, listener: Callable[[], None]) -> None:
        self._listeners.append(listener)

    def strongest(self, ssid: bytes) -> Network | None:
        """The one that a board asking for this name would join."""
        found = [n for n in self.networks if n.present and n.ssid == ssid]
        return max(found, key=lambda network: network.rssi, default=None)

    def visible(self) -> list[Network]:
        """What a scan finds, strongest first; hidden ones show without their name."""
        return sorted((n for n in self.networks if n.present), key=lambda n: -n.rssi)

    def silent_port(self) -> int:
        """A loopback port where a connection attempt is never answered.

        A listener whose queue is full drops what else comes (Linux).
        """
        listener = socket.socket()
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        self._held.append(listener)
        for _ in range(3):
            filler = socket.socket()
            filler.setblocking(False)
            with contextlib.suppress(BlockingIOError):
                filler.connect(listener.getsockname())
            self._held.append(filler)
        return int(listener.getsockname()[1])

    def close(self) -> None:
        self.responder.close()
        for held in self._held:
            held.close()
        self._held.clear()


def free_port(datagrams: bool = False) -> int:
    """A loopback port that nobody listens on, over TCP or over UDP."""
    kind = socket.SOCK_DGRAM if datagrams else socket.SOCK_STREAM
    with socket.socket(type=kind) as probe:
        if not datagrams:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
