"""The board's page beside what else a board does: another phone, Bluetooth, the joined network."""

from __future__ import annotations

import asyncio
import socket
import sys
from pathlib import Path

import httpx
import pytest

from tests.attacks.own_page import PAGE_FILES, rig_with_page
from tests.scenarios.conftest import NewRig
from tests.scenarios.rig import PASSWORD, SSID, Rig, settings

FILES = {"/": "index.html.gz", "/style.css": "style.css.gz", "/page.js": "page.js.gz"}


async def load(url: str) -> None:
    """The page's three files, as a browser fetches them, octet for octet."""
    async with httpx.AsyncClient(base_url=url, timeout=10) as client:

        async def one(path: str) -> None:
            async with client.stream("GET", path) as response:
                assert response.status_code == 200
                raw = b"".join([part async for part in response.aiter_raw()])
            assert raw == PAGE_FILES[FILES[path]], path

        await one("/")
        await asyncio.gather(*(one(path) for path in FILES if path != "/"))


@pytest.mark.parametrize("link", ["ble"])
async def test_the_page_is_read_while_bluetooth_provisions(new_rig: NewRig, tmp_path: Path) -> None:
    rig = await rig_with_page(new_rig, tmp_path)
    async with rig.client() as client:
        giving = asyncio.create_task(client.provision(settings()))
        loads = 0
        while not giving.done():
            try:
                await load(rig.board.http_url)
                loads += 1
            except httpx.TransportError:  # the channel moved
                await asyncio.sleep(0.05)
        assert (await giving).receipt.verified and loads


@pytest.mark.parametrize("link", ["http"])
async def test_the_largest_order_finds_memory_beside_the_page(
    new_rig: NewRig, tmp_path: Path
) -> None:
    """What others load must not leave the heap in pieces too small for it."""
    rig = await rig_with_page(new_rig, tmp_path)
    largest = settings(
        *[(b"absent network number %02d, long" % i, b"p" * 63) for i in range(4)], (SSID, PASSWORD),
        app=bytes(range(256)) * 16,
    )  # fmt: skip

    async def load_on_and_on() -> None:
        while True:
            try:
                await asyncio.gather(*(load(rig.board.http_url) for _ in range(2)))
            except (httpx.TransportError, AssertionError):  # the channel moved, or it gave way
                await asyncio.sleep(0.05)

    async with rig.client() as client:
        loading = asyncio.create_task(load_on_and_on())
        try:
            outcome = await client.provision(largest, timeout_s=60)
        finally:
            loading.cancel()
    assert outcome.receipt.verified and outcome.receipt.network == 4


@pytest.mark.parametrize("link", ["http"])
async def test_two_phones_load_the_page_at_once(new_rig: NewRig, tmp_path: Path) -> None:
    rig = await rig_with_page(new_rig, tmp_path)
    async with rig.board.wifi.access_point.another_phone() as other:
        for _ in range(3):
            await asyncio.gather(load(rig.board.http_url), load(f"http://127.0.0.1:{other.port}"))


@pytest.mark.parametrize("link", ["http"])
@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has all of 127/8 on its loopback")
async def test_on_the_joined_network_the_page_shows_how_it_ended(
    new_rig: NewRig, tmp_path: Path
) -> None:
    rig = await rig_with_page(new_rig, tmp_path)
    here = rig.world.add_network(b"here", password="correct horse", channel=6, subnet="127.81.1")
    async with rig.client() as client:
        await client.provision(settings((here.ssid, b"correct horse")))
    await rig.board.until(lambda: rig.board.wifi.lan.is_open, what="place on the LAN")
    await load(rig.lan_url)
    async with httpx.AsyncClient(base_url=rig.lan_url, timeout=5) as client:
        assert (await client.get("/v1/status")).status_code == 200
        assert (await client.get("/generate_204")).status_code == 404
        assert (await client.post("/v1/identify")).status_code == 403


@pytest.mark.parametrize("link", ["http"])
async def test_a_phone_finds_the_page_by_any_name(new_rig: NewRig, tmp_path: Path) -> None:
    """From a name that does not exist to the page, in the steps that a phone takes."""
    rig = await rig_with_page(new_rig, tmp_path)
    address = await looked_up(rig, b"\x05setup\x07example\0")
    assert address == "192.168.4.1"
    async with httpx.AsyncClient(timeout=5) as client:
        response = await client.get(
            rig.board.http_url + "/hello", headers={"Host": "setup.example"}
        )
    assert response.status_code == 302
    assert response.headers["location"] == f"http://{address}/"


async def looked_up(rig: Rig, name: bytes) -> str:
    loop = asyncio.get_running_loop()
    with socket.socket(type=socket.SOCK_DGRAM) as sock:
        sock.setblocking(False)
        sock.connect(("127.0.0.1", rig.board.wifi.access_point.dns_port))
        question = b"\0\x07\x01\0\0\x01\0\0\0\0\0\0" + name + b"\0\x01\0\x01"
        await loop.sock_sendall(sock, question)
        answer = await asyncio.wait_for(loop.sock_recv(sock, 512), 3)
    assert answer[:2] == question[:2]
    return socket.inet_ntoa(answer[-4:])
