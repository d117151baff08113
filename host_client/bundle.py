"""Files for orders that travel without their maker: orders, receipts, and the secrets kept at home.

    orders    carried to the boards by anybody; opens nothing and proves nothing by itself
    receipts  carried back
    secrets   0600, stays with whoever made the orders; checks the receipts

Each is one deterministic CBOR map {"format": text, "entries": [map with text keys]}. Orders may
be text as well, to be pasted: the same octets in base64 between two lines (armor.py).
"""

from __future__ import annotations

import codecs
import contextlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from host_client import cbor
from host_client.armor import armor, unarmor
from host_client.errors import BadOrder
from host_client.order import MAX_ORDER, SealedOrder
from host_client.private_file import alone, write_whole
from host_client.receipt import MAX_RECEIPT, ReceiptSecret
from transports.contract import MAX_SEQUENCE, ORDER_ID_LENGTH

ORDERS, RECEIPTS, SECRETS = "latchkey-orders/1", "latchkey-receipts/1", "latchkey-secrets/1"
ORDERS_TEXT = "LATCHKEY ORDERS"  # what the two lines around orders as text say
MAX_FILE = 64 << 20  # octets

Entry = TypeVar("Entry")


@dataclass(frozen=True)
class CarriedReceipt:
    """A receipt as fetched from a board, and which order it answers."""

    order_id: bytes
    device_id: str
    data: bytes = field(repr=False)


def write_orders(path: Path, orders: Iterable[SealedOrder]) -> None:
    """Write a file of sealed orders (no secrets). Raises BadOrder if it cannot be written."""
    _write(
        path,
        ORDERS,
        (
            {
                "order_id": order.order_id,
                "device_id": order.device_id,
                "order": order.data,
                "networks": order.networks,
                "sequence": order.sequence,
                "expires": order.expires_s,
            }
            for order in orders
        ),
    )


def read_orders(path: Path) -> list[SealedOrder]:
    """Read a file of sealed orders, which may be text. Raises BadOrder."""
    return parse_orders(_octets_of(path), str(path))


def orders_text(path: Path) -> str:
    """A file of sealed orders as text. Raises BadOrder for a file of anything else."""
    data = _octets_of(path)
    parse_orders(data, str(path))
    return armor(ORDERS_TEXT, _binary(data))


def parse_orders(data: bytes, name: str) -> list[SealedOrder]:
    """The orders in what was read from somewhere; `name`: where, for errors. Raises BadOrder."""

    def build(entry: dict[str, Any]) -> SealedOrder:
        data = _octets(entry, "order", maximum=MAX_ORDER)
        networks = entry.get("networks", 0)
        if type(networks) is not int or not 0 <= networks <= 5:
            raise BadOrder("networks is not a small number")
        return SealedOrder(
            _order_id(entry), _text(entry, "device_id"), data, None, networks,
            sequence=_number(entry, "sequence"), expires_s=_number(entry, "expires"),
        )  # fmt: skip

    return _parse(_binary(data), name, ORDERS, build)


def _binary(data: bytes) -> bytes:
    """The octets that text stands for; others as they are, for CBOR begins as no text does, be it
    with a byte order mark."""
    if data[:1] > b"\x7f" and not data.startswith(codecs.BOM_UTF8):
        return data
    return unarmor(ORDERS_TEXT, data.decode("utf-8", "replace")) or data


def write_secrets(path: Path, secrets: Iterable[ReceiptSecret]) -> None:
    """Write receipt secrets, readable by their owner only. Raises BadOrder."""
    _write(
        path,
        SECRETS,
        (
            {
                "order_id": secret.order_id,
                "device_id": secret.device_id,
                "receipt_key": secret.receipt_key,
                "digest": secret.digest,
            }
            for secret in secrets
        ),
    )


def read_secrets(path: Path) -> dict[bytes, ReceiptSecret]:
    """Read receipt secrets, by order id. Raises BadOrder."""

    def build(entry: dict[str, Any]) -> ReceiptSecret:
        return ReceiptSecret(
            _order_id(entry),
            _text(entry, "device_id"),
            _octets(entry, "receipt_key", 32, 32),
            _octets(entry, "digest", 32, 32),
        )

    return {secret.order_id: secret for secret in _read(path, SECRETS, build)}


def write_receipts(path: Path, receipts: Iterable[CarriedReceipt]) -> None:
    """Write receipts as they were fetched. Raises BadOrder."""
    _write(
        path,
        RECEIPTS,
        (
            {
                "order_id": receipt.order_id,
                "device_id": receipt.device_id,
                "receipt": receipt.data,
            }
            for receipt in receipts
        ),
    )


def read_receipts(path: Path) -> list[CarriedReceipt]:
    """Read receipts, unchecked. Raises BadOrder."""

    def build(entry: dict[str, Any]) -> CarriedReceipt:
        data = _octets(entry, "receipt", maximum=MAX_RECEIPT)
        return CarriedReceipt(_order_id(entry), _text(entry, "device_id"), data)

    return _read(path, RECEIPTS, build)


def add_receipt(path: Path, receipt: CarriedReceipt) -> None:
    """Add one receipt to a file, which need not be there; replaces one of the same order.

    Between reading and writing no other process adds to it. Raises BadOrder.
    """
    with contextlib.ExitStack() as stack:
        try:
            stack.enter_context(alone(path))
        except OSError as error:
            raise BadOrder(f"cannot write {path}: {error.strerror}") from error
        known = read_receipts(path) if path.exists() else []
        others = [other for other in known if other.order_id != receipt.order_id]
        write_receipts(path, [*others, receipt])


def _write(path: Path, kind: str, entries: Iterable[dict[str, Any]]) -> None:
    try:
        write_whole(path, cbor.encode({"format": kind, "entries": list(entries)}))
    except OSError as error:
        raise BadOrder(f"cannot write {path}: {error.strerror}") from error


def _read(path: Path, kind: str, build: Callable[[dict[str, Any]], Entry]) -> list[Entry]:
    return _parse(_octets_of(path), str(path), kind, build)


def _octets_of(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(MAX_FILE + 1)
    except OSError as error:
        raise BadOrder(f"cannot read {path}: {error.strerror}") from error


def _parse(
    data: bytes, name: str, kind: str, build: Callable[[dict[str, Any]], Entry]
) -> list[Entry]:
    if len(data) > MAX_FILE:
        raise BadOrder(f"{name} is longer than {MAX_FILE} octets")
    try:
        content = cbor.decode(data)
    except cbor.CborError as error:
        raise BadOrder(f"{name} is not a file of Latchkey's") from error
    match content:
        case {"format": str(found), "entries": list(entries), **rest} if not rest:
            if found != kind:
                raise BadOrder(f"{name} is a {found} file, not {kind}")
            try:
                return [build(entry) for entry in entries if _is_entry(entry)]
            except BadOrder as error:
                raise BadOrder(f"{name} is damaged: {error}") from error
    raise BadOrder(f"{name} is not a file of Latchkey's")


def _is_entry(entry: Any) -> bool:
    if not isinstance(entry, dict):
        raise BadOrder("an entry is not a map")
    return True


def _order_id(entry: dict[str, Any]) -> bytes:
    return _octets(entry, "order_id", ORDER_ID_LENGTH, ORDER_ID_LENGTH)


def _octets(entry: dict[str, Any], name: str, minimum: int = 1, maximum: int = 64) -> bytes:
    value = entry.get(name)
    if not isinstance(value, bytes) or not minimum <= len(value) <= maximum:
        raise BadOrder(f"{name} is missing or has the wrong length")
    return value


def _number(entry: dict[str, Any], name: str) -> int | None:
    """A number that is not in files of older versions."""
    value = entry.get(name)
    if value is not None and (type(value) is not int or not 0 <= value <= MAX_SEQUENCE):
        raise BadOrder(f"{name} is no number that an order may have")
    return value


def _text(entry: dict[str, Any], name: str) -> str:
    value = entry.get(name)
    if not isinstance(value, str) or not value or len(value.encode()) > 32:
        raise BadOrder(f"{name} is missing or too long")
    return value
