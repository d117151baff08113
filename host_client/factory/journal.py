"""Boards that were begun: what was made for each, kept until the board and the registry have it.

An entry is written before the board is, and read again by the next run, so that after a cut at
any moment a board gets the code, the serial number and the certificate that it was given first.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from host_client.errors import BadLabel
from host_client.factory.errors import FactoryError
from host_client.label import check_code
from host_client.private_file import latchkey_home, write_whole

_MAX_ENTRY = 8192  # octets
_OCTETS = ("device_key", "certificate")


@dataclass(frozen=True)
class Begun:
    """A board under way. `code`: its label's, a secret; no repr shows it."""

    device_id: str
    device_key: bytes
    model: str
    serial: str
    certificate: bytes | None = None
    code: str | None = field(default=None, repr=False)


class Journal:
    """A folder of entries, each a file (0600) named after the board's key."""

    def __init__(self, folder: Path | None = None) -> None:
        self.folder = folder or latchkey_home() / "factory" / "begun"

    def find(self, device_key: bytes) -> Begun | None:
        """The entry of a board, if it was begun. Raises FactoryError for a damaged one."""
        path = self._path(device_key)
        return _read(path) if path.exists() else None

    def keep(self, entry: Begun) -> None:
        """Write an entry, once: there must be none. Raises FactoryError."""
        try:
            write_whole(self._path(entry.device_key), _encoded(entry), replace=False)
        except FileExistsError:
            raise FactoryError(f"board {entry.device_id} was begun already") from None
        except OSError as error:
            raise FactoryError(f"cannot write in {self.folder}: {error.strerror}") from error

    def drop(self, entry: Begun) -> None:
        """The board is done: forget what was kept. Raises FactoryError."""
        try:
            self._path(entry.device_key).unlink(missing_ok=True)
        except OSError as error:
            raise FactoryError(f"cannot remove from {self.folder}: {error.strerror}") from error

    def entries(self) -> list[Begun]:
        """All boards under way. Raises FactoryError for a damaged entry."""
        return [_read(path) for path in sorted(self.folder.glob("*.json"))]

    def _path(self, device_key: bytes) -> Path:
        return self.folder / f"{hashlib.sha256(device_key).hexdigest()[:32]}.json"


def _encoded(entry: Begun) -> bytes:
    fields: dict[str, Any] = asdict(entry)
    for name in _OCTETS:
        fields[name] = None if fields[name] is None else fields[name].hex()
    return json.dumps(fields, sort_keys=True).encode() + b"\n"


def _read(path: Path) -> Begun:
    try:
        with path.open("rb") as file:
            fields = json.loads(file.read(_MAX_ENTRY))
        for name in _OCTETS:
            fields[name] = None if fields[name] is None else bytes.fromhex(fields[name])
        entry = Begun(**fields)
        if entry.code is not None:
            check_code(entry.code)
    except OSError as error:
        raise FactoryError(f"cannot read {path}: {error.strerror}") from error
    except (ValueError, TypeError, KeyError, RecursionError, BadLabel):
        # The error that was caught would show the file's text.
        raise FactoryError(f"{path} is damaged: it does not say how the board was begun") from None
    return entry
