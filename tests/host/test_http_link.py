"""host_client/links/http.py: what it sends, and what it does not take."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Awaitable, Callable

import httpx
import pytest

from host_client.errors import LinkError, LinkTimeout
from host_client.links.base import LinkOptions
from host_client.links.http import HttpLink
from tests.host.board_in_memory import MemoryBoard, rest_endpoint
from transports import contract as c

HASTY = LinkOptions(connect_timeout_s=0.5, exchange_timeout_s=2.0)


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


async def test_spells_requests_as_the_contract_says() -> None:
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
async def test_refuses_what_no_board_answers(media_type: str, body: bytes) -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, headers={"Content-Type": media_type}, stream=_stream(body))

    with pytest.raises(LinkError):
        async with answering(answer) as link:
            await link.exchange(c.INFO)


async def test_does_not_follow_a_redirect() -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        assert request.url.host == "board"
        return httpx.Response(302, headers={"Location": "http://elsewhere/"}, stream=_stream(b""))

    with pytest.raises(LinkError):
        async with answering(answer) as link:
            await link.exchange(c.INFO)


async def test_asks_no_proxy(board: MemoryBoard, monkeypatch: pytest.MonkeyPatch) -> None:
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
async def test_gives_up_in_time(
    serve: Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]],
) -> None:
    options = LinkOptions(connect_timeout_s=0.2, exchange_timeout_s=0.2)
    async with loopback(serve) as url:
        began = time.monotonic()
        with pytest.raises(LinkTimeout):
            async with HttpLink(url, options) as link:
                await link.exchange(c.INFO)
        assert time.monotonic() - began < 2
