"""host_client/bundle.py: orders travel, secrets stay, receipts come back."""

from __future__ import annotations

import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from host_client import bundle, cbor
from host_client.authority import Authority
from host_client.errors import BadOrder
from host_client.order import SealedOrder, Target, seal_order
from host_client.pending import PendingSecrets
from host_client.settings import Settings
from tests.host.board_in_memory import MemoryBoard


@pytest.fixture
def orders(board: MemoryBoard, authority: Authority, settings: Settings) -> list[SealedOrder]:
    key = board.identity.public_key
    return [seal_order(settings, Target(f"lk-{i}", key), authority) for i in range(3)]


def test_orders_travel_without_their_secrets(tmp_path: Path, orders: list[SealedOrder]) -> None:
    path = tmp_path / "orders.cbor"
    bundle.write_orders(path, orders)
    read = bundle.read_orders(path)
    assert [order.data for order in read] == [order.data for order in orders]
    assert [order.networks for order in read] == [1, 1, 1]
    assert [order.sequence for order in read] == [order.sequence for order in orders]
    content = path.read_bytes()
    for order in orders:
        assert order.secret is not None
        assert order.secret.receipt_key not in content
        assert order.secret.digest not in content


def test_secrets_are_for_their_owner_only(tmp_path: Path, orders: list[SealedOrder]) -> None:
    path = tmp_path / "secrets.cbor"
    path.write_bytes(b"old")
    path.chmod(0o644)
    bundle.write_secrets(path, [order.secret for order in orders if order.secret])
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert bundle.read_secrets(path) == {order.order_id: order.secret for order in orders}


def test_receipts_gather(tmp_path: Path) -> None:
    path = tmp_path / "receipts.cbor"
    for number, data in ((1, b"a"), (2, b"b"), (1, b"c")):
        bundle.add_receipt(path, bundle.CarriedReceipt(bytes((number,)) * 16, "lk", data))
    assert sorted(receipt.data for receipt in bundle.read_receipts(path)) == [b"b", b"c"]


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"garbage",
        cbor.encode([]),
        cbor.encode({"format": bundle.SECRETS, "entries": []}),
        cbor.encode({"format": bundle.ORDERS, "entries": [1]}),
        cbor.encode({"format": bundle.ORDERS, "entries": [], "more": 1}),
        cbor.encode({"format": bundle.ORDERS, "entries": [{"order_id": b"short"}]}),
        cbor.encode(
            {
                "format": bundle.ORDERS,
                "entries": [{"order_id": bytes(16), "device_id": "x" * 33, "order": b"x"}],
            }
        ),
        cbor.encode(
            {
                "format": bundle.ORDERS,
                "entries": [{"order_id": bytes(16), "device_id": "x", "order": bytes(8192)}],
            }
        ),
    ],
)
def test_refuses_a_file_that_is_none(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "orders.cbor"
    path.write_bytes(content)
    with pytest.raises(BadOrder):
        bundle.read_orders(path)


def test_every_truncation_is_refused(tmp_path: Path, orders: list[SealedOrder]) -> None:
    path = tmp_path / "orders.cbor"
    bundle.write_orders(path, orders[:1])
    whole = path.read_bytes()
    for length in range(len(whole)):
        path.write_bytes(whole[:length])
        with pytest.raises(BadOrder):
            bundle.read_orders(path)


def test_pending_secrets_are_kept_and_dropped(home: Path, orders: list[SealedOrder]) -> None:
    pending, order = PendingSecrets(), orders[0]
    assert pending.find(order.order_id) is None
    assert order.secret is not None
    pending.keep(order.secret)
    assert PendingSecrets().find(order.order_id) == order.secret
    (file,) = (home / "pending").iterdir()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    pending.drop(order.order_id)
    pending.drop(order.order_id)
    assert pending.find(order.order_id) is None


def test_receipts_added_at_once_are_all_there(tmp_path: Path) -> None:
    """Several `order deliver` write to one file: none may forget what another has added."""
    path = tmp_path / "receipts.cbor"
    ids = [bytes([number]) * 16 for number in range(24)]

    def add(order_id: bytes) -> None:
        bundle.add_receipt(path, bundle.CarriedReceipt(order_id, "lk-test", b"receipt"))

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(add, ids))
    assert sorted(receipt.order_id for receipt in bundle.read_receipts(path)) == ids
