"""links/http.ts: what it sends, and what it does not take; and board.ts over answers by hand."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from typing import Any

import pytest

from host_client import cbor
from tests.browser import node
from tests.browser.answering_server import (
    Answer,
    answering,
    dribbles,
    hangs_up,
    head,
    never_ends,
    octets,
    reply,
    says_nothing,
)
from tests.browser.page_board import PageBoard
from transports import contract as c

ORDER_ID = bytes(range(16))
GOOD = reply({c.F_STATUS: c.OK})
BUSY, ACCEPTED = reply({c.F_STATUS: c.BUSY}), reply({c.F_STATUS: c.ACCEPTED})


@pytest.fixture(scope="module")
def talk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[node.Node]:
    with node.serving("board_server.ts", tmp_path_factory.mktemp("node")) as server:
        yield server


def status(step: int, order_id: bytes | None = ORDER_ID, **more: Any) -> dict[int, object]:
    fields: dict[int, object] = {c.F_STATUS: c.OK, c.F_STATE: c.TRYING, c.F_STEP: step}
    return fields if order_id is None else {**fields, c.F_ORDER_ID: order_id}


@pytest.mark.parametrize(
    ("operation", "argument", "line", "body"),
    [
        (c.INFO, b"", "GET /v1/info", b""),
        (c.IDENTIFY, b"", "POST /v1/identify", b""),
        (c.SCAN, b"", "GET /v1/scan", b""),
        (c.SCAN, b"\x02", "GET /v1/scan?page=2", b""),
        (c.SCAN, b"\x80", "GET /v1/scan?page=0&fresh=1", b""),
        (c.STATUS, b"", "GET /v1/status", b""),
        (c.STATUS, ORDER_ID, f"GET /v1/status?order={ORDER_ID.hex()}", b""),
        (c.RECEIPT, ORDER_ID, f"GET /v1/receipt?order={ORDER_ID.hex()}", b""),
        (c.PROVISION, b"sealed", "POST /v1/provision", b"sealed"),
    ],
)
async def test_spells_requests_as_the_contract_says(
    talk: node.Node, operation: int, argument: bytes, line: str, body: bytes
) -> None:
    with answering(GOOD) as server:
        await PageBoard.at(talk, server.url).exchange(operation, argument)
        assert server.asked == [line]
        text, sent = server.requests[0]
        headers = dict(h.lower().split(": ", 1) for h in text.split("\r\n")[1:] if h)
        assert sent == body and headers["accept"] == c.CBOR_TYPE
        assert headers.get("content-type") == (c.ORDER_TYPE if operation == c.PROVISION else None)
        assert "no-cache" in headers["cache-control"] and "cookie" not in headers


async def test_a_reply_of_any_http_status_is_a_reply(talk: node.Node) -> None:
    with answering(reply({c.F_STATUS: c.WINDOW_SHUT})) as server:
        told = await PageBoard.at(talk, server.url).exchange(c.INFO)
        assert cbor.decode(told) == {c.F_STATUS: c.WINDOW_SHUT}


@pytest.mark.parametrize("longest", [c.MAX_MESSAGE, c.MAX_MESSAGE + 1])
async def test_a_reply_may_be_as_long_as_the_protocol_allows(talk: node.Node, longest: int) -> None:
    with answering(octets(head(), bytes(longest))) as server:
        board = PageBoard.at(talk, server.url)
        if longest == c.MAX_MESSAGE:
            assert len(await board.exchange(c.INFO)) == longest
        else:
            with pytest.raises(node.NodeError, match="LinkError: the answer is longer"):
                await board.exchange(c.INFO)


@pytest.mark.parametrize(
    ("answer", "complaint"),
    [
        (octets(head(200, "text/html"), b"<html>Sign in to the hotel</html>"), "is no board"),
        (octets(head(200, "application/json"), b"{}"), "is no board"),
        (octets(b"HTTP/1.0 200 OK\r\n\r\n"), "is no board"),
        (octets(b"SSH-2.0-dropbear\r\n"), ""),
        (octets(head(200, c.CBOR_TYPE, "Content-Length: 100"), b"\xa1\0\0"), ""),
        (hangs_up, ""),
        (octets(), ""),
        (never_ends, "longer"),
        (says_nothing, "in time"),
        (dribbles, "in time"),
    ],
)
async def test_refuses_what_no_board_answers(
    talk: node.Node, answer: Answer, complaint: str
) -> None:
    with answering(answer) as server:
        board = PageBoard.at(talk, server.url, answer_ms=300)
        began = time.monotonic()
        with pytest.raises(node.NodeError, match="LinkError") as error:
            await board.exchange(c.INFO)
        assert complaint in str(error.value)
        assert time.monotonic() - began < 3


async def test_follows_nobody_elsewhere(talk: node.Node) -> None:
    moved = octets(head(302, c.CBOR_TYPE, "Location: /v2/info"))
    with answering(moved, GOOD) as server:
        with pytest.raises(node.NodeError, match="LinkError"):
            await PageBoard.at(talk, server.url).exchange(c.INFO)
        assert server.asked == ["GET /v1/info"]


async def test_nobody_there(talk: node.Node) -> None:
    with answering(GOOD) as server:
        url = server.url
    with pytest.raises(node.NodeError, match="LinkError"):
        await PageBoard.at(talk, url).exchange(c.INFO)


async def test_closing_ends_what_is_under_way_and_the_next_goes_on(talk: node.Node) -> None:
    with answering(says_nothing, GOOD) as server:
        board = PageBoard.at(talk, server.url)
        waiting = board.start("exchange", operation_number=c.INFO, argument="")
        while not server.requests:
            await asyncio.sleep(0.005)
        await board.do("close")
        assert waiting.exception(5) is not None
        assert await board.exchange(c.INFO) == b"\xa1\0\0"


async def test_a_question_is_asked_three_times(talk: node.Node) -> None:
    with answering(hangs_up, hangs_up, GOOD, hangs_up) as server:
        board = PageBoard.at(talk, server.url)
        await board.hurried(board.do("identify"))
        assert len(server.requests) == 3
        with pytest.raises(node.NodeError, match="LinkError"):
            await board.hurried(board.do("identify"))
        assert len(server.requests) == 6


@pytest.mark.parametrize("refusal", [c.WINDOW_SHUT, c.BUSY, c.NOT_AUTHENTIC, 99])
async def test_a_refusal_is_final_for_a_question(talk: node.Node, refusal: int) -> None:
    with answering(reply({c.F_STATUS: refusal})) as server:
        with pytest.raises(node.NodeError, match="Refused") as refused:
            await PageBoard.at(talk, server.url).do("identify")
        assert refused.value.status == refusal and len(server.requests) == 1


async def test_what_came_too_slowly_is_asked_again(talk: node.Node) -> None:
    with answering(reply({c.F_STATUS: c.TOO_SLOW}), GOOD) as server:
        board = PageBoard.at(talk, server.url)
        await board.hurried(board.do("identify"))
        assert len(server.requests) == 2


@pytest.mark.parametrize("body", [b"", b"\xff", b"\xa0", b"\x80", b"\xa1\0\0\0", bytes(8192)])
async def test_garbage_is_no_reply(talk: node.Node, body: bytes) -> None:
    with answering(octets(head(), body)) as server:
        with pytest.raises(node.NodeError, match="BadReply|CborError"):
            await PageBoard.at(talk, server.url).do("info")
        assert len(server.requests) == 1


def page(number: int, pages: int, *ssids: bytes) -> Answer:
    seen = [[ssid, -40 - 10 * number, 1, 3] for ssid in ssids]
    return reply({c.F_STATUS: c.OK, c.F_NETWORKS: seen, c.F_PAGE: number, c.F_PAGES: pages})


async def test_a_scan_has_as_many_pages_as_the_board_says(talk: node.Node) -> None:
    with answering(page(1, 2, b"far"), page(0, 2, b"near", b"near, too")) as server:
        networks = await PageBoard.at(talk, server.url).do("scan", fresh=True)
        assert [bytes.fromhex(n["ssid"]) for n in networks] == [b"near", b"near, too", b"far"]
        assert server.asked == ["GET /v1/scan?page=0&fresh=1", "GET /v1/scan?page=1"]


async def test_a_scan_without_end_ends(talk: node.Node) -> None:
    with answering(page(0, 65, b"one")) as server:
        with pytest.raises(node.NodeError, match="BadReply"):
            await PageBoard.at(talk, server.url).do("scan", fresh=False)
        assert len(server.requests) == 1


async def submitted(talk: node.Node, *answers: Answer, **limits: int) -> list[str]:
    """What is asked while an order is handed over. Raises node.NodeError."""
    with answering(*answers) as server:
        try:
            board = PageBoard.at(talk, server.url, **limits)
            await board.hurried(board.submit(b"sealed", ORDER_ID))
        finally:
            bodies = {body for text, body in server.requests if text.startswith("POST")}
            assert bodies == {b"sealed"}  # the same octets, each time
        return [line.split("?")[0].rpartition("/")[2] for line in server.asked]


async def test_an_order_waits_for_a_busy_board(talk: node.Node) -> None:
    assert await submitted(talk, BUSY, ACCEPTED) == ["provision", "provision"]


async def test_an_order_does_not_wait_for_ever(talk: node.Node) -> None:
    with pytest.raises(node.NodeError, match="Refused") as refused:
        await submitted(talk, BUSY, submit=500)
    assert refused.value.status == c.BUSY


@pytest.mark.parametrize("refusal", [c.REPLAYED, c.STALE, c.BUSY])
async def test_a_second_copy_may_be_refused(talk: node.Node, refusal: int) -> None:
    """The answer to the first was lost, and the board has the order."""
    refused, known = reply({c.F_STATUS: refusal}), reply(status(c.JOINING))
    asked = await submitted(talk, hangs_up, refused, known)
    assert asked == ["provision", "provision", "status"]


async def test_a_second_copy_may_be_refused_as_the_first_would_have_been(talk: node.Node) -> None:
    unknown = reply(status(c.IDLE, None))
    with pytest.raises(node.NodeError, match="Refused") as refused:
        await submitted(talk, hangs_up, reply({c.F_STATUS: c.STALE}), unknown)
    assert refused.value.status == c.STALE


async def test_an_order_that_may_still_be_opened_is_handed_over_again(talk: node.Node) -> None:
    unknown = reply(status(c.IDLE, None))
    asked = await submitted(talk, hangs_up, BUSY, unknown, ACCEPTED)
    assert asked == ["provision", "provision", "status", "provision"]


async def test_a_refusal_of_the_first_copy_is_final(talk: node.Node) -> None:
    with pytest.raises(node.NodeError, match="Refused"):
        await submitted(talk, reply({c.F_STATUS: c.NOT_AUTHENTIC}), ACCEPTED)


async def test_nothing_is_handed_over_once_the_page_has_ended_it(talk: node.Node) -> None:
    with answering(ACCEPTED) as server:
        board = PageBoard.at(talk, server.url)
        await board.do("abort")
        with pytest.raises(node.NodeError, match="DOMException: ended"):
            await board.submit(b"sealed", ORDER_ID)
        assert not server.requests


async def test_a_receipt_of_another_order_is_none(talk: node.Node) -> None:
    claims = {c.R_ORDER_ID: bytes(16), c.R_DEVICE_ID: "lk", c.R_RESULT: 0, c.R_DIGEST: bytes(32)}
    body = [cbor.encode({1: c.ALG_HMAC_256}), {}, cbor.encode(claims), bytes(32)]
    answer = reply({c.F_STATUS: c.OK, c.F_RECEIPT: b"\xd1" + cbor.encode(body)})
    with answering(answer) as server:
        board = PageBoard.at(talk, server.url)
        with pytest.raises(node.NodeError, match="BadReceipt"):
            await board.receipt(ORDER_ID)
        assert (await board.receipt(None))["verified"] is False
