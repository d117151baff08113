"""A virtual board on the network it joined: addresses given and taken, its name, its place."""

from __future__ import annotations

import sys

import httpx
import pytest
from zeroconf import AddressResolverIPv4, IPVersion
from zeroconf.asyncio import AsyncZeroconf

from tests.rig.test_wifi import ask, echo, join  # noqa: F401
from tests.virtual_board.air import Network
from tests.virtual_board.board import Board
from tests.virtual_board.world import World

HERE = "127.77.1"

pytestmark = pytest.mark.skipif(
    sys.platform != "linux", reason="only Linux has all of 127/8, and multicast, on its loopback"
)


@pytest.fixture
def home(world: World) -> Network:
    return world.add_network(b"home", password="correct horse", channel=1, subnet=HERE)


async def looked_up(hostname: str, wait_ms: int = 2000) -> list[str]:
    """Its addresses, as any host on the network would ask for them."""
    async with AsyncZeroconf(ip_version=IPVersion.V4Only) as asker:
        resolver = AddressResolverIPv4(f"{hostname}.local.")
        await resolver.async_request(asker.zeroconf, wait_ms)
        return resolver.parsed_addresses()


def lan_url(board: Board) -> str:
    return f"http://{board.wifi.station.address}:{board.wifi.access_point.proxy.port}"


async def page(board: Board) -> str:
    async with httpx.AsyncClient(timeout=5) as client:
        return (await client.get(lan_url(board))).text


async def test_a_board_has_its_name_and_its_place_on_the_network(
    home: Network, board: Board
) -> None:
    assert await join(board, b"home") == 1010
    await board.until(lambda: board.wifi.lan.is_open, what="place on the LAN")
    assert await looked_up("mpy-esp32") == [board.wifi.station.address]
    assert await page(board) == "hello"


async def test_a_name_is_taken_once_a_power_cycle(home: Network, board: Board) -> None:
    board.wifi.hostname = "first"
    assert await join(board, b"home") == 1010
    board.wifi.hostname = "second"
    assert await join(board, b"home") == 1010
    await board.until(lambda: board.wifi.lan.is_open, what="place on the LAN")
    assert await looked_up("first") == [board.wifi.station.address]
    assert await looked_up("second", 200) == []


async def test_who_leaves_is_not_there(world: World, home: Network, board: Board) -> None:
    assert await join(board, b"home") == 1010
    await board.until(lambda: board.wifi.lan.is_open, what="place on the LAN")
    url = lan_url(board)
    with world.without(home):
        await board.until(lambda: not board.wifi.lan.is_open, what="end of the LAN")
        with pytest.raises(httpx.ConnectError):
            async with httpx.AsyncClient(timeout=5) as client:
                await client.get(url)
        assert await looked_up("mpy-esp32", 200) == []


async def test_a_static_address_needs_no_dhcp(world: World, home: Network, board: Board) -> None:
    home.dhcp = False
    station = board.wifi.station
    station.set_active(True)
    station.ifconfig([f"{HERE}.9", 24, f"{HERE}.1", f"{HERE}.1"])
    assert await join(board, b"home") == 1010
    assert station.ifconfig() == [f"{HERE}.9", "255.255.255.0", f"{HERE}.1", f"{HERE}.1"]
    assert await page(board) == "hello"
    station.ask_dhcp()
    assert await join(board, b"home") == 1000


async def test_a_static_address_counts_at_once_where_the_interface_is_up(
    world: World, home: Network, board: Board
) -> None:
    """The trap of esp_netif_set_ip_info()."""
    home.dhcp = False
    assert await join(board, b"home") == 1000
    board.wifi.station.ifconfig(["198.51.100.9", 24, "198.51.100.1", "198.51.100.1"])
    assert board.wifi.station.status() == 1010
    assert not board.wifi.station.is_on_subnet


@pytest.mark.parametrize("security", ["wep", "wpa", "open"])
async def test_a_station_with_a_passphrase_joins_nothing_weak(
    world: World, board: Board, security: str
) -> None:
    world.add_network(b"old", password="correct horse", channel=1, security=security)
    assert await join(board, b"old") == 211
