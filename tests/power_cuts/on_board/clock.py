"""Time that passes only when everything waits, so that a held button costs no second.

To be imported before anything that takes `time` by name. The clock begins far ahead of the
true one, because MicroPython's task queue, written in C, stamps what is ready with the true
one: what is ready is so always overdue, and what sleeps is not.
"""

import sys
import time as true

_AHEAD_MS = 1 << 40


class Stuck(BaseException):
    """Every task waits, and nothing will ever wake one, or the deadline is over."""


class _Clock:
    def __init__(self):
        self.now_ms = true.ticks_ms() + _AHEAD_MS
        self.deadline_ms = self.now_ms + _AHEAD_MS

    def ticks_ms(self):
        return self.now_ms

    def ticks_us(self):
        return self.now_ms * 1000

    def sleep(self, seconds):
        self.now_ms += int(seconds * 1000)

    def sleep_ms(self, ms):
        self.now_ms += ms

    ticks_add = staticmethod(true.ticks_add)
    ticks_diff = staticmethod(true.ticks_diff)
    time = staticmethod(true.time)


clock = _Clock()
sys.modules["time"] = clock

import asyncio  # noqa: E402 (takes the clock above)
import asyncio.core  # noqa: E402


class _Queue(asyncio.core.IOQueue):
    def wait_io_event(self, dt):
        if not asyncio.core._task_queue.peek() or clock.now_ms > clock.deadline_ms:
            raise Stuck
        clock.now_ms += max(0, dt)


asyncio.core.IOQueue = _Queue
asyncio.new_event_loop()
