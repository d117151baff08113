"""MicroPython's `socket`, with the board's addresses mapped to this machine's.

getaddrinfo() differs: asyncio and every portable program go through it. An address to
listen on becomes a loopback port that the world puts behind the board's access point; a
name to connect to becomes the loopback port of the server that the joined network offers.
And a datagram's peer is the (address, port) that the ESP32 gives, not this port's sockaddr.
"""

import io

import _wire
import usocket
from usocket import *  # noqa: F403

IPPROTO_TCP = 6
_GET_FILENO = 10  # MP_STREAM_GET_FILENO of py/stream.h
_CLOSE = 4
_MOST_PEERS = 4  # what it remembers is in the heap that is measured


def getaddrinfo(host, port, af=0, type=0, proto=0, flags=0):
    """Raises OSError(-202) for a name that does not resolve, as lwIP does."""
    type = type or usocket.SOCK_STREAM
    address, port = _wire.call("getaddrinfo", host, port, type == usocket.SOCK_DGRAM)
    return usocket.getaddrinfo(address, port, usocket.AF_INET, type)


def socket(af=usocket.AF_INET, type=usocket.SOCK_STREAM, proto=0):
    if type == usocket.SOCK_DGRAM:
        return _Datagrams()
    return usocket.socket(af, type, proto)


class _Datagrams(io.IOBase):
    """A UDP socket; what the ESP32's has of methods, as far as the firmware uses them."""

    def __init__(self):
        self._socket = usocket.socket(usocket.AF_INET, usocket.SOCK_DGRAM)
        self._peers = {}  # (address, port) as the board sees it: the sockaddr here

    def ioctl(self, request, argument):
        if request == _CLOSE:
            self._socket.close()
        return self._socket.fileno() if request == _GET_FILENO else 0

    def close(self):
        self._socket.close()

    def bind(self, address):
        self._socket.bind(address)

    def setblocking(self, on):
        self._socket.setblocking(on)

    def recvfrom(self, count):
        data, here = self._socket.recvfrom(count)
        _, octets, port = usocket.sockaddr(here)
        peer = tuple(_wire.call("datagram_peer", usocket.inet_ntop(usocket.AF_INET, octets), port))
        if len(self._peers) >= _MOST_PEERS:
            self._peers.clear()
        self._peers[peer] = here
        return data, peer

    def sendto(self, data, peer):
        return self._socket.sendto(data, self._peers[peer])
