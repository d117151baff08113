"""host_client/links: both links keep the promises of link_contract.py, and wrap what is foreign."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import time
from collections.abc import AsyncIterator, Awaitable, Callable

import httpx
import pytest

from host_client.errors import BoardNotFound, LinkError, LinkTimeout
from host_client.links.base import LinkOptions, RadioBackend, open_link, schemes
from host_client.links.ble import BleLink
from host_client.links.http import HttpLink
from tests.host.board_in_memory import MemoryBoard, MemoryLink, rest_endpoint
from tests.host.link_contract import PROMISES, OpenWorld, Scene
from tests.host.radio_in_memory import NoRadioScanner, Peripheral, radio
from transports import contract as c

HASTY = LinkOptions(connect_timeout_s=0.5, exchange_timeout_s=2.0)
NAME = "Latchkey-TEST"


def memory_world(board: MemoryBoard) -> OpenWorld:
    @contextlib.asynccontextmanager
    async def world() -> AsyncIterator[Scene]:
        gone = [False]

        def faults(moment: str, operation: int) -> None:
            if gone[0]:
                raise LinkError("gone")

        async def vanish() -> None:
            gone[0] = True

        async def come_back() -> None:
            gone[0] = False

        yield Scene(MemoryLink(board, faults), vanish, come_back)

    return world


def http_world(board: MemoryBoard) -> OpenWorld:
    """The real transports/wifi_ap.py; gone means that its port is somebody else's."""

    @contextlib.asynccontextmanager
    async def world() -> AsyncIterator[Scene]:
        with socket.socket() as closed:
            closed.bind(("127.0.0.1", 0))  # bound and not listening: refuses
            nowhere = f"http://127.0.0.1:{closed.getsockname()[1]}"
            async with rest_endpoint(board) as url:
                link = HttpLink(url, HASTY)

                async def vanish() -> None:
                    link.url = nowhere
                    if link._client is not None:
                        link._client.base_url = httpx.URL(nowhere)

                async def come_back() -> None:
                    link.url = url

                yield Scene(link, vanish, come_back)

    return world


def ble_world(board: MemoryBoard) -> OpenWorld:
    @contextlib.asynccontextmanager
    async def world() -> AsyncIterator[Scene]:
        peripheral = Peripheral(board, NAME)
        options = LinkOptions(
            connect_timeout_s=0.3, exchange_timeout_s=2.0, backend=radio(peripheral)
        )

        async def vanish() -> None:
            peripheral.advertising = False
            peripheral.drop()

        async def come_back() -> None:
            peripheral.advertising = True

        yield Scene(BleLink(f"ble://{NAME}", options), vanish, come_back)

    return world


WORLDS = (memory_world, http_world, ble_world)


@pytest.mark.parametrize("promise", PROMISES, ids=lambda promise: promise.__name__)
@pytest.mark.parametrize("world", WORLDS, ids=["memory", "http", "ble"])
async def test_link(
    promise: Callable[[OpenWorld], Awaitable[None]],
    world: Callable[[MemoryBoard], OpenWorld],
    board: MemoryBoard,
) -> None:
    await promise(world(board))


def test_schemes_are_the_modules() -> None:
    assert schemes() == ["ble", "http"]


@pytest.mark.parametrize(
    "url", ["", "192.168.4.1", "ftp://x", "base://x", "ble://", "http://", "http://u:p@h"]
)
def test_refuses_an_unusable_url(url: str) -> None:
    with pytest.raises(LinkError):
        open_link(url, LinkOptions())


# --- HTTP ----------------------------------------------------------------------------


def answering(handler: Callable[[httpx.Request], httpx.Response]) -> HttpLink:
    return HttpLink("http://board", HASTY, httpx.MockTransport(handler))


async def asked(operation: int, body: bytes = b"") -> httpx.Request:
    """The request that goes out for an operation."""
    seen: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        headers = {"Content-Type": c.CBOR_TYPE}
        return httpx.Response(200, headers=headers, stream=_stream(b"\xa1\0\0"))

    async with answering(answer) as link:
        await link.exchange(operation, body)
    return seen[0]


async def test_http_spells_requests_as_the_contract_says() -> None:
    order_id = bytes(range(16))
    assert (await asked(c.STATUS, order_id)).url.path == "/v1/status"
    assert (await asked(c.STATUS, order_id)).url.params["order"] == order_id.hex()
    assert "order" not in (await asked(c.RECEIPT)).url.params
    scan = (await asked(c.SCAN, bytes((2 | c.SCAN_FRESH,)))).url.params
    assert scan["page"] == "2"
    assert scan["fresh"] == "1"
    provision = await asked(c.PROVISION, b"sealed")
    assert provision.method == "POST"
    assert provision.headers["content-type"] == c.ORDER_TYPE
    assert provision.headers["accept"] == c.CBOR_TYPE
    assert provision.content == b"sealed"


class _stream(httpx.AsyncByteStream):
    def __init__(self, data: bytes) -> None:
        self._data = data

    async def __aiter__(self) -> AsyncIterator[bytes]:
        yield self._data


@pytest.mark.parametrize(
    ("media_type", "body"),
    [
        ("text/html", b"<html>Sign in to the hotel</html>"),
        (c.CBOR_TYPE, bytes(c.MAX_MESSAGE + 1)),
        ("", b""),
    ],
)
async def test_http_refuses_what_no_board_answers(media_type: str, body: bytes) -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, headers={"Content-Type": media_type}, stream=_stream(body))

    with pytest.raises(LinkError):
        async with answering(answer) as link:
            await link.exchange(c.INFO)


async def test_http_does_not_follow_a_redirect() -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        assert request.url.host == "board"
        return httpx.Response(302, headers={"Location": "http://elsewhere/"}, stream=_stream(b""))

    with pytest.raises(LinkError):
        async with answering(answer) as link:
            await link.exchange(c.INFO)


async def test_http_asks_no_proxy(board: MemoryBoard, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:9")
    async with rest_endpoint(board) as url, HttpLink(url, HASTY) as link:
        assert await link.exchange(c.INFO)


@contextlib.asynccontextmanager
async def loopback(
    serve: Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]],
) -> AsyncIterator[str]:
    """A server on a loopback port; its connections are over when this is."""
    tasks: set[asyncio.Task[None]] = set()

    async def one(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        tasks.add(task)
        try:
            await serve(reader, writer)
        except OSError:
            pass  # the client has gone
        finally:
            writer.close()
            with contextlib.suppress(OSError):
                await writer.wait_closed()

    server = await asyncio.start_server(one, "127.0.0.1", 0)
    try:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    finally:
        server.close()
        await asyncio.gather(*tasks)


async def says_nothing(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.read()


async def dribbles(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """An octet now and then keeps every single read alive, and must not keep the exchange."""
    writer.write(b"HTTP/1.0 200 OK\r\nContent-Type: application/cbor\r\n\r\n")
    while True:
        writer.write(b"\xa0")
        await writer.drain()
        await asyncio.sleep(0.05)


@pytest.mark.parametrize("serve", [says_nothing, dribbles])
async def test_http_gives_up_in_time(
    serve: Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]],
) -> None:
    options = LinkOptions(connect_timeout_s=0.2, exchange_timeout_s=0.2)
    async with loopback(serve) as url:
        began = time.monotonic()
        with pytest.raises(LinkTimeout):
            async with HttpLink(url, options) as link:
                await link.exchange(c.INFO)
        assert time.monotonic() - began < 2


# --- BLE -------------------------------------------------------------------------------


def ble_link(peripheral: Peripheral, **changes: float) -> BleLink:
    options = {"connect_timeout_s": 0.3, "exchange_timeout_s": 5.0, **changes}
    return BleLink(f"ble://{NAME}", LinkOptions(**options, backend=radio(peripheral)))


@pytest.mark.parametrize("frame_size", [20, 23, 61, 182, 244, 509, 514])
async def test_ble_carries_messages_at_any_mtu(board: MemoryBoard, frame_size: int) -> None:
    peripheral = Peripheral(board, NAME, frame_size)
    async with ble_link(peripheral) as link:
        reply = await link.exchange(c.PROVISION, b"x" * 3000)
        assert reply == b"\xa1\x00\x14"
        assert peripheral.writes >= 3000 // min(frame_size, 509)


async def test_ble_sends_lost_frames_again(
    board: MemoryBoard, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("transports.framing.RETRY_MS", 30)
    peripheral = Peripheral(board, NAME, 61)
    peripheral.lose = 5
    async with ble_link(peripheral) as link:
        assert await link.exchange(c.PROVISION, b"x" * 1500) == b"\xa1\x00\x14"


async def test_ble_a_drop_in_mid_message_leaves_nothing(
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


async def test_ble_gives_up_on_a_board_that_does_not_acknowledge(
    board: MemoryBoard, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("transports.framing.RETRY_MS", 10)
    peripheral = Peripheral(board, NAME)
    peripheral.lose = 1
    async with ble_link(peripheral) as link:
        with pytest.raises(LinkError, match="acknowledge"):
            await link.exchange(c.INFO)


async def test_ble_is_told_of_a_change(board: MemoryBoard) -> None:
    peripheral = Peripheral(board, NAME)
    async with ble_link(peripheral) as link:
        waiting = asyncio.ensure_future(link.wait_for_change(30))
        await asyncio.sleep(0)
        peripheral._status_changed()
        await asyncio.wait_for(waiting, 1)


async def test_ble_news_of_an_earlier_connection_does_not_end_the_present_one(
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


async def test_ble_finds_by_name_and_by_address(board: MemoryBoard) -> None:
    wanted, other = Peripheral(board, NAME), Peripheral(board, "Latchkey-ELSE")
    other.address = "11:22:33:44:55:66"
    options = LinkOptions(connect_timeout_s=0.3, backend=radio(other, wanted))
    for url in (f"ble://{NAME.lower()}", f"ble://{wanted.address}"):
        async with BleLink(url, options):
            assert wanted.client is not None
            assert other.client is None


async def test_ble_refuses_a_device_without_the_service(board: MemoryBoard) -> None:
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


async def test_ble_without_a_radio_is_a_link_error() -> None:
    options = LinkOptions(connect_timeout_s=0.3, backend=RadioBackend(None, NoRadioScanner))
    with pytest.raises(LinkError, match="No Bluetooth"):
        await BleLink(f"ble://{NAME}", options).open()
