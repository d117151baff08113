"""firmware/provision: what a board tells, and to whom."""

import json

from firmware.envelope import cbor
from tests.device.bench_board import ask, give, on_board, order, order_id
from transports import contract as c


def test_details_of_an_order_only_to_who_knows_its_id():
    async def scenario(board, handler):
        octets = order(board)
        await give(handler, octets)
        for argument in (b"", b"x" * 16):
            status = await ask(handler, c.STATUS, argument)
            assert c.F_ADDRESS not in status and c.F_ORDER_ID not in status
        assert (await ask(handler, c.STATUS, b"short"))[c.F_STATUS] == c.BAD_REQUEST

    on_board(scenario)


def test_the_receipt_outlives_a_restart():
    async def scenario(board, handler):
        assert (await ask(handler, c.RECEIPT))[c.F_STATUS] == c.NO_RECEIPT
        octets = order(board)
        await give(handler, octets)
        assert not handler.collected
        reply = await handler.handle(c.RECEIPT, order_id(octets))
        reply.delivered()
        assert handler.collected
        again = await ask(board.press(), c.RECEIPT)
        assert again == cbor.decode(reply.body) and again[c.F_ORDER_ID] == order_id(octets)
        assert (await ask(handler, c.RECEIPT, b"x" * 16))[c.F_STATUS] == c.NO_RECEIPT

    on_board(scenario)


def test_unknown_operations_and_identify():
    async def scenario(board, handler):
        assert (await ask(handler, 99))[c.F_STATUS] == c.UNKNOWN_OPERATION
        assert (await ask(handler, c.IDENTIFY))[c.F_STATUS] == c.OK and board.identified == 1
        board.window.shut()
        assert (await ask(handler, c.IDENTIFY))[c.F_STATUS] == c.WINDOW_SHUT

    on_board(scenario)


def test_scan_is_paged_and_readable():
    async def scenario(board, handler):
        first, second = await ask(handler, c.SCAN), await ask(handler, c.SCAN, b"\x01")
        assert len(first[c.F_NETWORKS]) == 16 and len(second[c.F_NETWORKS]) == 4
        assert first[c.F_PAGES] == 2 and first[c.F_NETWORKS][0] == [b"net0", -40, 6, 3]
        reply = await handler.handle(c.SCAN, b"\x01", True)
        entry = json.loads(reply.body)["networks"][0]
        assert entry["ssid"] == "net16" and entry["security"] == "WPA2"

    on_board(scenario)


def test_compact_status_fits_a_notification_at_mtu_23():
    async def scenario(board, handler):
        seen = []
        handler.on_change(lambda: seen.append(handler.compact_status()))
        await give(handler, order(board))
        assert all(len(value) <= 20 for value in seen)
        steps = [cbor.decode(value)[1] for value in seen]
        assert steps == [c.JOINING, c.JOINING, c.ADDRESSING, c.COMMITTING, c.DONE]
        assert cbor.decode(seen[-1]) == [c.PROVISIONED, c.DONE, c.OK, 0]

    on_board(scenario)


def test_nothing_secret_is_logged_or_answered():
    async def scenario(board, handler):
        await give(handler, order(board, SERVER={1: "http://x", 3: b"s3cret"}))
        text = "\n".join(board.lines)
        for operation in (c.INFO, c.SCAN, c.STATUS, c.RECEIPT):
            text += str((await handler.handle(operation, b"")).body)
        for secret in ("correct horse", "s3cret"):
            assert secret not in text

    on_board(scenario)
