"""Where a bootstrap server's orders come from: files of orders, or the registry."""

from __future__ import annotations

import hmac
import os
import secrets
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from host_client import bundle, cbor
from host_client.authority import Authority
from host_client.bootstrap.errors import UnknownOrder
from host_client.bootstrap.registry_source import RegistrySource
from host_client.bootstrap.sources import BundleSource, OrderSource
from host_client.errors import BadOrder, BadReceipt
from host_client.order import SealedOrder, Target, seal_order
from host_client.receipt import ReceiptSecret
from host_client.registry import NewDevice, Operator, Registry
from host_client.settings import Settings
from transports import contract as c

KEY = bytes(range(32))
Make = Callable[..., OrderSource]


def receipt_of(order: SealedOrder, result: int = c.OK, key: bytes | None = None) -> bytes:
    """What a board that opened the order answers; or, with another key, somebody else."""
    assert order.secret is not None
    claims = {
        c.R_ORDER_ID: order.order_id,
        c.R_DEVICE_ID: order.device_id,
        c.R_RESULT: result,
        c.R_DIGEST: order.secret.digest,
    }
    protected, payload = cbor.encode({1: c.ALG_HMAC_256}), cbor.encode(claims)
    to_mac = cbor.encode(["MAC0", protected, c.RECEIPT_CONTEXT, payload])
    tag = hmac.digest(key or order.secret.receipt_key, to_mac, "sha256")
    return b"\xd1" + cbor.encode([protected, {}, payload, tag])


@pytest.fixture
def orders(authority: Authority) -> list[SealedOrder]:
    """Two for one board, one for another."""
    return [
        seal_order(Settings(app=b"x"), Target(device_id, KEY), authority, sequence=number)
        for number, device_id in ((5, "one"), (6, "one"), (7, "two"))
    ]


def secrets_of(orders: list[SealedOrder]) -> dict[bytes, ReceiptSecret]:
    return {order.order_id: order.secret for order in orders if order.secret is not None}


@pytest.fixture(params=["files", "registry"])
def make(
    request: pytest.FixtureRequest, orders: list[SealedOrder], tmp_path: Path
) -> Iterator[Make]:
    """`make(secrets)`: a source of the orders; a second one goes on where the first was."""
    if request.param == "files":
        bundle.write_orders(tmp_path / "orders", orders)
        yield lambda known=None: BundleSource([tmp_path / "orders"], tmp_path / "receipts", known)
        return
    operator = Operator.generate("clerk")
    url = f"sqlite:///{tmp_path / 'registry.db'}"
    with Registry(url, operator=operator.keys, create=True) as registry:
        for number, device_id in enumerate(("one", "two")):
            key = KEY if number == 0 else bytes(reversed(KEY))
            registry.add_device(NewDevice(device_id=device_id, public_key=key, model="x"))
        for order in orders:
            registry.record_order(order, sequence=None)
        yield lambda known=None: RegistrySource(registry, known)


def test_the_next_order_comes_once_the_first_is_answered(
    make: Make, orders: list[SealedOrder]
) -> None:
    source = make(secrets_of(orders))
    assert source.order_for("one") == orders[0].data
    assert source.order_for("one") == orders[0].data
    assert source.keep_receipt(receipt_of(orders[0])).verified
    assert source.keep_receipt(receipt_of(orders[0])).verified  # again
    assert source.order_for("one") == orders[1].data
    assert source.order_for("two") == orders[2].data
    assert source.order_for("three") is None
    assert make().order_for("one") == orders[1].data
    # That it did not work is an answer, too: the board keeps what it had.
    source.keep_receipt(receipt_of(orders[1], c.WRONG_PASSWORD))
    assert source.order_for("one") is None


def test_refuses_receipts_that_are_none(make: Make, orders: list[SealedOrder]) -> None:
    source = make(secrets_of(orders))
    for data in (b"", b"receipt", receipt_of(orders[0], key=bytes(32)), b"\xd1\x80"):
        with pytest.raises(BadReceipt):
            source.keep_receipt(data)
    assert source.order_for("one") == orders[0].data


def test_refuses_receipts_of_orders_that_are_not_here(
    make: Make, orders: list[SealedOrder], authority: Authority
) -> None:
    foreign = seal_order(Settings(app=b"y"), Target("one", KEY), authority)
    with pytest.raises(UnknownOrder):
        make().keep_receipt(receipt_of(foreign))


def test_keeps_receipts_unchecked_where_it_has_no_secret(
    make: Make, orders: list[SealedOrder]
) -> None:
    source = make()
    assert not source.keep_receipt(receipt_of(orders[0])).verified
    assert source.order_for("one") == orders[1].data


def test_files_that_change_are_read_anew(orders: list[SealedOrder], tmp_path: Path) -> None:
    path = tmp_path / "orders"
    bundle.write_orders(path, orders[:1])
    source = BundleSource([path], tmp_path / "receipts")
    assert source.order_for("two") is None
    bundle.write_orders(path, orders)
    assert source.order_for("two") == orders[2].data
    os.unlink(path)
    with pytest.raises(BadOrder):
        source.order_for("two")
    bundle.write_orders(path, orders[:1])
    assert source.order_for("one") == orders[0].data


def test_a_false_receipt_without_secrets_takes_no_true_one_away(
    orders: list[SealedOrder], tmp_path: Path
) -> None:
    """Nobody outside knows an order's id; should it be known all the same, the true receipt is
    kept once its secret is there."""
    path = tmp_path / "orders"
    bundle.write_orders(path, orders)
    false, true = receipt_of(orders[0], key=secrets.token_bytes(32)), receipt_of(orders[0])
    source = BundleSource([path], tmp_path / "receipts")
    source.keep_receipt(false)
    with pytest.raises(BadReceipt):
        source.keep_receipt(true)
    source = BundleSource([path], tmp_path / "receipts", secrets_of(orders))
    assert source.keep_receipt(true).verified
    assert [one.data for one in bundle.read_receipts(tmp_path / "receipts")] == [true]


def test_files_that_are_none_are_named(tmp_path: Path) -> None:
    (tmp_path / "orders").write_bytes(b"no")
    with pytest.raises(BadOrder, match="orders"):
        BundleSource([tmp_path / "orders"], tmp_path / "receipts")
