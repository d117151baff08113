"""host_client/deadline.py: the end of what runs under a deadline."""

from __future__ import annotations

import asyncio

import pytest

from host_client.deadline import Deadline
from host_client.errors import DeadlinePassed, LinkError


async def test_no_cancel_is_lost_in_the_moment_in_which_the_work_ends() -> None:
    ended = asyncio.Event()
    running = asyncio.ensure_future(Deadline(30).run(ended.wait()))
    await asyncio.sleep(0.01)
    ended.set()
    await asyncio.sleep(0)  # the work is over, and who waits for it has not been told
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running


async def test_work_that_is_not_done_in_time_is_canceled() -> None:
    deadline = Deadline(0.02)
    deadline.last_error = LinkError("nobody there")
    canceled: list[bool] = []

    async def work() -> None:
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            canceled.append(True)
            raise

    with pytest.raises(DeadlinePassed, match="nobody there"):
        await deadline.run(work())
    assert canceled == [True]


async def test_what_the_work_raises_is_raised() -> None:
    async def work() -> None:
        raise LinkError("cut")

    with pytest.raises(LinkError, match="cut"):
        await Deadline(5).run(work())
