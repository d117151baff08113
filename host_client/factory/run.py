"""A production run put together: keys, registry, labels, ports."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from host_client.deploy.usb_board import UsbBoard
from host_client.factory import making
from host_client.factory.errors import FactoryError
from host_client.factory.making import Line, Made
from host_client.factory.ports import Given, Swapped, among, usb_ports
from host_client.factory.serials import Counter, Listed, Serials, read_list
from host_client.factory.tray import MakeOne, Ports
from host_client.factory.usb_step import UsbStep

DEFAULT_SERIAL = "LK-*"
MOST_AT_ONCE = 8  # each is a process of mpremote


def maker(line: Line) -> MakeOne:
    """What makes the board at a port."""

    def make_one(port: str) -> Made:
        return making.make(UsbStep(UsbBoard(port)), line)

    return make_one


def serials(text: str | None, file: Path | None) -> Serials:
    """Where serial numbers come from: `PREFIX*` counts, anything else is the one number.

    Raises FactoryError.
    """
    if file is not None:
        if text is not None:
            raise FactoryError("give --serial or --serials, not both")
        return Listed(read_list(file))
    text = DEFAULT_SERIAL if text is None else text
    if text.endswith("*"):
        return Counter(text.removesuffix("*"))
    return Listed([text])


@dataclass(frozen=True)
class Source:
    """Where the boards of a run come from, and how many there are to be."""

    ports: Ports
    count: int
    at_once: int


def source(ports: list[str], count: int | None, at_once: int | None) -> Source:
    """One board at each given port; more than that, or none given: one after another as they
    are plugged in. Raises FactoryError."""
    named = list(dict.fromkeys(ports))
    total = len(named) or 1 if count is None else count
    most = at_once or min(len(named) or 1, MOST_AT_ONCE)
    if named and total <= len(named):
        return Source(Given(named[:total]), total, most)
    present: Callable[[], set[str]] = among(named) if named else usb_ports
    return Source(Swapped(present, also_at_start=bool(named)), total, most)


def check_name(name: str) -> str:
    """The name of a batch. Raises FactoryError."""
    if not re.fullmatch(r"(?:[!-~](?:[ -~]{0,62}[!-~])?)?", name):
        raise FactoryError("a batch's name has at most 64 printable ASCII characters")
    return name
