"""The button whose long press opens the provisioning window."""

import asyncio
from time import ticks_diff, ticks_ms

from machine import Pin

_POLL_MS = 50


class Button:
    """A push button from a GPIO to ground."""

    def __init__(self, gpio):
        self._pin = Pin(gpio, Pin.IN, Pin.PULL_UP)

    def pressed(self):
        return self._pin.value() == 0

    async def wait_held(self, hold_ms, on_progress=None):
        """Return once the button has been held for `hold_ms` without a break.

        on_progress(held): called with True when it goes down and False when let go early.
        """
        while True:
            while not self.pressed():
                await asyncio.sleep_ms(_POLL_MS)
            start = ticks_ms()
            if on_progress:
                on_progress(True)
            while self.pressed():
                if ticks_diff(ticks_ms(), start) >= hold_ms:
                    return
                await asyncio.sleep_ms(_POLL_MS)
            if on_progress:
                on_progress(False)
