"""CancelledError at every await of verify-open-commit.

The request is cancelled at its n-th suspension, for every n, and so is the trial that follows.
"""

import asyncio

from tests.power_cuts.injection.real_board import Judge
from transports import contract as c


class Tasks:
    """asyncio, as firmware/provision/ordering.py sees it; remembers what was started."""

    def __init__(self):
        self.started = []
        self.Event = asyncio.Event
        self.TimeoutError = asyncio.TimeoutError
        self.wait_for = asyncio.wait_for

    def create_task(self, coroutine):
        task = asyncio.create_task(coroutine)
        self.started.append(task)
        return task


async def _cancel_request(board, handler, octets, number):
    """Returns whether it was still going on at its suspension `number`."""
    task = asyncio.create_task(handler.handle(c.PROVISION, octets))
    for _ in range(number):
        await asyncio.sleep(0)
    going_on = not task.done()
    if going_on:
        task.cancel()
    try:
        (await task).delivered()
    except asyncio.CancelledError:
        pass
    return going_on


async def _cancel_trial(tasks, handler, octets, number):
    """At 0 it waits for the answer to be delivered."""
    reply = await handler.handle(c.PROVISION, octets)
    task = tasks.started[-1]
    await asyncio.sleep(0)
    if number:
        reply.delivered()
    for _ in range(number):
        await asyncio.sleep(0)
    going_on = not task.done()
    if going_on:
        task.cancel()
    for _ in range(20):
        await asyncio.sleep(0)
    return going_on


class Trial:
    """One fault: what is cancelled, and when."""

    def __init__(self, case, judge, of_trial):
        self._case, self._judge, self._of_trial = case, judge, of_trial

    def check(self, number):
        """Return (whether there was something to cancel, what is wrong or None)."""
        from firmware.provision import ordering

        board, handler = self._case.board()
        octets = self._case.orders[0]
        tasks = ordering.asyncio = Tasks()

        async def run():
            if self._of_trial:
                going_on = await _cancel_trial(tasks, handler, octets, number)
            else:
                going_on = await _cancel_request(board, handler, octets, number)
            while handler.state == c.TRYING and tasks.started and not tasks.started[-1].done():
                await asyncio.sleep(0)
            return going_on, await self._judge.judge(board, handler)

        try:
            return asyncio.run(run())
        finally:
            ordering.asyncio = asyncio


def sweep(case, every, tell):
    """Returns how many points there were; tell(point, what is wrong) is called for each fault."""
    judge = Judge(case)
    points = 0
    for what, of_trial in (("request", False), ("trial", True)):
        trial = Trial(case, judge, of_trial)
        number, idle = 0, 0
        while idle < 4:
            going_on, complaint = trial.check(number)
            points += 1
            idle = 0 if going_on else idle + 1
            if complaint:
                tell("%s, suspension %d" % (what, number), complaint)
            number += every
    return points
