"""Who meets the board during one life of it, and what they do."""

import asyncio

from tests.power_cuts.on_board.bench import give, order
from tests.power_cuts.on_board.hardware import PowerOff, hand
from transports import contract as c

# A tenth of what a product has: each poll of the button is work for this machine.
LIMITS = {"hold_ms": 500, "wipe_ms": 1500}
RESET_MS, WIPE_MS, GIVE_BACK_MS = 700, 1700, 3200
LASTS_MS = 6000  # a start that goes on so long is none of quick power cycles
JUNK = b"no order"


class Surprise(BaseException):
    """The board answered otherwise than it must."""


class Looker:
    """Looks at the board and pulls the plug; not so soon that it would be a reset."""

    async def at_window(self, board, handler):
        await self.at_work(None)

    async def at_work(self, record):
        if not hand.has_button:
            await asyncio.sleep_ms(LASTS_MS)
        raise PowerOff


class Cycler:
    """Pulls the plug soon after the board is up."""

    async def at_window(self, board, handler):
        await self.at_work(None)

    async def at_work(self, record):
        await asyncio.sleep_ms(500)  # as long as it takes to see the LED
        raise PowerOff


class Presser(Looker):
    """Holds the button, at work or in the window."""

    def __init__(self, hold_ms=RESET_MS):
        self._hold_ms = hold_ms

    async def at_window(self, board, handler):
        hand.hold(self._hold_ms)
        await asyncio.Event().wait()

    async def at_work(self, record):
        hand.hold(self._hold_ms)


class Giver(Looker):
    """Gives orders in the window, one after the other, and tells of each that was answered.

    orders: [(octets or function of the window's nonce, allowed statuses), ...]; told(index) is
    called after each answer.
    """

    def __init__(self, orders, told=None):
        self._orders, self._told = orders, told

    async def at_window(self, board, handler):
        for index, (octets, allowed) in enumerate(self._orders):
            if callable(octets):
                octets = octets(board.window.nonce)
            status = await give(handler, octets)
            if status not in allowed:
                raise Surprise("order %d of this window has status %d" % (index, status))
            if self._told:
                self._told(index)

    async def at_work(self, record):
        raise Surprise("the window is shut")


class Waiter(Looker):
    """Lets `steps` times five seconds of the window pass; told(seconds left) each time."""

    def __init__(self, steps, told):
        self._steps, self._told = steps, told

    async def at_window(self, board, handler):
        for _ in range(self._steps):
            handler.tick(5000)
            self._told(board.window.left_s)
        raise PowerOff


def refused(count):
    return [(JUNK, (c.NOT_AUTHENTIC,))] * count


def taken(number, **changes):
    """An order made beforehand, for any window."""
    return [(order(number, **changes), (c.ACCEPTED,))]


def replayed(number):
    return [(order(number), (c.REPLAYED, c.STALE))]


def taken_now(number):
    """An order made for this window."""
    return [(lambda nonce: order(number, nonce), (c.ACCEPTED,))]
