"""firmware/session.py: the window's time goes on where the chip's milliseconds begin anew."""

import asyncio
import sys

from firmware.provision.record import Record
from firmware.provision.window import Window
from tests.device.bench_board import MemoryStore
from tests.device.device_vectors import Skip


class Chip:
    """In the place of machine, network and esp32, which are imported and not used."""

    Pin = None


class Handler:
    """What `_until_over` asks of one whose window is open."""

    state, kept, collected = 2, False, False

    def __init__(self, window):
        self.window = window
        self.ticks = []

    def tick(self, elapsed_ms):
        self.ticks.append(elapsed_ms)
        self.window.tick(elapsed_ms)

    @property
    def finished(self):
        return not self.window.is_open


class Board:
    transports = ("bench",)


class Clock:
    """ticks_ms that makes a leap with every question."""

    def __init__(self, now, leap_ms):
        self.now = now
        self.leap_ms = leap_ms

    def __call__(self):
        from time import ticks_add

        self.now = ticks_add(self.now, self.leap_ms)
        return self.now


def session_with(clock):
    if sys.implementation.name != "micropython":
        raise Skip("ticks_ms is MicroPython's")
    for name in ("machine", "network", "esp32"):
        sys.modules.setdefault(name, Chip)
    from firmware import session

    session.ticks_ms = clock
    session._TICK_MS = 0
    return session


def questions_until_shut(now, leap_ms):
    """How often the clock is asked until a window of 600 s is over; and what was let pass."""
    session = session_with(Clock(now, leap_ms))
    record = Record(MemoryStore())
    window = Window(record, 600, 10)
    record.change(window=window.asked_for())
    window.start()
    handler = Handler(window)
    asyncio.run(session._until_over(Board, handler, 0))
    assert not window.is_open
    return handler.ticks


def test_a_window_lasts_as_long_across_the_wrap_of_the_clock():
    leap_ms = 250
    plain = questions_until_shut(1000, leap_ms)
    assert set(plain) == {leap_ms}
    from time import ticks_add

    for before_ms in (1, 249, 250, 251, 300000, 599999):
        assert questions_until_shut(ticks_add(0, -before_ms), leap_ms) == plain, before_ms


def test_a_board_that_was_held_up_counts_the_time_in_one():
    """An application, or a driver, that blocks for long buys no time by it."""
    session_with(None)
    from time import ticks_add

    assert len(questions_until_shut(ticks_add(0, -100), 400000)) <= 3
