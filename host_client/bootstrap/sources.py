"""Where a bootstrap server's orders come from, and where its receipts go."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from host_client import bundle
from host_client.bootstrap.errors import UnknownOrder
from host_client.bundle import CarriedReceipt
from host_client.errors import BadReceipt
from host_client.order import SealedOrder
from host_client.receipt import Receipt, ReceiptSecret, read_receipt


class OrderSource(Protocol):
    """Both methods may block; they are called in threads, several at once."""

    def order_for(self, device_id: str) -> bytes | None:
        """The sealed order that this board is to get next, or None. The same one until its
        receipt has come. Raises ProvisioningError where the source itself fails."""

    def keep_receipt(self, data: bytes) -> Receipt:
        """Keep a receipt, checked if its order's secret is at hand; the same again changes
        nothing. Raises BadReceipt, UnknownOrder, and as above."""


@dataclass(frozen=True)
class _Stamp:
    """When a file last changed, as far as its file system tells."""

    changed_ns: int
    octets: int


class BundleSource:
    """Files of `latchkey order make`, for people with no registry.

    An order is handed out until a receipt of it is in the file of receipts, whatever the
    receipt says; of several for one board the first in the files comes first. Files of orders
    that change are read anew. The file of receipts is this server's alone.
    """

    def __init__(
        self,
        orders: Sequence[Path],
        receipts: Path,
        secrets: Mapping[bytes, ReceiptSecret] | None = None,
    ) -> None:
        """Raises BadOrder for a file that cannot be read."""
        self._files = list(orders)
        self._receipts = receipts
        self._secrets = dict(secrets or {})
        self._lock = threading.Lock()
        self._stamps: list[_Stamp | None] = []
        self._orders: dict[str, list[SealedOrder]] = {}
        known = bundle.read_receipts(receipts) if receipts.exists() else []
        self._kept = {(one.order_id, one.data) for one in known}
        self._answered = {one.order_id for one in known}
        self._refresh()

    def order_for(self, device_id: str) -> bytes | None:
        with self._lock:
            self._refresh()
            for order in self._orders.get(device_id, ()):
                if order.order_id not in self._answered:
                    return order.data
        return None

    def keep_receipt(self, data: bytes) -> Receipt:
        claimed = read_receipt(data)
        with self._lock:
            self._refresh()
            orders = self._orders.get(claimed.device_id, ())
            if not any(order.order_id == claimed.order_id for order in orders):
                raise UnknownOrder("a receipt of an order that is not kept here")
            receipt = read_receipt(data, self._secrets.get(claimed.order_id))
            if (receipt.order_id, data) in self._kept:
                return receipt
            if receipt.order_id in self._answered and not receipt.verified:
                raise BadReceipt("another receipt of this order has come already")
            carried = CarriedReceipt(receipt.order_id, receipt.device_id, data)
            bundle.add_receipt(self._receipts, carried)
            self._kept.add((receipt.order_id, data))
            self._answered.add(receipt.order_id)
        return receipt

    def _refresh(self) -> None:
        stamps = [_stamp(file) for file in self._files]
        if stamps == self._stamps:
            return
        orders: dict[str, list[SealedOrder]] = {}
        for file in self._files:
            for order in bundle.read_orders(file):
                orders.setdefault(order.device_id, []).append(order)
        self._orders, self._stamps = orders, stamps


def _stamp(file: Path) -> _Stamp | None:
    try:
        status = file.stat()
    except OSError:
        return None  # read_orders says what is wrong with it
    return _Stamp(status.st_mtime_ns, status.st_size)
