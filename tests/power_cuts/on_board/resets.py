"""Scenarios of what a person at the device does, and of all that wipes."""

import os

from firmware.device.identity import LIMITS
from tests.power_cuts.on_board import making
from tests.power_cuts.on_board.bench import KEY, OTHER_KEY
from tests.power_cuts.on_board.hardware import TAMPER, hand
from tests.power_cuts.on_board.judge import insist, look
from tests.power_cuts.on_board.orders import Scenario
from tests.power_cuts.on_board.people import (
    RESET_MS,
    Cycler,
    Giver,
    Looker,
    Presser,
    Surprise,
    taken,
)

SMALL = 10  # blocks: a wipe writes every free one
SOME_MODES = ("clean", "torn")  # where another scenario that wipes has them all


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
        if look(board).left_s != LIMITS["window_s"]:
            raise Surprise("the window that was asked for is not a full one")
        floor.promise_new()


def harm_witness():
    with open("/latchkey/witness.cbor", "rb") as file:
        content = bytearray(file.read())
    content[0] ^= 1
    with open("/latchkey/witness.cbor", "wb") as file:
        file.write(content)


def take_record_away():
    os.remove("/latchkey/record.cbor")
