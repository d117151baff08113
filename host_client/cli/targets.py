"""The boards that orders are made for, as a person names them."""

from __future__ import annotations

import json
from pathlib import Path

from host_client.errors import BadOrder
from host_client.known_boards import KnownBoards
from host_client.order import Target
from host_client.settings_file import read_capped

_MAX_LIST = 16 << 20


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
    for target in _factory_lines(file) if file else []:
        targets[target.device_id] = target
    if not targets:
        raise BadOrder("for which boards? give --board or --boards")
    return list(targets.values())


def _factory_lines(file: Path) -> list[Target]:
    targets = []
    for number, line in enumerate(read_capped(file, _MAX_LIST).splitlines(), 1):
        if not line.strip():
            continue
        try:
            entry = json.loads(line)
            targets.append(Target(str(entry["device_id"]), _key(str(entry["device_key"]))))
        except (ValueError, KeyError, TypeError) as error:
            raise BadOrder(f"{file}, line {number}: not the line of a board") from error
    return targets


def _key(digits: str) -> bytes:
    try:
        return bytes.fromhex(digits)
    except ValueError as error:
        raise BadOrder("a device key is 64 hexadecimal digits") from error
