"""Serial numbers: given once, in order, also by several processes at a time."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

from host_client.factory.errors import FactoryError
from host_client.private_file import alone, latchkey_home, write_whole

_SERIAL = re.compile(r"[!-~](?:[ -~]{0,62}[!-~])?")  # at most 64 octets
_MAX_FILE = 1 << 20
_MAX_LIST = 16 << 20


class Serials(Protocol):
    """Where a board's serial number comes from."""

    def next(self) -> str:
        """A number that no board has. Raises FactoryError."""


class Counter:
    """PREFIX and a number that counts up. The next one is written down before one is given, so
    a cut may leave one out and never gives one twice."""

    def __init__(self, prefix: str, digits: int = 6, path: Path | None = None) -> None:
        """Raises FactoryError for a prefix that leaves no room, or does not print."""
        if not _SERIAL.fullmatch(prefix + "0" * digits):
            raise FactoryError("a serial number has 1 to 64 printable ASCII characters")
        self._prefix, self._digits = prefix, digits
        self._path = path or latchkey_home() / "factory" / "serials.json"

    def next(self) -> str:
        """Raises FactoryError where the count cannot be kept."""
        try:
            with alone(self._path):
                counts = self._counts()
                number = counts.get(self._prefix, 1)
                counts[self._prefix] = number + 1
                write_whole(self._path, json.dumps(counts, sort_keys=True).encode())
        except OSError as error:
            raise FactoryError(f"cannot count serial numbers: {error.strerror}") from error
        return f"{self._prefix}{number:0{self._digits}}"

    def _counts(self) -> dict[str, int]:
        if not self._path.exists():
            return {}
        with self._path.open("rb") as file:
            text = file.read(_MAX_FILE)
        try:
            return {str(prefix): int(number) for prefix, number in json.loads(text).items()}
        except (ValueError, TypeError, AttributeError) as error:
            raise FactoryError(f"{self._path} is damaged: it does not count any more") from error


class Listed:
    """The numbers of a list, each given once. `taken`: those that boards have already."""

    def __init__(self, numbers: list[str], taken: frozenset[str] = frozenset()) -> None:
        """Raises FactoryError for numbers that are twice in it, or are none."""
        if len(set(numbers)) != len(numbers):
            raise FactoryError("the list of serial numbers has one of them twice")
        if not all(_SERIAL.fullmatch(number) for number in numbers):
            raise FactoryError("a serial number has 1 to 64 printable ASCII characters")
        self._left: Iterator[str] = iter([n for n in numbers if n not in taken])

    def next(self) -> str:
        """Raises FactoryError when the list is used up."""
        number = next(self._left, None)
        if number is None:
            raise FactoryError("the list of serial numbers is used up")
        return number


def read_list(path: Path) -> list[str]:
    """Serial numbers from a file, one a line. Raises FactoryError."""
    try:
        with path.open(encoding="utf-8") as file:
            text = file.read(_MAX_LIST)
    except (OSError, UnicodeDecodeError) as error:
        raise FactoryError(f"cannot read {path}") from error
    return [line.strip() for line in text.splitlines() if line.strip()]
