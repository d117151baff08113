"""Whether a server can be reached, without saying anything to it."""

import asyncio
import select
import socket
from time import ticks_diff, ticks_ms

_POLL_MS = 50


async def reach(host, port, timeout_ms):
    """Tell whether a TCP connection to host:port opens within the time.

    Not by `asyncio.open_connection`: on MicroPython that returns for a refused connection as
    for an open one. Looking up the name blocks the board for as long as the driver takes.
    """
    try:
        address = socket.getaddrinfo(host, port, 0, socket.SOCK_STREAM)[0][-1]
    except OSError:
        return False
    sock = await _free_socket(timeout_ms)
    if sock is None:
        return False
    sock.setblocking(False)
    try:
        return await opens(sock, address, timeout_ms)
    finally:
        sock.close()


async def _free_socket(timeout_ms):
    """A socket as soon as there is one: phones that load the page may have them all for a while.
    None: there was none within the time."""
    start = ticks_ms()
    while True:
        try:
            return socket.socket()
        except OSError:
            if ticks_diff(ticks_ms(), start) >= timeout_ms:
                return None
        await asyncio.sleep_ms(_POLL_MS)


async def opens(sock, address, timeout_ms):
    """Connect a socket that does not block; tell whether it is open within the time."""
    try:
        sock.connect(address)
    except OSError:
        pass  # in progress; any other failure shows as an error when polled
    poller = select.poll()
    poller.register(sock, select.POLLOUT)
    start = ticks_ms()
    while ticks_diff(ticks_ms(), start) < timeout_ms:
        for _, event in poller.poll(0):
            return event & (select.POLLERR | select.POLLHUP) == 0
        await asyncio.sleep_ms(_POLL_MS)
    return False
