"""Finding devices: by serial number, device id and fingerprint, and page by page."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row

from host_client.fingerprint import MIN_DIGITS, PREFIX
from host_client.label import FINGERPRINT_LENGTH
from host_client.registry import schema
from host_client.registry.devices import Device, SealedFor
from host_client.registry.errors import BadRow, NotRegistered, RegistryConflict
from host_client.registry.schema import MAX_TEXT

PAGE = 500  # rows read at a time

_devices = schema.devices
_codes = schema.label_codes
HAS_CODE = (
    sa.exists(_codes.c.device)
    .where(_codes.c.device == _devices.c.id)
    .correlate(_devices)
    .label("has_code")
)
_SELECT = sa.select(_devices, HAS_CODE)
_BY_SERIAL = _SELECT.where(_devices.c.serial == sa.bindparam("value"))
_BY_DEVICE_ID = _SELECT.where(_devices.c.device_id == sa.bindparam("value"))


def by_serial(connection: Connection, serial: str) -> Device | None:
    if not is_name(serial):
        return None
    return _one(connection.execute(_BY_SERIAL, {"value": serial}).first())


def by_device_id(connection: Connection, device_id: str) -> Device | None:
    if not is_name(device_id):
        return None
    return _one(connection.execute(_BY_DEVICE_ID, {"value": device_id}).first())


def by_fingerprint(connection: Connection, text: str) -> Device | None:
    """By `sha256:` and at least 32 digits, or the 26 characters of a label.

    Raises BadRow for another text, RegistryConflict where several fit.
    """
    first, last = fingerprint_range(text)
    fits = _devices.c.fingerprint.between(first, last)
    rows = connection.execute(_SELECT.where(fits).limit(2)).all()
    if len(rows) > 1:
        raise RegistryConflict("several devices have a fingerprint that begins so")
    return _one(rows[0] if rows else None)


def beginning_with(connection: Connection, text: str, limit: int) -> list[Device]:
    """Devices whose serial number or device id begins so, by serial number."""
    fits = _devices.c.serial.startswith(text, autoescape=True) | _devices.c.device_id.startswith(
        text, autoescape=True
    )
    rows = connection.execute(_SELECT.where(fits).order_by(_devices.c.serial).limit(limit))
    return [_device(row) for row in rows]


def is_name(text: str) -> bool:
    """Whether a text can be a serial number or device id; a database need not see another."""
    return text.isprintable() and 0 < len(text) <= MAX_TEXT


def fingerprint_range(text: str) -> tuple[bytes, bytes]:
    """The first and the last digest that begin as a fingerprint does. Raises BadRow."""
    digits = re.sub(r"[\s:.-]", "", text.lower().removeprefix(PREFIX))
    if re.fullmatch(rf"[0-9a-f]{{{MIN_DIGITS},64}}", digits):
        return (bytes.fromhex(digits.ljust(64, "0")), bytes.fromhex(digits.ljust(64, "f")))
    if len(text) == FINGERPRINT_LENGTH:
        try:
            bits = int.from_bytes(base64.b32decode(text.upper() + "A" * 6), "big") >> 30
        except (binascii.Error, ValueError):
            bits = -1
        if bits >= 0:
            rest = 256 - 5 * FINGERPRINT_LENGTH
            low = bits << rest
            return low.to_bytes(32, "big"), (low | ((1 << rest) - 1)).to_bytes(32, "big")
    raise BadRow(
        f"a fingerprint is sha256: and at least {MIN_DIGITS} hexadecimal digits, or the "
        f"{FINGERPRINT_LENGTH} characters of a label"
    )


def page(
    connection: Connection, *, batch: str | None = None, after: int = 0, limit: int = PAGE
) -> list[tuple[int, Device]]:
    """Devices with their row numbers, in the order in which they were added."""
    query = _SELECT.where(_devices.c.id > after).order_by(_devices.c.id).limit(limit)
    if batch is not None:
        query = query.where(_devices.c.batch == batch)
    return [(row.id, _device(row)) for row in connection.execute(query)]


def pages(connection: Connection, batch: str | None = None) -> Iterator[list[tuple[int, Device]]]:
    """All devices, never many of them in memory."""
    after = 0
    while found := page(connection, batch=batch, after=after):
        yield found
        after = found[-1][0]


def sealed_codes(connection: Connection, devices: list[tuple[int, Device]]) -> dict[int, SealedFor]:
    """The sealed label codes of a page, by the devices' row numbers."""
    operators = schema.operators
    query = (
        sa.select(_codes.c.device, operators.c.fingerprint, _codes.c.sealed)
        .join(operators, operators.c.id == _codes.c.operator)
        .where(_codes.c.device.in_([row for row, _ in devices]))
    )
    return {
        row.device: SealedFor(bytes(row.fingerprint), bytes(row.sealed))
        for row in connection.execute(query)
    }


def count(connection: Connection) -> int:
    """How many devices there are."""
    return int(connection.execute(sa.select(sa.func.count()).select_from(_devices)).scalar_one())


def row_id(connection: Connection, device_id: str) -> int:
    """The row of a device. Raises NotRegistered."""
    query = sa.select(_devices.c.id).where(_devices.c.device_id == device_id)
    found = connection.execute(query).scalar()
    if found is None:
        raise NotRegistered(f"no device {device_id} is registered")
    return int(found)


def _one(row: Row[Any] | None) -> Device | None:
    return None if row is None else _device(row)


def _device(row: Row[Any]) -> Device:
    certificate = None if row.certificate is None else bytes(row.certificate)
    return Device(
        row.serial, row.device_id, bytes(row.public_key), row.model, row.device_group, row.batch,
        certificate, row.policy, row.profile, row.made_ms, row.added_ms, bool(row.has_code),
    )  # fmt: skip
