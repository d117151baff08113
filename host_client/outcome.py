"""How an order ended: the receipt decides, for a status is not authenticated."""

from __future__ import annotations

from dataclasses import dataclass

from host_client.board import Status
from host_client.errors import TrialFailed
from host_client.order import SealedOrder
from host_client.receipt import Receipt
from transports import contract as c


@dataclass(frozen=True)
class Outcome:
    """An order that was kept. `receipt.verified` tells whether this host could check it."""

    order_id: bytes
    device_id: str
    status: Status
    receipt: Receipt

    @property
    def address(self) -> str | None:
        """The IPv4 address that the board got: from the receipt before the status."""
        return self.receipt.address or self.status.address


def judge(order: SealedOrder, status: Status, receipt: Receipt) -> Outcome:
    """The outcome of an order that was kept; raises TrialFailed for one that was not.

    A verified receipt overrides a status that says otherwise; an unverified one does not.
    """
    if receipt.result != c.OK:
        raise TrialFailed(
            receipt.result, status.reason, order_id=order.order_id, proven=receipt.verified
        )
    if status.step == c.FAILED and not receipt.verified:
        raise failure(status)
    return Outcome(order.order_id, order.device_id, status, receipt)


def failure(status: Status) -> TrialFailed:
    """The failure that a status tells of, unproven."""
    result = c.INTERNAL if status.result is None else status.result
    return TrialFailed(result, status.reason, order_id=status.order_id)
