"""Whom a request is for: a name that is not the board's never reaches REST.

The board's own DNS gives its address to every name, and so may anybody's: a page of any site,
open on a phone or computer near the board, could otherwise speak to the board as to its own
server (DNS rebinding). An address is no name, so whatever address a request was sent to counts
as the board's.
"""

from transports.bounded_http import Unacceptable
from transports.contract import BAD_REQUEST


class Hosts:
    """What stands before REST where there is no page; see portal.py for one that has."""

    def __init__(self, hostname):
        """hostname: the board's, without `.local`."""
        name = hostname.lower().encode()
        self._names = (name, name + b".local")

    def answer(self, head, is_near):
        """Return None, which is: the request goes to REST. Raises Unacceptable for another's name.

        head: of the request, octets; is_near: whether it comes from a station of the access
        point.
        """
        if not self.is_ours(head):
            raise Unacceptable(BAD_REQUEST)

    def instead(self, head, is_near):
        """Return None, which is: what the reader has refused stays refused. head: as far as it
        was read, and as it came."""

    def is_ours(self, head):
        """Whether the first whole Host line, or none, names the board: its name, or any address."""
        host = _host(head)
        if not host or host[:1] == b"[":
            return True
        name = host.partition(b":")[0].lower()
        return name in self._names or _is_address(name)


def _host(head):
    at = head.find(b"\r\n")
    while at >= 0:
        start, at = at + 2, head.find(b"\r\n", at + 2)
        if at >= 0 and bytes(head[start : start + 5]).lower() == b"host:":
            return bytes(head[start + 5 : at]).strip()
    return None


def _is_address(name):
    parts = name.split(b".")
    return len(parts) == 4 and all(part.isdigit() for part in parts)
