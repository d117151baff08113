"""firmware/provision: what a stranger is not told, and what a window allows no more."""

from tests.device.bench_board import WRONG_KEY, ask, give, on_board, order, order_id
from transports import contract as c


def test_only_who_knows_the_order_learns_where_the_board_is():
    async def scenario(board, handler):
        octets = order(board)
        assert await give(handler, octets) == c.ACCEPTED
        told = await ask(handler, c.STATUS, order_id(octets))
        assert told[c.F_ADDRESS] and told[c.F_ORDER_ID] == order_id(octets)
        for stranger, result in ((b"", True), (b"?" * 16, False)):
            fields = await ask(handler, c.STATUS, stranger)
            assert (c.F_RESULT in fields) == result
            for field in (c.F_ADDRESS, c.F_ORDER_ID, c.F_NETWORK, c.F_REASON):
                assert field not in fields, field

    on_board(scenario)


def test_trials_end_with_the_time_for_them():
    """Fifteen minutes a window, however long the window is: a spent one tries no network."""

    async def scenario(board, handler):
        board.window.spend_trial(900_000)
        octets = order(board, ssids=(WRONG_KEY,))
        assert await give(handler, octets) == c.ACCEPTED
        status = await ask(handler, c.STATUS, order_id(octets))
        assert status[c.F_RESULT] == c.TIME_SPENT and board.wifi.joins == []

    on_board(scenario)


def test_a_board_whose_window_is_over_does_not_blink():
    async def scenario(board, handler):
        assert (await ask(handler, c.IDENTIFY))[c.F_STATUS] == c.OK
        board.window.shut()
        assert (await ask(handler, c.IDENTIFY))[c.F_STATUS] == c.WINDOW_SHUT
        assert board.identified == 1

    on_board(scenario)


def test_a_trial_that_failed_leaves_the_network_however_it_failed():
    """Else the board would be on a network that nobody has kept, in an open window."""

    async def scenario(board, handler):
        for error, status in (
            (OSError(28), c.STORE_FAILED),
            (MemoryError(), c.OUT_OF_MEMORY),
            (KeyError(), c.INTERNAL),
        ):
            left = []

            async def reach(host, port, timeout_ms, error=error):
                board.store.error = error  # from the join on
                return True

            board.reach, board.wifi.leave = reach, lambda left=left: left.append(1)
            octets = order(board, SERVER={1: "https://example.org", 4: True})
            assert await give(handler, octets) == c.ACCEPTED
            board.store.error = None
            assert (await ask(handler, c.STATUS, order_id(octets)))[c.F_RESULT] == status
            assert left, status
            assert board.record.settings == {} and handler.state == c.OPEN

    on_board(scenario)
