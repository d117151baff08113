"""As little of HTTP/1.1 (RFC 9112) as two requests need, and strict about every octet of it.

One request a connection. No redirect is followed, nothing chunked or compressed is read, and
what was not announced is not waited for.
"""

from firmware.provision.trial import host_and_port
from transports.contract import MAX_MESSAGE, ORDER_TYPE

MAX_HEAD = 2048  # octets of status line and headers
_CHUNK = 256
_READ = ("content-encoding", "content-length", "content-type", "date", "transfer-encoding")
_UNRESERVED = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~"


class BadResponse(Exception):
    """What came back is not a response that this board reads; the text quotes nothing of it."""


class Response:
    """status: 200 to 599. date: text of the server's clock, or None. body: octets, empty but
    for status 200."""

    def __init__(self, status, date, body=b""):
        self.status = status
        self.date = date
        self.body = body


class Server:
    """Where a URL such as "https://boot.example:8443/fleet" leads. host, port: to connect to;
    name: as the request calls it; prefix: begins every path, "" or "/fleet"."""

    def __init__(self, url):
        """Raises ValueError for any other kind of URL."""
        scheme, _, rest = url.partition("://")
        if scheme != "https" or any(mark in rest for mark in "@?#\\ "):
            raise ValueError("no URL of a bootstrap server")
        self.host, self.port = host_and_port(url)
        self.name, slash, prefix = rest.partition("/")
        self.prefix = (slash + prefix).rstrip("/")


def segment(text):
    """`text` as one segment of a path (RFC 3986 section 3.3)."""
    return "".join(
        chr(octet) if chr(octet) in _UNRESERVED else "%%%02X" % octet for octet in text.encode()
    )


async def exchange(connection, server, path, body=None):
    """GET `path` of `server`, or POST `body` to it, and return the Response.

    connection: see firmware.device.tls. Raises BadResponse, and the connection's OSError.
    """
    lines = [
        "%s %s HTTP/1.1" % ("GET" if body is None else "POST", server.prefix + path),
        "Host: " + server.name,
        "Connection: close",
        "Accept: " + ORDER_TYPE,
    ]
    if body is not None:
        lines.append("Content-Type: " + ORDER_TYPE)
        lines.append("Content-Length: %d" % len(body))
    await connection.send("\r\n".join(lines).encode() + b"\r\n\r\n" + (body or b""))
    return await _response(connection)


async def _response(connection):
    head = b""
    chunk = bytearray(_CHUNK)
    while b"\r\n\r\n" not in head:
        if len(head) > MAX_HEAD - _CHUNK:
            raise BadResponse("headers without end")
        count = await connection.receive(chunk)
        if not count:
            raise BadResponse("it ends before its body")
        head += chunk[:count]
    end = head.find(b"\r\n\r\n")
    status, headers = _read_head(head[:end])
    response = Response(status, headers.get("date"))
    if status == 200:
        length = _length(headers)
        response.body = await _body(connection, head[end + 4 :], length)
    return response


def _read_head(head):
    """(status, those headers that are read) of a response's start."""
    lines = [_text(line) for line in head.split(b"\r\n")]
    first = lines[0]
    if first[:9] not in ("HTTP/1.1 ", "HTTP/1.0 ") or first[12:13] not in ("", " "):
        raise BadResponse("not HTTP/1.1")
    status = _digits(first[9:12])
    if not 200 <= status <= 599:
        raise BadResponse("a status of no use here")
    headers = {}
    for line in lines[1:]:
        name, colon, value = line.partition(":")
        if not colon or not name or name.strip() != name:
            raise BadResponse("a header that is none")
        name = name.lower()
        if name in _READ:
            if name in headers:
                raise BadResponse("a header that is there twice")
            headers[name] = value.strip(" \t")
    return status, headers


def _text(line):
    for octet in line:
        if not 0x20 <= octet < 0x7F and octet != 0x09:
            raise BadResponse("not printable")
    return line.decode()


def _length(headers):
    if "transfer-encoding" in headers or "content-encoding" in headers:
        raise BadResponse("an encoding that this board does not read")
    if headers.get("content-type") != ORDER_TYPE:
        raise BadResponse("not an order")
    length = _digits(headers.get("content-length", ""))
    if not 0 < length <= MAX_MESSAGE:
        raise BadResponse("no order has this length")
    return length


def _digits(text):
    """Digits and nothing else: int() takes signs and underscores, too."""
    if not 0 < len(text) <= 5 or not all("0" <= digit <= "9" for digit in text):
        raise BadResponse("not a number")
    return int(text)


async def _body(connection, begun, length):
    if len(begun) > length:
        raise BadResponse("longer than it says")
    body = bytearray(length)
    body[: len(begun)] = begun
    view = memoryview(body)
    at = len(begun)
    while at < length:
        count = await connection.receive(view[at:])
        if not count:
            raise BadResponse("it ends before its body does")
        at += count
    return body
