"""Run on MicroPython: one exchange over a pinned connection; prints how it ended.

micropython tls_on_micropython.py PORT PIN TIMEOUT_MS [HOST]
"""

import asyncio
import sys
from binascii import unhexlify
from hashlib import sha256
from time import ticks_diff, ticks_ms

from firmware.bootstrap import http
from firmware.bootstrap.spki import public_key_info
from firmware.device import tls


class Elsewhere:
    """A `socket` module whose names all lead to this machine."""

    def __init__(self, socket):
        self.SOCK_STREAM = socket.SOCK_STREAM
        self.socket = socket.socket
        self.getaddrinfo = lambda host, *more: socket.getaddrinfo("127.0.0.1", *more)


async def exchange(port, pin, timeout_ms, host="127.0.0.1"):
    tls.socket = Elsewhere(tls.socket)

    def accepts(certificate):
        if pin == "broken":
            raise KeyError(pin)
        return sha256(public_key_info(certificate)).digest() == unhexlify(pin)

    connection = await tls.connect(host, int(port), accepts, int(timeout_ms))
    try:
        server = http.Server("https://boot.example")
        response = await http.exchange(connection, server, "/v1/orders/lk-secret")
        return "status %d" % response.status
    finally:
        connection.close()


begun = ticks_ms()
try:
    outcome = asyncio.run(exchange(*sys.argv[1:]))
except (OSError, http.BadResponse) as error:
    outcome = type(error).__name__
print(outcome, ticks_diff(ticks_ms(), begun))
