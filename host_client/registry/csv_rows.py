"""Devices as rows of a CSV file (RFC 4180): one a line, every cell in quotes.

No cell begins with what a spreadsheet takes for a formula: such text, and text that begins
with an apostrophe, gets an apostrophe before it, which is taken off again when it is read.
"""

from __future__ import annotations

import csv
import datetime
from collections.abc import Iterable, Iterator
from typing import TextIO

from host_client.fingerprint import PREFIX
from host_client.registry.devices import Device, NewDevice, SealedFor
from host_client.registry.errors import BadFile, BadRow
from transports.names import POLICY_NAMES, PROFILE_NAMES

COLUMNS = (
    "serial", "device_id", "public_key", "fingerprint", "model", "group", "batch", "certificate",
    "policy", "profile", "made_at",
)  # fmt: skip
SEALED_COLUMNS = ("operator", "sealed_label_code")
REQUIRED = ("device_id", "public_key")
MAX_LINE = 16384  # characters
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "'")
_UTC = datetime.timezone.utc


def guarded(text: str) -> str:
    """A cell that no spreadsheet computes."""
    return f"'{text}" if text.startswith(_FORMULA) else text


def unguarded(cell: str) -> str:
    return cell[1:] if cell.startswith("'") else cell


def row_of(device: Device) -> list[str]:
    """A device's cells, in the order of COLUMNS."""
    cells = (
        device.serial, device.device_id, device.public_key.hex(), device.fingerprint,
        device.model, device.group, device.batch, (device.certificate or b"").hex(),
        device.policy_name, device.profile_name, time_text(device.made_ms),
    )  # fmt: skip
    return [guarded(cell) for cell in cells]


def time_text(time_ms: int) -> str:
    """Unix milliseconds as ISO 8601, UTC."""
    seconds, rest = divmod(time_ms, 1000)
    moment = datetime.datetime.fromtimestamp(seconds, _UTC)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{rest:03}Z"


def read_rows(file: TextIO) -> Iterator[tuple[int, NewDevice | BadRow]]:
    """(line, device or what is wrong with it) of a CSV file with a line of headings.

    Raises BadFile where the headings do not fit, or the file is no text in lines.
    """
    lines = _lines(file)
    first = next(lines, "")
    delimiter = ";" if ";" in first and "," not in first else ","
    headings = _headings(_cells(first, delimiter))
    reader = csv.reader(lines, delimiter=delimiter, strict=True)
    while True:
        line = reader.line_num + 2
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            raise BadFile(f"line {line} is not CSV: {error}") from None
        if any(cells):
            yield line, _read(headings, cells)


def _lines(file: TextIO) -> Iterator[str]:
    number = 0
    while True:
        try:
            line = file.readline(MAX_LINE)
        except UnicodeDecodeError:
            raise BadFile(f"the file is not UTF-8 text near line {number + 1}") from None
        if not line:
            return
        number += 1
        if len(line) == MAX_LINE:
            raise BadFile(f"line {number} is longer than {MAX_LINE} characters")
        yield line


def _cells(line: str, delimiter: str) -> list[str]:
    try:
        return next(csv.reader([line], delimiter=delimiter, strict=True), [])
    except csv.Error as error:
        raise BadFile(f"line 1 is not CSV: {error}") from None


def _headings(cells: list[str]) -> list[str]:
    names = [cell.strip().lower() for cell in cells]
    lacking = [name for name in REQUIRED if name not in names]
    unknown = [name for name in names if name not in COLUMNS + SEALED_COLUMNS]
    if lacking or unknown or len(set(names)) != len(names):
        raise BadFile(
            f"the first line holds the headings, {', '.join(REQUIRED)} at least, each once, and "
            f"no others than {', '.join(COLUMNS + SEALED_COLUMNS)}"
        )
    return names


def _read(headings: list[str], cells: list[str]) -> NewDevice | BadRow:
    if len(cells) != len(headings):
        return BadRow(f"it has {len(cells)} cells, the headings {len(headings)}")
    row = {name: unguarded(cell) for name, cell in zip(headings, cells, strict=True)}
    try:
        device = NewDevice(
            row["device_id"],
            _octets("public_key", row["public_key"]),
            serial=row.get("serial") or None,
            model=row.get("model", ""),
            group=row.get("group", ""),
            batch=row.get("batch", ""),
            certificate=_octets("certificate", row.get("certificate", "")) or None,
            policy=_choice("policy", row.get("policy", ""), POLICY_NAMES),
            profile=_choice("profile", row.get("profile", ""), PROFILE_NAMES),
            made_ms=_time(row.get("made_at", "")),
            sealed_code=_sealed(row.get("operator", ""), row.get("sealed_label_code", "")),
        )
        if row.get("fingerprint", "") not in ("", PREFIX + device.digest.hex()):
            raise BadRow("its fingerprint is not that of its public key")
    except BadRow as error:
        return error
    return device


def _octets(name: str, text: str) -> bytes:
    try:
        return bytes.fromhex(text)
    except ValueError:
        raise BadRow(f"its {name} is not hexadecimal") from None


def _choice(name: str, text: str, names: Iterable[str]) -> int:
    known = tuple(names)
    if text and text not in known:
        raise BadRow(f"its {name} is not one of {', '.join(known)}")
    return known.index(text) if text else 0


def _time(text: str) -> int | None:
    if not text:
        return None
    try:
        moment = datetime.datetime.fromisoformat(text.replace("Z", "+00:00"))
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        raise BadRow("its made_at is not ISO 8601 with a time zone (2026-01-31T12:00:00Z)")
    passed = moment - datetime.datetime(1970, 1, 1, tzinfo=_UTC)
    return passed // datetime.timedelta(milliseconds=1)


def _sealed(operator: str, sealed: str) -> SealedFor | None:
    if not operator and not sealed:
        return None
    digest = _octets("operator", operator.removeprefix(PREFIX))
    if len(digest) != 32 or not sealed:
        raise BadRow("a sealed label code needs its operator's fingerprint, and the other way")
    return SealedFor(digest, _octets("sealed_label_code", sealed))
