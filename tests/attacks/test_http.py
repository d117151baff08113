"""Requests that no honest client sends, one by one: refused at once, and nothing stays."""

from __future__ import annotations

import asyncio

import cbor2
import pytest

from tests.attacks.raw_http import RawConnection, send
from tests.attacks.siege import HEAP_SLACK, Heap, siege
from tests.scenarios.rig import Rig
from transports import contract as c

INFO = b"GET /v1/info HTTP/1.1\r\nHost: 192.168.4.1\r\n\r\n"
POST = b"POST /v1/provision HTTP/1.1\r\nContent-Type: application/cose\r\n"
JUNK = b"\xd0\x83"


@pytest.fixture
def link() -> str:
    return "http"


def get(target: bytes, *headers: bytes) -> bytes:
    return b"\r\n".join((b"GET " + target + b" HTTP/1.1", *headers, b"", b""))


def post(*headers: bytes, body: bytes = b"") -> bytes:
    return POST + b"".join(header + b"\r\n" for header in headers) + b"\r\n" + body


LENGTHS = (
    b"-1", b"+4", b"4, 4", b"0x4", b"4.0", b"4e0", b"1_0", b"", b"four", b"99999999999999999999",
    b"\xb2", b"4\x00", b"8193", b"16385", b"00000000000000004",
)  # fmt: skip

NOT_A_REQUEST = {
    "3,000 headers": get(b"/v1/info", *[b"X-%d: y" % n for n in range(3000)]),
    "33 headers": get(b"/v1/info", *[b"X: y"] * 33),
    "40 empty lines first": b"\r\n" * 40 + INFO,
    "a header line of 4 KB": get(b"/v1/info", b"X: " + b"y" * 4096),
    "a target of 4 KB": get(b"/" + b"y" * 4096),
    "a request line of 64 KB": b"G" * 65536,
    "chunked": post(b"Transfer-Encoding: chunked", body=b"2\r\n\xd0\x83\r\n0\r\n\r\n"),
    "chunked and a length": post(
        b"Content-Length: 2", b"Transfer-Encoding: chunked", body=b"2\r\n\xd0\x83\r\n0\r\n\r\n"
    ),
    "identity": post(b"Transfer-Encoding: identity", b"Content-Length: 2", body=JUNK),
    "two lengths": post(b"Content-Length: 2", b"Content-Length: 3", body=JUNK + b"!"),
    "the same length twice": post(b"Content-Length: 2", b"content-length: 2", body=JUNK),
    "a space before the colon": post(b"Content-Length : 2", body=JUNK),
    "a folded line": post(b"X: y", b" Content-Length: 2", body=JUNK),
    "a header without a colon": get(b"/v1/info", b"Host board"),
    "a header without a name": get(b"/v1/info", b": board"),
    "a NUL": get(b"/v1/info", b"X: \x00"),
    "a CR alone": get(b"/v1/info", b"X: y\rContent-Length: 3"),
    "an LF alone": b"GET /v1/info HTTP/1.1\nHost: 192.168.4.1\n\r\n\r\n",
    "Latin-1": get(b"/v1/\xe9"),
    "pipelined": INFO + INFO,
    "octets after the body": post(b"Content-Length: 2", body=JUNK + b"more"),
    "HTTP/2": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "HTTP/0.9": b"GET /v1/info\r\n\r\n",
    "lower-case method": b"get /v1/info HTTP/1.1\r\n\r\n",
    "another method": b"TRACE /v1/info HTTP/1.1\r\n\r\n",
    "an absolute target": b"GET http://board/v1/info HTTP/1.1\r\n\r\n",
    "a tab in the request line": b"GET /v1/info\tx HTTP/1.1\r\n\r\n",
    "a percent sign of no number": get(b"/v1/status?order=%zz"),
    "a percent sign at the end": get(b"/v1/status?order=%"),
    "octets that are no UTF-8": get(b"/v1/status?order=%ff%fe"),
    "an escaped path": get(b"/%2e%2e/v1/info%00"),
    "a page below none": get(b"/v1/scan?page=-1"),
    "a page that is no number": get(b"/v1/scan?page=one"),
    "a page too high": get(b"/v1/scan?page=128"),
    "an order id of three digits": get(b"/v1/status?order=abc"),
    "an order id too short": get(b"/v1/receipt?order=abcd"),
    "an order as JSON": POST.replace(b"cose", b"json") + b"Content-Length: 2\r\n\r\n{}",
    "an order from a form": POST.replace(b"application/cose", b"text/plain")
    + b"Content-Length: 2\r\n\r\n" + JUNK,
    "an order of no type": b"POST /v1/provision HTTP/1.1\r\nContent-Length: 2\r\n\r\n" + JUNK,
}  # fmt: skip

NO_SUCH_THING = {
    "path": get(b"/v1/nothing"),
    "path above": get(b"/../../v1/info"),
    "method of another path": b"POST /v1/info HTTP/1.1\r\nContent-Length: 0\r\n\r\n",
    "order by GET": get(b"/v1/provision"),
    "order by PUT": b"PUT" + post(b"Content-Length: 2", body=JUNK)[4:],
    "captive portal probe by POST": b"POST /generate_204 HTTP/1.1\r\nContent-Length: 0\r\n\r\n",
}


async def heap_of(rig: Rig) -> Heap:
    async def request() -> None:
        assert (await send(rig, INFO)).status == 200

    return await Heap.of(rig, request)


async def test_what_is_not_plainly_one_request_is_refused_at_once(rig: Rig) -> None:
    async with siege(rig) as attack:
        await attack.refused(JUNK, c.NOT_AUTHENTIC)  # loads all that orders take
        heap = await heap_of(rig)
        for name, octets in NOT_A_REQUEST.items():
            answer = await send(rig, octets)
            assert answer.refused, (name, answer)
            if answer.status:
                status = cbor2.loads(answer.body)[c.F_STATUS]
                assert status in (c.BAD_REQUEST, c.TOO_LARGE), (name, answer)
                assert c.HTTP_STATUS[status] == answer.status
        assert await heap.growth() <= HEAP_SLACK


async def test_a_length_that_is_not_plain_digits_is_refused_at_once(rig: Rig) -> None:
    async with siege(rig):
        for length in LENGTHS:
            answer = await send(rig, post(b"Content-Length: " + length, body=JUNK * 2))
            assert answer.refused, (length, answer)


async def test_what_there_is_not_is_not_found(rig: Rig) -> None:
    async with siege(rig):
        for name, octets in NO_SUCH_THING.items():
            answer = await send(rig, octets)
            assert answer.status == 404, (name, answer)
            assert cbor2.loads(answer.body) == {c.F_STATUS: c.UNKNOWN_OPERATION}, name


async def test_headers_that_a_board_has_no_use_for_do_no_harm(rig: Rig) -> None:
    """Each of them means something to the server behind the reader."""
    async with siege(rig):
        for header in (
            b"Cookie: nothing", b"Cookie: =;=;;", b"Cookie: " + b"a=b;" * 300,
            b"Expect: 100-continue", b"Upgrade: websocket", b"Accept: *",
            b"Connection: keep-alive, upgrade",
            b"Range: bytes=0-1", b"Content-Type: multipart/form-data; boundary=x", b"X: \t y",
            b"Content-Length: 0",
        ):  # fmt: skip
            answer = await send(rig, get(b"/v1/info", header))
            assert answer.status == 200, (header, answer)


async def test_a_request_cut_short_is_refused_and_a_whole_one_answered(rig: Rig) -> None:
    whole = post(b"Content-Length: 2", body=JUNK)
    async with siege(rig) as attack:
        for length in (1, 4, 20, len(whole) - 2, len(whole) - 1):
            answer = await send(rig, whole[:length], end=True)
            assert answer.refused, (length, answer)
        assert (await send(rig, INFO, end=True)).status == 200
        answer = await send(rig, whole, end=True)
        assert cbor2.loads(answer.body) == {c.F_STATUS: c.NOT_AUTHENTIC}
        attack.spent += 1


async def test_connections_reset_in_the_middle_leave_nothing(rig: Rig) -> None:
    async with siege(rig) as attack:
        await attack.refused(JUNK, c.NOT_AUTHENTIC)
        heap = await heap_of(rig)
        for octets in (b"", b"G", INFO[:30], INFO, post(b"Content-Length: 8000", body=b"x" * 500)):
            for _ in range(5):
                connection = await RawConnection.open(rig)
                await connection.send(octets)
                connection.reset()
        assert (await send(rig, INFO)).status == 200
        assert await heap.growth() <= HEAP_SLACK


async def test_both_faults_of_an_order_get_the_same_octets(rig: Rig) -> None:
    """Headers included: no oracle."""
    order = rig.offline().data
    strange = order[:-1] + bytes((order[-1] ^ 1,))
    async with siege(rig) as attack:
        answers = [
            await send(rig, post(b"Content-Length: %d" % len(octets), body=octets))
            for octets in (strange, JUNK, order[:50])
        ]
        attack.spent += len(answers)
    assert len({answer.whole for answer in answers}) == 1
    assert answers[0].status == 403


async def test_an_answer_comes_in_one_piece(rig: Rig) -> None:
    """In pieces it would wait for acknowledgements that the peer delays."""
    pieces: list[bytes] = []

    class Pieces(asyncio.Protocol):
        def data_received(self, data: bytes) -> None:
            pieces.append(data)

        def connection_lost(self, error: Exception | None) -> None:
            gone.set()

    gone = asyncio.Event()
    loop = asyncio.get_running_loop()
    port = rig.board.wifi.access_point.proxy.port
    transport, _ = await loop.create_connection(Pieces, "127.0.0.1", port)
    transport.write(INFO)
    await asyncio.wait_for(gone.wait(), 5)
    assert len(pieces) == 1
    assert pieces[0].startswith(b"HTTP/1.0 200")
