"""DNS of the board's own access point: whatever name a phone asks for, it is the board.

That is how a phone that looks for the internet finds the board's page (captive portal; see
PROTOCOL.md, "The page and the captive portal"). RFC 1035 for the messages, RFC 6891 for the
OPT record that today's resolvers send along. UDP only: nothing answered here is longer than
its question and 16 octets.

The access point's DHCP server names the board as the DNS server by itself: ESP-IDF's adds its
own address where no other was set (CONFIG_LWIP_DHCPS_ADD_DNS, on unless switched off; always
before that option came), and MicroPython sets none (read in dhcpserver.c of ESP-IDF and in
ports/esp32/network_common.c of MicroPython 1.29). Not tried on hardware.
"""

import asyncio
import select
import socket

PORT = 53
LARGEST = 512  # octets of a question or an answer, RFC 1035 section 2.3.4
TTL_S = 5  # short: what a phone has learned here is wrong as soon as it leaves

_POLL_MS = 50  # asyncio on MicroPython knows streams only
_MOST_A_TURN = 8  # questions, before others get theirs
_LONGEST_NAME = 255
_A, _OPT, _ANY, _IN = 1, 41, 255, 1
_FORMAT_ERROR, _NOT_IMPLEMENTED, _REFUSED = 1, 4, 5
# Response, authoritative, recursion available: a resolver passes over a server that can neither.
_RESPONSE, _AUTHORITY, _AVAILABLE = 0x80, 0x04, 0x80


class Dns:
    def __init__(self, address, is_neighbor, note=print):
        """address: of the board on its access point, which is where it listens and what it
        answers; is_neighbor(address): whether a peer is a station of it; note(text): told why
        there is no DNS, if there is none."""
        self._address = address
        self._octets = bytes([int(part) for part in address.split(".")])
        self._is_neighbor = is_neighbor
        self._note = note
        self._sock = None

    def listen(self, port=PORT):
        """Take questions from now on. Where the port cannot be had there is no DNS, and a note."""
        try:
            self._sock = _listening(self._address, port)
        except (OSError, MemoryError) as error:
            self._note("no DNS, so phones do not open the page by themselves: %s" % error)

    async def serve(self):
        """Answer until cancelled; returns at once where nothing is listened to."""
        sock = self._sock
        if sock is None:
            return
        poller = select.poll()
        poller.register(sock, select.POLLIN)
        # ipoll() is MicroPython's: it makes no list.
        ready = getattr(poller, "ipoll", poller.poll)
        try:
            while True:
                await _sleep_ms(_POLL_MS)
                for _ in range(_MOST_A_TURN):
                    if not any(ready(0)):
                        break
                    self._answer_one(sock)
        finally:
            poller.unregister(sock)
            sock.close()

    def _answer_one(self, sock):
        try:
            question, peer = sock.recvfrom(LARGEST + 1)
            if self._is_neighbor(peer[0]):
                answer = reply(question, self._octets)
                if answer is not None:
                    sock.sendto(answer, peer)
        except (OSError, MemoryError):
            pass  # the peer is gone, or the network has no room: it asks again


def reply(question, address):
    """Return the answer to a datagram, or None where silence is right (no header; an answer).

    address: 4 octets, what every name of class IN resolves to.
    """
    if len(question) < 12 or question[2] & _RESPONSE:
        return None
    if len(question) > LARGEST:
        return _header(question, _FORMAT_ERROR)
    if question[2] & 0x78:
        return _header(question, _NOT_IMPLEMENTED)
    end = _end_of_question(question)
    extended = _has_opt(question, end) if end else None
    if extended is None:
        return _header(question, _FORMAT_ERROR)
    kind, group = _number(question, end - 4), _number(question, end - 2)
    version = question[end + 6] if extended else 0
    found = version == 0 and group == _IN and kind in (_A, _ANY)
    answer = _header(question, 0 if group == _IN or version else _REFUSED)
    answer[5] = 1
    answer[7] = 1 if found else 0
    answer[11] = 1 if extended else 0
    answer += question[12:end]
    if found:
        # The name is the question's, at offset 12.
        answer += b"\xc0\x0c\0\x01\0\x01\0\0\0" + bytes((TTL_S, 0, 4)) + address
    if extended:
        # Our own length and, for a version that is not 0, BADVERS (16) in two halves.
        answer += b"\0\0\x29\x02\0" + bytes((1 if version else 0,)) + b"\0\0\0\0\0"
    return answer


def _header(question, code):
    """A response's header with no records, to the question's number, opcode and RD."""
    header = bytearray(12)
    header[:2] = question[:2]
    header[2] = _RESPONSE | (question[2] & 0x79) | _AUTHORITY
    header[3] = _AVAILABLE | code
    return header


def _end_of_question(message):
    """Offset behind the one question, or 0 where it is not one whole plain question."""
    if _number(message, 4) != 1:
        return 0
    at = 12
    while at < len(message) and message[at]:
        if message[at] > 63:  # a pointer, which has nothing to point at, or a reserved type
            return 0
        at += message[at] + 1
    end = at + 5
    return end if end <= len(message) and at - 12 < _LONGEST_NAME else 0


def _has_opt(message, end):
    """Whether an OPT record follows the question; None where what follows is no message.

    Records of other sections, and more than one, are nobody's in a question: not looked at.
    """
    records = _number(message, 6) or _number(message, 8), _number(message, 10)
    if records == (0, 0):
        return False if len(message) == end else None
    if records[0] or records[1] > 1:
        return False
    if len(message) < end + 11:
        return None
    if message[end] or _number(message, end + 1) != _OPT:
        return False
    return True if len(message) == end + 11 + _number(message, end + 9) else None


def _number(message, at):
    return message[at] << 8 | message[at + 1]


def _listening(address, port):
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    try:
        sock.setblocking(False)
        sock.bind(socket.getaddrinfo(address, port, 0, socket.SOCK_DGRAM)[0][-1])
    except OSError:
        sock.close()
        raise
    return sock


try:
    _sleep_ms = asyncio.sleep_ms
except AttributeError:  # CPython

    def _sleep_ms(duration_ms):
        return asyncio.sleep(duration_ms / 1000)
