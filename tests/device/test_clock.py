"""What a board believes about the time: the keys it trusts, and never for ever."""

from firmware.provision.clock import time_told
from tests.device.bench_board import give, on_board, order
from transports import contract as c

YEAR_S = 365 * 86400
NOW_S = 1_800_000_000


class Told:
    """An opened order, as far as time_told looks at it."""

    first_hand = True

    def __init__(self, issued, nonce=None):
        self.order = self
        self.issued = issued
        self.nonce = nonce


def test_an_offline_order_raises_the_time_and_never_lowers_it():
    assert time_told(Told(NOW_S), 0) == NOW_S
    assert time_told(Told(NOW_S), NOW_S - 1) == NOW_S
    assert time_told(Told(NOW_S - YEAR_S), NOW_S) == NOW_S
    assert time_told(Told(None), NOW_S) == NOW_S


def test_an_order_made_for_this_window_sets_it():
    assert time_told(Told(NOW_S, b"n" * 16), NOW_S + YEAR_S) == NOW_S


def test_nobody_else_is_believed():
    """Installers, and whoever signs nothing."""
    for nonce in (None, b"n" * 16):
        told = Told(NOW_S, nonce)
        told.first_hand = False
        assert time_told(told, 5) == 5


def test_milliseconds_are_no_seconds():
    for nonce in (None, b"n" * 16):
        assert time_told(Told(NOW_S * 1000, nonce), 5) == 5
        assert time_told(Told((1 << 64) - 1, nonce), 5) == 5


def test_only_a_kept_order_counts_and_the_time_outlives_a_restart():
    async def scenario(board, handler):
        assert await give(handler, order(board, ISSUED=NOW_S, ssids=(b"absent",))) == c.ACCEPTED
        assert board.record.time_s == 0
        assert await give(handler, order(board, ISSUED=NOW_S)) == c.ACCEPTED
        assert board.record.time_s == NOW_S
        handler = board.press()
        assert await give(handler, order(board, nonce=False, EXPIRES=NOW_S)) == c.EXPIRED
        assert await give(handler, order(board, nonce=False, EXPIRES=NOW_S + 1)) == c.ACCEPTED
        assert board.record.time_s == NOW_S

    on_board(scenario)


def test_an_order_that_was_over_when_it_was_made_is_expired():
    async def scenario(board, handler):
        octets = order(board, nonce=False, ISSUED=NOW_S, EXPIRES=NOW_S)
        assert await give(handler, octets) == c.EXPIRED

    on_board(scenario)


def test_a_wrong_time_locks_nobody_out():
    """An authority whose clock was years ahead, or a former owner who meant it."""

    async def scenario(board, handler):
        future_s = NOW_S + 50 * YEAR_S
        assert await give(handler, order(board, nonce=False, ISSUED=future_s)) == c.ACCEPTED
        handler = board.press()
        ends = {"ISSUED": NOW_S, "EXPIRES": NOW_S + 60}
        assert await give(handler, order(board, nonce=False, **ends)) == c.EXPIRED
        assert await give(handler, order(board, nonce=False)) == c.ACCEPTED  # says no end
        handler = board.press()
        assert await give(handler, order(board, **ends)) == c.ACCEPTED  # made just now
        assert board.record.time_s == NOW_S
        handler = board.press()
        assert await give(handler, order(board, nonce=False, **ends)) == c.ACCEPTED

    on_board(scenario)


def test_a_former_owner_s_wrong_time_does_not_end_the_next_one_s_first_order():
    """Which is not signed, so it does not set the time; but it was made just now all the same."""

    async def scenario(board, handler):
        opened_by = handler._policy.open

        async def unsigned(data, pause):
            opened = await opened_by(data, pause)
            opened.first_hand = False
            return opened

        board.record.change(time_s=NOW_S + 50 * YEAR_S)
        handler._policy.open = unsigned
        ends = {"ISSUED": NOW_S, "EXPIRES": NOW_S + 60}
        assert await give(handler, order(board, nonce=False, **ends)) == c.EXPIRED
        over = order(board, ISSUED=NOW_S, EXPIRES=NOW_S)
        assert await give(handler, over) == c.EXPIRED
        assert await give(handler, order(board, **ends)) == c.ACCEPTED
        assert board.record.time_s == NOW_S + 50 * YEAR_S

    on_board(scenario)
