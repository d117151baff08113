"""The boards that orders are made for, as a person names them."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from host_client.errors import BadOrder
from host_client.known_boards import KnownBoards
from host_client.order import Target
from host_client.settings_file import read_capped

_MAX_LIST = 512 << 20  # octets: a million devices as the registry exports them
_KEY_NAMES = ("device_key", "public_key")  # of a board's report; of a device in the registry
_LISTS = ("boards", "devices")  # in the results of `factory init` and of `registry list`
_FORMULA = ("'=", "'+", "'-", "'@")  # a cell that the export has made harmless


def read_targets(given: list[str], file: Path | None) -> list[Target]:
    """The boards to make orders for. Raises BadOrder."""
    known = KnownBoards()
    targets: dict[str, Target] = {}
    for text in given:
        device_id, _, digits = text.partition("=")
        key = _key(digits) if digits else known.get(device_id)
        if key is None:
            raise BadOrder(f"board {device_id} was not met before: give its key, {device_id}=KEY")
        targets[device_id] = Target(device_id, key)
    for target in _listed(file) if file else []:
        targets[target.device_id] = target
    if not targets:
        raise BadOrder("for which boards? give --board or --boards")
    return list(targets.values())


def _listed(file: Path) -> list[Target]:
    """The boards in a file: what a command printed with --json, lines of JSON, or CSV."""
    try:
        text = read_capped(file, _MAX_LIST).decode("utf-8-sig")
    except UnicodeDecodeError:
        raise BadOrder(f"{file} is not UTF-8 text") from None
    entries = _json_entries(file, text) if text.lstrip()[:1] == "{" else _csv_entries(file, text)
    targets = []
    for place, entry in entries:
        try:
            targets.append(_target(entry))
        except BadOrder as error:
            raise BadOrder(f"{file}, {place}: {error}") from None
    return targets


def _json_entries(file: Path, text: str) -> Iterable[tuple[str, Mapping[str, Any]]]:
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip():
            continue
        try:
            entry = json.loads(line)
        except (ValueError, RecursionError):
            raise BadOrder(f"{file}, line {number}: not JSON") from None
        if not isinstance(entry, dict):
            raise BadOrder(f"{file}, line {number}: not the line of a board")
        result = entry.get("result")
        if "schema" not in entry or not isinstance(result, dict):
            yield f"line {number}", entry
            continue
        listed = next((result[name] for name in _LISTS if name in result), None)
        if not isinstance(listed, list) or not all(isinstance(one, dict) for one in listed):
            raise BadOrder(f"{file}, line {number}: this command's result lists no boards")
        # A board that failed on the line may have no key yet: there is no order for it.
        found = (one for one in listed if one.get("outcome") != "failed")
        yield from ((f"board {index}", one) for index, one in enumerate(found, 1))


def _csv_entries(file: Path, text: str) -> Iterable[tuple[str, Mapping[str, Any]]]:
    rows = csv.DictReader(io.StringIO(text, newline=""))
    try:
        named = rows.fieldnames or ()
        if "device_id" not in named or not any(name in named for name in _KEY_NAMES):
            raise BadOrder(
                f"{file} lists no boards: it is neither JSON nor CSV with the headings device_id "
                "and device_key or public_key"
            )
        for row in rows:
            if row.get("outcome") != "failed":
                yield f"line {rows.line_num}", row
    except csv.Error as error:
        raise BadOrder(f"{file}, line {rows.line_num}: {error}") from None


def _target(entry: Mapping[str, Any]) -> Target:
    device_id = entry.get("device_id")
    digits = next((entry[name] for name in _KEY_NAMES if entry.get(name)), None)
    if not isinstance(device_id, str) or not isinstance(digits, str):
        raise BadOrder("there is no device_id and device_key")
    return Target(device_id[1:] if device_id.startswith(_FORMULA) else device_id, _key(digits))


def _key(digits: str) -> bytes:
    try:
        return bytes.fromhex(digits)
    except ValueError as error:
        raise BadOrder("a device key is 64 hexadecimal digits") from error
