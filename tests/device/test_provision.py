"""firmware/provision: an order is taken, tried and kept, or leaves everything as it was."""

import asyncio

from firmware.envelope import cbor
from tests.device.bench_board import (
    GOOD,
    WRONG_KEY,
    ask,
    claims,
    give,
    on_board,
    order,
    order_id,
)  # fmt: skip
from transports import contract as c


def test_accepts_a_good_order_and_keeps_it():
    async def scenario(board, handler):
        octets = order(board, SERVER={1: "https://example.org/x", 4: True}, APP=b"\x00app")
        assert await give(handler, octets) == c.ACCEPTED
        assert handler.state == c.PROVISIONED and handler.finished
        status = await ask(handler, c.STATUS, order_id(octets))
        assert status[c.F_RESULT] == c.OK and status[c.F_STEP] == c.DONE
        assert status[c.F_ADDRESS] == "192.0.2.7" and status[c.F_NETWORK] == 0
        board.start()
        assert board.record.settings["networks"] == [[GOOD, b"correct horse", False, None]]
        assert board.record.settings["server"]["url"] == "https://example.org/x"
        assert board.record.settings["app"] == b"\x00app"
        assert board.record.window is None and board.record.order_id == order_id(octets)

    on_board(scenario)


def test_settings_that_an_order_leaves_out_stay():
    async def scenario(board, handler):
        await give(handler, order(board, APP=b"first", DEVICE={2: "host"}))
        handler = board.press()
        await give(handler, order(board, APP=b"second"))
        assert board.record.settings["app"] == b"second"
        assert board.record.settings["device"]["hostname"] == "host"

    on_board(scenario)


def test_an_order_without_networks_is_kept_without_a_trial():
    async def scenario(board, handler):
        assert await give(handler, order(board, ssids=(), APP=b"x")) == c.ACCEPTED
        assert board.record.settings == {"app": b"x"} and board.wifi.joins == []

    on_board(scenario)


def test_refusals_change_nothing_but_the_count():
    async def scenario(board, handler):
        def signed(**changes):
            return order(board, **changes)

        cases = [
            (b"not an order", c.NOT_AUTHENTIC),
            (b"ok\xa0", c.MALFORMED_ORDER),
            (b"ok" + cbor.encode(claims(board)) + b"\x00", c.MALFORMED_ORDER),
            (signed(SUITE=c.ALG_HPKE_3), c.NOT_AUTHENTIC),
            (signed(AUDIENCE="lk-other"), c.WRONG_DEVICE),
            (signed(NONCE=b"n" * 16), c.STALE),
            (signed(SERVER={1: "gopher://x"}), c.MALFORMED_ORDER),
            (signed(SERVER={1: "http://x:notaport"}), c.MALFORMED_ORDER),
            (signed(TRUST={2: True}), c.FORBIDDEN),
        ]
        for used, (octets, status) in enumerate(cases, 1):
            assert await give(handler, octets) == status, status
            info = await ask(handler, c.INFO)
            assert info[c.F_ATTEMPTS] == 10 - used and info[c.F_STATE] == c.OPEN
            assert board.record.settings == {} and board.record.sequence == -1
        assert await give(handler, order(board)) == c.ACCEPTED
        assert handler.state == c.PROVISIONED and board.wifi.joins == [(GOOD, b"correct horse")]

    on_board(scenario)


def test_refuses_an_expired_order_only_where_the_clock_is_trusted():
    async def scenario(board, handler):
        board.time = 1000
        assert await give(handler, order(board, EXPIRES=1000)) == c.EXPIRED
        board.time = None
        assert await give(handler, order(board, EXPIRES=1000)) == c.ACCEPTED

    on_board(scenario)


def test_the_attempt_is_counted_before_the_order_is_looked_at():
    async def scenario(board, handler):
        saved = len(board.store.versions)
        await give(handler, b"junk")
        assert len(board.store.versions) == saved + 1
        board.start()  # a power cut right after
        assert board.window.attempts_left == 9

    on_board(scenario)


def test_an_order_that_failed_has_used_up_its_nonce():
    async def scenario(board, handler):
        nonce = board.window.nonce
        failing = order(board, ssids=(WRONG_KEY,))
        assert await give(handler, failing) == c.ACCEPTED
        assert (await ask(handler, c.INFO))[c.F_NONCE] != nonce
        assert await give(handler, order(board, NONCE=nonce)) == c.STALE
        assert await give(handler, order(board, ssids=(WRONG_KEY,))) == c.ACCEPTED
        assert await give(handler, failing) == c.STALE and board.wifi.joins[2:] == []

    on_board(scenario)


def test_a_window_that_ends_while_an_order_is_verified_takes_it_no_more():
    async def scenario(board, handler):
        async def pause():
            board.window.tick(600_000)

        octets, board.pause = order(board), pause
        assert await give(handler, octets) == c.WINDOW_SHUT
        assert board.wifi.joins == [] and board.record.settings == {}

    on_board(scenario)


def test_ten_refused_orders_shut_the_window_until_the_next_reset():
    async def scenario(board, handler):
        for _ in range(10):
            assert await give(handler, b"junk") == c.NOT_AUTHENTIC
        assert await give(handler, order(board)) == c.ATTEMPTS_SPENT
        assert handler.finished and not board.start().state == c.OPEN
        handler = board.press()
        assert await give(handler, order(board)) == c.ACCEPTED

    on_board(scenario)


def test_the_same_octets_are_acknowledged_again_and_committed_once():
    async def scenario(board, handler):
        octets = order(board)
        assert await give(handler, octets) == c.ACCEPTED
        saved = len(board.store.versions)
        assert await give(handler, octets) == c.ACCEPTED
        assert len(board.store.versions) == saved and len(board.wifi.joins) == 1
        assert await give(board.start(), octets) == c.WINDOW_SHUT

    on_board(scenario)


def test_refuses_a_replay_in_the_next_window():
    async def scenario(board, handler):
        offline, online = order(board, nonce=False), order(board)
        await give(handler, offline)
        for octets, status in ((offline, c.REPLAYED), (online, c.STALE)):
            handler = board.press()
            assert await give(handler, octets) == status
        assert len(board.wifi.joins) == 1

    on_board(scenario)


def test_sequence_of_offline_orders():
    async def scenario(board, handler):
        for sequence, status in (
            (10, c.ACCEPTED), (10, c.STALE), (9, c.STALE), (500, c.ACCEPTED),
            (c.MAX_SEQUENCE, c.ACCEPTED), (c.MAX_SEQUENCE, c.STALE), (0, c.STALE),
        ):  # fmt: skip
            handler = board.press()
            given = await give(handler, order(board, nonce=False, SEQUENCE=sequence))
            assert given == status, sequence
        handler = board.press()
        assert await give(handler, order(board, SEQUENCE=1)) == c.ACCEPTED
        assert board.record.sequence == c.MAX_SEQUENCE

    on_board(scenario)


def test_an_older_offline_order_is_stale_after_a_newer_online_one():
    async def scenario(board, handler):
        older = order(board, nonce=False)
        await give(handler, order(board))
        assert await give(board.press(), older) == c.STALE

    on_board(scenario)


def test_a_failed_trial_keeps_the_old_settings_and_the_window():
    async def scenario(board, handler):
        await give(handler, order(board))
        before = board.store.versions[-1]
        handler = board.press()
        bad = order(board, ssids=(b"absent", WRONG_KEY))
        assert await give(handler, bad) == c.ACCEPTED
        status = await ask(handler, c.STATUS, order_id(bad))
        assert status[c.F_RESULT] == c.WRONG_PASSWORD and status[c.F_REASON] == 15
        assert status[c.F_NETWORK] == 1 and status[c.F_STATE] == c.OPEN
        assert board.record.settings == cbor.decode(before)[1]
        assert board.window.attempts_left == 10
        assert await give(handler, order(board)) == c.ACCEPTED

    on_board(scenario)


def test_a_failed_online_order_cannot_be_tried_again_but_an_offline_one_can():
    async def scenario(board, handler):
        online = order(board, ssids=(WRONG_KEY,))
        await give(handler, online)
        await give(handler, online)
        assert len(board.wifi.joins) == 1
        offline = order(board, ssids=(WRONG_KEY,), nonce=False)
        await give(handler, offline)
        await give(handler, offline)
        assert len(board.wifi.joins) == 3

    on_board(scenario)


def test_a_server_that_must_be_reached_and_is_not():
    async def scenario(board, handler):
        board.reachable = False
        octets = order(board, SERVER={1: "mqtts://broker.example:8883", 4: True})
        await give(handler, octets)
        status = await ask(handler, c.STATUS, order_id(octets))
        assert status[c.F_RESULT] == c.SERVER_UNREACHABLE
        assert board.record.settings == {}

    on_board(scenario)


def test_a_full_flash_is_reported_and_loses_nothing():
    async def scenario(board, handler):
        await give(handler, order(board))
        handler = board.press()
        octets = order(board, APP=b"new")
        reply = await handler.handle(c.PROVISION, octets)
        board.store.error = OSError(28)
        reply.delivered()
        for _ in range(20):
            await asyncio.sleep(0)
        status = await ask(handler, c.STATUS, order_id(octets))
        assert status[c.F_RESULT] == c.STORE_FAILED and handler.state == c.OPEN
        assert "app" not in board.record.settings
        board.store.error = None
        board.start()
        assert "app" not in board.record.settings

    on_board(scenario)


def test_memory_that_ends_at_the_commit_loses_nothing_and_claims_nothing():
    async def scenario(board, handler):
        await give(handler, order(board))
        before, handler = board.record.receipt, board.press()
        octets = order(board, APP=b"new")
        reply = await handler.handle(c.PROVISION, octets)
        board.store.error = MemoryError()
        reply.delivered()
        for _ in range(20):
            await asyncio.sleep(0)
        status = await ask(handler, c.STATUS, order_id(octets))
        assert status[c.F_RESULT] == c.OUT_OF_MEMORY and handler.state == c.OPEN
        assert (await ask(handler, c.RECEIPT, order_id(octets)))[c.F_STATUS] == c.NO_RECEIPT
        assert board.record.receipt == before and "app" not in board.record.settings

    on_board(scenario)


def test_one_order_at_a_time():
    async def scenario(board, handler):
        board.wifi.hold = asyncio.Event()
        first = order(board)
        reply = await handler.handle(c.PROVISION, first)
        reply.delivered()
        await asyncio.sleep(0)
        assert handler.state == c.TRYING
        assert await give(handler, order(board)) == c.BUSY
        assert await give(handler, first) == c.ACCEPTED
        assert (await ask(handler, c.SCAN, b"\x80"))[c.F_STATUS] == c.BUSY
        board.wifi.hold.set()
        assert await give(handler, first) == c.ACCEPTED
        assert handler.state == c.PROVISIONED and len(board.wifi.joins) == 1

    on_board(scenario)


def test_a_trial_does_not_begin_before_its_acceptance_was_delivered():
    async def scenario(board, handler):
        reply = await handler.handle(c.PROVISION, order(board))
        for _ in range(20):
            await asyncio.sleep(0)
        assert board.wifi.joins == []
        reply.delivered()
        for _ in range(20):
            await asyncio.sleep(0)
        assert len(board.wifi.joins) == 1

    on_board(scenario)
