"""firmware/bootstrap/http.py and date.py: what a board takes for a response, and what not."""

import asyncio

from firmware.bootstrap import http
from firmware.bootstrap.date import unix_seconds
from firmware.bootstrap.http import BadResponse
from transports.contract import MAX_MESSAGE, ORDER_TYPE

DATE = "Sun, 06 Nov 1994 08:49:37 GMT"
OK_HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: " + ORDER_TYPE.encode() + b"\r\n"


class Line:
    """A connection whose other end says `answer`, in pieces of `piece` octets."""

    def __init__(self, answer, piece=1000):
        self.sent = b""
        self._rest = answer
        self._piece = piece

    async def send(self, data):
        self.sent += bytes(data)

    async def receive(self, buffer):
        count = min(len(buffer), self._piece, len(self._rest))
        buffer[:count] = self._rest[:count]
        self._rest = self._rest[count:]
        return count


def ask(answer, piece=1000, body=None):
    line = Line(answer, piece)
    server = http.Server("https://boot.example:8443/fleet/")
    return asyncio.run(http.exchange(line, server, "/v1/x", body)), line.sent


def refuses(answer):
    try:
        ask(answer)
    except BadResponse:
        return True
    return False


def test_reads_an_order_in_pieces_of_any_size():
    answer = OK_HEAD + b"Date: " + DATE.encode() + b"\r\nContent-Length: 5\r\n\r\norder"
    for piece in (1, 2, 7, 64, 1000):
        response, sent = ask(answer, piece)
        assert (response.status, bytes(response.body)) == (200, b"order")
        assert response.date == DATE
        assert sent.startswith(b"GET /fleet/v1/x HTTP/1.1\r\nHost: boot.example:8443\r\n")


def test_reads_no_body_of_another_status():
    for status in (b"204 No Content", b"404 Not Found", b"503", b"301 Moved"):
        head = b"HTTP/1.1 " + status + b"\r\nLocation: https://else.example/\r\n\r\n"
        response, _ = ask(head + b"x" * 9)
        assert response.status == int(status[:3])
        assert response.body == b"" and response.date is None


def test_posts_a_body():
    response, sent = ask(b"HTTP/1.1 204 No Content\r\n\r\n", body=b"receipt")
    assert response.status == 204
    assert sent.startswith(b"POST /fleet/v1/x HTTP/1.1\r\n")
    assert sent.endswith(b"\r\nContent-Length: 7\r\n\r\nreceipt")


def test_refuses_what_is_no_response():
    for answer in (
        b"",
        b"\r\n\r\n",
        b"order",
        b"HTTP/2 200 OK\r\n\r\n",
        b"HTTP/1.1 100 Continue\r\n\r\n",
        b"HTTP/1.1 600 x\r\n\r\n",
        b"HTTP/1.1 +20 x\r\n\r\n",
        b"HTTP/1.1 20\r\n\r\n",
        b"HTTP/1.1 2000 x\r\n\r\n",
        b"HTTP/1.1 204 x\r\nno colon\r\n\r\n",
        b"HTTP/1.1 204 x\r\n: no name\r\n\r\n",
        b"HTTP/1.1 204 x\r\nDate : " + DATE.encode() + b"\r\n\r\n",
        b"HTTP/1.1 204 x\r\nA: b\r\n c: d\r\n\r\n",
        b"HTTP/1.1 204 x\r\nA: b\nC: d\r\n\r\n",
        b"HTTP/1.1 204 x\r\nA: \xff\r\n\r\n",
        b"HTTP/1.1 204 x\r\nA: b\x00\r\n\r\n",
        b"HTTP/1.1 204 x\r\nDate: a\r\nDate: b\r\n\r\n",
        b"HTTP/1.1 204 x\r\nA: b\r\n",
        b"HTTP/1.1 204 x\r\n" + b"A: b\r\n" * 1000,
        b"HTTP/1.1 204 x" * 1000,
    ):
        assert refuses(answer), answer[:60]


def test_refuses_what_is_no_order():
    for rest in (
        b"\r\norder",  # no length
        b"Content-Length: 5\r\nContent-Length: 5\r\n\r\norder",
        b"Content-Length: 5, 5\r\n\r\norder",
        b"Content-Length: +5\r\n\r\norder",
        b"Content-Length: -5\r\n\r\norder",
        b"Content-Length: 0\r\n\r\n",
        b"Content-Length: 0x5\r\n\r\norder",
        b"Content-Length: %d\r\n\r\n" % (MAX_MESSAGE + 1) + bytes(MAX_MESSAGE + 1),
        b"Content-Length: 999999999999\r\n\r\norder",
        b"Content-Length: 5\r\n\r\nord",
        b"Content-Length: 5\r\n\r\norders",
        b"Transfer-Encoding: chunked\r\n\r\n5\r\norder\r\n0\r\n\r\n",
        b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\norder",
        b"Content-Length: 5\r\nContent-Encoding: gzip\r\n\r\norder",
    ):
        assert refuses(OK_HEAD + rest), rest[:60]
    head = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n"
    assert refuses(head + b"\r\norder")
    assert refuses(head + b"Content-Type: text/html\r\n\r\norder")


def test_takes_the_longest_order_and_asks_for_no_more_memory_than_that():
    body = bytes(range(256)) * (MAX_MESSAGE // 256)
    response, _ = ask(OK_HEAD + b"Content-Length: %d\r\n\r\n" % MAX_MESSAGE + body)
    assert bytes(response.body) == body


def test_a_device_id_is_one_segment_of_a_path():
    for text, expected in (
        ("lk-0123456789abcdef", "lk-0123456789abcdef"),
        ("a/../b?c#d", "a%2F..%2Fb%3Fc%23d"),
        ("a b%\r\n", "a%20b%25%0D%0A"),
        ("\u00e9", "%C3%A9"),
    ):
        assert http.segment(text) == expected


def test_knows_where_a_url_leads():
    for url, expected in (
        ("https://boot.example", ("boot.example", 443, "boot.example", "")),
        ("https://boot.example:8443/", ("boot.example", 8443, "boot.example:8443", "")),
        ("https://192.0.2.7/a/b", ("192.0.2.7", 443, "192.0.2.7", "/a/b")),
        ("https://[2001:db8::1]:99/a", ("2001:db8::1", 99, "[2001:db8::1]:99", "/a")),
    ):
        server = http.Server(url)
        assert (server.host, server.port, server.name, server.prefix) == expected
    for url in (
        "http://boot.example", "mqtts://x", "boot.example", "", "https://", "https://a@b",
        "https://x/?y", "https://x/#y", "https://x y", "https://x:0", "HTTPS://x",
    ):  # fmt: skip
        try:
            http.Server(url)
        except ValueError:
            continue
        raise AssertionError(url)


def test_reads_dates():
    for text, expected in (
        (DATE, 784111777),
        ("Thu, 01 Jan 1970 00:00:00 GMT", 0),
        ("Tue, 29 Feb 2000 12:00:00 GMT", 951825600),
        ("Wed, 01 Mar 2000 00:00:00 GMT", 951868800),
        ("Wed, 29 Feb 2096 00:00:00 GMT", 3981312000),
        ("Thu, 31 Dec 2099 23:59:59 GMT", 4102444799),
        ("Tue, 24 Nov 2026 13:56:56 GMT", 1795528616),
    ):
        assert unix_seconds(text) == expected, text


def test_refuses_what_is_no_date():
    for text in (
        "",
        "Sunday, 06-Nov-94 08:49:37 GMT",
        "Sun Nov  6 08:49:37 1994",
        "Sun, 06 Nov 1994 08:49:37 UTC",
        "Sun, 06 Nov 1994 24:49:37 GMT",
        "Sun, 00 Nov 1994 08:49:37 GMT",
        "Sun, 06 nov 1994 08:49:37 GMT",
        "Sun, 06 Nov 9994 08:49:37 GMT",
        "Fri, 01 Jan 2100 00:00:00 GMT",
        "Sun, +6 Nov 1994 08:49:37 GMT",
        "Sun, 06 Nov 1994 08:49:37 GMT ",
        "Sun, 06 Nov 1994 08-49-37 GMT",
    ):
        assert unix_seconds(text) is None, text
