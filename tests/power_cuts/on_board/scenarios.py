"""What is done to a board while its power goes: each scenario from one state to another.

prepare(board) brings a board to where the scenario begins; act(board, floor) does it, life by
life, and tells the floor what has been promised to whoever uses the board.
"""

import os

from tests.power_cuts.on_board import making
from tests.power_cuts.on_board.bench import KEY, OTHER_KEY
from tests.power_cuts.on_board.chip import MODES
from tests.power_cuts.on_board.hardware import TAMPER, hand
from tests.power_cuts.on_board.judge import insist, look
from tests.power_cuts.on_board.people import (
    GIVE_BACK_MS,
    RESET_MS,
    WIPE_MS,
    Cycler,
    Giver,
    Looker,
    Presser,
    Waiter,
    refused,
    taken,
)
from transports import contract as c

SMALL = 10  # blocks: a wipe writes every free one
SOME_MODES = ("clean", "torn")  # where another scenario that wipes has them all


class Scenario:
    """name; presses: a person asks for a window in it; pairs: the power goes a second time
    while the board starts again; gone: what must not be on the chip in the new state; modes: how
    the power goes."""

    presses = pairs = False
    modes = MODES
    gone = ()

    def __init__(self, name):
        self.name = name

    def prepare(self, board):
        """A provisioned board whose window a person has asked for."""
        making.make(board)
        making.provision(board, 0)
        board.run(Presser())

    def act(self, board, floor):
        raise NotImplementedError


class Factory(Scenario):
    """The factory step, done over USB."""

    def prepare(self, board):
        board.format()

    def act(self, board, floor):
        key = floor.device_key = making.begin(board)["device_key"]
        making.write(board, key)
        floor.promise_new()


class Provisioning(Scenario):
    """From the button to the kept order."""

    presses = True

    def __init__(self, name, before):
        super().__init__(name)
        self._before = before

    def prepare(self, board):
        making.make(board)
        for number in range(self._before):
            making.provision(board, number)

    def act(self, board, floor):
        board.run(Presser())
        board.run(Giver(taken(self._before), floor.promise_new))
        board.run(Looker())


class Committing(Scenario):
    """In an open window, a good order.

    ages: (a, b), the board has had so many lives before, a to b of them: as many as make the
    commit the dearest, because LittleFS compacts its folder then, or moves it to other blocks.
    """

    def __init__(self, name, ages=None, **changes):
        super().__init__(name)
        self._ages, self._changes = ages, changes
        self.pairs = not changes

    def prepare(self, board):
        endless = 1 << 20
        limits = {"attempts": endless, "window_s": endless, "tries_s": endless}
        making.make(board, limits=limits)
        making.provision(board, 0)
        board.run(Presser())
        if self._ages:
            self._grow_old(board)

    def _grow_old(self, board):
        first, last = self._ages
        most = 0
        for age in range(last):
            board.run(Giver(refused(1)))
            if age >= first:
                image = board.snapshot()
                operations = board.count(lambda: board.run(Giver(taken(1))))
                if operations > most:
                    most, dearest = operations, image
                board.put(image)
        board.put(dearest)

    def act(self, board, floor):
        board.run(Giver(taken(1, **self._changes), floor.promise_new))


class Refusals(Scenario):
    """In an open window, wrong orders."""

    def __init__(self, name, before, count):
        super().__init__(name)
        self._before, self._count = before, count

    def prepare(self, board):
        super().prepare(board)
        if self._before:
            board.run(Giver(refused(self._before)))

    def act(self, board, floor):
        def told(index):
            floor.attempts_left = 10 - self._before - index - 1
            floor.shut = floor.attempts_left == 0

        board.run(Giver(refused(self._count), told))


class Minutes(Scenario):
    """An open window that nobody uses."""

    def act(self, board, floor):
        def told(left_s):
            floor.left_s = left_s
            floor.shut = left_s == 0

        board.run(Waiter(121, told))


class Reset(Scenario):
    """The button, held for so long; and what the next start does about it."""

    presses = True
    hold_ms = RESET_MS
    blocks = None

    def __init__(self, name, **options):
        super().__init__(name)
        self._options = options

    def prepare(self, board):
        making.make(board, self.blocks, **self._options)
        making.provision(board, 0, TRUST={1: OTHER_KEY})

    def act(self, board, floor):
        board.run(Presser(self.hold_ms))
        look(board)
        floor.promise_new()


class Wipe(Reset):
    """As a reset, and every free block is written."""

    blocks = SMALL
    gone = (KEY + b"000",)

    def __init__(self, name, hold_ms, modes=SOME_MODES, **options):
        super().__init__(name, **options)
        self.hold_ms, self.modes = hold_ms, modes


class Opened(Wipe):
    """The case is opened: every secret goes."""

    def __init__(self, name):
        super().__init__(name, 0, pins={"tamper": TAMPER})

    def act(self, board, floor):
        hand.case_open = True
        try:
            board.run(Looker())
        finally:
            hand.case_open = False
        look(board)
        floor.promise_new()


class Tampered(Scenario):
    """A record was put back or taken away; a person resets the board."""

    presses = True
    modes = SOME_MODES
    gone = (KEY + b"000",)

    def __init__(self, name, harm):
        super().__init__(name)
        self._harm = harm

    def prepare(self, board):
        making.make(board, SMALL)
        making.provision(board, 0)
        board.mounted(self._harm)

    def act(self, board, floor):
        floor.sequence = None
        making.reset_blindly(board)
        look(board)
        floor.promise_new()


class Released(Scenario):
    """An order gives the board away; the start after it wipes."""

    modes = SOME_MODES
    gone = (KEY + b"000",)

    def prepare(self, board):
        making.make(board, SMALL)
        making.provision(board, 0, TRUST={1: OTHER_KEY})
        board.run(Presser())

    def act(self, board, floor):
        order = taken(1, NETWORKS=None, SERVER=None, APP=None, TRUST={2: True})
        board.run(Giver(order))
        look(board)
        floor.promise_new()


class PowerCycles(Reset):
    """A board without a button, whose power is given and taken until it has reset itself so
    often: once opens the window, twice wipes."""

    def __init__(self, name, resets):
        super().__init__(name, pins={"button": -1})
        self._resets = resets
        if resets > 1:
            self.blocks, self.gone, self.modes = SMALL, Wipe.gone, SOME_MODES

    def prepare(self, board):
        hand.has_button = False
        making.make(board, self.blocks, **self._options)
        insist(board, taken(0))
        look(board)  # and let that start last

    def act(self, board, floor):
        resets = 0
        while resets < self._resets:
            resets += board.run(Cycler()) == "restart"
        look(board)
        floor.promise_new()


def harm_witness():
    with open("/latchkey/witness.cbor", "rb") as file:
        content = bytearray(file.read())
    content[0] ^= 1
    with open("/latchkey/witness.cbor", "wb") as file:
        file.write(content)


def take_record_away():
    os.remove("/latchkey/record.cbor")


def all_scenarios():
    return [
        Factory("factory step"),
        Provisioning("first provisioning", 0),
        Provisioning("re-provisioning", 1),
        Committing("commit"),
        Committing("commit, folder compacted", (10, 30)),
        Committing("commit, folder moved", (250, 320)),
        Committing("transfer to an owner", TRUST={1: OTHER_KEY}),
        Committing("policy tightened", TRUST={4: c.SIGNED}),
        Committing("authority rotated", TRUST={3: OTHER_KEY}),
        Released("release by its owner"),
        Refusals("refused orders", 0, 4),
        Refusals("the last attempts", 8, 2),
        Minutes("a window's minutes"),
        Reset("reset, commercial"),
        Reset("reset, consumer", profile=c.CONSUMER),
        Reset("reset, prototype", profile=c.PROTOTYPE),
        PowerCycles("reset by power cycles", 1),
        PowerCycles("wipe by power cycles", 2),
        Wipe("wipe, consumer", WIPE_MS, profile=c.CONSUMER),
        Wipe("wipe, commercial", WIPE_MS, MODES),
        Wipe("given back to the factory", GIVE_BACK_MS, shut=True),
        Opened("case opened"),
        Tampered("reset after a harmed witness", harm_witness),
        Tampered("reset after a record was taken away", take_record_away),
    ]
