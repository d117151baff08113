"""Wi-Fi on a virtual board: joins with the ESP32's status codes, the access point, sockets."""

from __future__ import annotations

import asyncio
import socket
from pathlib import Path

import httpx
import pytest

from tests.virtual_board import air, image
from tests.virtual_board.board import Board
from tests.virtual_board.fixtures import AddBoard
from tests.virtual_board.wire import Refusal
from tests.virtual_board.world import World


@pytest.fixture
def echo(monkeypatch: pytest.MonkeyPatch) -> image.Firmware:
    monkeypatch.delenv("LATCHKEY_AIOBLE", raising=False)
    return image.Firmware.of_folder(Path(image.__file__).parent / "testdata" / "echo")


async def ask(board: Board, method: str, path: str, body: bytes = b"") -> str:
    async with httpx.AsyncClient(timeout=10) as client:
        return (await client.request(method, board.http_url + path, content=body)).text


async def join(board: Board, ssid: bytes, key: bytes = b"correct horse") -> int:
    return int(await ask(board, "POST", "/join", ssid + b"\n" + key))


async def test_join(world: World, board: Board) -> None:
    world.add_network(b"home", password="correct horse", channel=1)
    assert await join(board, b"home") == 1010
    assert board.wifi.station.address.startswith("192.168.1.")
    assert f"status 1010 {board.wifi.station.address}" in board.log


@pytest.mark.parametrize(
    ("reason", "shown"), [(15, 15), (2, 2), (202, 202), (205, 202), (204, 204)]
)
async def test_wrong_password(world: World, board: Board, reason: int, shown: int) -> None:
    world.add_network(b"home", password="another", channel=1, wrong_key_reason=reason)
    assert await join(board, b"home") == shown


async def test_absent_network(world: World, board: Board) -> None:
    home = world.add_network(b"home", password="correct horse", channel=1)
    with world.without(home):
        assert await join(board, b"home") == 201
    assert await join(board, b"home") == 1010


async def test_network_without_dhcp(world: World, board: Board) -> None:
    """Associated and no address: what shows is what showed before (after disconnect(): idle)."""
    world.add_network(b"home", password="correct horse", channel=1, dhcp=False)
    assert await join(board, b"home") == 1000
    assert board.wifi.station.status("rssi") == -48
    board.wifi.station.connect(b"nowhere", None)
    with pytest.raises(Refusal):
        board.wifi.station.status("rssi")


async def test_empty_key_for_a_protected_network(world: World, board: Board) -> None:
    world.add_network(b"home", password="correct horse", channel=1)
    assert await join(board, b"home", b"") == 210


async def test_access_point_that_refuses(world: World, board: Board) -> None:
    world.add_network(b"home", password="correct horse", channel=1, refuses_with=203)
    assert await join(board, b"home") == 203


async def test_network_that_goes_away(world: World, board: Board) -> None:
    home = world.add_network(b"home", password="correct horse", channel=1)
    assert await join(board, b"home") == 1010
    with world.without(home):
        await board.until(lambda: not board.wifi.station.has_address)
        assert board.wifi.station.status() == 200


async def test_retries_for_ever_unless_told_otherwise(world: World, board: Board) -> None:
    """The trap of network_wlan.c: without reconnects= a wrong password shows as connecting."""
    world.add_network(b"home", password="another", channel=1)
    station = board.wifi.station
    station.set_active(True)
    station.connect(b"home", b"correct horse")
    await asyncio.sleep(0.5)
    assert station.status() == 1001
    assert len(station.joins) > 1
    station.set({"reconnects": 0})
    await board.until(lambda: station.status() == 15)


async def test_scan_is_strongest_first_and_hides_the_hidden(world: World, board: Board) -> None:
    world.add_network(b"far", security="open", channel=11, rssi=-80)
    world.add_network("näh".encode(), password="12345678", channel=3, rssi=-40, security="wpa3")
    world.add_network(b"secret", password="12345678", channel=3, rssi=-50, hidden=True)
    found = await ask(board, "GET", "/scan")
    assert found == str([("näh".encode(), 3, -40, 6), (b"", 3, -50, 3), (b"far", 11, -80, 0)])


async def test_join_on_another_channel_drops_the_clients(world: World, board: Board) -> None:
    world.add_network(b"home", password="correct horse", channel=6)
    with pytest.raises(httpx.TransportError):
        await join(board, b"home")
    await board.until(lambda: board.wifi.station.has_address)
    with pytest.raises(httpx.ConnectError):
        await ask(board, "GET", "/")
    board.wifi.access_point.rejoin()
    await board.until(lambda: board.http_is_up)
    assert await ask(board, "GET", "/") == "hello"
    assert board.wifi.access_point.settings["channel"] == 6


async def test_a_phone_that_follows_is_back_by_itself(world: World, board: Board) -> None:
    world.add_network(b"home", password="correct horse", channel=6)
    board.wifi.access_point.follows = True
    with pytest.raises(httpx.TransportError):
        await join(board, b"home")
    await board.until(lambda: board.http_is_up and board.wifi.station.has_address)
    assert await ask(board, "GET", "/") == "hello"


@pytest.mark.parametrize("cut", [1, 100, 3000])
async def test_link_cut_after_so_many_octets(board: Board, cut: int) -> None:
    proxy = board.wifi.access_point.proxy
    proxy.faults.cut_up, proxy.faults.once = cut, True
    with pytest.raises(httpx.TransportError):
        await ask(board, "POST", "/size", bytes(4000))
    assert proxy.octets_up == cut
    assert await ask(board, "POST", "/size", bytes(4000)) == "4000"


async def test_answer_cut(board: Board) -> None:
    proxy = board.wifi.access_point.proxy
    proxy.faults.cut_down = 20
    with pytest.raises(httpx.TransportError):
        await ask(board, "GET", "/")
    assert proxy.octets_down == 20


async def test_slow_link(board: Board) -> None:
    board.wifi.access_point.proxy.faults.delay_ms = 80
    started = asyncio.get_running_loop().time()
    assert await ask(board, "GET", "/") == "hello"
    assert asyncio.get_running_loop().time() - started > 0.16


async def test_clients_dropped_in_the_middle(board: Board) -> None:
    proxy = board.wifi.access_point.proxy
    proxy.faults.delay_ms = 200
    before = proxy.accepted
    asking = asyncio.ensure_future(ask(board, "GET", "/"))
    while proxy.accepted == before:
        await asyncio.sleep(0.005)
    proxy.drop_all()
    with pytest.raises(httpx.TransportError):
        await asking
    proxy.faults.delay_ms = 0
    assert await ask(board, "GET", "/") == "hello"


async def test_power_cut_shuts_the_door(board: Board) -> None:
    assert await ask(board, "GET", "/") == "hello"
    await board.power_cut()
    with pytest.raises(httpx.ConnectError):
        await ask(board, "GET", "/")
    await board.power_on()
    await board.until(lambda: board.http_is_up)
    assert await ask(board, "GET", "/") == "hello"


async def test_sockets_reach_what_the_network_offers(world: World, board: Board) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        offered = {"a.example": server.getsockname()[1], "b.example": air.REFUSED,
                   "c.example": air.SILENT}  # fmt: skip
        assert (await ask(board, "POST", "/reach", b"a.example:443")).startswith("errno")
        world.add_network(b"home", password="correct horse", channel=1, servers=offered)
        assert await join(board, b"home") == 1010
        assert await ask(board, "POST", "/reach", b"a.example:443") == "reached"
        assert await ask(board, "POST", "/reach", b"b.example:443") == "errno 111"
        assert await ask(board, "POST", "/reach", b"c.example:443") == "silent"
        assert await ask(board, "POST", "/reach", b"d.example:443") == "errno -202"


async def test_two_boards_side_by_side(echo: image.Firmware, add_board: AddBoard) -> None:
    one, other = await add_board(echo), await add_board(echo)
    for board in (one, other):
        await board.until(lambda: board.http_is_up)  # noqa: B023
    assert one.http_url != other.http_url
    assert one.mac != other.mac
    await one.press(20)
    await one.wait_log("presses 1")
    assert not any("presses" in line for line in other.log)
    assert await asyncio.gather(ask(one, "GET", "/"), ask(other, "GET", "/")) == ["hello"] * 2
