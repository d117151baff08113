"""A TLS connection to a server that is known by its public key, and by nothing else.

The key is looked at inside the handshake, when the server's certificate has come and before
this board has answered: a false server learns that somebody called, and no more. That the
server has the private half, TLS proves before the first octet of a request is sent.

Read in MicroPython's extmod/modtls_mbedtls.c (1.24 to 1.29), and what follows from it here:

- `getpeercert` is only in builds whose Mbed TLS keeps the peer's certificate;
  `verify_callback` is in all of them, and comes earlier.
- With CERT_NONE the callback is never called; with CERT_OPTIONAL an unknown issuer or a date
  in the past is no failure, and the callback alone decides.
- An exception may not leave the callback: it would jump over Mbed TLS's own frames.
- What the callback returns becomes the result of read() and write(); a positive number
  passes for so many octets read.
"""

import asyncio
import gc
import socket
from time import ticks_add, ticks_diff, ticks_ms

import tls

from firmware.device.reach import opens

_POLL_MS = 20
_ACCEPTED = 0
_REFUSED = -0x2700  # MBEDTLS_ERR_X509_CERT_VERIFY_FAILED


class FalseServer(OSError):
    """The server's key is another one. Nothing was said to it."""


class TooLate(OSError):
    """The connection's time is over."""


class Connection:
    """An open connection. Every call ends by the deadline that `connect` was given, and
    raises TooLate then, OSError if the connection fails."""

    def __init__(self, plain, secure, deadline):
        self._plain = plain
        self._secure = secure
        self._deadline = deadline

    async def send(self, data):
        """Send all of these octets."""
        rest = memoryview(data)
        while rest:
            count = self._secure.write(rest)
            if count is None:
                await _turn(self._deadline)
            else:
                rest = rest[count:]

    async def receive(self, buffer):
        """Fill the start of `buffer`; returns how many octets came, 0 at the end."""
        while True:
            count = self._secure.readinto(buffer)
            if count is not None:
                return count
            await _turn(self._deadline)

    def close(self):
        """Also gives back what Mbed TLS has of ESP-IDF's heap, some 40 KB."""
        self._secure.close()
        self._plain.close()
        self._secure = self._plain = None
        gc.collect()


async def connect(host, port, accepts, timeout_ms):
    """Open a connection to host:port whose server's certificate `accepts` takes.

    accepts(certificate) -> bool is handed DER octets that are gone afterwards. timeout_ms is
    for all that the connection is used for. Returns Connection. Raises FalseServer, TooLate,
    OSError. Looking up the name blocks the board for as long as the driver takes.
    """
    deadline = ticks_add(ticks_ms(), timeout_ms)
    address = socket.getaddrinfo(host, port, 0, socket.SOCK_STREAM)[0][-1]
    plain = socket.socket()
    connection = None
    try:
        plain.setblocking(False)
        if not await opens(plain, address, timeout_ms):
            raise OSError("no connection")
        connection = await _greet(plain, host, accepts, deadline)
        return connection
    finally:
        if connection is None:
            plain.close()
            gc.collect()


async def _greet(plain, host, accepts, deadline):
    """Come to where the server's certificate was accepted. The rest of the handshake happens
    with the first send, before what is sent."""
    verdicts = []
    context = tls.SSLContext(tls.PROTOCOL_TLS_CLIENT)
    context.verify_mode = tls.CERT_OPTIONAL
    context.verify_callback = _judge(accepts, verdicts)
    secure = context.wrap_socket(
        plain, server_hostname=None if _is_address(host) else host, do_handshake_on_connect=False
    )
    early = bytearray(1)
    while not verdicts:
        try:
            came = secure.readinto(early)
        except (OSError, ValueError) as error:
            if False in verdicts:
                raise FalseServer("another server")
            raise OSError("TLS %s" % error)
        if came is not None:
            raise OSError("it ended, or spoke, before its turn")
        if not verdicts:
            await _turn(deadline)
    if verdicts != [True]:
        raise FalseServer("another server")
    return Connection(plain, secure, deadline)


def _judge(accepts, verdicts):
    """The callback of Mbed TLS: one certificate of the server's chain, its own at depth 0."""

    def judge(certificate, depth):
        if depth:
            return _ACCEPTED  # who has signed the server's certificate does not matter
        verdict = False
        try:
            verdict = bool(accepts(certificate))
        except Exception:
            pass  # whatever it was, it was no certificate to accept
        verdicts.append(verdict)
        return _ACCEPTED if verdict else _REFUSED

    return judge


async def _turn(deadline):
    """Give the event loop its turn, while there is time."""
    if ticks_diff(deadline, ticks_ms()) <= 0:
        raise TooLate("out of time")
    await asyncio.sleep_ms(_POLL_MS)


def _is_address(host):
    """An address is no name to announce (RFC 6066 section 3)."""
    return ":" in host or all(part.isdigit() for part in host.split("."))
