"""Orders given and receipts got.

    pending    not answered yet: what a board is to get
    answered   a receipt has come that nobody has checked, the secret being sealed
    done       a checked receipt says that the settings were kept
    failed     a checked receipt says that they were not
    withdrawn  taken back before it was answered

An order's id is sealed within it: whoever answers with it has opened the order, or has asked
the board. A receipt that turns out false puts the order back to pending.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row

from host_client import cbor
from host_client.errors import BadReceipt
from host_client.order import MAX_ORDER, SealedOrder
from host_client.receipt import Receipt, ReceiptSecret, read_receipt
from host_client.registry import lookup, schema
from host_client.registry.errors import BadRow, NotRegistered, RegistryConflict
from host_client.registry.operator import Operator, OperatorKeys
from host_client.registry.proof import receipt_secret_purpose
from transports.contract import MAX_SEQUENCE, OK, ORDER_ID_LENGTH

PENDING, ANSWERED, DONE, FAILED, WITHDRAWN = "pending", "answered", "done", "failed", "withdrawn"
UNCHECKED, TRUE, FALSE = "unchecked", "true", "false"
MAX_RECEIPTS = 8  # kept of one order: more would be somebody filling the disk
MAX_LISTED = 1000

_orders, _receipts, _devices = schema.orders, schema.receipts, schema.devices

_NEXT = (
    sa.select(_orders.c.data)
    .join(_devices, _devices.c.id == _orders.c.device)
    .where(_devices.c.device_id == sa.bindparam("device_id"), _orders.c.state == PENDING)
    .where(_orders.c.expires_s.is_(None) | (_orders.c.expires_s > sa.bindparam("now_s")))
    .order_by(sa.func.coalesce(_orders.c.sequence, -1), _orders.c.id)
    .limit(1)
)


@dataclass(frozen=True)
class GivenOrder:
    """An order as the registry keeps it. `given_ms`: Unix milliseconds; `expires_s`: seconds."""

    order_id: bytes
    device_id: str
    serial: str
    data: bytes = field(repr=False)
    sequence: int | None
    networks: int
    expires_s: int | None
    state: str
    given_ms: int
    sealed_secret: bytes | None = field(default=None, repr=False)


@dataclass(frozen=True)
class GotReceipt:
    """A receipt as the registry keeps it. `checked`: unchecked, true or false."""

    order_id: bytes
    device_id: str
    serial: str
    data: bytes = field(repr=False)
    result: int
    address: str | None
    checked: str
    got_ms: int


def seal_secret(secret: ReceiptSecret, keys: OperatorKeys) -> bytes:
    """An order's receipt secret, for this operator only."""
    plain = cbor.encode([secret.receipt_key, secret.digest])
    return keys.seal(plain, receipt_secret_purpose(secret.device_id, secret.order_id))


def open_secret(order: GivenOrder, operator: Operator) -> ReceiptSecret | None:
    """The receipt secret of an order, if it was kept. Raises BadSeal."""
    if order.sealed_secret is None:
        return None
    purpose = receipt_secret_purpose(order.device_id, order.order_id)
    receipt_key, digest = cbor.decode(operator.open(order.sealed_secret, purpose))
    return ReceiptSecret(order.order_id, order.device_id, receipt_key, digest)


def add_order(
    connection: Connection,
    order: SealedOrder,
    sequence: int | None,
    expires_s: int | None,
    sealed: tuple[int, bytes] | None,
    now_ms: int,
) -> bool:
    """Keep an order; False if it is known. `sealed`: (operator's row, sealed secret).

    Raises NotRegistered, BadRow, RegistryConflict.
    """
    if len(order.order_id) != ORDER_ID_LENGTH or not 1 <= len(order.data) <= MAX_ORDER:
        raise BadRow(f"an order has an id of 16 octets and 1 to {MAX_ORDER} octets")
    if sequence is not None and not 0 <= sequence <= MAX_SEQUENCE:
        raise BadRow("a sequence number is 0 to 2^53 - 1")
    device = lookup.row_id(connection, order.device_id)
    query = sa.select(_orders.c.data).where(_orders.c.order_id == order.order_id)
    known = connection.execute(query).scalar()
    if known is not None:
        if bytes(known) != order.data:
            raise RegistryConflict(f"another order has the id {order.order_id.hex()}")
        return False
    operator, sealed_secret = sealed or (None, None)
    connection.execute(
        _orders.insert().values(
            device=device, order_id=order.order_id, sequence=sequence, data=order.data,
            networks=order.networks, expires_s=expires_s, state=PENDING, operator=operator,
            sealed_secret=sealed_secret, given_ms=now_ms,
        )
    )  # fmt: skip
    return True


def next_order(connection: Connection, device_id: str, now_ms: int) -> bytes | None:
    """The pending order that a board must take first: that of the lowest sequence number."""
    values = {"device_id": device_id, "now_s": now_ms // 1000}
    found = connection.execute(_NEXT, values).scalar()
    return None if found is None else bytes(found)


def list_orders(
    connection: Connection,
    *,
    device_id: str | None = None,
    state: str | None = None,
    order_id: bytes | None = None,
) -> list[GivenOrder]:
    """Orders, newest first, at most MAX_LISTED."""
    query = sa.select(_orders, _devices.c.device_id, _devices.c.serial).join(
        _devices, _devices.c.id == _orders.c.device
    )
    if device_id is not None:
        query = query.where(_devices.c.device_id == device_id)
    if state is not None:
        query = query.where(_orders.c.state == state)
    if order_id is not None:
        query = query.where(_orders.c.order_id == order_id)
    rows = connection.execute(query.order_by(_orders.c.id.desc()).limit(MAX_LISTED))
    return [_order(row) for row in rows]


def find_order(connection: Connection, order_id: bytes) -> GivenOrder:
    """Raises NotRegistered."""
    found = list_orders(connection, order_id=order_id)
    if not found:
        raise NotRegistered(f"no order {order_id.hex()} is registered")
    return found[0]


def set_state(connection: Connection, order_id: bytes, state: str) -> None:
    connection.execute(_orders.update().where(_orders.c.order_id == order_id).values(state=state))


def add_receipt(
    connection: Connection, data: bytes, secret: ReceiptSecret | None, now_ms: int
) -> tuple[Receipt, bool]:
    """Keep a receipt, checked if its order's secret is given; False if it is known as it is.

    Raises BadReceipt, NotRegistered (no such order), RegistryConflict (too many of one order).
    """
    receipt = read_receipt(data, secret)
    order = find_order(connection, receipt.order_id)
    if order.device_id != receipt.device_id:
        raise BadReceipt("the receipt is of another board than its order")
    digest = hashlib.sha256(data).digest()
    row = sa.select(_orders.c.id).where(_orders.c.order_id == receipt.order_id).scalar_subquery()
    known = connection.execute(
        sa.select(_receipts.c.digest, _receipts.c.checked).where(_receipts.c.order == row)
    ).all()
    checked = TRUE if receipt.verified else UNCHECKED
    same = [found.checked for found in known if bytes(found.digest) == digest]
    if same and (same[0] == checked or not receipt.verified):
        return receipt, False
    if not same and len(known) >= MAX_RECEIPTS and not receipt.verified:
        raise RegistryConflict("too many receipts of this order have come already")
    if same:
        this = (_receipts.c.order == row) & (_receipts.c.digest == digest)
        connection.execute(_receipts.update().where(this).values(checked=checked))
    else:
        connection.execute(
            _receipts.insert().values(
                order=row, digest=digest, data=data, result=receipt.result,
                address=receipt.address, checked=checked, got_ms=now_ms,
            )
        )  # fmt: skip
    if receipt.verified:
        set_state(connection, order.order_id, DONE if receipt.result == OK else FAILED)
    elif order.state == PENDING:
        set_state(connection, order.order_id, ANSWERED)
    return receipt, True


def list_receipts(
    connection: Connection, *, device_id: str | None = None, order_id: bytes | None = None
) -> list[GotReceipt]:
    """Receipts, newest first, at most MAX_LISTED."""
    query = (
        sa.select(_receipts, _orders.c.order_id, _devices.c.device_id, _devices.c.serial)
        .join(_orders, _orders.c.id == _receipts.c.order)
        .join(_devices, _devices.c.id == _orders.c.device)
    )
    if device_id is not None:
        query = query.where(_devices.c.device_id == device_id)
    if order_id is not None:
        query = query.where(_orders.c.order_id == order_id)
    rows = connection.execute(query.order_by(_receipts.c.id.desc()).limit(MAX_LISTED))
    return [_receipt(row) for row in rows]


def judge(connection: Connection, order: GivenOrder, secret: ReceiptSecret) -> str:
    """Check all receipts of an answered order; returns the state that it has then."""
    state = PENDING
    for got in list_receipts(connection, order_id=order.order_id):
        try:
            receipt = read_receipt(got.data, secret)
        except BadReceipt:
            verdict = FALSE
        else:
            verdict = TRUE
            state = DONE if receipt.result == OK else FAILED
        digest = hashlib.sha256(got.data).digest()
        this = _receipts.c.digest == digest
        connection.execute(_receipts.update().where(this).values(checked=verdict))
    set_state(connection, order.order_id, state)
    return state


def _order(row: Row[Any]) -> GivenOrder:
    sealed = None if row.sealed_secret is None else bytes(row.sealed_secret)
    return GivenOrder(
        bytes(row.order_id), row.device_id, row.serial, bytes(row.data), row.sequence,
        row.networks, row.expires_s, row.state, row.given_ms, sealed,
    )  # fmt: skip


def _receipt(row: Row[Any]) -> GotReceipt:
    return GotReceipt(
        bytes(row.order_id), row.device_id, row.serial, bytes(row.data), row.result,
        row.address, row.checked, row.got_ms,
    )  # fmt: skip
