"""A board on the chip: from power on, through the product's own start, to the power's end."""

import asyncio
import os

from tests.power_cuts.on_board.chip import BLOCK, Chip
from tests.power_cuts.on_board.clock import Stuck, clock
from tests.power_cuts.on_board.hardware import Module, PowerOff, Restart, hand, install, machine

_LONGEST_MS = 10000  # no life of a board on this rig is longer
BLOCKS = 24


async def _provisioning(identity, record, window, *_):
    board.seen = Seen(record, window)
    one, handler = bench(identity, record, window)
    one.lines = board.lines
    await board.person.at_window(one, handler)


async def _operate(record, *_):
    board.seen = Seen(record, None)
    await board.person.at_work(record)
    await asyncio.sleep_ms(2 * _LONGEST_MS)


install(_provisioning, _operate)

from firmware import start  # noqa: E402 (finds the leaves above)
from firmware.envelope import cbor  # noqa: E402
from tests.power_cuts.on_board.bench import bench  # noqa: E402

_STATE = ("settings", "sequence", "order_id", "owner", "authority", "policy", "time_s", "wiping")


class Seen:
    """What a start found, or made of what it found.

    gist: octets that are equal where the states are; receipt: octets or None; open,
    attempts_left, left_s: of the window; what: "record", or why there is none.
    """

    what = "record"

    def __init__(self, record, window):
        self.gist = cbor.encode([getattr(record, name) for name in _STATE])
        self.receipt = record.receipt
        self.sequence = record.sequence
        self.order_id = record.order_id
        self.wiping = record.wiping
        self.open = window is not None and window.is_open
        self.attempts_left = window.attempts_left if self.open else None
        self.left_s = window.left_s if self.open else None


class SeenNothing:
    """A board that works with no record: blank, zeroized, or refusing to work."""

    gist = receipt = order_id = attempts_left = left_s = None
    sequence = -1
    open = wiping = False

    def __init__(self, what):
        self.what = what


class Board:
    """The image is the board; a start reads and writes it."""

    def __init__(self):
        self.image = bytearray(BLOCK * BLOCKS)
        self.person = self.seen = self.chip = None
        self.lines, self.lives = [], 0
        self._cut, self._done = None, 0
        self.fail = None  # as Chip has it, for every life

    def format(self, blocks=BLOCKS):
        self.image = bytearray(b"\xff" * (BLOCK * blocks))
        os.VfsLfs2.mkfs(Chip(self.image))

    def snapshot(self):
        return bytes(self.image)

    def put(self, image):
        if len(image) != len(self.image):
            self.image = bytearray(image)
        self.image[:] = image

    def arm(self, number, mode):
        """Have the power go at operation `number` from now, whatever life it comes in."""
        self._cut, self._done = (number, mode), 0

    def disarm(self):
        self._cut = None

    def count(self, act):
        """Return how many operations act() takes."""
        self._done = 0
        act()
        return self._done

    def mounted(self, act):
        """Call act() with the chip mounted at "/". Returns what it returns; raises PowerLost."""
        number, mode = self._cut or (-1, "")
        cut = None if number < 0 else (number - self._done, mode)
        chip = self.chip = Chip(self.image, cut, self.fail)
        try:
            os.mount(os.VfsLfs2(chip), "/")
            try:
                return act()
            finally:
                chip.switch_off()  # what is still open is closed without power
                os.umount("/")
        finally:
            chip.switch_off()
            self._done += chip.operations

    def run(self, person, hold_ms=0):
        """One life, at whose start the button is held for so long; raises PowerLost.

        Returns how it ended: "restart", "off", "idle" (it does nothing more), "ended" (prompt).
        """
        self.person, self.seen, self.lines = person, None, []
        hand.hold(hold_ms)
        ended = "lost"
        try:
            ended = self.mounted(self._start)
        finally:
            machine.cause = machine.HARD_RESET if ended == "restart" else machine.PWRON_RESET
        return ended

    def _start(self):
        asyncio.new_event_loop()
        clock.deadline_ms = clock.now_ms + _LONGEST_MS
        try:
            start.run()
        except Restart:
            return "restart"
        except PowerOff:
            return "off"
        except Stuck:
            return "idle"
        return "ended"


def _log(*words):
    board.lines.append(" ".join([str(word) for word in words]))


def _complain(error):
    board.lines.append("exception: %s %s" % (type(error).__name__, error))


start.log = _log
start.sys = Module(print_exception=_complain)
board = Board()
