"""Orders and receipts of the registry of devices."""

from __future__ import annotations

from collections.abc import Mapping

from host_client.bootstrap.errors import UnknownOrder
from host_client.receipt import Receipt, ReceiptSecret, read_receipt
from host_client.registry import Registry
from host_client.registry.errors import NotRegistered


class RegistrySource:
    """The registry keeps the secrets of receipts sealed to an operator, so most receipts are
    kept unchecked: `latchkey registry` checks them where the operator's key is. Those whose
    secret is given here are checked when they come."""

    def __init__(
        self, registry: Registry, secrets: Mapping[bytes, ReceiptSecret] | None = None
    ) -> None:
        self._registry = registry
        self._secrets = dict(secrets or {})

    def order_for(self, device_id: str) -> bytes | None:
        return self._registry.pending_order(device_id)

    def keep_receipt(self, data: bytes) -> Receipt:
        secret = self._secrets.get(read_receipt(data).order_id)
        try:
            return self._registry.record_receipt(data, secret)
        except NotRegistered as error:
            raise UnknownOrder("a receipt of an order that is not kept here") from error
