"""Multicast DNS of the boards: addresses only, as the ESP32's responder has no service to tell.

On the loopback interface, at the real group and port (RFC 6762 section 3), so that a host's
own resolver finds the boards.
"""

from __future__ import annotations

import asyncio
import socket
import struct
from typing import cast

from zeroconf import DNSAddress, DNSIncoming, DNSOutgoing

GROUP, PORT = "224.0.0.251", 5353
_LOOPBACK = "127.0.0.1"
_A, _ANY, _IN, _UNIQUE = 1, 255, 1, 0x8000
_ANSWER = 0x8400  # response, authoritative
_TTL_S = 120
_ONLY_JOINED = 49  # IP_MULTICAST_ALL (Linux): 0 leaves out what others joined


class Responder(asyncio.DatagramProtocol):
    """Answers for whoever was told to it; opens its socket when the first one is."""

    def __init__(self) -> None:
        self._addresses: dict[str, str] = {}
        self._transport: asyncio.DatagramTransport | None = None
        self.asked: list[str] = []  # every name that somebody wanted to know

    async def answer(self, hostname: str, address: str) -> None:
        """Say from now on that `hostname`.local is at this address."""
        self._addresses[f"{hostname}.local."] = address
        if self._transport is None:
            loop = asyncio.get_running_loop()
            await loop.create_datagram_endpoint(lambda: self, sock=_listening())

    def forget(self, hostname: str) -> None:
        self._addresses.pop(f"{hostname}.local.", None)

    def close(self) -> None:
        if self._transport is not None:
            self._transport.close()
            self._transport = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.DatagramTransport, transport)

    def datagram_received(self, data: bytes, _: object) -> None:
        query = DNSIncoming(data)
        if not query.valid or not query.is_query():
            return
        for question in query.questions:
            name = question.name.lower()
            self.asked.append(name)
            if name in self._addresses and question.type in (_A, _ANY):
                self._send(name, self._addresses[name])

    def _send(self, name: str, address: str) -> None:
        reply = DNSOutgoing(_ANSWER)
        octets = socket.inet_aton(address)
        reply.add_answer_at_time(DNSAddress(name, _A, _IN | _UNIQUE, _TTL_S, octets), 0)
        for packet in reply.packets():
            assert self._transport is not None
            self._transport.sendto(packet, (GROUP, PORT))


def _listening() -> socket.socket:
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    try:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        sock.bind((GROUP, PORT))
        group = socket.inet_aton(GROUP) + socket.inet_aton(_LOOPBACK)
        sock.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, group)
        sock.setsockopt(socket.IPPROTO_IP, _ONLY_JOINED, 0)
        sock.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, socket.inet_aton(_LOOPBACK))
        sock.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_LOOP, struct.pack("b", 1))
        sock.setblocking(False)
    except BaseException:
        sock.close()
        raise
    return sock
