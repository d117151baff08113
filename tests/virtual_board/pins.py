"""What is soldered to a board's pins: a button that pulls pin 0 down, a LED on pin 2."""

from __future__ import annotations

import time
from collections.abc import Callable

from tests.virtual_board.wire import Wire

PRESSED, RELEASED = 0, 1
BUTTON_PIN, LED_PIN = 0, 2


class Pins:
    """The levels outlast a power cut: a button held down stays down."""

    def __init__(self, on_change: Callable[[], None]) -> None:
        self.led: list[tuple[float, int]] = []  # seconds, level
        self.read: set[int] = set()  # what the firmware has looked at since the power came on
        self.levels: dict[str, int] = {}
        self._on_change = on_change
        self._wire: Wire | None = None

    def plug_into(self, wire: Wire) -> None:
        """Answer the board at the other end of this wire."""
        self.read = set()
        self._wire = wire
        wire.posts["reads"] = self._on_read
        wire.posts["pin"] = self._on_set

    def press(self, level: int) -> None:
        self.put(BUTTON_PIN, level)

    def put(self, pin: int, level: int) -> None:
        """Put a level on any pin of the board; those nobody touches are high."""
        self.levels[f"pin{pin}"] = level
        if self._wire is not None:
            self._wire.set_state(**{f"pin{pin}": level})

    def _on_read(self, pin: int) -> None:
        self.read.add(pin)
        self._on_change()

    def _on_set(self, pin: int, level: int) -> None:
        if pin == LED_PIN:
            self.led.append((time.monotonic(), level))
        self._on_change()
