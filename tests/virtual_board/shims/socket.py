"""MicroPython's `socket`, with the board's addresses mapped to this machine's.

Only getaddrinfo() differs: asyncio and every portable program go through it. An address to
listen on becomes a loopback port that the world puts behind the board's access point; a
name to connect to becomes the loopback port of the server that the joined network offers.
"""

import _wire
import usocket
from usocket import *  # noqa: F403

IPPROTO_TCP = 6


def getaddrinfo(host, port, af=0, type=0, proto=0, flags=0):
    """Raises OSError(-202) for a name that does not resolve, as lwIP does."""
    address, port = _wire.call("getaddrinfo", host, port)
    return usocket.getaddrinfo(address, port, usocket.AF_INET, type or usocket.SOCK_STREAM)
