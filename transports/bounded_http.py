"""A bounded reader of HTTP requests, to stand in front of a server that has no bounds.

microdot 2.7 keeps a header line that never ends, any number of headers, a negative
Content-Length and a client that stops sending, each until memory or sockets are gone.
Here a request is read whole before anything else sees it: so many octets, so many lines,
one deadline; and what two readers could understand differently is refused
(RFC 9112 sections 2.2, 5 and 6.3).
"""

import asyncio

from transports.contract import BAD_REQUEST, MAX_MESSAGE, TOO_LARGE, TOO_SLOW

MAX_HEAD = 2048  # octets of request line and headers
MAX_LINES = 33  # the request line and 32 headers
READ_S = 10  # for the whole request
_CHUNK = 512
_METHODS = (b"GET", b"POST", b"HEAD", b"OPTIONS", b"PUT", b"DELETE", b"PATCH")


class Unacceptable(Exception):
    """The request is refused; `status` is a code of the contract's table, `head` what was read of
    its head, unchecked."""

    def __init__(self, status, head=b""):
        super().__init__(status)
        self.status = status
        self.head = head


class Request:
    """A request that was read whole, served again as the stream a server expects.

    What is read is a view, so that 8 KB are in memory once; but lines are octets.
    """

    def __init__(self, content):
        self._content = content
        self._view = memoryview(content)
        self._at = 0
        self.reply = None  # for the route to leave word of what it answered

    def head(self):
        """The request line and the header lines, octets; each ends in CR LF."""
        return bytes(self._view[: self._content.find(b"\r\n\r\n") + 2])

    async def readline(self):
        end = self._content.find(b"\n", self._at) + 1
        return bytes(self._take((end or len(self._content)) - self._at))

    async def readexactly(self, count):
        if count > len(self._content) - self._at:
            raise EOFError
        return self._take(count)

    async def read(self, count=-1):
        left = len(self._content) - self._at
        return self._take(left if count < 0 else min(count, left))

    def _take(self, count):
        start = self._at
        self._at += count
        return self._view[start : self._at]


async def read_request(reader):
    """Read one request. Returns a Request, or None if the peer closed without one.

    Raises Unacceptable: TOO_SLOW at the deadline, TOO_LARGE over a limit, BAD_REQUEST for
    what is not plainly one request. Raises OSError when the connection breaks.
    """
    try:
        return await asyncio.wait_for(_read(reader), READ_S)
    except asyncio.TimeoutError:
        raise Unacceptable(TOO_SLOW)


async def _read(reader):
    content = b""
    while True:
        end = content.find(b"\r\n\r\n")
        if end >= 0:
            break
        # A line too many is refused when it comes, not when the head is complete.
        if len(content) >= MAX_HEAD or content.count(b"\n") > MAX_LINES:
            raise Unacceptable(TOO_LARGE, content)
        chunk = await reader.read(min(_CHUNK, MAX_HEAD - len(content)))
        if not chunk:
            if content:
                raise Unacceptable(BAD_REQUEST)
            return None
        content += chunk
    try:
        length = _check_head(content[:end])
    except Unacceptable as refused:
        refused.head = content
        raise
    whole = bytearray(end + 4 + length)
    filled = len(content)
    if filled > len(whole):
        raise Unacceptable(BAD_REQUEST)  # more than was announced; no pipelining here
    view = memoryview(whole)
    view[:filled] = content
    while filled < len(whole):
        chunk = await reader.read(min(_CHUNK, len(whole) - filled))
        if not chunk:
            raise Unacceptable(BAD_REQUEST)
        view[filled : filled + len(chunk)] = chunk
        filled += len(chunk)
    return Request(whole)


def _check_head(head):
    """Return the body's length in octets. Raises Unacceptable."""
    lines = head.split(b"\r\n")
    if len(lines) > MAX_LINES:
        raise Unacceptable(TOO_LARGE)
    parts = lines[0].split(b" ")
    if len(parts) != 3 or parts[0] not in _METHODS or parts[2] not in (b"HTTP/1.1", b"HTTP/1.0"):
        raise Unacceptable(BAD_REQUEST)
    if not parts[1].startswith(b"/") or not _plain(parts[1]) or not _printable(head):
        raise Unacceptable(BAD_REQUEST)
    length = None
    hosts = 0
    for line in lines[1:]:
        name, colon, value = line.partition(b":")
        if not colon or not name or name != name.strip():
            raise Unacceptable(BAD_REQUEST)
        name = name.lower()
        hosts += name == b"host"
        if name == b"transfer-encoding" or hosts > 1:
            raise Unacceptable(BAD_REQUEST)
        if name == b"content-length":
            if length is not None:
                raise Unacceptable(BAD_REQUEST)
            length = _length(value.strip())
    return length or 0


def _plain(target):
    """Only letters, digits and what separates them. No target of ours needs an escape, and
    the server behind this reader raises at one that is wrong."""
    for octet in target:
        letter = 65 <= octet & 0xDF <= 90
        if not letter and not 48 <= octet <= 57 and octet not in b"/?&=._~-":
            return False
    return True


def _printable(head):
    """No octet outside ASCII, and no control but CR LF pairs and tabs."""
    for octet in head.replace(b"\r\n", b""):
        if octet > 126 or (octet < 32 and octet != 9):
            return False
    return True


def _length(digits):
    if not digits or len(digits) > 9 or not all(48 <= d <= 57 for d in digits):
        raise Unacceptable(BAD_REQUEST)
    length = int(digits)
    if length > MAX_MESSAGE:
        raise Unacceptable(TOO_LARGE)
    return length
