"""What must be true of a board whose power went, whenever it went."""

from tests.power_cuts.on_board import making
from tests.power_cuts.on_board.bench import order_id
from tests.power_cuts.on_board.board import SeenNothing
from tests.power_cuts.on_board.hardware import hand
from tests.power_cuts.on_board.people import RESET_MS, Cycler, Giver, Looker, replayed, taken_now

NEXT = 900  # number of the next good order
_NOTHING = (
    ("no factory record", "blank"), ("every secret was destroyed", "zeroized"),
    ("refusing to work", "refusing"),
)  # fmt: skip


class Wrong(Exception):
    """What the board did not keep."""


class Floor:
    """What was promised before the power went; nothing may be below it afterwards."""

    def __init__(self, seen, presses=False):
        self.presses = presses  # a person asks for a window, and gets a full one
        self.was_open = seen.open
        self.sequence = seen.sequence
        self.attempts_left = seen.attempts_left
        self.left_s = seen.left_s
        self.device_key = None  # that the factory was told
        self.only_new = False
        self.shut = False

    def promise_new(self, *_):
        self.only_new = True


def look(board):
    """Start the board and look. Returns what was Seen; raises Wrong."""
    for _ in range(5):
        ended = board.run(Looker())
        if ended != "restart":
            break
    if ended == "off" and board.seen is not None:
        return board.seen
    told = "; ".join(board.lines)
    for words, what in _NOTHING:
        if words in told and ended in ("ended", "idle"):
            return SeenNothing(what)
    raise Wrong("does not start: %s; %s" % (ended, told))


class End:
    """A state that may be found, and the one that the next good order makes of it."""

    def __init__(self, seen, after_next):
        self.what, self.gist, self.receipt = seen.what, seen.gist, seen.receipt
        self.after_next = after_next

    def fits(self, seen):
        return (self.what, self.gist, self.receipt) == (seen.what, seen.gist, seen.receipt)


def reference(board, image):
    board.put(image)
    seen = look(board)
    return End(seen, next_order(board, seen))


def judge(board, scenario, ends, floor):
    seen = look(board)
    if "exception" in "; ".join(board.lines):
        raise Wrong("; ".join(board.lines))
    if seen.what == "blank" and floor.device_key is not None:
        if making.begin(board)["device_key"] != floor.device_key:
            raise Wrong("the key that was told is not the board's any more")
    found = [end for end in ends if end.fits(seen)]
    if not found:
        raise Wrong("neither the old state nor the new: %s %r" % (seen.what, seen.gist))
    if floor.only_new and ends[-1] not in found:
        raise Wrong("the new state was promised, and this is the old one")
    _judge_counters(seen, floor)
    if ends[-1] in found:
        for octets in scenario.gone:
            if bytes(board.image).find(octets) >= 0:
                raise Wrong("still on the flash: %r" % octets)
    if next_order(board, seen) != found[-1].after_next:
        raise Wrong("the next good order left another state")


def _judge_counters(seen, floor):
    if seen.what == "record" and floor.sequence is not None:
        if seen.sequence is None or seen.sequence < floor.sequence:
            raise Wrong("the sequence was %d and is %s" % (floor.sequence, seen.sequence))
    if not seen.open:
        return
    if floor.shut or not (floor.was_open or floor.presses):
        raise Wrong("a window is open")
    if floor.presses:
        return
    if seen.attempts_left > floor.attempts_left:
        raise Wrong("attempts left were %d and are %d" % (floor.attempts_left, seen.attempts_left))
    if seen.left_s > floor.left_s:
        raise Wrong("%d s were left and %d are" % (floor.left_s, seen.left_s))


class Insister(Giver):
    """Presses the button where there is no window, and gives orders."""

    answered = False

    async def at_window(self, board, handler):
        await super().at_window(board, handler)
        self.answered = True

    async def at_work(self, record):
        if not hand.has_button:
            await Cycler().at_work(record)
        hand.hold(RESET_MS)


def next_order(board, seen):
    """Bring the board to where it takes orders, have it refuse the last one again and keep a
    good one. Returns what of the state then must be the same for the same state now."""
    if seen.what in ("blank", "zeroized"):
        making.finish(board)
    elif seen.what == "refusing":
        making.reset_blindly(board)
    orders = taken_now(NEXT)
    if seen.sequence and seen.sequence >= 1000 and (seen.attempts_left or 10) > 2:
        orders = replayed(seen.sequence - 1000) + orders
    insist(board, orders)
    told = board.lines
    after = look(board)
    if after.order_id != order_id(NEXT) or after.open or after.receipt is None:
        raise Wrong("the next good order was not kept: %s" % "; ".join(told))
    return after.gist


def insist(board, orders):
    """Reset the board, if need be, until it takes these orders."""
    person = Insister(orders)
    for _ in range(16):
        ended = board.run(person)
        if person.answered:
            break
    if ended != "restart" or not person.answered:
        raise Wrong("good orders end with: %s; %s" % (ended, "; ".join(board.lines)))
