"""host_client/client.py: what a client can do with a board.

The links here are `MemoryLink`, a fake at the Link seam only: the board behind it opens,
verifies, tries and answers with the product's own code.
"""

from __future__ import annotations

import asyncio

import pytest

from host_client.authority import Authority
from host_client.client import connect
from host_client.errors import (
    AuthorityError,
    BadOrder,
    Refused,
    TrialFailed,
)
from host_client.known_boards import KnownBoards
from host_client.order import SealedOrder, Target, seal_order
from host_client.settings import Settings, parse_settings
from tests.device.bench_board import GOOD
from tests.host.board_in_memory import MemoryBoard, MemoryLink, rest_endpoint
from tests.host.conftest import PASSWORD, client_of
from tests.host.radio_in_memory import Peripheral, radio
from transports import contract as c


def kept(board: MemoryBoard) -> bool:
    networks = board.record.settings.get("networks", [])
    return [network[:2] for network in networks] == [[GOOD, PASSWORD.encode()]]


async def test_provisions_over_every_link(authority: Authority, settings: Settings) -> None:
    for kind in ("memory", "http", "ble"):
        board = MemoryBoard(authority)
        board.press()
        known = KnownBoards(in_memory=True)
        seen = []
        if kind == "http":
            async with (
                rest_endpoint(board) as url,
                connect(url, authority=authority, known_boards=known) as client,
            ):
                outcome = await client.provision(settings, on_status=seen.append)
        elif kind == "ble":
            peripheral = Peripheral(board, "Latchkey-TEST")
            async with connect(
                "ble://Latchkey-TEST",
                authority=authority,
                known_boards=known,
                backend=radio(peripheral),
            ) as client:
                outcome = await client.provision(settings, on_status=seen.append)
        else:
            async with client_of(MemoryLink(board), authority) as client:
                outcome = await client.provision(settings, on_status=seen.append)
        assert kept(board)
        assert outcome.receipt.verified
        assert outcome.address == "192.0.2.7"
        assert outcome.device_id == "lk-test"
        assert seen[-1].step == c.DONE


@pytest.mark.parametrize(
    ("ssid", "status"), [("wrong-key", c.WRONG_PASSWORD), ("nowhere", c.NETWORK_NOT_FOUND)]
)
async def test_settings_that_fail_raise_trial_failed_with_proof(
    board: MemoryBoard, authority: Authority, ssid: str, status: int
) -> None:
    settings = parse_settings({"network": [{"ssid": ssid, "password": PASSWORD}]})
    async with client_of(MemoryLink(board), authority) as client:
        with pytest.raises(TrialFailed) as failed:
            await client.provision(settings)
        assert failed.value.status == status
        assert failed.value.proven
        assert failed.value.remedy
        assert board.record.settings == {}
        good = parse_settings({"network": [{"ssid": "home", "password": PASSWORD}]})
        assert (await client.provision(good)).receipt.verified


async def test_refusals_are_typed(
    board: MemoryBoard, authority: Authority, stranger: Authority, settings: Settings
) -> None:
    async with client_of(MemoryLink(board), stranger) as client:
        with pytest.raises(Refused) as refused:
            await client.provision(settings)
    assert refused.value.status == c.NOT_AUTHENTIC
    assert refused.value.name == "not_authentic"
    async with client_of(MemoryLink(board), authority) as client:
        with pytest.raises(Refused) as refused:
            await client.receipt()
        assert refused.value.status == c.NO_RECEIPT


async def test_a_shut_window_is_told_before_anything_is_signed(
    board: MemoryBoard, authority: Authority, settings: Settings
) -> None:
    board.window.shut()
    link = MemoryLink(board)
    async with client_of(link, authority) as client:
        with pytest.raises(Refused) as refused:
            await client.provision(settings)
    assert refused.value.status == c.WINDOW_SHUT
    assert c.PROVISION not in [operation for operation, _ in link.requests]


async def test_without_an_authority_nothing_is_sent(board: MemoryBoard, settings: Settings) -> None:
    link = MemoryLink(board)
    async with client_of(link, None) as client:
        with pytest.raises(AuthorityError):
            await client.provision(settings)
    assert link.requests == []


async def test_a_sealed_order_is_delivered_with_no_key_at_hand(
    board: MemoryBoard, authority: Authority, settings: Settings
) -> None:
    target = Target("lk-test", board.identity.public_key)
    order = seal_order(settings, target, authority)
    carried = SealedOrder(order.order_id, order.device_id, order.data, None, order.networks)
    async with client_of(MemoryLink(board), None) as client:
        outcome = await client.provision(carried)
    assert kept(board)
    assert not outcome.receipt.verified
    async with client_of(MemoryLink(board), None) as client:
        assert (await client.receipt(order)).verified


async def test_an_order_for_another_board_does_not_cost_an_attempt(
    board: MemoryBoard, authority: Authority, settings: Settings
) -> None:
    order = seal_order(settings, Target("lk-other", board.identity.public_key), authority)
    async with client_of(MemoryLink(board), None) as client:
        with pytest.raises(BadOrder, match="lk-other"):
            await client.provision(order)
        assert (await client.info()).attempts == 10


async def test_two_clients_at_once_one_is_told_busy(
    board: MemoryBoard, authority: Authority, settings: Settings
) -> None:
    board.wifi.hold = asyncio.Event()
    async with (
        client_of(MemoryLink(board), authority) as first,
        client_of(MemoryLink(board), authority) as second,
    ):
        going = asyncio.ensure_future(first.provision(settings))
        while board.handler.state != c.TRYING:
            await asyncio.sleep(0)
        with pytest.raises(Refused) as refused:
            await second.provision(settings)
        assert refused.value.status == c.BUSY
        board.wifi.hold.set()
        assert (await going).receipt.verified


async def test_scan_gathers_all_pages(board: MemoryBoard) -> None:
    async with client_of(MemoryLink(board), None) as client:
        networks = await client.scan(fresh=True)
    assert [network.ssid for network in networks] == [b"net%d" % i for i in range(20)]
    assert networks[0].rssi_dbm == -40
    assert networks[0].security_name == "WPA2"


async def test_identify(board: MemoryBoard) -> None:
    async with client_of(MemoryLink(board), None) as client:
        await client.identify()
    assert board.identified == 1
