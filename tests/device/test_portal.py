"""transports/portal.py: who gets the page, who is sent to it, and who reaches REST."""

import asyncio
import os
import sys

from tests.device.device_vectors import project_root
from transports import portal
from transports.bounded_http import Unacceptable
from transports.contract import BAD_REQUEST
from transports.hosts import Hosts

REST, REFUSED = "REST", "refused"
PAGE = {"index.html.gz": b"<page>" * 700, "style.css.gz": b"s", "page.js.gz": b"j" * 1024}
LOCATION = b"\r\nLocation: http://192.168.4.1/\r\n"


def folder():
    """A folder with those files, and no scan.js.gz."""
    path = project_root()
    for name in (".build", "portal-" + sys.implementation.name):
        path += "/" + name
        try:
            os.mkdir(path)
        except OSError:
            os.stat(path)
    for name, content in PAGE.items():
        with open(path + "/" + name, "wb") as file:
            file.write(content)
    return path


def board(path="no/such/folder"):
    return portal.Portal("latchkey-1A2b", "192.168.4.1", path)


def head(target="/", host="192.168.4.1", method="GET", *headers):
    lines = [method + " " + target + " HTTP/1.1"]
    if host is not None:
        lines.append("Host: " + host)
    return ("\r\n".join(lines + list(headers)) + "\r\n").encode()


def answered(*request, near=True, path="no/such/folder"):
    """What becomes of a request: REST, REFUSED or the Answer."""
    try:
        answer = board(path).answer(head(*request), near)
    except Unacceptable as refused:
        assert refused.status == BAD_REQUEST
        return REFUSED
    return REST if answer is None else answer


class Writer:
    def __init__(self):
        self.octets = b""
        self.largest = 0

    def write(self, octets):
        self.octets += bytes(octets)
        self.largest = max(self.largest, len(octets))

    async def drain(self):
        pass


def sent(answer):
    """(head, body, most octets at once) of an Answer."""
    writer = Writer()
    waits = []

    async def wait(work):
        waits.append(1)
        await work

    asyncio.run(answer.send(writer, wait))
    assert waits
    whole, _, body = writer.octets.partition(b"\r\n\r\n")
    return whole, body, writer.largest


OURS = ("192.168.4.1", "192.168.4.1:80", "127.0.0.1:49152", "10.0.0.9", "latchkey-1a2b",
        "LATCHKEY-1A2B.local", "latchkey-1a2b.local:80", "[::1]:80", "", None)  # fmt: skip
FOREIGN = ("example.com", "connectivitycheck.gstatic.com", "latchkey-1a2b.example.com",
           "latchkey-1a2b.local.example.com", "192.168.4.1.example.com", "localhost",
           "1.2.3", "1.2.3.4.5", "1.2.3.x", ".local", "-", "a:b", "192.168.4.1@x.org")  # fmt: skip


def test_the_board_is_known_by_its_names_and_by_any_address():
    for host in OURS:
        assert answered("/v1/info", host) is REST, host
        assert answered("/v1/provision", host, "POST") is REST, host
    for host in FOREIGN:
        assert answered("/v1/info", host) is not REST, host


def test_a_foreign_name_never_reaches_rest():
    """A page of another site, and the board's own DNS: that name is the board's address."""
    for host in FOREIGN:
        for near in (True, False):
            for target in ("/v1/info", "/v1/status?order=00", "/v1/scan", "/", "/page.js"):
                answer = answered(target, host, near=near)
                assert answer is REFUSED if not near else LOCATION in answer.head, (host, target)
            for method in ("POST", "PUT", "OPTIONS", "DELETE", "PATCH"):
                assert answered("/v1/provision", host, method, near=near) is REFUSED


def test_without_a_page_a_foreign_name_reaches_nothing_either():
    hosts = Hosts("latchkey-1a2b")
    for host in OURS:
        assert hosts.answer(head("/v1/info", host), True) is None, host
    for host in FOREIGN:
        try:
            hosts.answer(head("/v1/info", host), True)
        except Unacceptable as refused:
            assert refused.status == BAD_REQUEST
            continue
        raise AssertionError(host)
    assert hosts.instead(b"GET /% HTTP/1.1\r\nHost: x.example\r\n\r\n", True) is None


def test_probes_are_sent_to_the_page():
    for target in (
        "/generate_204", "/gen_204", "/hotspot-detect.html", "/library/test/success.html",
        "/connecttest.txt", "/ncsi.txt", "/redirect", "/success.txt?ipv4", "/canonical.html",
    ):  # fmt: skip
        answer = answered(target)
        assert answer.head.startswith(b"HTTP/1.0 302 Found\r\n") and LOCATION in answer.head
        assert b'<a href="http://192.168.4.1/">' in answer.head
        assert answered(target, near=False) is REST
        assert answered(target, "192.168.4.1", "POST") is REST


def test_a_redirect_says_how_long_it_is_and_is_not_kept():
    whole, body, _ = sent(answered("/", "example.com"))
    lines = whole.split(b"\r\n")
    assert b"Content-Length: %d" % len(body) in lines and len(body) > 4
    assert b"Cache-Control: no-store" in lines
    _, nothing, _ = sent(answered("/", "example.com", "HEAD"))
    assert nothing == b""


def test_the_page_is_sent_in_small_pieces():
    path = folder()
    for target, name, media_type in (
        ("/", "index.html.gz", b"text/html"),
        ("/style.css", "style.css.gz", b"text/css"),
        ("/page.js", "page.js.gz", b"text/javascript"),
        ("/page.js?again", "page.js.gz", b"text/javascript"),
    ):
        for near in (True, False):
            whole, body, largest = sent(answered(target, near=near, path=path))
            assert whole.startswith(b"HTTP/1.0 200 OK\r\nContent-Type: " + media_type)
            assert body == PAGE[name] and largest <= portal.CHUNK
            assert b"\r\nContent-Length: %d\r\n" % len(body) in whole


def test_the_page_is_what_its_headers_say():
    whole = sent(answered(path=folder()))[0].split(b"\r\n")
    for line in (
        b"Content-Encoding: gzip", b"Cache-Control: no-store", b"X-Content-Type-Options: nosniff",
        b"Referrer-Policy: no-referrer",
        b"Content-Security-Policy: default-src 'none'; script-src 'self'; style-src 'self'; "
        b"connect-src 'self'; img-src 'self' data: blob:; base-uri 'none'; form-action 'none'; "
        b"frame-ancestors 'none'",
    ):  # fmt: skip
        assert line in whole, line


def test_the_head_alone_has_no_body():
    whole, body, _ = sent(answered("/", "192.168.4.1", "HEAD", path=folder()))
    assert body == b"" and b"\r\nContent-Length: 4200" in whole


def test_other_files_are_not_to_be_had():
    path = folder()
    for target in (
        "/scan.js", "/index.html", "/index.html.gz", "/page.js.gz", "//", "/../main.py", "/./",
        "/firmware/page/page.js.gz", "/page.js/", "/../page.js", "/style.css/../page.js",
    ):  # fmt: skip
        assert answered(target, path=path) is REST, target


def test_a_board_without_a_page_says_so():
    whole, body, _ = sent(answered())
    assert whole.startswith(b"HTTP/1.0 404 ") and b"text/plain" in whole
    assert b"no page" in body and b"latchkey command" in body
    assert answered("/page.js") is REST


def test_the_page_is_found_beside_the_firmware():
    before = sys.path[:]
    path = folder()
    for name in ("/firmware", "/firmware/page"):
        try:
            os.mkdir(path + name)
        except OSError:
            os.stat(path + name)
    with open(path + "/firmware/page/index.html.gz", "wb") as file:
        file.write(b"x")
    try:
        sys.path[:] = [".frozen", "/no/such/folder", path]
        assert portal.found_folder() == path + "/firmware/page"
        sys.path[:] = [path + "/"]
        assert portal.found_folder() == path + "/firmware/page"
        sys.path[:] = [".frozen", "/no/such/folder"]
        assert portal.found_folder() is None
        assert board(None).answer(head(), True).head.startswith(b"HTTP/1.0 404")
    finally:
        sys.path[:] = before


def instead(octets, near=True):
    return board().instead(octets, near)


def test_what_the_reader_refuses_of_a_foreign_name_is_sent_to_the_page():
    """Percent escapes, a head of many cookies: an app asks a server of its own."""
    for octets in (
        b"GET /a%20b?c=[1] HTTP/1.1\r\nHost: ads.example.com\r\n\r\n",
        b"GET http://x/ HTTP/1.1\r\nhost:x\r\n\r\n",
        b"HEAD /%00 HTTP/1.1\r\nHost: x.example\r\nCookie: a" + b"b" * 1900,
        b"GET /\xff HTTP/1.1\r\nX: y\r\nHOST:   x.example  \r\nX:",
    ):
        assert LOCATION in instead(octets).head, octets
        assert instead(octets, near=False) is None, octets


def test_what_the_reader_refuses_otherwise_stays_refused():
    for octets in (
        b"", b"GET", b"GET /%", b"GET /% HTTP/1.1\r\n", b"GET /% HTTP/1.1\r\nHost: x.exam",
        b"GET /% HTTP/1.1\r\nHost: 192.168.4.1\r\n\r\n", b"POST /% HTTP/1.1\r\nHost: x.org\r\n",
        b"GET /% HTTP/1.1\r\nX-Host: x.org\r\n\r\n", b"\x16\x03\x01", b"GETHost: x.org\r\n\r\n",
    ):  # fmt: skip
        assert instead(octets) is None, octets


def test_a_peer_that_takes_nothing_is_left():
    class Stuck(Writer):
        async def drain(self):
            await asyncio.sleep(5)

    async def scenario():
        async def wait(work):
            await work

        try:
            await board(folder()).answer(head(), True).send(Stuck(), wait)
        except asyncio.TimeoutError:
            return True

    before, portal.PAGE_S = portal.PAGE_S, 0.05
    try:
        assert asyncio.run(scenario())
    finally:
        portal.PAGE_S = before
