"""What the board says with one LED."""

import asyncio
from time import ticks_add, ticks_diff, ticks_ms

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
    """Blinks in the background. Over what it shows, two things may lie for a while: that the
    button is down, and that somebody asked which board this is."""

    def __init__(self, gpio):
        self._pin = Pin(gpio, Pin.OUT)
        self._pattern = OFF
        self._held = False
        self._identify_until = None

    @property
    def pattern(self):
        """What is shown at this moment."""
        if self._held:
            return HELD
        if self._identify_until is not None:
            if ticks_diff(self._identify_until, ticks_ms()) > 0:
                return IDENTIFYING
            self._identify_until = None
        return self._pattern

    def show(self, pattern):
        self._pattern = pattern

    def hold(self, held):
        """Show that the button is down, or no longer."""
        self._held = held

    def identify(self, duration_ms=5000):
        """Blink so that a person sees which board is meant. However often it is asked for, it
        is over so long after the last time, and takes no more memory than once."""
        self._identify_until = ticks_add(ticks_ms(), duration_ms)

    async def run(self):
        while True:
            on_ms, off_ms = self.pattern
            if on_ms:
                self._pin.value(1)
                await asyncio.sleep_ms(on_ms)
            if off_ms:
                self._pin.value(0)
                await asyncio.sleep_ms(off_ms)
