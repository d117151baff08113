"""The board's page, and what sends a phone to it (captive portal).

See PROTOCOL.md, "The page and the captive portal". Counterpart: host_client/browser/.
"""

import asyncio
import os
import sys

from transports.bounded_http import Unacceptable
from transports.contract import BAD_REQUEST
from transports.hosts import Hosts

PAGE_S = 30  # at most, for one file to go out
CHUNK = 1024
FOLDER = "firmware/page"  # below a folder of sys.path: the file system's root, or ROMFS
_FILES = {
    b"/": ("index.html.gz", "text/html; charset=utf-8"),
    b"/style.css": ("style.css.gz", "text/css; charset=utf-8"),
}
_SCRIPT = "text/javascript; charset=utf-8"
# What systems ask for to find out whether they are in the internet; see PROTOCOL.md.
_PROBES = (
    b"/generate_204", b"/gen_204", b"/hotspot-detect.html", b"/library/test/success.html",
    b"/connecttest.txt", b"/ncsi.txt", b"/redirect", b"/success.txt", b"/canonical.html",
)  # fmt: skip
_HEAD = "HTTP/1.0 %s\r\nContent-Type: %s\r\nContent-Length: %d\r\nCache-Control: no-store\r\n"
_ENCODED = (
    "Content-Encoding: gzip\r\nContent-Security-Policy: default-src 'none'; script-src 'self'; "
    "style-src 'self'; connect-src 'self'; img-src 'self' data: blob:; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'\r\n"
)
_CAREFUL = "X-Content-Type-Options: nosniff\r\nReferrer-Policy: no-referrer\r\n\r\n"
_NO_PAGE = (
    "This board has no page on it. Set it up with the latchkey command, or deploy the firmware "
    "anew, with its page.\n"
)


class Answer:
    """What to send: `head`, octets that may include the body; then the file at `path`, if any."""

    def __init__(self, head, path=None):
        self.head = head
        self.path = path

    async def send(self, writer, wait):
        """Send it within PAGE_S. wait(work): awaits what the peer has to do for it.

        Raises OSError, MemoryError, asyncio.TimeoutError.
        """
        await asyncio.wait_for(self._send(writer, wait), PAGE_S)

    async def _send(self, writer, wait):
        writer.write(self.head)
        if self.path is None:
            await wait(writer.drain())
            return
        chunk = bytearray(CHUNK)
        view = memoryview(chunk)
        with open(self.path, "rb") as file:  # noqa: ASYNC230 (flash is read at once)
            while True:
                count = file.readinto(chunk)
                if not count:
                    break
                # Every chunk anew: of those who wait, this one waits for no longer than that.
                writer.write(view[:count])
                await wait(writer.drain())


class Portal(Hosts):
    def __init__(self, hostname, address, folder=None):
        """hostname: the board's, without `.local`; address: its own on its access point; folder:
        where the page's files are, None for where they are found."""
        super().__init__(hostname)
        self._url = "http://%s/" % address
        self._folder = folder or found_folder()

    def answer(self, head, is_near):
        """Return the Answer to a request, or None for REST.

        head: of the request, octets; is_near: whether it comes from a station of the access
        point. Raises Unacceptable for what is neither: another's name, where no redirect helps.
        """
        line = head[: head.find(b"\r\n")].split(b" ")
        method, target = line[0], line[1].partition(b"?")[0]
        reads = method in (b"GET", b"HEAD")
        if not self.is_ours(head):
            if not (reads and is_near):
                raise Unacceptable(BAD_REQUEST)
            return self._elsewhere(method)
        if not reads:
            return None
        file = _file_at(target)
        if file is not None:
            return self._page(method, target, *file)
        return self._elsewhere(method) if is_near and target in _PROBES else None

    def instead(self, head, is_near):
        """Return the Answer to what the reader refused, or None where that stands: an app that
        asks a server of its own for anything is not told that it asks wrongly, but where to look.

        head: as far as it was read, and as it came.
        """
        method = bytes(head[:5]).partition(b" ")[0]
        if is_near and method in (b"GET", b"HEAD") and not self.is_ours(head):
            return self._elsewhere(method)
        return None

    def _elsewhere(self, method):
        body = '<a href="%s">Latchkey</a>\n' % self._url
        head = _HEAD % ("302 Found", "text/html", len(body)) + "Location: %s\r\n" % self._url
        return _whole(head, body, method)

    def _page(self, method, target, name, media_type):
        path = "%s/%s" % (self._folder, name)
        size = _size(path) if self._folder else None
        if size is None:
            if target != b"/":
                return None
            head = _HEAD % ("404 Not Found", "text/plain", len(_NO_PAGE))
            return _whole(head, _NO_PAGE, method)
        head = (_HEAD % ("200 OK", media_type, size) + _ENCODED + _CAREFUL).encode()
        return Answer(head, path if method == b"GET" else None)


def found_folder():
    """The folder of the page's files, wherever the firmware is; None where it is not."""
    for place in sys.path:
        folder = (place.rstrip("/") + "/" if place else "") + FOLDER
        if _size(folder + "/index.html.gz") is not None:
            return folder
    return None


def _size(path):
    """Octets of a file, or None if it is not there."""
    try:
        return os.stat(path)[6]
    except OSError:
        return None


def _file_at(target):
    """(file name, media type) of what the page has at `target`, or None. The page is one script,
    and others that it fetches when somebody needs them: their names are letters and `_`."""
    if target in _FILES:
        return _FILES[target]
    name = target[1:-3]
    if not name or target[-3:] != b".js" or not all(97 <= o <= 122 or o == 95 for o in name):
        return None
    return name.decode() + ".js.gz", _SCRIPT


def _whole(head, body, method):
    return Answer((head + _CAREFUL + (body if method == b"GET" else "")).encode())
