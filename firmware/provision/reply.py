"""Replies: CBOR for programs, JSON for people who look with a browser or curl."""

from firmware.envelope import cbor
from transports.contract import F_STATUS


class Reply:
    """What a transport sends back. status: code of the contract's table; body: octets.

    The transport calls `delivered()` once the peer has the reply or is gone: joining a
    network may move the access point to another channel, so a trial waits for this.
    """

    def __init__(self, fields, as_json=False, on_delivered=None):
        self.status = fields[F_STATUS]
        self.body = _as_json(fields) if as_json else cbor.encode(fields)
        self._on_delivered = on_delivered

    @property
    def is_awaited(self):
        """Whether something waits for `delivered`."""
        return self._on_delivered is not None

    def delivered(self):
        if self._on_delivered is not None:
            self._on_delivered()


def _as_json(fields):
    from firmware.provision.readable import encode_json  # most boards are never asked for it

    return encode_json(fields)
