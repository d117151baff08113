"""host_client/bootstrap/app.py: what the server answers, to whom, and what it writes down."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator

import httpx
import pytest

from host_client.bootstrap.app import make_app
from host_client.bootstrap.errors import BootstrapError, UnknownOrder
from host_client.bootstrap.rate import MAX_ADDRESSES, Rate
from host_client.errors import BadReceipt
from host_client.receipt import MAX_RECEIPT, Receipt
from transports.contract import ORDER_TYPE

RECEIPT = Receipt(bytes(16), "lk-1", 0, bytes(32), None, None, True, b"receipt")


class Source:
    """Has one order, for lk-1; takes one receipt."""

    def __init__(self) -> None:
        self.kept: list[bytes] = []
        self.error: Exception | None = None

    def order_for(self, device_id: str) -> bytes | None:
        if self.error is not None:
            raise self.error
        return b"sealed" if device_id == "lk-1" else None

    def keep_receipt(self, data: bytes) -> Receipt:
        if data == b"false":
            raise BadReceipt("false")
        if data == b"foreign":
            raise UnknownOrder("foreign")
        self.kept.append(data)
        return RECEIPT


def asking(source: Source, rate: Rate | None = None) -> httpx.AsyncClient:
    transport = httpx.ASGITransport(make_app(source, rate), client=("192.0.2.1", 4711))
    return httpx.AsyncClient(transport=transport, base_url="https://boot.example")


async def test_hands_out_an_order_and_says_nothing_of_other_boards() -> None:
    async with asking(Source()) as client:
        found = await client.get("/v1/orders/lk-1")
        assert (found.status_code, found.content) == (200, b"sealed")
        assert found.headers["content-type"] == ORDER_TYPE
        assert found.headers["content-length"] == "6"
        for other in ("lk-2", "health check", "x" * 33, "%C3%A9" * 17, "a%2Fb", "lk-1/"):
            answer = await client.get(f"/v1/orders/{other}")
            assert (answer.status_code, answer.content) == (204, b""), other


async def test_serves_under_the_path_of_the_boards_url() -> None:
    transport = httpx.ASGITransport(make_app(Source(), under="/fleet"))
    async with httpx.AsyncClient(transport=transport, base_url="https://boot.example") as client:
        assert (await client.get("/fleet/v1/orders/lk-1")).content == b"sealed"
        assert (await client.get("/v1/orders/lk-1")).status_code == 404


async def test_keeps_receipts_and_refuses_what_is_none() -> None:
    source = Source()
    async with asking(source) as client:
        for body, status in (
            (b"receipt", 204),
            (b"false", 400),
            (b"foreign", 404),
            (bytes(MAX_RECEIPT + 1), 413),
        ):
            assert (await client.post("/v1/receipts", content=body)).status_code == status
        assert source.kept == [b"receipt"]
        assert (await client.get("/v1/receipts")).status_code == 405
        assert (await client.post("/v1/orders/lk-1")).status_code == 405
        assert (await client.get("/")).status_code == 404


async def test_a_body_that_never_ends_is_read_no_further_than_a_receipt() -> None:
    sent = 0

    async def body() -> AsyncIterator[bytes]:
        nonlocal sent
        while sent < 100 * MAX_RECEIPT:
            sent += 512
            yield bytes(512)

    async with asking(Source()) as client:
        assert (await client.post("/v1/receipts", content=body())).status_code == 413
    assert sent <= 2 * MAX_RECEIPT


async def test_a_body_that_does_not_come_has_its_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("host_client.bootstrap.app.BODY_S", 0.05)

    async def body() -> AsyncIterator[bytes]:
        yield b"re"
        await asyncio.Event().wait()

    async with asking(Source()) as client:
        assert (await client.post("/v1/receipts", content=body())).status_code == 408


async def test_a_source_that_fails_is_no_traceback(caplog: pytest.LogCaptureFixture) -> None:
    source = Source()
    source.error = BootstrapError("the disk\n is gone")
    async with asking(source) as client:
        with caplog.at_level(logging.INFO, "latchkey.bootstrap"):
            for path in ("/v1/orders/lk-1", "/healthz"):
                answer = await client.get(path)
                assert answer.status_code == 503
                assert b"disk" not in answer.content
        source.error = None
        assert (await client.get("/healthz")).status_code == 200
    assert [record.getMessage() for record in caplog.records] == [
        "the source of orders failed: the disk\\n is gone"
    ] * 2


async def test_the_log_holds_neither_orders_nor_what_a_terminal_obeys(
    caplog: pytest.LogCaptureFixture,
) -> None:
    with caplog.at_level(logging.INFO, "latchkey.bootstrap"):
        async with asking(Source()) as client:
            await client.get("/v1/orders/lk-1")
            await client.get("/v1/orders/%1b[31m%c2%85forged")
            await client.post("/v1/receipts", content=b"receipt")
    lines = [record.getMessage() for record in caplog.records]
    assert lines == [
        "lk-1: its order, 6 octets",
        "\\x1b[31m\\x85forged: nothing for it",
        "lk-1: receipt, ok, checked",
    ]
    assert not any("sealed" in line for line in lines)


async def test_one_address_that_asks_too_often_is_told_to_wait() -> None:
    now_s = [0.0]
    async with asking(Source(), Rate(3, 100, lambda: now_s[0])) as client:
        statuses = [(await client.get("/healthz")).status_code for _ in range(5)]
        assert statuses == [200, 200, 200, 429, 429]
        now_s[0] = 20.0  # a third of a minute: one more
        statuses = [(await client.get("/healthz")).status_code for _ in range(2)]
        assert statuses == [200, 429]


def test_addresses_do_not_get_in_each_others_way_but_all_of_them_have_a_limit() -> None:
    rate = Rate(2, 7, lambda: 0.0)
    assert [rate.allows("a") for _ in range(3)] == [True, True, False]
    assert [rate.allows("b") for _ in range(2)] == [True, True]
    assert [rate.allows(address) for address in "cdef"] == [True, True, True, False]


def test_many_addresses_take_no_more_memory() -> None:
    rate = Rate(1, 10**9, lambda: 0.0)
    for number in range(MAX_ADDRESSES + 100):
        assert rate.allows(str(number))
    assert len(rate._buckets) == MAX_ADDRESSES
    assert not rate.allows(str(MAX_ADDRESSES + 99))
