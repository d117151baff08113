"""MemoryError wherever the heap of a board gives out, on MicroPython.

The heap is filled but for so many octets, an order is given, and the rest is set free again: from
nothing to more than an order takes, in steps of one block of MicroPython's heap. The trial goes
on while memory is short.
"""

import asyncio
import gc

from tests.power_cuts.injection.real_board import Judge
from transports import contract as c

STEP = 32  # octets of a block of the heap, on 64 bits


class Ballast:
    """Fills the heap. A chain holds what it is filled with."""

    _chain = None

    def fill(self, free, pieces):
        """Leave about `free` octets, in so many pieces."""
        gc.collect()
        rest = []
        for _ in range(pieces):
            rest.append(bytearray(max(1, free // pieces)))
            self._chain = (self._chain, bytearray(1))  # keeps the pieces apart
        size = 1 << 20
        while size >= STEP // 2:
            try:
                self._chain = (self._chain, bytearray(size))
            except MemoryError:
                size //= 2
        rest = None  # this is for the order
        gc.collect()

    def drop(self):
        self._chain = None
        gc.collect()


class Starved:
    """Order 0 with little memory left, for the request or for its trial; then the judgement,
    with all of it."""

    def __init__(self, case):
        self._case, self._judge, self._ballast = case, Judge(case), Ballast()
        self.seen = {}  # what happened: how often

    def check(self, free, pieces, of_trial):
        """Return what is wrong, or None."""
        board, handler = self._case.board()
        octets = self._case.orders[0]
        asyncio.new_event_loop()
        return asyncio.run(self._run(board, handler, octets, (free, pieces), of_trial))

    async def _run(self, board, handler, octets, left, of_trial):
        happened = "MemoryError"
        try:
            if not of_trial:
                self._ballast.fill(*left)
            reply = await handler.handle(c.PROVISION, octets)
            happened = reply.status
            if of_trial:
                self._ballast.fill(*left)
            reply.delivered()
            await _turns(60)
        except MemoryError:
            pass  # nothing was left for an answer, or for what gave the order
        finally:
            self._ballast.drop()
        await _turns(200)
        outcome = handler._ordering.progress.outcome
        if outcome is not None:
            happened = "%s, %s" % (happened, outcome.status)
        self.seen[happened] = self.seen.get(happened, 0) + 1
        if happened not in _ALLOWED:
            return "ended with %s" % happened
        return await self._judge.judge(board, handler)


# Status of the answer, status of the trial.
_ALLOWED = (
    "MemoryError", c.OUT_OF_MEMORY, "%d, %d" % (c.ACCEPTED, c.OK),
    "%d, %d" % (c.ACCEPTED, c.OUT_OF_MEMORY), "MemoryError, %d" % c.OK,
    "MemoryError, %d" % c.OUT_OF_MEMORY,
)  # fmt: skip


async def _turns(count):
    for _ in range(count):
        await asyncio.sleep(0)


def sweep(case, most, step, tell):
    """Returns (points, what happened how often); tell(point, what is wrong) is called for each
    that is. most: octets left at most."""
    starved = Starved(case)
    points = 0
    for of_trial in (False, True):
        for pieces in (1, 8):
            for free in range(0, most, step):
                wrong = starved.check(free, pieces, of_trial)
                points += 1
                if wrong:
                    what = "trial" if of_trial else "request"
                    tell("%s, %d free in %d" % (what, free, pieces), wrong)
    return points, starved.seen
