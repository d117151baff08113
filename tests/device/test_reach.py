"""firmware/device/reach.py while all sockets are in use."""

import asyncio

from tests.device.device_vectors import Skip


def asked(free_after, timeout_ms):
    """(whether it was reached, how often a socket was asked for)."""
    try:
        from firmware.device import reach as module
    except ImportError:
        raise Skip("sleep_ms and ticks_ms are MicroPython's")

    class Sockets:
        SOCK_STREAM = 1
        asked = 0

        def getaddrinfo(self, *question):
            return [(2, 1, 0, "", ("192.168.4.2", 1))]

        def socket(self):
            self.asked += 1
            if self.asked <= free_after:
                raise OSError(23)
            return self

        def setblocking(self, blocks):
            pass

        def close(self):
            self.asked += 100

    async def opens(sock, address, timeout_ms):
        return True

    sockets = Sockets()
    before = module.socket, module.opens
    module.socket, module.opens = sockets, opens
    try:
        return asyncio.run(module.reach("example.org", 1, timeout_ms)), sockets.asked
    finally:
        module.socket, module.opens = before


def test_it_waits_for_a_socket_and_closes_it():
    assert asked(2, 10_000) == (True, 103)


def test_it_waits_no_longer_than_for_the_server():
    assert asked(1000, 0) == (False, 1)
