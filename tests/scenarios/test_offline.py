"""Orders made beforehand for many boards, carried by somebody with no key, and their receipts."""

from __future__ import annotations

from pathlib import Path

import pytest

from host_client import bundle
from host_client.bundle import CarriedReceipt
from host_client.errors import BadOrder, BadReceipt, Refused
from host_client.order import SealedOrder
from host_client.receipt import read_receipt
from tests.scenarios.conftest import NewRig
from tests.scenarios.rig import SSID, Rig, settings
from transports import contract as c


async def boards_of(new_rig: NewRig, count: int = 3) -> list[Rig]:
    rigs = [await new_rig() for _ in range(count)]
    for rig in rigs:
        await rig.open_window()
    return rigs


async def deliver(rig: Rig, orders: list[SealedOrder]) -> CarriedReceipt:
    """What somebody with the file and no key does, at one board."""
    async with rig.client(authority=None) as client:
        device_id = (await client.info()).device_id
        order = next(order for order in orders if order.device_id == device_id)
        assert order.secret is None
        receipt = (await client.provision(order)).receipt
    assert not receipt.verified  # the secret stayed at home
    return CarriedReceipt(receipt.order_id, receipt.device_id, receipt.data)


async def test_three_boards_and_a_courier_with_no_key(new_rig: NewRig, tmp_path: Path) -> None:
    rigs = await boards_of(new_rig)
    made = [rig.offline(settings(app=b"common"), sequence=5) for rig in rigs]
    bundle.write_orders(tmp_path / "orders", made)
    bundle.write_secrets(tmp_path / "secrets", [order.secret for order in made if order.secret])

    carried = bundle.read_orders(tmp_path / "orders")
    for rig in rigs:
        bundle.add_receipt(tmp_path / "receipts", await deliver(rig, carried))
        assert rig.joined() == SSID

    secrets = bundle.read_secrets(tmp_path / "secrets")
    brought = bundle.read_receipts(tmp_path / "receipts")
    assert len(brought) == 3
    for one in brought:
        receipt = read_receipt(one.data, secrets[one.order_id])
        assert receipt.verified
        assert receipt.result == c.OK
    others = {one.order_id: secrets[made[0].order_id] for one in brought[1:]}
    for one in brought[1:]:
        with pytest.raises(BadReceipt):
            read_receipt(one.data, others[one.order_id])


async def test_an_order_delivered_again_and_its_receipt_fetched_again(
    rig: Rig, tmp_path: Path
) -> None:
    made = rig.offline(sequence=5)
    bundle.write_orders(tmp_path / "orders", [made])
    orders = bundle.read_orders(tmp_path / "orders")
    first = await deliver(rig, orders)
    await rig.board.wait_log("on the network")
    before = await rig.saved()
    await rig.open_window()
    async with rig.client(authority=None) as client:
        with pytest.raises(Refused) as refused:
            await client.provision(orders[0])
        assert refused.value.status == c.REPLAYED
        again = await client.receipt(orders[0].order_id)
        assert again.data == first.data
        with pytest.raises(Refused) as none:
            await client.receipt(bytes(16))
        assert none.value.status == c.NO_RECEIPT
    assert read_receipt(again.data, made.secret).verified
    after = await rig.saved()
    assert (after.settings, after.order_id, after.sequence) == (
        before.settings, before.order_id, before.sequence,
    )  # fmt: skip


async def test_a_courier_who_comes_to_the_wrong_board_spends_nothing(new_rig: NewRig) -> None:
    right, wrong = await boards_of(new_rig, 2)
    order = right.offline()
    async with wrong.client(authority=None) as client:
        with pytest.raises(BadOrder):
            await client.provision(order)
        assert (await client.info()).attempts == 10
        with pytest.raises(Refused) as refused:  # and one who insists learns nothing
            await client.submit(order)
        assert refused.value.status == c.NOT_AUTHENTIC
    assert (await wrong.saved()).order_id is None


async def test_an_offline_order_whose_network_was_down_is_delivered_again(rig: Rig) -> None:
    """Its sequence is used up when it is kept, not when it is tried."""
    order = rig.offline(sequence=5)
    network = rig.world.air.networks[0]
    with rig.world.without(network):
        await rig.give(order)
        await rig.board.wait_log(f"order tried, status {c.NETWORK_NOT_FOUND}")
    async with rig.client() as client:
        assert (await client.provision(order)).receipt.verified
    assert (await rig.saved()).sequence == 5


async def test_no_bit_of_a_receipt_can_be_flipped(rig: Rig) -> None:
    async with rig.client() as client:
        order = await client.seal(settings())
        data = (await client.provision(order)).receipt.data
    assert read_receipt(data, order.secret).verified
    for bit in range(8 * len(data)):
        changed = bytearray(data)
        changed[bit // 8] ^= 1 << bit % 8
        with pytest.raises(BadReceipt):
            read_receipt(bytes(changed), order.secret)
