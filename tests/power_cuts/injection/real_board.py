"""A bench board with the real cryptography, the real policy and the real two-file store, and
what must be true of it after a fault in the middle of an order. Runs on either interpreter.
"""

import asyncio
import json
import os
from binascii import unhexlify

from firmware.device.record_store import RecordStore
from firmware.envelope import cbor
from firmware.provision import policies
from firmware.provision.handler import Handler
from firmware.provision.record import Record
from firmware.provision.window import Window
from tests.device.bench_board import LIMITS, BenchBoard, Identity, ScriptedWifi
from transports import contract as c

_STATE = ("settings", "sequence", "order_id", "receipt", "owner", "authority", "policy", "time_s")


class Case:
    """The keys, the orders and the folder of the store, which is made anew for each board."""

    def __init__(self, path, folder):
        with open(path) as file:
            data = json.load(file)
        self.folder = folder
        self.orders = [unhexlify(order) for order in data["orders"]]
        self.identity = Identity()
        self.identity.device_id = data["device_id"]
        self.identity.private_key = unhexlify(data["private_key"])
        self.identity.public_key = unhexlify(data["public_key"])
        self.identity.authority = unhexlify(data["authority"])
        self.identity.authority_tables = lambda: None

    def board(self):
        """(board, handler) whose window has just been opened, and which has no settings yet."""
        for name in ("record.cbor", "witness.cbor"):
            try:
                os.remove(self.folder + "/" + name)
            except OSError:
                pass  # the first board of this folder
        RecordStore(self.identity.device_id, self.folder).create()
        board = RealBoard(self)
        return board, board.press()

    def stored(self):
        return Record(RecordStore(self.identity.device_id, self.folder))


class SlowWifi(ScriptedWifi):
    async def join(self, *arguments):
        for _ in range(3):
            await asyncio.sleep(0)
        return await super().join(*arguments)


class RealBoard(BenchBoard):
    def __init__(self, case):
        self.case = case
        self.identity = case.identity
        super().__init__(RecordStore(case.identity.device_id, case.folder))
        self.wifi = SlowWifi()

    async def reach(self, host, port, timeout_ms):
        for _ in range(3):
            await self.pause()
        return True

    def start(self):
        self.record = Record(self.store)
        self.window = Window(self.record, LIMITS["window_s"], LIMITS["attempts"])
        self.window.start()
        return Handler(self, policies.load(self.identity, self.record))


def state(record):
    return cbor.encode([getattr(record, name) for name in _STATE])


def kept(case, number):
    """The state once that order has been kept, by a board that nothing disturbs."""
    board, handler = case.board()
    asyncio.run(give(handler, case.orders[number]))
    return state(case.stored())


async def give(handler, octets):
    """Provision, take the answer as delivered, wait for the trial's end. Returns the status."""
    reply = await handler.handle(c.PROVISION, octets)
    reply.delivered()
    while handler.state == c.TRYING:
        await asyncio.sleep(0)
    return reply.status


class Judge:
    def __init__(self, case):
        self._case = case
        board, _ = case.board()
        self.old, self.new = state(board.record), kept(case, 0)
        self._last = kept(case, 1)

    async def judge(self, board, handler):
        """Return None, or what is wrong with the board after a fault during order 0."""
        ordering, case = handler._ordering, self._case
        if ordering._opening or ordering.trying:
            return "the board is busy for ever"
        stored = case.stored()
        now = state(stored)
        if now not in (self.old, self.new):
            return "neither the old state nor the new"
        if state(board.record) != now:
            return "in memory it is not what is stored"
        if now == self.old:
            wrong = _attempts(board, stored)
            if wrong:
                return wrong
        else:
            handler = board.press()
        status = await give(handler, case.orders[1])
        if status != c.ACCEPTED or state(case.stored()) != self._last_from(now):
            return "the next good order has status %d" % status
        return None

    def _last_from(self, now):
        return self._last  # each order brings every setting, so nothing of the one before is left


def _attempts(board, stored):
    """One order was given: at most one attempt is counted, and what is stored is not less."""
    allowed = LIMITS["attempts"]
    if not board.window.is_open or stored.window is None:
        return "the window is shut"
    used, counted = allowed - board.window.attempts_left, stored.window[1]
    if counted not in (0, 1) or used > counted:
        return "%d attempts in memory, %d stored" % (used, counted)
    return None
