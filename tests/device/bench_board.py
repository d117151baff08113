"""A board without hardware, for tests of `firmware/provision`: its store is a list of what
was saved, its Wi-Fi answers as it is told, and its policy takes claims in the clear.

Sealing and signing are tested with the envelope and, whole, on the virtual board.
"""

import asyncio

from firmware.envelope import cbor
from firmware.envelope.claims import decode_claims
from firmware.envelope.errors import NotAuthentic
from firmware.provision.handler import Handler
from firmware.provision.record import Record
from firmware.provision.window import Window
from transports import contract as c

GOOD = b"home"
WRONG_KEY = b"wrong-key"
LIMITS = {"window_s": 600, "attempts": 10, "try_s": 60, "tries_s": 900}


class MemoryStore:
    """Keeps every version saved; `error`, if any, is raised by the next saves."""

    def __init__(self):
        self.versions = []
        self.error = None

    def load(self):
        return self.versions[-1] if self.versions else b""

    def save(self, body, sequence):
        if self.error is not None:
            raise self.error
        self.versions.append(bytes(body))


class Joined:
    def __init__(self, status, reason, address=None):
        self.status, self.reason, self.address = status, reason, address


class ScriptedWifi:
    """GOOD is there; WRONG_KEY refuses its password; anything else is not found."""

    def __init__(self):
        self.joins = []
        self.hold = None  # an asyncio.Event: joins wait for it

    async def join(self, ssid, key, static, timeout_ms, on_associated=None):
        self.joins.append((ssid, key))
        self.static = static
        if self.hold is not None:
            await self.hold.wait()
        if ssid == GOOD:
            on_associated()
            return Joined(c.OK, 0, "192.0.2.7")
        if ssid == WRONG_KEY:
            return Joined(c.WRONG_PASSWORD, 15)
        return Joined(c.NETWORK_NOT_FOUND, 201)

    def leave(self):
        pass


class ClearPolicy:
    """Takes octets that begin with b"ok" as an authentic order: the claims follow."""

    number = c.SIGNED
    note = None

    async def open(self, data, pause):
        await pause()
        if data[:2] != b"ok":
            raise NotAuthentic("not authentic")
        return ClearOrder(data[2:])

    async def rehearse(self, pause):
        pass

    def permits(self, opened):
        return opened.order.trust is None


class ClearOrder:
    suite = c.ALG_HPKE_4
    installer = None
    first_hand = True

    def __init__(self, claims):
        self.order = decode_claims(claims)
        self.claims_octets = claims

    def export(self, context, length):
        return context[:1] * length


class Identity:
    device_id = "lk-test"
    model = "bench"
    policy = c.SIGNED
    public_key = bytes(32)
    profile = c.COMMERCIAL
    label_key = bootstrap = group = certificate = serial = None
    limits = LIMITS


class BenchBoard:
    identity = Identity()
    firmware = "test"
    hostname = "latchkey-test"

    def __init__(self, store=None):
        self.store = store or MemoryStore()
        self.record = Record(self.store)
        self.window = Window(self.record, LIMITS["window_s"], LIMITS["attempts"])
        self.wifi = ScriptedWifi()
        self.notes, self.transports, self.lines = [], ["bench"], []
        self.reachable = True
        self.time = None
        self.identified = 0

    def log(self, *words):
        self.lines.append(" ".join(str(w) for w in words))

    async def pause(self):
        await asyncio.sleep(0)

    async def reach(self, host, port, timeout_ms):
        return self.reachable

    def unix_time(self):
        return self.time or self.record.time_s or None

    def identify(self):
        self.identified += 1

    def look_around(self, fresh):
        return [(b"net%d" % i, -40 - i, 6, 3) for i in range(20)], 0

    def press(self):
        """The physical reset, and the start that follows it. Returns a new Handler."""
        self.record.change(window=self.window.asked_for())
        return self.start()

    def start(self):
        """A start of the board with whatever its store holds."""
        self.record = Record(self.store)
        self.window = Window(self.record, LIMITS["window_s"], LIMITS["attempts"])
        self.window.start()
        return Handler(self, ClearPolicy())


_order_ids = [0]


def claims(board, nonce=True, ssids=(GOOD,), **changes):
    """Claims of a good order with a new order id. changes: claim name -> value or None."""
    _order_ids[0] += 1
    fields = {
        c.CLAIM_AUDIENCE: "lk-test",
        c.CLAIM_ORDER_ID: b"%016d" % _order_ids[0],
        c.CLAIM_SUITE: c.ALG_HPKE_4,
        c.CLAIM_SEQUENCE: 1000 + _order_ids[0],
    }
    if nonce:
        fields[c.CLAIM_NONCE] = board.window.nonce
    if ssids:
        fields[c.CLAIM_NETWORKS] = [{1: ssid, 2: b"correct horse"} for ssid in ssids]
    for name, value in changes.items():
        key = getattr(c, "CLAIM_" + name)
        fields.pop(key, None)
        if value is not None:
            fields[key] = value
    return fields


def order(board, **kwargs):
    """Octets of an order that the bench board takes for authentic."""
    return b"ok" + cbor.encode(claims(board, **kwargs))


def order_id(octets):
    return cbor.decode(octets[2:])[c.CLAIM_ORDER_ID]


async def give(handler, octets):
    """Provision, take the answer as delivered, let the trial end. Returns the status."""
    reply = await handler.handle(c.PROVISION, octets)
    reply.delivered()
    for _ in range(50):
        await asyncio.sleep(0)
        if handler.state != c.TRYING:
            break
    return reply.status


async def ask(handler, operation, argument=b""):
    """Return the fields of the reply."""
    return cbor.decode((await handler.handle(operation, argument)).body)


def on_board(scenario):
    """Run the coroutine function `scenario(board, handler)` on a board whose window has just
    opened."""
    board = BenchBoard()
    asyncio.run(scenario(board, board.press()))
