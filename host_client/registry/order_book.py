"""The part of the registry that keeps orders and receipts."""

from __future__ import annotations

from typing import Any

from sqlalchemy.engine import Connection

from host_client.order import SealedOrder
from host_client.receipt import Receipt, ReceiptSecret
from host_client.registry import ledger, lookup
from host_client.registry.errors import NotRegistered
from host_client.registry.ledger import GivenOrder, GotReceipt
from host_client.registry.opened import OpenRegistry
from host_client.registry.operator import Operator
from host_client.registry.sealing import BadSeal


class OrderBook(OpenRegistry):
    """Orders given, receipts got."""

    def record_order(
        self, order: SealedOrder, *, sequence: int | None = None, expires_s: int | None = None
    ) -> bool:
        """Keep an order for its board, its receipt's secret sealed; False if it is known.

        `sequence`, `expires_s`: as given to `seal_order`. Raises NotRegistered (no such
        device, or no operator to seal to), RegistryConflict, BadRow.
        """
        with self._database.writing() as connection:
            now_ms = self._database.now_ms(connection)
            sealed = None
            if order.secret is not None:
                operator = self._sealed_to(connection)
                sealed = operator.row, ledger.seal_secret(order.secret, operator.keys)
            if not ledger.add_order(connection, order, sequence, expires_s, sealed, now_ms):
                return False
            self._tell_order(connection, "order given", order.order_id, {"sequence": sequence})
        return True

    def pending_order(self, device_id: str) -> bytes | None:
        """The order that a board is to get next, or None; of several the lowest sequence."""
        if not lookup.is_name(device_id):
            return None
        with self._database.reading() as connection:
            now_ms = self._database.now_ms(connection)
            return ledger.next_order(connection, device_id, now_ms)

    def withdraw_order(self, order_id: bytes) -> None:
        """Hand a pending order out no more. Raises NotRegistered."""
        with self._database.writing() as connection:
            if ledger.find_order(connection, order_id).state != ledger.PENDING:
                raise NotRegistered(f"order {order_id.hex()} is not pending")
            ledger.set_state(connection, order_id, ledger.WITHDRAWN)
            self._tell_order(connection, "order withdrawn", order_id, {})

    def record_receipt(self, data: bytes, secret: ReceiptSecret | None = None) -> Receipt:
        """Keep a receipt that a board gave, checked if its order's secret is at hand.

        The same again changes nothing. Raises BadReceipt, NotRegistered (no such order).
        """
        with self._database.writing() as connection:
            now_ms = self._database.now_ms(connection)
            receipt, is_new = ledger.add_receipt(connection, data, secret, now_ms)
            if is_new:
                detail = {"result": receipt.result, "checked": receipt.verified}
                self._tell_order(connection, "receipt got", receipt.order_id, detail)
        return receipt

    def orders(self, *, device_id: str | None = None, state: str | None = None) -> list[GivenOrder]:
        """Orders, newest first, at most 1,000."""
        with self._database.reading() as connection:
            return ledger.list_orders(connection, device_id=device_id, state=state)

    def receipts(self, *, device_id: str | None = None) -> list[GotReceipt]:
        """Receipts, newest first, at most 1,000."""
        with self._database.reading() as connection:
            return ledger.list_receipts(connection, device_id=device_id)

    def check_receipts(self, operator: Operator) -> list[GivenOrder]:
        """Check every answered order's receipts; returns the orders as they are now.

        An order none of whose receipts holds is pending again. Orders whose secret was not
        kept, or is sealed to another operator, are left as they are.
        """
        checked = []
        with self._database.writing() as connection:
            for order in ledger.list_orders(connection, state=ledger.ANSWERED):
                try:
                    secret = ledger.open_secret(order, operator)
                except BadSeal:
                    continue
                if secret is None:
                    continue
                state = ledger.judge(connection, order, secret)
                self._tell_order(connection, "receipts checked", order.order_id, {"state": state})
                checked.append(ledger.find_order(connection, order.order_id))
        return checked

    def _tell_order(
        self, connection: Connection, action: str, order_id: bytes, detail: dict[str, Any]
    ) -> None:
        order = ledger.find_order(connection, order_id)
        about = {"order": order_id.hex(), "device_id": order.device_id, **detail}
        self._trail.add(connection, action, order.serial, about)
