"""Questions and answers over a link that may fail: asked again until the deadline.

Every request may be sent again: reading changes nothing, and the board knows an order by
its octets. So a lost link is opened again and the request repeated.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

from host_client.board import Reply
from host_client.deadline import Deadline
from host_client.errors import BoardNotFound, LinkError, LinkTimeout
from host_client.links.base import Link
from transports.contract import TOO_SLOW

log = logging.getLogger("latchkey.conversation")

Result = TypeVar("Result")

ATTEMPTS = 3
BACKOFF_S = (0.3, 0.6, 1.0, 2.0)  # the last one again and again
_LOST_AFTER = 2  # attempts in a row that failed: more than one question gone astray
_LONGEST_WAIT_S = 5.0  # for a change; then the status is asked for anyway


class Conversation:
    """One exchange at a time over one link."""

    def __init__(self, link: Link) -> None:
        self._link = link
        self._one_at_a_time = asyncio.Lock()
        self.lost = asyncio.Event()  # set while nothing comes back

    @property
    def rest_port(self) -> int:
        """Of the board's REST endpoint, wherever it is."""
        return self._link.rest_port

    @property
    def url(self) -> str:
        return self._link.url

    async def open(self, deadline: Deadline) -> None:
        """Connect, trying again as `ask` does. Raises LinkError, DeadlinePassed."""
        await self._repeat(self._link_open, deadline, patient=False)

    async def close(self) -> None:
        await self._link.close()

    async def ask(
        self, operation: int, body: bytes, deadline: Deadline, *, patient: bool = False
    ) -> Reply:
        """One question with its retries; `patient`: as many as the deadline allows.

        Raises LinkError, DeadlinePassed, BadReply. The reply's status is the caller's to judge.
        """

        async def once() -> Reply:
            return await self._exchange(operation, body)

        return await self._repeat(once, deadline, patient=patient)

    async def wait_for_change(self, deadline: Deadline) -> None:
        """Return when the status may have changed, or after some seconds. Raises DeadlinePassed."""
        wait_s = min(deadline.left_s, _LONGEST_WAIT_S)
        try:
            await deadline.run(self._link.wait_for_change(wait_s))
        except LinkError as error:
            deadline.last_error = error  # the next question opens the link again

    async def _repeat(
        self, once: Callable[[], Coroutine[Any, Any, Result]], deadline: Deadline, *, patient: bool
    ) -> Result:
        attempt = 0
        while True:
            try:
                result = await deadline.run(once())
                self.lost.clear()
                return result
            except LinkError as error:
                deadline.last_error = error
                attempt += 1
                if attempt >= _LOST_AFTER:
                    self.lost.set()
                # Not found means that a whole search was in vain: another is for the patient.
                last = isinstance(error, BoardNotFound) or attempt >= ATTEMPTS
                if last and not patient:
                    raise
                log.debug("attempt %d failed: %s", attempt, error)
            await deadline.run(asyncio.sleep(BACKOFF_S[min(attempt, len(BACKOFF_S)) - 1]))

    async def _link_open(self) -> None:
        async with self._one_at_a_time:
            await self._link.open()

    async def _exchange(self, operation: int, body: bytes) -> Reply:
        async with self._one_at_a_time:
            whole = False
            try:
                await self._link.open()
                reply = Reply(await self._link.exchange(operation, body))
                whole = True
            finally:
                if not whole:
                    # Half an exchange: a late reply must not be taken for the next one's.
                    await self._link.close()
        if reply.status == TOO_SLOW:
            raise LinkTimeout("the request took too long to reach the board")
        return reply
