"""The input that tells that the case is open: to ground while it is, pulled up otherwise."""

import asyncio

from machine import Pin

_POLL_MS = 50


class Tamper:
    def __init__(self, gpio):
        self._pin = Pin(gpio, Pin.IN, Pin.PULL_UP)

    def is_open(self):
        return self._pin.value() == 0

    async def wait_open(self):
        """Return once the case is open; a program that never pauses keeps it from being seen."""
        while not self.is_open():
            await asyncio.sleep_ms(_POLL_MS)
