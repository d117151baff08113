"""Waiting for something that a board does, with the log at hand."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from tests.virtual_board.record import Record

# Ends a wait for what never comes; a busy machine takes many times as long as a quiet one.
PATIENCE_S = 30.0
_LOOK_S = 0.5  # for what nobody calls `changed()` for


class BoardError(AssertionError):
    """A board did not do what was waited for; says what it printed last."""


class Watched:
    """What one can wait for. Whoever changes something calls `changed()`."""

    def __init__(self) -> None:
        self.record = Record()
        self._waiters: set[asyncio.Future[None]] = set()

    @property
    def log(self) -> list[str]:
        """The lines that the board has printed, over all its power cycles."""
        return self.record.log

    async def wait_log(self, text: str, timeout_s: float = PATIENCE_S, since: int = 0) -> str:
        """Until a line from number `since` on holds `text`; returns the line."""
        await self.until(lambda: any(text in line for line in self.log[since:]), timeout_s, text)
        return next(line for line in self.log[since:] if text in line)

    async def until(
        self,
        condition: Callable[[], Any],
        timeout_s: float = PATIENCE_S,
        what: str = "what was waited for",
    ) -> None:
        """Until `condition()`, looked at whenever something of this board changes, and often.

        Raises BoardError with the last lines of the log when it does not come in time, or
        when the firmware has ended meanwhile.
        """
        loop = asyncio.get_running_loop()
        deadline = loop.time() + timeout_s
        while not condition():
            ended = self.record.ended
            if ended is not None:
                raise self._complaint(f"the firmware ended ({ended}) before {what}")
            waiter: asyncio.Future[None] = loop.create_future()
            self._waiters.add(waiter)
            left = deadline - loop.time()
            await asyncio.wait((waiter,), timeout=max(0, min(left, _LOOK_S)))
            self._waiters.discard(waiter)
            if left <= 0:
                raise self._complaint(f"no {what} within {timeout_s} s")

    def changed(self) -> None:
        """Something of this board changed: let everybody who waits look again."""
        for waiter in list(self._waiters):
            if not waiter.done():
                waiter.set_result(None)

    def _complaint(self, text: str) -> BoardError:
        return BoardError(f"{text}; the log ends:\n" + "\n".join(self.log[-15:]))
