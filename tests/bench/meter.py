"""What goes over a link, counted from outside: messages by the host's link, octets by the air."""

from __future__ import annotations

import time
from dataclasses import dataclass, field

from bumble import hci

from host_client.links.base import Link
from tests.virtual_board.radio import Radio

_L2CAP_HEAD = 4  # length and channel (Core 5.4, Vol 3, Part A, 3.1)
_ATT_CHANNEL = 4
_ATT_HEAD = 3  # opcode and handle
_WRITES = (0x12, 0x52)  # request, command (Core 5.4, Vol 3, Part F, 3.4.5)
_NOTIFICATION = 0x1B
_ACK_OCTETS = 3  # of transports/framing.py; a compact status, which begins alike, is longer


@dataclass(frozen=True)
class Exchange:
    """One request and its reply: octets of both, and when it was (seconds, monotonic)."""

    operation: int
    up: int
    down: int
    began: float
    ended: float

    @property
    def seconds(self) -> float:
        return self.ended - self.began


class MeteredLink(Link):
    """A link that keeps a record of what it carries."""

    def __init__(self, link: Link) -> None:
        self._link = link
        self.url = link.url
        self.exchanges: list[Exchange] = []

    async def open(self) -> None:
        await self._link.open()

    async def close(self) -> None:
        await self._link.close()

    async def exchange(self, operation: int, body: bytes = b"") -> bytes:
        began = time.monotonic()
        reply = await self._link.exchange(operation, body)
        self.exchanges.append(Exchange(operation, len(body), len(reply), began, time.monotonic()))
        return reply

    async def wait_for_change(self, timeout_s: float) -> None:
        await self._link.wait_for_change(timeout_s)


@dataclass
class Traffic:
    """What one direction of a Bluetooth link carried. octets: L2CAP packets with their heads;
    values: writes or notifications; frames and acks: those of transports/framing.py."""

    octets: int = 0
    values: int = 0
    frames: int = 0
    acks: int = 0


@dataclass
class RadioMeter:
    """Listens to a radio. `board`: the address whose packets go down."""

    board: hci.Address
    up: Traffic = field(default_factory=Traffic)
    down: Traffic = field(default_factory=Traffic)

    def listen(self, radio: Radio) -> None:
        radio.link.on_data = self._on_data

    def _on_data(self, sender: hci.Address, packet: bytes) -> None:
        traffic = self.down if sender == self.board else self.up
        traffic.octets += len(packet)
        if int.from_bytes(packet[2:_L2CAP_HEAD], "little") != _ATT_CHANNEL:
            return
        pdu = packet[_L2CAP_HEAD:]
        if pdu[0] not in (*_WRITES, _NOTIFICATION):
            return
        value = pdu[_ATT_HEAD:]
        traffic.values += 1
        if len(value) == _ACK_OCTETS and value[0] & 0xC0 == 0x80:
            traffic.acks += 1
        elif value and not value[0] & 0x80:
            traffic.frames += 1
