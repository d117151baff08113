"""The board that the handler acts on: the bench board of the device tests, with the identity,
the record and the window that the start has made. Its policy takes claims in the clear and
permits everything: who may ask for what is tested elsewhere."""

import asyncio

from firmware.envelope import cbor
from firmware.provision.handler import Handler
from tests.device.bench_board import BenchBoard, ClearPolicy
from tests.power_cuts.on_board.hardware import Wifi
from transports import contract as c

DEVICE_ID = "cut-board"
KEY = b"correct horse battery "  # of every network; the order's number follows
# COSE_Keys (RFC 9053 section 7.2) of Ed25519 points; nobody needs to have the private half.
AUTHORITY, OTHER_KEY = [
    cbor.encode({1: 1, -1: 6, -2: point}) for point in (b"\x58" + b"\x66" * 31, b"\x01" + bytes(31))
]


class PermittingPolicy(ClearPolicy):
    def permits(self, opened):
        return True


class OnChip(BenchBoard):
    def __init__(self, identity, record, window):
        self.identity, self.record, self.window = identity, record, window
        self.wifi = Wifi()
        self.notes, self.transports, self.lines = [], ["bench"], []
        self.reachable, self.time, self.identified = True, None, 0


def bench(identity, record, window):
    board = OnChip(identity, record, window)
    return board, Handler(board, PermittingPolicy())


def order_id(number):
    return b"order id     %03d" % number


def order(number, nonce=None, **changes):
    """Octets of order `number`: its id, its sequence and all that it brings tell the number.

    changes: claim name -> value, or None to leave it out.
    """
    text = b"%03d" % number
    fields = {
        c.CLAIM_AUDIENCE: DEVICE_ID,
        c.CLAIM_ORDER_ID: order_id(number),
        c.CLAIM_SUITE: c.ALG_HPKE_4,
        c.CLAIM_SEQUENCE: 1000 + number,
        c.CLAIM_NETWORKS: [{1: b"net " + text, 2: KEY + text}],
        c.CLAIM_SERVER: {1: "https://example.org/" + text.decode(), 3: b"token" * 20 + text},
        c.CLAIM_APP: b"app " + text,
    }
    for name, value in changes.items():
        key = getattr(c, "CLAIM_" + name)
        fields.pop(key, None)
        if value is not None:
            fields[key] = value
    if nonce is not None:
        fields[c.CLAIM_NONCE] = nonce
    return b"ok" + cbor.encode(fields)


async def give(handler, octets):
    """Provision, take the answer as delivered, wait for the trial's end. Returns the status."""
    reply = await handler.handle(c.PROVISION, octets)
    reply.delivered()
    while handler.state == c.TRYING:
        await asyncio.sleep(0)
    return reply.status
