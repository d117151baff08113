"""transports/bounded_http.py: one plain request is read whole, anything else is refused."""

import asyncio

from transports import bounded_http, contract
from transports.bounded_http import Unacceptable, read_request


class Arrivals:
    """A stream that delivers the given pieces, then stays silent or ends."""

    def __init__(self, pieces, silent=False):
        self._pieces = list(pieces)
        self._silent = silent
        self.taken = 0

    async def read(self, count):
        if not self._pieces:
            if self._silent:
                await asyncio.Event().wait()
            return b""
        piece = self._pieces[0][:count]
        rest = self._pieces[0][count:]
        self._pieces[:1] = [rest] if rest else []
        self.taken += len(piece)
        return piece


def read(*pieces, silent=False):
    """Return the whole content read, or the status it is refused with."""
    arrivals = Arrivals(pieces, silent)

    async def whole():
        request = await read_request(arrivals)
        return None if request is None else bytes(await request.read())

    try:
        return asyncio.run(whole())
    except Unacceptable as refused:
        return refused.status


GET = b"GET /v1/info HTTP/1.1\r\nHost: x\r\n\r\n"
POST = b"POST /v1/provision HTTP/1.1\r\nContent-Length: 5\r\n\r\nhello"


def test_accepts_a_request_in_any_pieces():
    for whole in (GET, POST):
        for size in (1, 2, 7, len(whole)):
            pieces = [whole[i : i + size] for i in range(0, len(whole), size)]
            assert read(*pieces, silent=True) == whole


def test_accepts_the_largest_body_and_no_larger():
    head = b"POST / HTTP/1.1\r\nContent-Length: %d\r\n\r\n"
    body = b"b" * contract.MAX_MESSAGE
    assert read(head % len(body) + body) == head % len(body) + body
    assert read(head % (len(body) + 1)) == contract.TOO_LARGE


def test_a_peer_that_says_nothing_and_goes():
    assert read() is None


def test_refuses_what_microdot_alone_would_take():
    for headers in (
        b"Content-Length: -1", b"Content-Length: +4", b"Content-Length: 4, 4",
        b"Content-Length: 0x4", b"Content-Length: 4\r\nContent-Length: 4",
        b"Content-Length: ", b"Content-Length: 9999999999", b"Transfer-Encoding: chunked",
        b"Transfer-Encoding : chunked", b"Host: a\r\nhost: b",
        b"X-A: 1\r\n folded: 2", b"no colon", b": no name",
        b"X: \x00", b"X: \x80", b"X: a\rb", b"X: a\nY: b",
    ):  # fmt: skip
        request = b"POST / HTTP/1.1\r\n" + headers + b"\r\n\r\nabcd"
        assert read(request) == contract.BAD_REQUEST, headers


def head_of(*pieces):
    """What was read of a request, whether it was accepted or not."""
    try:
        return asyncio.run(read_request(Arrivals(pieces))).head()
    except Unacceptable as refused:
        return refused.head


def test_tells_the_head_of_what_it_accepts_and_of_what_it_refuses():
    assert head_of(POST) == POST[:-7]
    escaped = b"GET /% HTTP/1.1\r\nHost: x\r\n\r\n"
    assert head_of(escaped) == escaped
    assert head_of(b"GET / HTTP/1.1\r\nX: ", b"a" * 4000)[:15] == b"GET / HTTP/1.1\r"
    assert head_of(b"GET / HTTP") == b""


def test_refuses_what_is_no_request_line():
    for line in (
        b"GET", b"GET /", b"GET  / HTTP/1.1", b"GET / HTTP/2.0", b"get / HTTP/1.1",
        b"GET http://x/ HTTP/1.1", b"BREW / HTTP/1.1", b"\x16\x03\x01\x02", b"GET / HTTP/1.1 x",
    ):  # fmt: skip
        assert read(line + b"\r\n\r\n") == contract.BAD_REQUEST, line


def test_refuses_more_than_was_announced():
    assert read(GET + GET) == contract.BAD_REQUEST
    assert read(POST + b"!") == contract.BAD_REQUEST


def test_refuses_a_peer_that_goes_in_the_middle():
    for whole in (GET, POST):
        for end in range(1, len(whole)):
            assert read(whole[:end]) == contract.BAD_REQUEST


def test_a_header_line_that_never_ends_is_read_no_further_than_the_limit():
    arrivals = Arrivals([b"GET / HTTP/1.1\r\nX: "] + [b"a" * 500] * 100)
    try:
        asyncio.run(read_request(arrivals))
    except Unacceptable as refused:
        assert refused.status == contract.TOO_LARGE
        assert arrivals.taken <= bounded_http.MAX_HEAD
        return
    raise AssertionError("it was accepted")


def test_refuses_a_line_too_many():
    most = bounded_http.MAX_LINES - 1
    head = b"GET / HTTP/1.1\r\n"
    assert read(head + b"A: b\r\n" * most + b"\r\n") == head + b"A: b\r\n" * most + b"\r\n"
    assert read(head + b"A: b\r\n" * (most + 1) + b"\r\n") == contract.TOO_LARGE
    assert read(head, b"A: b\r\n" * 3000) == contract.TOO_LARGE


def test_a_silent_peer_meets_the_deadline():
    before = bounded_http.READ_S
    bounded_http.READ_S = 0.05
    try:
        for part in (b"", b"G", GET[:-1], POST[:-1]):
            assert read(*([part] if part else []), silent=True) == contract.TOO_SLOW
    finally:
        bounded_http.READ_S = before


def test_refuses_targets_that_would_have_to_be_unescaped():
    for target in (b"/%", b"/%zz", b"/v1/status?order=%ff", b"/a+b", b"/a\tb", b"/[", b"/;", b"/@"):
        assert read(b"GET " + target + b" HTTP/1.1\r\n\r\n") == contract.BAD_REQUEST, target
    plain = b"GET /Az09._~-/v1?order=0af&page=1 HTTP/1.1\r\n\r\n"
    assert read(plain) == plain
