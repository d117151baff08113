"""The button whose long press is a physical reset."""

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

    async def wait_held(self, stages_ms, on_stage=None):
        """Return the index of the stage for which the button was held without a break.

        stages_ms: ascending. An earlier stage is taken when the button is let go, the last one
        as soon as it is reached. on_stage(index): called at each stage that is reached, with -1
        when the button goes down, and with None when it is let go too early. A button that is
        down from the start counts from when it has been up: one that is stuck does nothing.
        """
        while self.pressed():
            await asyncio.sleep_ms(_POLL_MS)
        tell = on_stage or _tell_nobody
        while True:
            while not self.pressed():
                await asyncio.sleep_ms(_POLL_MS)
            tell(-1)
            stage = await self._count(stages_ms, tell)
            if stage >= 0:
                return stage
            tell(None)

    async def _count(self, stages_ms, tell):
        start = ticks_ms()
        stage = -1
        while self.pressed():
            if ticks_diff(ticks_ms(), start) >= stages_ms[stage + 1]:
                stage += 1
                tell(stage)
                if stage == len(stages_ms) - 1:
                    break
            await asyncio.sleep_ms(_POLL_MS)
        return stage


def _tell_nobody(stage):
    pass
