"""UDP of a virtual board: port 53 of its access point, and who it says is asking."""

from __future__ import annotations

import asyncio
import socket
import sys

import pytest

from tests.rig.test_wifi import echo, join  # noqa: F401
from tests.virtual_board.board import Board
from tests.virtual_board.world import World

HERE = "127.78.1"


async def ask(port: int, data: bytes, host: str = "127.0.0.1", wait_s: float = 3) -> bytes | None:
    """One datagram there; the one that comes back, or None."""
    loop = asyncio.get_running_loop()
    with socket.socket(type=socket.SOCK_DGRAM) as sock:
        sock.setblocking(False)
        sock.connect((host, port))
        await loop.sock_sendall(sock, data)
        try:
            return await asyncio.wait_for(loop.sock_recv(sock, 2000), wait_s)
        except asyncio.TimeoutError:
            return None


async def test_a_datagram_goes_to_the_board_and_back(board: Board) -> None:
    point = board.wifi.access_point
    assert await ask(point.dns_port, b"hello") == b"hello from 192.168.4.2"
    assert (point.dns.asked, point.dns.answered) == (1, 1)


async def test_each_client_gets_its_own_answer(board: Board) -> None:
    port = board.wifi.access_point.dns_port
    answers = await asyncio.gather(*(ask(port, b"%d" % number) for number in range(40)))
    got = [answer for answer in answers if answer is not None]
    assert len(got) >= 32  # as many ways as there are; older ones give way
    assert all(answer == b"%d from 192.168.4.2" % n for n, answer in enumerate(answers) if answer)


async def test_what_is_sent_while_the_phone_is_away_is_lost(board: Board) -> None:
    point = board.wifi.access_point
    port = point.dns_port
    await board.power_cut()
    assert await ask(port, b"early", wait_s=0.1) is None
    await board.power_on()
    await board.until(lambda: board.http_is_up and point.dns.is_open)
    assert point.dns_port == port
    assert await ask(port, b"late") == b"late from 192.168.4.2"
    assert point.dns.asked == 1


async def test_a_channel_move_leaves_the_phone_behind(world: World, board: Board) -> None:
    point = board.wifi.access_point
    point.follow_channel(11)
    assert await ask(point.dns_port, b"lost", wait_s=0.1) is None
    point.rejoin()
    await board.until(lambda: point.dns.is_open)
    assert await ask(point.dns_port, b"back") == b"back from 192.168.4.2"


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has all of 127/8 on its loopback")
async def test_a_host_on_the_joined_network_is_seen_as_that(world: World, board: Board) -> None:
    world.add_network(b"home", password="correct horse", channel=1, subnet=HERE)
    assert await join(board, b"home") == 1010
    await board.until(lambda: board.wifi.lan.is_open, what="place on the LAN")
    host, port = board.wifi.station.address, board.wifi.access_point.dns_port
    assert await ask(port, b"hello", host) in (b"hello from 127.78.1.2", b"hello from 127.78.1.3")
