"""host_client/discovery.py: all media at once, and one that fails does not silence the others."""

from __future__ import annotations

import pytest

from host_client.authority import Authority
from host_client.discovery import discover
from host_client.links.base import LinkOptions, RadioBackend
from tests.host.board_in_memory import MemoryBoard, rest_endpoint
from tests.host.radio_in_memory import NoRadioScanner, Peripheral, radio


async def test_finds_boards_over_both_radios(board: MemoryBoard, authority: Authority) -> None:
    near, far = Peripheral(board, "Latchkey-AAAA"), Peripheral(board, "Latchkey-BBBB")
    stranger = Peripheral(board, "Headphones")
    stranger.services = False
    async with rest_endpoint(board) as url:
        options = LinkOptions(
            scan_timeout_s=0.3,
            urls=(url, "http://127.0.0.1:9"),
            backend=radio(stranger, near, far),
        )
        found = await discover(options)
    assert found.failures == {}
    assert [entry.url for entry in found.boards] == [
        "ble://Latchkey-AAAA",
        "ble://Latchkey-BBBB",
        url,
    ]
    assert [entry.rssi_dbm for entry in found.boards] == [-51, -52, None]
    for entry in found.boards:
        assert entry.info is not None
        assert entry.info.device_id == "lk-test"


async def test_without_a_radio_the_other_medium_is_searched(board: MemoryBoard) -> None:
    async with rest_endpoint(board) as url:
        options = LinkOptions(
            scan_timeout_s=0.2, urls=(url,), backend=RadioBackend(None, NoRadioScanner)
        )
        found = await discover(options)
    assert "No Bluetooth" in found.failures["ble"]
    assert [entry.url for entry in found.boards] == [url]


async def test_tells_the_trouble_of_a_board_that_does_not_answer(board: MemoryBoard) -> None:
    peripheral = Peripheral(board, "Latchkey-AAAA")
    options = LinkOptions(
        scan_timeout_s=0.1,
        connect_timeout_s=0.1,
        exchange_timeout_s=0.1,
        backend=radio(peripheral),
    )
    peripheral.lose = 1
    found = await discover(options, media=("ble",))
    assert found.boards[0].info is None
    assert found.boards[0].trouble
    silent = await discover(options, media=("ble",), ask=False)
    assert silent.boards[0].trouble is None


@pytest.mark.parametrize("media", [("ble",), ("http",)])
async def test_finds_nothing_where_nothing_is(media: tuple[str, ...]) -> None:
    options = LinkOptions(scan_timeout_s=0.1, urls=("http://127.0.0.1:9",), backend=radio())
    found = await discover(options, media=media)
    assert found.boards == ()
    assert found.failures == {}
