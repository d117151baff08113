"""How much flash each thing costs that a board does: erases and programs, counted by the chip.

On a chip as large as a small board's file system, because LittleFS looks for free blocks the
longer the larger it is, and over many of a kind, because it tidies up once in a while.
"""

from tests.power_cuts.on_board import making
from tests.power_cuts.on_board.bench import give, order
from tests.power_cuts.on_board.board import board
from tests.power_cuts.on_board.hardware import PowerOff, hand
from tests.power_cuts.on_board.people import JUNK, WIPE_MS, Giver, Looker, Presser, taken
from transports import contract as c

BLOCKS = 512  # 2 MB, the file system of the modules that the ESP32 port is made for
ENDLESS = {"attempts": 1 << 20, "window_s": 1 << 20, "tries_s": 1 << 20}
MANY = 120


class Wear:
    """Of one kind of thing: how often, and what it cost."""

    def __init__(self, what):
        self.what = what
        self.count = self.erases = self.programs = self.most = 0

    def since(self, mark):
        chip = board.chip
        erases = chip.erases - mark[0]
        self.count += 1
        self.erases += erases
        self.programs += chip.programs - mark[1]
        self.most = max(self.most, erases)

    def as_row(self):
        return [self.what, self.count, self.erases, self.programs, self.most]


def mark():
    return board.chip.erases, board.chip.programs


class Asker(Looker):
    """In the window: one of each kind of thing, many times."""

    def __init__(self, refused, minutes, others):
        self._refused, self._minutes, self._others = refused, minutes, others

    async def at_window(self, one, handler):
        for number in range(MANY):
            await self._ask(self._refused, handler, c.PROVISION, JUNK + b"%d" % number)
            before = mark()
            handler.tick(60000)
            self._minutes.since(before)
            for operation in (c.INFO, c.SCAN, c.STATUS, c.RECEIPT, c.IDENTIFY, 99):
                await self._ask(self._others, handler, operation, b"")
            await self._ask(self._others, handler, c.PROVISION, bytes(c.MAX_MESSAGE + 1))
        raise PowerOff

    async def _ask(self, wear, handler, operation, argument):
        before = mark()
        (await handler.handle(operation, argument)).delivered()
        wear.since(before)


def life(wear, act):
    """One whole life as one thing. Returns how it ended."""
    ended = act()
    wear.since((0, 0))
    return ended


def in_the_window():
    start, refused = Wear("start in a window"), Wear("refused order")
    minutes, others = Wear("minute of a window"), Wear("any other request, or one too long")
    making.make(board, BLOCKS, limits=ENDLESS)
    making.provision(board, 0)
    board.run(Presser())
    board.run(Asker(refused, minutes, others))
    for _ in range(MANY):
        life(start, lambda: board.run(Looker()))
    return [start, refused, minutes, others]


def _giving(number):
    giver = Giver(taken(number))
    return lambda: board.run(giver)


def in_the_field():
    start, reset = Wear("start at work"), Wear("reset")
    kept = Wear("start in a window and order kept")
    making.make(board, BLOCKS)
    for number in range(1, 60):
        life(reset, lambda: board.run(Presser()))
        life(kept, _giving(number))
        life(start, lambda: board.run(Looker()))
    return [start, reset, kept]


def wiping():
    wipe = Wear("wipe, %d blocks" % BLOCKS)
    making.make(board, BLOCKS)
    for number in range(1, 3):
        making.provision(board, number)
        board.run(Presser(WIPE_MS))
        life(wipe, lambda: board.run(Looker()))
    return [wipe]


def by_power_cycles():
    start = Wear("start without a button")
    hand.has_button = False  # so that each start lasts
    making.make(board, BLOCKS, pins={"button": -1})
    for _ in range(MANY):
        life(start, lambda: board.run(Looker()))
    hand.has_button = True
    return [start]


class Besieger(Looker):
    """Spends all that a window has: attempts, minutes, and an order that is authentic, that
    somebody recorded, and whose network is not there, again and again."""

    def __init__(self, retries):
        self._retries = retries
        self.answers = {}

    async def at_window(self, one, handler):
        one.wifi.there = False
        failing = order(1)
        for _ in range(self._retries):
            status = await give(handler, failing)
            self.answers[status] = self.answers.get(status, 0) + 1
        for number in range(12):
            await give(handler, JUNK + b"%d" % number)
            handler.tick(60000)
        raise PowerOff


def besieged(what, retries):
    window = Wear(what)
    making.make(board, BLOCKS)
    making.provision(board, 0)
    for _ in range(10):
        board.run(Presser())
        erases, programs = mark()
        person = Besieger(retries)
        board.run(person)
        window.since((-erases, -programs))
    return [window]


def all_rows():
    rows = in_the_window() + in_the_field() + wiping() + by_power_cycles()
    rows += besieged("window, reset to end, refused orders only", 0)
    rows += besieged("the same and 60 retries of a recorded order", 60)
    return [wear.as_row() for wear in rows]
