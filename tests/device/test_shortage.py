"""firmware/provision where memory or the flash gives out at the worst moment: what was begun
ends, what was counted stays counted, and the board takes the next good order."""

import asyncio

from firmware.envelope import cbor
from tests.device.bench_board import ask, give, on_board, order, order_id
from transports import contract as c


class Trouble:
    """Raises `error` at its first `times` calls."""

    def __init__(self, error, times=1):
        self.error, self.times = error, times

    def __call__(self, *arguments):
        if self.times > 0:
            self.times -= 1
            raise self.error


def test_a_watcher_that_finds_no_memory_does_not_stop_the_order():
    async def scenario(board, handler):
        handler.on_change(Trouble(MemoryError(), times=100))
        assert await give(handler, order(board)) == c.ACCEPTED
        assert handler.state == c.PROVISIONED and handler.finished

    on_board(scenario)


def test_an_order_that_finds_no_memory_to_begin_leaves_no_trial_behind():
    """Else the board would be busy for ever, and its window never end."""

    async def scenario(board, handler):
        octets = order(board, nonce=False)
        event, asyncio.Event = asyncio.Event, Trouble(MemoryError())
        try:
            assert (await handler.handle(c.PROVISION, octets)).status == c.OUT_OF_MEMORY
        finally:
            asyncio.Event = event
        assert handler.state == c.OPEN
        assert await give(handler, octets) == c.ACCEPTED
        assert handler.state == c.PROVISIONED

    on_board(scenario)


def test_a_trial_that_runs_out_of_memory_leaves_the_network_it_joined():
    async def scenario(board, handler):
        left, commit = [], board.record.commit
        board.wifi.leave = lambda: left.append(True)
        board.record.commit = Trouble(MemoryError())
        assert await give(handler, order(board)) == c.ACCEPTED
        assert board.wifi.joins and left == [True]
        board.record.commit = commit
        assert await give(handler, order(board)) == c.ACCEPTED
        assert handler.state == c.PROVISIONED and left == [True]

    on_board(scenario)


def test_orders_that_run_the_board_out_of_memory_cost_attempts_and_shut_the_window():
    async def scenario(board, handler):
        real = board.pause
        board.pause = Trouble(MemoryError(), times=100)
        for left in range(9, -1, -1):
            assert await give(handler, order(board)) == c.OUT_OF_MEMORY
            assert board.window.attempts_left == left
        assert await give(handler, order(board, nonce=False)) == c.ATTEMPTS_SPENT
        board.pause = real
        assert board.start().state != c.OPEN
        assert await give(board.press(), order(board)) == c.ACCEPTED

    on_board(scenario)


def test_an_attempt_that_cannot_be_counted_is_not_allowed_and_costs_nothing():
    async def scenario(board, handler):
        for error, status in (
            (OSError(28), c.STORE_FAILED), (MemoryError(), c.OUT_OF_MEMORY),
        ):  # fmt: skip
            board.store.error = error
            for _ in range(12):
                assert await give(handler, order(board)) == status
            assert board.window.attempts_left == 10 and board.wifi.joins == []
        board.store.error = None
        assert await give(handler, order(board)) == c.ACCEPTED

    on_board(scenario)


def test_only_who_names_the_order_ends_the_time_for_its_receipt():
    """Whoever else looks at the receipt must not send the board away before its owner has."""

    async def scenario(board, handler):
        octets = order(board)
        await give(handler, octets)
        reply = await handler.handle(c.RECEIPT, b"")
        reply.delivered()
        assert reply.status == c.OK and not handler.collected
        reply = await handler.handle(c.RECEIPT, order_id(octets))
        reply.delivered()
        assert cbor.decode(reply.body)[c.F_ORDER_ID] == order_id(octets) and handler.collected

    on_board(scenario)


def test_a_server_that_is_required_is_reached_over_the_networks_that_are_kept():
    async def scenario(board, handler):
        server = {1: "https://example.org", 4: True}
        octets = order(board, ssids=(), SERVER=server)
        assert await give(handler, octets) == c.ACCEPTED  # there is no network to reach it by
        status = await ask(handler, c.STATUS, order_id(octets))
        assert status[c.F_RESULT] == c.SERVER_UNREACHABLE and board.record.settings == {}
        await give(handler, order(board))
        handler = board.press()
        board.reachable = False
        octets = order(board, ssids=(), SERVER=server)
        await give(handler, octets)
        status = await ask(handler, c.STATUS, order_id(octets))
        assert status[c.F_RESULT] == c.SERVER_UNREACHABLE
        assert "server" not in board.record.settings and len(board.wifi.joins) == 2
        board.reachable = True
        assert await give(handler, order(board, ssids=(), SERVER=server)) == c.ACCEPTED
        assert board.record.settings["server"]["url"] == "https://example.org"

    on_board(scenario)
