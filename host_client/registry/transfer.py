"""Devices out of a registry into a CSV file, and from one into a registry."""

from __future__ import annotations

import contextlib
import csv
import os
import secrets
from array import array
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import TextIO

from host_client.private_file import PRIVATE
from host_client.registry.csv_rows import COLUMNS, SEALED_COLUMNS, read_rows, row_of
from host_client.registry.devices import NewDevice
from host_client.registry.errors import BadFile, BadRow, RegistryError
from host_client.registry.registry import Added, Registry

_CHUNK = 1 << 20  # octets

Progress = Callable[[int], None]


def export_csv(
    registry: Registry,
    path: Path,
    *,
    batch: str | None = None,
    sealed: bool = False,
    on_progress: Progress | None = None,
) -> int:
    """Write devices to a file for its owner only, whole or not at all; returns how many.

    `sealed`: label codes as well, as they are sealed to the operators. The trail tells of it.
    Raises RegistryError.
    """
    number = 0
    with _draft(path) as file:
        writer = csv.writer(file, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
        writer.writerow(COLUMNS + SEALED_COLUMNS if sealed else COLUMNS)
        for device, code in registry.with_codes(batch=batch, sealed=sealed):
            cells = row_of(device)
            if sealed:
                cells += ["", ""] if code is None else [code.operator.hex(), code.data.hex()]
            writer.writerow(cells)
            number += 1
            if on_progress is not None and number % 500 == 0:
                on_progress(number)
    detail: dict[str, str | int] = {
        "devices": number,
        "batch": batch or "",
        "label_codes": "sealed" if sealed else "no",
    }
    registry.note("devices exported", "", detail)
    return number


def import_csv(registry: Registry, path: Path, *, on_progress: Progress | None = None) -> Added:
    """Register the devices of a file, all or none; again, it changes nothing.

    Raises BadRow whose `rows` tell (line, what is wrong), BadFile, RegistryError.
    """
    lines = array("Q")

    def devices(rows: Iterable[tuple[int, NewDevice | BadRow]]) -> Iterator[NewDevice | BadRow]:
        for line, device in rows:
            lines.append(line)
            yield device

    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = devices(read_rows(file))
            return registry.add_devices(rows, source=path.name, on_progress=on_progress)
    except OSError as error:
        raise RegistryError(f"cannot read {path}: {error.strerror}") from error
    except BadFile:
        raise
    except BadRow as error:
        raise BadRow(
            f"nothing was imported: {path.name} has lines that are wrong",
            tuple((lines[place - 1], what) for place, what in error.rows),
        ) from None


def line_count(path: Path) -> int:
    """How many lines a file has, for a progress bar. Raises RegistryError."""
    try:
        with path.open("rb") as file:
            return sum(chunk.count(b"\n") for chunk in iter(lambda: file.read(_CHUNK), b""))
    except OSError as error:
        raise RegistryError(f"cannot read {path}: {error.strerror}") from error


@contextlib.contextmanager
def _draft(path: Path) -> Iterator[TextIO]:
    """A text file that takes its name when it is whole."""
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, PRIVATE)
        try:
            with os.fdopen(descriptor, "w", encoding="utf-8", newline="") as file:
                yield file
                file.flush()
                os.fsync(file.fileno())
            draft.replace(path)
        finally:
            draft.unlink(missing_ok=True)
    except OSError as error:
        raise RegistryError(f"cannot write {path}: {error.strerror}") from error
