"""Sealing to one operator what was sealed to another: a key is replaced, or somebody leaves."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row

from host_client.registry import schema
from host_client.registry.operator import Operator, OperatorKeys
from host_client.registry.proof import label_code_purpose, receipt_secret_purpose
from host_client.registry.sealing import BadSeal, Purpose

_AT_ONCE = 500
_devices, _codes, _orders = schema.devices, schema.label_codes, schema.orders


@dataclass(frozen=True)
class Resealed:
    """How many secrets are the new operator's now, and how many did not open."""

    label_codes: int
    receipt_secrets: int
    left: int


@dataclass
class Resealing:
    """From one operator (with its row) to another; nothing is ever seen unsealed outside."""

    connection: Connection
    old: Operator
    old_row: int
    new: OperatorKeys
    new_row: int
    left: int = 0

    def run(self) -> Resealed:
        """Reseal everything, within the transaction that is open."""
        codes = sum(self._code(row) for row in self._label_codes())
        secrets = sum(self._secret(row) for row in self._receipt_secrets())
        return Resealed(codes, secrets, self.left)

    def _label_codes(self) -> Iterator[Row[Any]]:
        query = (
            sa.select(_codes.c.device, _codes.c.sealed, _devices.c.device_id, _devices.c.public_key)
            .join(_devices, _devices.c.id == _codes.c.device)
            .where(_codes.c.operator == self.old_row)
            .order_by(_codes.c.device)
        )
        return self._portions(query, _codes.c.device, "device")

    def _code(self, row: Row[Any]) -> bool:
        purpose = label_code_purpose(row.device_id, bytes(row.public_key))
        sealed = self._again(bytes(row.sealed), purpose)
        if sealed is None:
            return False
        this = (_codes.c.device == row.device) & (_codes.c.operator == self.old_row)
        # The new operator may have one of its own: that one stays.
        others = sa.select(_codes.c.device).where(
            _codes.c.device == row.device, _codes.c.operator == self.new_row
        )
        if self.connection.execute(others).first() is not None:
            self.connection.execute(_codes.delete().where(this))
        else:
            values = {"operator": self.new_row, "sealed": sealed}
            self.connection.execute(_codes.update().where(this).values(values))
        return True

    def _receipt_secrets(self) -> Iterator[Row[Any]]:
        query = (
            sa.select(_orders.c.id, _orders.c.order_id, _orders.c.sealed_secret,
                      _devices.c.device_id)
            .join(_devices, _devices.c.id == _orders.c.device)
            .where(_orders.c.operator == self.old_row)
            .order_by(_orders.c.id)
        )  # fmt: skip
        return self._portions(query, _orders.c.id, "id")

    def _secret(self, row: Row[Any]) -> bool:
        purpose = receipt_secret_purpose(row.device_id, bytes(row.order_id))
        sealed = self._again(bytes(row.sealed_secret), purpose)
        if sealed is None:
            return False
        values = {"operator": self.new_row, "sealed_secret": sealed}
        self.connection.execute(_orders.update().where(_orders.c.id == row.id).values(values))
        return True

    def _again(self, sealed: bytes, purpose: Purpose) -> bytes | None:
        """Sealed to the new operator; None where it did not open."""
        try:
            return self.new.seal(self.old.open(sealed, purpose), purpose)
        except BadSeal:
            self.left += 1
            return None

    def _portions(self, query: sa.Select[Any], key: Any, name: str) -> Iterator[Row[Any]]:
        """Rows by their key, never many in memory, though each is changed on the way."""
        after = -1
        while rows := self.connection.execute(query.where(key > after).limit(_AT_ONCE)).all():
            yield from rows
            after = getattr(rows[-1], name)
