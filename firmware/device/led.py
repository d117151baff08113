"""What the board says with one LED."""

import asyncio
from time import ticks_add, ticks_diff, ticks_ms

from machine import Pin

# (on, off, on, off, ...) milliseconds
OFF = (0, 1000)
WAITING = (50, 1950)  # not provisioned: a short flash every two seconds
# The button is down; it has been for the first, the second, the third stage of a reset.
HELD, HELD_RESET, HELD_WIPE, HELD_GIVEN_BACK = (50, 50), (400, 100), (100, 400), (25, 25)
WIPING = (250, 250)  # what was wiped is being overwritten
TAMPERED = (50, 150, 50, 750)  # two flashes: nothing works until somebody resets the board
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
        self._held = None
        self._identify_until = None

    @property
    def pattern(self):
        """What is shown at this moment."""
        if self._held is not None:
            return self._held
        if self._identify_until is not None:
            if ticks_diff(self._identify_until, ticks_ms()) > 0:
                return IDENTIFYING
            self._identify_until = None
        return self._pattern

    def show(self, pattern):
        self._pattern = pattern

    def hold(self, stage):
        """Show how long the button has been down: stages as of Button, None once it is not."""
        stages = (HELD, HELD_RESET, HELD_WIPE, HELD_GIVEN_BACK)
        self._held = None if stage is None else stages[stage + 1]

    def identify(self, duration_ms=5000):
        """Blink so that a person sees which board is meant. However often it is asked for, it
        is over so long after the last time, and takes no more memory than once."""
        self._identify_until = ticks_add(ticks_ms(), duration_ms)

    async def run(self):
        while True:
            level = 1
            for duration_ms in self.pattern:
                if duration_ms:
                    self._pin.value(level)
                    await asyncio.sleep_ms(duration_ms)
                level = 1 - level
