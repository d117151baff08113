"""What the board says with one LED."""

import asyncio

from machine import Pin

# (on, off) milliseconds
OFF = (0, 1000)
WAITING = (50, 1950)  # not provisioned: a short flash every two seconds
HELD = (50, 50)  # the button is down
WINDOW = (500, 500)  # the window is open
TRYING = (100, 100)  # an order is being tried
ONLINE = (1000, 0)  # provisioned and on the network
SEARCHING = (1000, 1000)  # provisioned, the network is not there yet
IDENTIFYING = (50, 150)


class Led:
    """Blinks in the background; `show` changes what it shows."""

    def __init__(self, gpio):
        self._pin = Pin(gpio, Pin.OUT)
        self._pattern = OFF

    def show(self, pattern):
        self._pattern = pattern

    async def identify(self, duration_ms=5000):
        """Blink so that a person sees which board is meant, then go back."""
        before = self._pattern
        self.show(IDENTIFYING)
        await asyncio.sleep_ms(duration_ms)
        if self._pattern is IDENTIFYING:
            self.show(before)

    async def run(self):
        while True:
            on_ms, off_ms = self._pattern
            if on_ms:
                self._pin.value(1)
                await asyncio.sleep_ms(on_ms)
            if off_ms:
                self._pin.value(0)
                await asyncio.sleep_ms(off_ms)
