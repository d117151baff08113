"""The ports that boards are plugged into: given ones, or whichever appear."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from host_client.errors import MissingExtra

Present = Callable[[], set[str]]  # the ports at which there is something just now


class Given:
    """One board at each of these ports, and no more."""

    def __init__(self, ports: Sequence[str]) -> None:
        self._left = list(dict.fromkeys(ports))  # two workers at one board would be no good

    def fresh(self) -> list[str]:
        found, self._left = self._left, []
        return found

    @property
    def ended(self) -> bool:
        return not self._left


class Swapped:
    """A board each time that a port appears: whoever works there plugs in one after another."""

    ended = False

    def __init__(self, present: Present, *, also_at_start: bool) -> None:
        """`also_at_start`: whether there is a board at what is there from the start. Where the
        ports were not named, what is there may be anything."""
        self._present = present
        self._seen: set[str] = set() if also_at_start else present()

    def fresh(self) -> list[str]:
        now = self._present()
        new = sorted(now - self._seen)
        self._seen = now
        return new


def among(ports: Sequence[str]) -> Present:
    """Which of these ports are there."""

    def present() -> set[str]:
        paths = {port for port in ports if Path(port).exists()}
        return paths if len(paths) == len(set(ports)) else paths | (usb_ports() & set(ports))

    return present


def usb_ports() -> set[str]:
    """The serial ports behind USB. Raises MissingExtra without pyserial, which mpremote brings."""
    try:
        from serial.tools import list_ports
    except ImportError as error:
        raise MissingExtra("looking for ports needs pyserial", "factory") from error
    return {port.device for port in list_ports.comports() if port.vid is not None}
