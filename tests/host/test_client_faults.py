"""host_client/client.py and conversation.py: an order's way over a link that fails."""

from __future__ import annotations

import asyncio
import time

import pytest

from host_client.authority import Authority
from host_client.client import connect
from host_client.errors import (
    BoardNotFound,
    DeadlinePassed,
    LinkError,
    OrderForgotten,
)
from host_client.settings import Settings
from tests.host.board_in_memory import MemoryBoard, MemoryLink
from tests.host.conftest import client_of
from tests.host.radio_in_memory import radio
from transports import contract as c

OPERATIONS = (c.INFO, c.PROVISION, c.STATUS, c.RECEIPT)


class Failing:
    """Faults for a MemoryLink: the nth exchanges of one operation fail at one moment."""

    def __init__(self, moment: str, operation: int, times: int = 1) -> None:
        self._moment, self._operation, self.left = moment, operation, times

    def __call__(self, moment: str, operation: int) -> None:
        if (moment, operation) == (self._moment, self._operation) and self.left:
            self.left -= 1
            raise LinkError("the link failed, as ordered")


@pytest.mark.parametrize("operation", OPERATIONS)
@pytest.mark.parametrize("moment", ["before", "after"])
async def test_a_link_lost_at_any_exchange_is_opened_again(
    board: MemoryBoard, authority: Authority, settings: Settings, operation: int, moment: str
) -> None:
    faults = Failing(moment, operation)
    link = MemoryLink(board, faults)
    async with client_of(link, authority) as client:
        outcome = await client.provision(settings)
    assert faults.left == 0
    assert link.opened == 2
    assert outcome.receipt.verified
    assert len(board.wifi.joins) == 1, "an order sent twice is tried once"


async def test_an_order_whose_reply_is_lost_again_and_again_is_tried_once(
    board: MemoryBoard, authority: Authority, settings: Settings
) -> None:
    link = MemoryLink(board, Failing("after", c.PROVISION, times=6))
    async with client_of(link, authority) as client:
        outcome = await client.provision(settings)
    assert outcome.receipt.verified
    assert len(board.wifi.joins) == 1
    sent = {body for operation, body in link.requests if operation == c.PROVISION}
    assert len(sent) == 1, "the same octets, or the board would count another attempt"


async def test_a_late_refusal_of_an_order_already_taken_is_no_failure(
    board: MemoryBoard, authority: Authority, settings: Settings
) -> None:
    """The first copy was taken, its reply lost, and the board restarted: REPLAYED, but kept."""

    class Restarting(Failing):
        def __call__(self, moment: str, operation: int) -> None:
            try:
                super().__call__(moment, operation)
            except LinkError:
                restart.append(asyncio.ensure_future(_restart_when_kept(board)))
                raise

    restart: list[asyncio.Task[None]] = []
    link = MemoryLink(board, Restarting("after", c.PROVISION))
    async with client_of(link, authority) as client:
        outcome = await client.provision(settings)
    assert outcome.receipt.verified
    assert len(board.wifi.joins) == 1


async def _restart_when_kept(board: MemoryBoard) -> None:
    while not board.handler.kept:
        await asyncio.sleep(0)
    board.press()


async def test_gives_up_after_three_tries_without_a_deadline(
    board: MemoryBoard, authority: Authority
) -> None:
    link = MemoryLink(board, Failing("before", c.INFO, times=99))
    async with client_of(link, authority) as client:
        with pytest.raises(LinkError):
            await client.info()
    assert [operation for operation, _ in link.requests] == [c.INFO] * 3


async def test_a_board_that_is_not_there_is_looked_for_once(authority: Authority) -> None:
    began = time.monotonic()
    with pytest.raises(BoardNotFound):
        async with connect("ble://Latchkey-NONE", backend=radio(), timeout_s=1):
            pass
    assert time.monotonic() - began < 3


async def test_a_board_that_never_answers_ends_with_the_deadline(
    board: MemoryBoard, authority: Authority, settings: Settings
) -> None:
    link = MemoryLink(board, Failing("after", c.PROVISION, times=10**9))
    async with client_of(link, authority) as client:
        with pytest.raises(DeadlinePassed, match="as ordered"):
            await client.provision(settings, timeout_s=0.2)


async def test_a_trial_that_never_ends_ends_with_the_deadline(
    board: MemoryBoard, authority: Authority, settings: Settings
) -> None:
    board.wifi.hold = asyncio.Event()
    async with client_of(MemoryLink(board), authority) as client:
        with pytest.raises(DeadlinePassed):
            await client.provision(settings, timeout_s=0.2)
        assert (await client.current_status()).state == c.TRYING
    board.wifi.hold.set()
    while board.handler.state == c.TRYING:
        await asyncio.sleep(0)


async def test_a_board_restarted_in_mid_trial_has_forgotten_the_order(
    board: MemoryBoard, authority: Authority, settings: Settings
) -> None:
    board.wifi.hold = asyncio.Event()
    async with client_of(MemoryLink(board), authority) as client:
        going = asyncio.ensure_future(client.provision(settings))
        while board.handler.state != c.TRYING:
            await asyncio.sleep(0)
        old = board.handler
        board.start()
        with pytest.raises(OrderForgotten):
            await going
    board.wifi.hold.set()
    while old.state == c.TRYING:
        await asyncio.sleep(0)


async def test_cancelling_closes_the_link_in_mid_exchange(
    board: MemoryBoard, authority: Authority
) -> None:
    """A reply that comes late must not be taken for that of the next question."""
    entered = asyncio.Event()

    class Slow(MemoryLink):
        async def exchange(self, operation: int, body: bytes = b"") -> bytes:
            entered.set()
            await asyncio.sleep(60)
            return await super().exchange(operation, body)

    link = Slow(board)
    client = client_of(link, authority)
    await client.__aenter__()
    going = asyncio.ensure_future(client.info())
    await entered.wait()
    going.cancel()
    with pytest.raises(asyncio.CancelledError):
        await going
    assert not link.is_open
