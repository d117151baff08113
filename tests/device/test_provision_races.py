"""firmware/provision: what comes while another order is in hand."""

import asyncio

from tests.device.bench_board import GOOD, WRONG_KEY, give, on_board, order
from transports import contract as c


def test_of_two_orders_that_come_together_one_is_opened():
    """Under `first-use` both would else be the first owner's, and the later one would win."""

    async def scenario(board, handler):
        both = order(board), order(board, ssids=(WRONG_KEY,))
        replies = await asyncio.gather(*[handler.handle(c.PROVISION, octets) for octets in both])
        assert [reply.status for reply in replies] == [c.ACCEPTED, c.BUSY]
        assert board.window.attempts_left == 10
        replies[0].delivered()
        await asyncio.sleep(0.01)
        assert [ssid for ssid, _ in board.wifi.joins] == [GOOD]
        assert board.record.window is None and handler.kept

    on_board(scenario)


def test_the_octets_that_are_being_opened_are_busy_too():
    """Acknowledged before they are proven, they would tell a liar's order from no order."""

    async def scenario(board, handler):
        octets = b"junk"
        replies = await asyncio.gather(*[handler.handle(c.PROVISION, octets) for _ in range(3)])
        assert [reply.status for reply in replies] == [c.NOT_AUTHENTIC, c.BUSY, c.BUSY]
        assert board.window.attempts_left == 9
        assert await give(handler, order(board)) == c.ACCEPTED

    on_board(scenario)


def test_the_octets_of_an_order_that_failed_are_acknowledged_and_not_tried_again():
    """Its answer may have been lost. An offline one is tried again: see test_provision.py."""

    async def scenario(board, handler):
        octets = order(board, ssids=(WRONG_KEY,))
        for _ in range(2):
            assert await give(handler, octets) == c.ACCEPTED
        assert len(board.wifi.joins) == 1 and board.window.attempts_left == 10

    on_board(scenario)
