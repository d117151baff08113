"""One total deadline over many awaits."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Coroutine
from typing import Any, TypeVar

from host_client.errors import DeadlinePassed, ProvisioningError

Result = TypeVar("Result")


class Deadline:
    """So many seconds from now on, for all that is run under it."""

    def __init__(self, seconds: float) -> None:
        self._end = time.monotonic() + seconds
        self._seconds = seconds
        self.last_error: ProvisioningError | None = None

    @property
    def left_s(self) -> float:
        return max(0.0, self._end - time.monotonic())

    async def run(self, work: Coroutine[Any, Any, Result]) -> Result:
        """Await `work`. Raises DeadlinePassed, caused by the last link error noted here.

        Not by asyncio.wait_for: before CPython 3.12 it loses a cancel that comes in the moment
        in which the work ends, and whoever was to end would go on until the deadline.
        """
        if self.left_s == 0.0:
            work.close()
            raise self._passed() from self.last_error
        task = asyncio.ensure_future(work)
        try:
            await asyncio.wait((task,), timeout=self.left_s)
            if task.done():
                return task.result()
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
        raise self._passed() from self.last_error

    def _passed(self) -> DeadlinePassed:
        last = f"; the last trouble was: {self.last_error}" if self.last_error else ""
        return DeadlinePassed(f"not finished within {self._seconds:g} s{last}")
