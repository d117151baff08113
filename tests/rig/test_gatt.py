"""Bluetooth on a virtual board, seen by a central: the stand-in and the real aioble alike."""

from __future__ import annotations

import asyncio

import pytest
from bumble import att, hci
from bumble.att import ATT_Error
from bumble.core import AdvertisingData

from tests.virtual_board.board import Board
from tests.virtual_board.central import Central, Link
from tests.virtual_board.world import World

CAPTURED, SMALL, SLOW, MANY, INDICATED = (
    f"0000aa0{n}-1111-2222-3333-444455556666" for n in range(1, 6)
)


async def test_scan_shows_the_name_and_the_service(world: World, board: Board) -> None:
    heard = await (await Central.on(world.radio)).find("Echo-1")
    services = heard.data.get(AdvertisingData.Type.COMPLETE_LIST_OF_128_BIT_SERVICE_CLASS_UUIDS)
    assert [str(service) for service in services] == ["0000AA00-1111-2222-3333-444455556666"]
    assert heard.address == board.ble.address
    assert heard.is_connectable


@pytest.mark.parametrize("mtu", [None, 64, 185, 517])
@pytest.mark.parametrize("with_response", [True, False])
async def test_captured_writes_come_back(
    world: World, board: Board, mtu: int | None, with_response: bool
) -> None:
    central = await Central.on(world.radio)
    async with central.link(board.ble.address, mtu) as link:
        await link.subscribe(CAPTURED)
        # The board prefers 256 unless its firmware says otherwise, as the ESP32 port does.
        room = min(mtu or 23, 256) - 3
        for length in (1, 19, room):
            value = bytes(n & 255 for n in range(length))
            await link[CAPTURED].write_value(value, with_response=with_response)
            assert await link.next() == value


async def test_long_write_of_512_octets_arrives_whole(world: World, board: Board) -> None:
    value = bytes(n * 7 & 255 for n in range(512))
    central = await Central.on(world.radio)
    async with central.link(board.ble.address, mtu=23) as link:
        await write_long(link, SLOW, value)
        await board.wait_log("slow 512")
        assert await link[SLOW].read_value() == value


async def test_write_beyond_the_buffer_is_cut_and_acknowledged(world: World, board: Board) -> None:
    central = await Central.on(world.radio)
    async with central.link(board.ble.address) as link:
        assert await link[SMALL].read_value() == b"start"
        await link[SMALL].write_value(b"0123456789" * 5, with_response=True)
        await board.wait_log(f"small {b'0123456789' * 2}")
        assert await link[SMALL].read_value() == b"0123456789" * 2


async def test_write_is_acknowledged_while_the_firmware_is_busy(world: World, board: Board) -> None:
    central = await Central.on(world.radio)
    async with central.link(board.ble.address) as link:
        await link[SLOW].write_value(b"x", with_response=True)  # the board now sleeps 300 ms
        await asyncio.sleep(0.02)
        started = asyncio.get_running_loop().time()
        await link[SLOW].write_value(b"yy", with_response=True)
        assert asyncio.get_running_loop().time() - started < 0.2
        await board.wait_log("slow 2")


async def test_notifications_run_out_of_buffers(world: World, board: Board) -> None:
    """ENOMEM, as NimBLE gives it; a firmware that waits and tries again loses nothing."""
    world.radio.pace(7.5)
    central = await Central.on(world.radio)
    async with central.link(board.ble.address) as link:
        await link.subscribe(MANY)
        await link[MANY].write_value(b"60", with_response=True)
        assert [await link.next() for _ in range(60)] == [b"%d" % n for n in range(60)]
        await board.wait_log("sent 60 retried True")


async def test_indication_is_confirmed(world: World, board: Board) -> None:
    central = await Central.on(world.radio)
    async with central.link(board.ble.address) as link:
        await link[INDICATED].subscribe(link.notified.put_nowait, prefer_notify=False)
        await link[INDICATED].write_value(b"go", with_response=True)
        assert await link.next() == b"indicated"
        await board.wait_log("confirmed")


async def test_two_centrals_hear_only_their_own(world: World, board: Board) -> None:
    one, other = await Central.on(world.radio), await Central.on(world.radio)
    async with one.link(board.ble.address) as first:
        await first.subscribe(CAPTURED)
        await board.until(lambda: board.ble.is_advertising)
        async with other.link(board.ble.address) as second:
            await second.subscribe(CAPTURED)
            await first[CAPTURED].write_value(b"first", with_response=True)
            await second[CAPTURED].write_value(b"second", with_response=True)
            assert await first.next() == b"first"
            assert await second.next() == b"second"
            assert first.notified.empty()
            assert second.notified.empty()


async def test_link_lost_during_a_write(world: World, board: Board) -> None:
    world.radio.pace(30)
    central = await Central.on(world.radio)
    async with central.link(board.ble.address, mtu=23) as link:
        await link[SLOW].write_value(b"before", with_response=True)
        await board.wait_log("slow 6")
        writing = asyncio.ensure_future(write_long(link, SLOW, b"z" * 512))
        await asyncio.sleep(0.1)
        board.ble.drop_links()
        assert await link.lost == hci.HCI_ErrorCode.CONNECTION_TIMEOUT_ERROR
        assert isinstance((await asyncio.gather(writing, return_exceptions=True))[0], BaseException)
    await board.wait_log("gone")
    await board.until(lambda: board.ble.is_advertising)
    world.radio.pace(None)
    async with central.link(board.ble.address) as link:
        assert await link[SLOW].read_value() == b"before"


async def test_killed_board_is_a_lost_link(world: World, board: Board) -> None:
    central = await Central.on(world.radio)
    async with central.link(board.ble.address) as link:
        await board.power_cut()
        reason = await asyncio.wait_for(link.lost, 1)
        assert reason == hci.HCI_ErrorCode.CONNECTION_TIMEOUT_ERROR
    await board.power_on()
    await board.until(lambda: board.ble.is_advertising)
    async with central.link(board.ble.address) as link:
        assert await link[SMALL].read_value() == b"start"


async def test_read_only_value_cannot_be_written(world: World, board: Board) -> None:
    central = await Central.on(world.radio)
    async with central.link(board.ble.address) as link:
        with pytest.raises(ATT_Error):
            await link[CAPTURED].read_value()


async def write_long(link: Link, uuid: str, value: bytes) -> None:
    """A long write: prepared piece by piece, then executed (Core 6.0, Vol 3, Part F, 3.4.6)."""
    client, handle = link.peer.gatt_client, link[uuid].handle
    step = link.connection.att_mtu - 5
    for offset in range(0, len(value), step):
        part = value[offset : offset + step]
        answer = await client.send_request(
            att.ATT_Prepare_Write_Request(
                attribute_handle=handle, value_offset=offset, part_attribute_value=part
            )
        )
        assert isinstance(answer, att.ATT_Prepare_Write_Response)
    answer = await client.send_request(att.ATT_Execute_Write_Request(flags=1))
    assert isinstance(answer, att.ATT_Execute_Write_Response)
