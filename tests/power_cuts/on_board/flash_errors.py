"""The flash takes nothing for a while, or for good, from each operation on, or is full: the
board reports it, keeps what it had, and goes on once it can.
"""

import os

from tests.power_cuts.on_board import making
from tests.power_cuts.on_board.bench import give, order
from tests.power_cuts.on_board.board import board
from tests.power_cuts.on_board.chip import BLOCK, EIO, ENOSPC
from tests.power_cuts.on_board.judge import Floor, Wrong, judge, look, reference
from tests.power_cuts.on_board.people import Giver, Looker, Presser, Surprise, taken
from transports import contract as c

ERRORS = {"EIO": EIO, "ENOSPC": ENOSPC}
_IN_A_BLOCK = BLOCK - 16  # LittleFS has up to so many octets of pointers in it
LENGTHS = (1, 2, 5, 1 << 30)  # operations that fail, one after the other


class Persistent(Looker):
    """Gives order 1; where it is not kept, gives order 2 once the flash works again."""

    new = None  # number of the order that was kept, as far as told

    def __init__(self, chip_works, before=None):
        self._chip_works, self._before = chip_works, before

    async def at_window(self, one, handler):
        if self._before is not None:
            self._before()
        for number in (1, 2):
            before = dict(one.record.settings), one.record.sequence, one.record.order_id
            status = await give(handler, order(number))
            if status == c.ACCEPTED:
                status = handler._ordering.progress.outcome.status
            if status == c.OK:
                self.new = number
                return
            if status != c.STORE_FAILED:
                raise Surprise("status %d" % status)
            if before != (one.record.settings, one.record.sequence, one.record.order_id):
                raise Surprise("not kept, and yet changed in memory")
            if not one.window.is_open or handler._ordering.trying:
                raise Surprise("the window is shut, or busy, after a failure")
            self._chip_works()
        raise Surprise("the flash works and the order was not kept")


class FlashErrors:
    gone = ()

    def __init__(self):
        making.make(board)
        making.provision(board, 0)
        board.run(Presser())
        self.before = board.snapshot()
        self.old = look(board)
        self.ends = {None: reference(board, self.before)}
        for number in (1, 2):
            board.put(self.before)
            self.operations = board.count(lambda: board.run(Giver(taken(number))))  # noqa: B023
            self.ends[number] = reference(board, board.snapshot())

    def points(self):
        for name in ERRORS:
            for length in LENGTHS:
                for number in range(self.operations):
                    yield number, length, name

    def check(self, point):
        number, length, name = point
        board.put(self.before)
        board.fail = number, ERRORS[name], length
        return self._judged(lambda: board.chip.heal())

    def check_full(self, free):
        """The flash was filled but for so many blocks. Returns None, or what is wrong."""
        board.put(self.before)
        board.mounted(lambda: _fill(free))
        return self._judged(_make_room)

    def check_filled(self, free):
        """It is filled while the window is open."""
        board.put(self.before)
        return self._judged(_make_room, lambda: _fill(free))

    def _judged(self, heal, before=None):
        person = Persistent(heal, before)
        try:
            board.run(person)
            told = "; ".join(board.lines)
            board.fail = None
            if "exception" in told:
                return told
            board.mounted(_make_room)
            number = person.new
            end = self.ends[number]
            judge(board, self, [end], Floor(self.old))
        except (Wrong, Surprise) as wrong:
            return "%s; %s" % (wrong, "; ".join(board.lines))
        finally:
            board.fail = None
        return None


def _fill(free):
    """Leave so many blocks free. A file that meets the end of the flash is not kept by
    LittleFS, so its length is found out, from what looks possible down."""
    for blocks in range(os.statvfs("/")[2], 0, -1):
        try:
            _write_filler(blocks)
            break
        except OSError:
            continue
    _write_filler(blocks - free)


def _write_filler(blocks):
    _make_room()
    with open("/filler", "wb") as file:
        for _ in range(blocks):
            file.write(bytes(_IN_A_BLOCK))


def _make_room():
    if "filler" in os.listdir("/"):
        os.remove("/filler")
