"""The board's name server under attack: floods, junk, askers that are no neighbors."""

from __future__ import annotations

import asyncio
import random
import socket
import sys

import dns.asyncquery
import dns.message
import dns.rcode
import pytest

from tests.attacks.raw_http import send
from tests.attacks.siege import HEAP_SLACK, siege, takes_the_next_order
from tests.attacks.test_http import INFO, heap_of
from tests.scenarios.conftest import NewRig
from tests.scenarios.rig import Rig, settings
from tests.virtual_board import wifi

AP_ADDRESS = "192.168.4.1"


@pytest.fixture
def link() -> str:
    return "http"


async def look_up(
    rig: Rig, name: str, kind: str = "A", host: str = "127.0.0.1", wait_s: float = 3
) -> list[str]:
    """The addresses that a phone's resolver (dnspython) is told. Raises TimeoutError."""
    query = dns.message.make_query(name, kind, use_edns=0)
    port = rig.board.wifi.access_point.dns_port
    answer = await dns.asyncquery.udp(query, host, timeout=wait_s, port=port)
    assert answer.rcode() == dns.rcode.NOERROR
    return [str(record) for records in answer.answer for record in records]


def throw(rig: Rig, *questions: bytes, host: str = "127.0.0.1") -> None:
    """Send datagrams and care for no answer."""
    with socket.socket(type=socket.SOCK_DGRAM) as sock:
        for question in questions:
            sock.sendto(question, (host, rig.board.wifi.access_point.dns_port))


async def test_every_name_is_the_board_on_its_access_point(rig: Rig) -> None:
    for name in ("connectivitycheck.gstatic.com", "captive.apple.com", "a.b.c.d.example", "x"):
        assert await look_up(rig, name) == [AP_ADDRESS]
        for kind in ("AAAA", "HTTPS", "TXT"):
            assert await look_up(rig, name, kind) == []


async def test_junk_gets_no_word_and_does_no_harm(rig: Rig) -> None:
    whole = dns.message.make_query("captive.apple.com", "A", use_edns=0).to_wire()
    answered = bytearray(whole)
    answered[2] |= 0x80
    generator = random.Random(53)
    async with siege(rig):
        await look_up(rig, "before.example")
        heap = await heap_of(rig)
        relay = rig.board.wifi.access_point.dns
        before = relay.answered
        silent = [b"x", whole[:11], bytes(answered), b"\xff" * 12, bytes(answered) * 200]
        for _ in range(10):
            throw(rig, *silent, *(generator.randbytes(7) for _ in range(3)))
            await asyncio.sleep(0.05)
        assert await look_up(rig, "after.example") == [AP_ADDRESS]
        assert relay.answered == before + 1
        assert await heap.growth() <= HEAP_SLACK


async def test_what_is_too_long_is_answered_in_twelve_octets(rig: Rig) -> None:
    whole = dns.message.make_query("a.example", "A").to_wire()
    loop = asyncio.get_running_loop()
    with socket.socket(type=socket.SOCK_DGRAM) as sock:
        sock.setblocking(False)
        sock.connect(("127.0.0.1", rig.board.wifi.access_point.dns_port))
        for more in (1, 500, 9000, 60_000):
            await loop.sock_sendall(sock, whole + bytes(more))
            answer = await asyncio.wait_for(loop.sock_recv(sock, 4096), 3)
            assert len(answer) == 12 and answer[3] & 15 == dns.rcode.FORMERR


async def test_a_flood_of_questions_keeps_no_order_away(rig: Rig) -> None:
    whole = dns.message.make_query("flood.example", "A", use_edns=0).to_wire()

    async def flood() -> None:
        while True:
            throw(rig, *[whole] * 40)
            await asyncio.sleep(0.02)

    flooding = asyncio.create_task(flood())
    try:
        for _ in range(5):
            assert (await asyncio.wait_for(send(rig, INFO), 3)).status == 200
        async with rig.client() as client:
            assert (await client.provision(settings())).receipt.verified
    finally:
        flooding.cancel()
    assert not [line for line in rig.board.log if "ended" in line]


async def test_names_are_given_while_an_order_is_opened(rig: Rig) -> None:
    async with rig.client() as client:
        giving = asyncio.create_task(client.provision(settings()))
        given = 0
        while not giving.done():
            try:
                given += await look_up(rig, "time.example", wait_s=0.5) == [AP_ADDRESS]
            except dns.exception.Timeout:
                pass  # the channel moved, or the board is through
        assert (await giving).receipt.verified and given


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has all of 127/8 on its loopback")
async def test_a_host_on_the_joined_network_is_told_nothing(new_rig: NewRig) -> None:
    """Nor is it sent anywhere: the page is there, and a foreign name gets no redirect."""
    rig = await new_rig()
    here = rig.world.add_network(b"here", password="correct horse", channel=6, subnet="127.79.1")
    await rig.open_window()
    async with rig.client() as client:
        outcome = await client.provision(settings((here.ssid, b"correct horse")))
    assert outcome.receipt.verified
    await rig.board.until(lambda: rig.board.wifi.lan.is_open, what="place on the LAN")
    host = rig.board.wifi.station.address
    with pytest.raises(dns.exception.Timeout):
        await look_up(rig, "x.example", host=host, wait_s=0.5)
    assert rig.board.wifi.lan.dns is not None and rig.board.wifi.lan.dns.asked == 1
    for path, name, status in (
        ("/", "x.example", 400), ("/v1/status", "x.example", 400), ("/generate_204", host, 404),
        ("/v1/info", host, 200), ("/v1/info", "latchkey-0000.local.example", 400),
    ):  # fmt: skip
        assert await asked_there(rig, path, name) == status, (path, name)


async def asked_there(rig: Rig, path: str, host: str) -> int:
    """Status of a GET by a host on the joined network."""
    address = rig.board.wifi.station.address, rig.board.wifi.access_point.proxy.port
    reader, writer = await asyncio.open_connection(*address)
    writer.write(f"GET {path} HTTP/1.1\r\nHost: {host}\r\n\r\n".encode())
    answer = await asyncio.wait_for(reader.read(), 5)
    writer.close()
    return int(answer.split(b" ")[1])


async def test_a_board_without_the_port_goes_on_without_names(
    new_rig: NewRig, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever holds it, the board says so and serves."""
    rig = await new_rig()
    with socket.socket(type=socket.SOCK_DGRAM) as holder:
        holder.bind(("127.0.0.1", 0))
        taken = holder.getsockname()[1]
        free = wifi.free_port
        monkeypatch.setattr(wifi, "free_port", lambda udp=False: taken if udp else free())
        await rig.open_window()
        await rig.board.wait_log("no DNS, so phones do not open the page by themselves")
        assert (await send(rig, INFO)).status == 200
        await takes_the_next_order(rig)
