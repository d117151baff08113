"""host_client/links/ble.py: frames, losses and drops."""

from __future__ import annotations

import asyncio

import pytest

from host_client.errors import BoardNotFound, LinkError
from host_client.links.base import LinkOptions, RadioBackend
from host_client.links.ble import BleLink
from tests.host.board_in_memory import MemoryBoard
from tests.host.radio_in_memory import NoRadioScanner, Peripheral, radio
from transports import contract as c

NAME = "Latchkey-TEST"


def ble_link(peripheral: Peripheral, **changes: float) -> BleLink:
    options = {"connect_timeout_s": 0.3, "exchange_timeout_s": 5.0, **changes}
    return BleLink(f"ble://{NAME}", LinkOptions(**options, backend=radio(peripheral)))


@pytest.mark.parametrize("frame_size", [20, 23, 61, 182, 244, 509, 514])
async def test_carries_messages_at_any_mtu(board: MemoryBoard, frame_size: int) -> None:
    peripheral = Peripheral(board, NAME, frame_size)
    async with ble_link(peripheral) as link:
        reply = await link.exchange(c.PROVISION, b"x" * 3000)
        assert reply == b"\xa1\x00\x14"
        assert peripheral.writes >= 3000 // min(frame_size, 509)


async def test_sends_lost_frames_again(board: MemoryBoard, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("transports.framing.RETRY_MS", 30)
    peripheral = Peripheral(board, NAME, 61)
    peripheral.lose = 5
    async with ble_link(peripheral) as link:
        assert await link.exchange(c.PROVISION, b"x" * 1500) == b"\xa1\x00\x14"


async def test_a_drop_in_mid_message_leaves_nothing(
    board: MemoryBoard,
) -> None:
    peripheral = Peripheral(board, NAME, 61)
    async with ble_link(peripheral) as link:
        for drop_after in (0, 1, 7, 20):
            peripheral.drop_after = peripheral.writes + drop_after
            with pytest.raises(LinkError):
                await link.exchange(c.PROVISION, b"x" * 3000)
            await link.open()
            assert len(await link.exchange(c.INFO)) > 50


async def test_gives_up_on_a_board_that_does_not_acknowledge(
    board: MemoryBoard, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("transports.framing.RETRY_MS", 10)
    peripheral = Peripheral(board, NAME)
    peripheral.lose = 1
    async with ble_link(peripheral) as link:
        with pytest.raises(LinkError, match="acknowledge"):
            await link.exchange(c.INFO)


async def test_is_told_of_a_change(board: MemoryBoard) -> None:
    peripheral = Peripheral(board, NAME)
    async with ble_link(peripheral) as link:
        waiting = asyncio.ensure_future(link.wait_for_change(30))
        await asyncio.sleep(0)
        peripheral._status_changed()
        await asyncio.wait_for(waiting, 1)


async def test_news_of_an_earlier_connection_does_not_end_the_present_one(
    board: MemoryBoard,
) -> None:
    peripheral = Peripheral(board, NAME)
    async with ble_link(peripheral) as link:
        earlier = peripheral.client
        assert earlier is not None
        await link.close()
        await link.open()
        earlier.lost()
        assert len(await link.exchange(c.INFO)) > 50


async def test_a_flood_of_frames_takes_bounded_memory(board: MemoryBoard) -> None:
    peripheral = Peripheral(board, NAME)
    async with ble_link(peripheral) as link:
        for _ in range(5000):
            link._on_frame(None, bytearray(b"\x40\x00\x01flood"))
        link._on_frame(None, bytearray(10_000))
        assert link._frames.qsize() <= 256
        assert len(await link.exchange(c.INFO)) > 50


async def test_finds_by_name_and_by_address(board: MemoryBoard) -> None:
    wanted, other = Peripheral(board, NAME), Peripheral(board, "Latchkey-ELSE")
    other.address = "11:22:33:44:55:66"
    options = LinkOptions(connect_timeout_s=0.3, backend=radio(other, wanted))
    for url in (f"ble://{NAME.lower()}", f"ble://{wanted.address}"):
        async with BleLink(url, options):
            assert wanted.client is not None
            assert other.client is None


async def test_refuses_a_device_without_the_service(board: MemoryBoard) -> None:
    peripheral = Peripheral(board, NAME)
    peripheral.services = False
    with pytest.raises(BoardNotFound):
        await ble_link(peripheral).open()
    by_address = BleLink(
        f"ble://{peripheral.address}",
        LinkOptions(connect_timeout_s=0.3, backend=radio(peripheral)),
    )
    with pytest.raises(LinkError):
        await by_address.open()


async def test_without_a_radio_is_a_link_error() -> None:
    options = LinkOptions(connect_timeout_s=0.3, backend=RadioBackend(None, NoRadioScanner))
    with pytest.raises(LinkError, match="No Bluetooth"):
        await BleLink(f"ble://{NAME}", options).open()
