"""Orders given and receipts got: kept for their boards, proven where the secret is."""

from __future__ import annotations

import hmac
import secrets

import pytest

from host_client import cbor
from host_client.errors import BadReceipt
from host_client.order import MAX_ORDER, SealedOrder
from host_client.receipt import ReceiptSecret
from host_client.registry import Operator, Registry
from host_client.registry.errors import BadRow, NotRegistered, RegistryConflict
from host_client.registry.ledger import MAX_RECEIPTS, open_secret
from tests.host.registry.conftest import new_device
from transports import contract as c

DEVICE = "kettle-0001"


@pytest.fixture
def stocked(registry: Registry) -> Registry:
    registry.add_device(new_device(1, serial="SN-1"))
    registry.add_device(new_device(2))
    return registry


def order_for(device_id: str = DEVICE, *, secret: bool = True) -> SealedOrder:
    """Something sealed, with what would check its receipt."""
    order_id = secrets.token_bytes(16)
    checks = ReceiptSecret(order_id, device_id, secrets.token_bytes(32), secrets.token_bytes(32))
    data = secrets.token_bytes(300)
    return SealedOrder(order_id, device_id, data, checks if secret else None, 2)


def receipt_of(order: SealedOrder, result: int = c.OK, *, key: bytes | None = None) -> bytes:
    """As the board writes it (latchkey.cddl), or under another key."""
    assert order.secret is not None
    claims = {1: order.order_id, 2: order.device_id, 3: result, 4: order.secret.digest,
              5: "192.168.1.7"}  # fmt: skip
    payload, protected = cbor.encode(claims), cbor.encode({1: c.ALG_HMAC_256})
    to_mac = cbor.encode(["MAC0", protected, c.RECEIPT_CONTEXT, payload])
    tag = hmac.digest(key or order.secret.receipt_key, to_mac, "sha256")
    return b"\xd1" + cbor.encode([protected, {}, payload, tag])


def state_of(registry: Registry, order: SealedOrder) -> str:
    return next(o.state for o in registry.orders() if o.order_id == order.order_id)


def test_a_board_gets_its_orders_by_their_sequence(stocked: Registry) -> None:
    second, first, other = order_for(), order_for(), order_for("kettle-0002")
    assert stocked.pending_order(DEVICE) is None
    assert stocked.record_order(second, sequence=8)
    assert stocked.record_order(first, sequence=7)
    assert stocked.record_order(other, sequence=1)
    assert not stocked.record_order(first, sequence=7)
    assert stocked.pending_order(DEVICE) == first.data
    stocked.record_receipt(receipt_of(first), first.secret)
    assert stocked.pending_order(DEVICE) == second.data
    stocked.withdraw_order(second.order_id)
    assert stocked.pending_order(DEVICE) is None
    assert stocked.pending_order("kettle-0002") == other.data
    given = stocked.orders(device_id=DEVICE)
    assert [(o.sequence, o.state) for o in given] == [(7, "done"), (8, "withdrawn")]
    assert {o.serial for o in given} == {"SN-1"}
    assert [o.state for o in stocked.orders(state="pending")] == ["pending"]


def test_an_order_that_has_expired_is_not_handed_out(stocked: Registry) -> None:
    late, good = order_for(), order_for()
    stocked.record_order(late, sequence=1, expires_s=1_700_000_000)
    assert stocked.pending_order(DEVICE) is None
    stocked.record_order(good, sequence=2, expires_s=4_000_000_000)
    assert stocked.pending_order(DEVICE) == good.data


@pytest.mark.parametrize("device_id", ["", "nobody", "\x00", "\ud800", "x" * 5000, "' OR 1=1 --"])
def test_a_stranger_gets_nothing(stocked: Registry, device_id: str) -> None:
    stocked.record_order(order_for())
    assert stocked.pending_order(device_id) is None
    assert stocked.device(device_id=device_id) is None
    assert stocked.find(device_id) is None
    assert stocked.search(device_id) == []


def test_the_secret_of_a_receipt_is_kept_sealed(stocked: Registry, operator: Operator) -> None:
    order, bare = order_for(), order_for(secret=False)
    stocked.record_order(order)
    stocked.record_order(bare)
    without, kept = stocked.orders()
    assert open_secret(kept, operator) == order.secret
    assert open_secret(without, operator) is None
    assert order.secret is not None
    assert kept.sealed_secret is not None
    assert order.secret.receipt_key not in kept.sealed_secret


@pytest.mark.parametrize(("result", "state"), [(c.OK, "done"), (c.OK + 1, "failed")])
def test_receipts_are_checked_later_by_the_operator(
    stocked: Registry, operator: Operator, result: int, state: str
) -> None:
    order = order_for()
    stocked.record_order(order)
    assert not stocked.record_receipt(receipt_of(order, result)).verified
    assert state_of(stocked, order) == "answered"
    assert stocked.pending_order(DEVICE) is None
    assert stocked.check_receipts(Operator.generate("another")) == []
    assert [o.state for o in stocked.check_receipts(operator)] == [state]
    (kept,) = stocked.receipts(device_id=DEVICE)
    assert (kept.checked, kept.result, kept.address) == ("true", result, "192.168.1.7")
    assert stocked.check_receipts(operator) == []
    assert list(stocked.audit())[-1].action == "receipts checked"


def test_a_false_receipt_makes_an_order_pending_again(
    stocked: Registry, operator: Operator
) -> None:
    order = order_for()
    stocked.record_order(order)
    stocked.record_receipt(receipt_of(order, key=bytes(32)))
    assert state_of(stocked, order) == "answered"
    stocked.check_receipts(operator)
    assert stocked.receipts()[0].checked == "false"
    assert stocked.pending_order(DEVICE) == order.data
    # The true one is taken beside it.
    stocked.record_receipt(receipt_of(order), order.secret)
    assert state_of(stocked, order) == "done"
    # And once an order is done, no unchecked receipt undoes that.
    stocked.record_receipt(receipt_of(order, 99, key=bytes(32)))
    assert state_of(stocked, order) == "done"


def test_a_receipt_that_does_not_hold_is_not_kept(stocked: Registry) -> None:
    order = order_for()
    stocked.record_order(order)
    with pytest.raises(BadReceipt):
        stocked.record_receipt(receipt_of(order, key=bytes(32)), order.secret)
    with pytest.raises(NotRegistered):
        stocked.record_receipt(receipt_of(order_for()))
    with pytest.raises(BadReceipt):
        stocked.record_receipt(b"\xd1\x80")
    assert stocked.receipts() == []
    assert state_of(stocked, order) == "pending"


def test_the_same_receipt_is_kept_once_and_checked_when_it_can_be(stocked: Registry) -> None:
    order = order_for()
    stocked.record_order(order)
    for secret in (None, None, order.secret, order.secret, None):
        stocked.record_receipt(receipt_of(order), secret)
    (kept,) = stocked.receipts()
    assert kept.checked == "true"
    assert [e.action for e in stocked.audit()].count("receipt got") == 2


def test_nobody_fills_the_disk_with_receipts(stocked: Registry) -> None:
    order = order_for()
    stocked.record_order(order)
    for number in range(MAX_RECEIPTS):
        stocked.record_receipt(receipt_of(order, key=bytes([number]) * 32))
    with pytest.raises(RegistryConflict, match="too many"):
        stocked.record_receipt(receipt_of(order, key=bytes([99]) * 32))
    assert stocked.record_receipt(receipt_of(order), order.secret).verified
    assert state_of(stocked, order) == "done"


def test_refuses_orders_that_do_not_fit(stocked: Registry) -> None:
    order = order_for()
    stocked.record_order(order)
    twin = SealedOrder(order.order_id, DEVICE, b"other octets", None, 1)
    with pytest.raises(RegistryConflict, match="another order"):
        stocked.record_order(twin)
    with pytest.raises(NotRegistered, match="no device nobody"):
        stocked.record_order(order_for("nobody"))
    for data, sequence in ((b"", 1), (bytes(MAX_ORDER + 1), 1), (b"x", -1), (b"x", 1 << 53)):
        fresh = SealedOrder(secrets.token_bytes(16), DEVICE, data, None, 1)
        with pytest.raises(BadRow):
            stocked.record_order(fresh, sequence=sequence)
    with pytest.raises(NotRegistered):
        stocked.withdraw_order(bytes(16))
    stocked.withdraw_order(order.order_id)
    with pytest.raises(NotRegistered, match="not pending"):
        stocked.withdraw_order(order.order_id)
    assert len(stocked.orders()) == 1
