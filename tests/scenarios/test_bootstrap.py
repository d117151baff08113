"""A board that was given a network and nothing else fetches the rest from the pinned server."""

from __future__ import annotations

import dataclasses
import time

from host_client.order import Target
from tests.device.tls_server import (
    APPLICATION_DATA,
    Credentials,
    Faults,
    TlsServer,
)
from tests.scenarios.bootstrap_field import Fetching, the_rest
from tests.scenarios.bootstrap_server import Orders, serving
from tests.scenarios.rig import (
    OTHER_PASSWORD,
    OTHER_SSID,
    SSID,
    STRANGER,
)
from transports import contract as c

ELSEWHERE = Target("lk-elsewhere", bytes(range(32)))


async def test_the_rest_is_fetched_kept_and_answered(
    fetching: Fetching, pinned_key: Credentials
) -> None:
    """On the chip with the least memory, with an order that takes the most."""
    field = await fetching(chip="esp32")
    orders = Orders()
    order = orders.add(the_rest(field, app=bytes(4000)))
    async with serving(orders, pinned_key) as port:
        field.leads_to(port)
        await field.logs("bootstrap: the receipt is delivered")
        [receipt] = orders.receipts
        assert receipt.verified and receipt.result == c.OK
        assert receipt.order_id == order.order_id
        before = len(field.log)
        await field.logs("on the network", before)
        asked = len(orders.handed)
        saved = await field.rig.saved()
        assert saved.order_id == order.order_id.hex()
        # It has a server of its own now, and asks this one no more.
        await field.rig.board.power_cut()
        await field.rig.board.power_on()
        await field.logs("on the network", len(field.log))
        assert len(orders.handed) == asked


async def test_nobody_then_a_false_server_then_the_right_one(
    fetching: Fetching, pinned_key: Credentials, false_key: Credentials
) -> None:
    field = await fetching()
    await field.logs("bootstrap: failed")  # nobody is there
    before = await field.rig.saved()
    # The false one has all that the right one would hand out.
    order = the_rest(field)
    answer = b"HTTP/1.1 200 OK\r\nContent-Type: application/cose\r\nContent-Length: %d\r\n\r\n"
    faults = Faults(answer=answer % len(order.data) + order.data)
    with TlsServer(false_key, faults) as false:
        field.leads_to(false.port)
        await field.logs("bootstrap: another server answered, it was told nothing")
        meeting = false.meetings[0]
        assert meeting.over.wait(5)
    assert not meeting.said and not meeting.shaken
    assert APPLICATION_DATA not in meeting.record_types()
    assert order.device_id.encode() not in meeting.raw
    assert await field.rig.saved() == before
    orders = Orders()
    orders.add(order)
    async with serving(orders, pinned_key) as port:
        field.leads_to(port)
        await field.logs("bootstrap: the receipt is delivered")
    assert [receipt.result for receipt in orders.receipts] == [c.OK]


async def test_what_the_right_server_may_not_hand_out(
    fetching: Fetching, pinned_key: Credentials
) -> None:
    """Whoever has the server's key cannot make the board obey anything new, or anything old."""
    field = await fetching()
    before = await field.rig.saved()
    refused = [
        (c.STALE, the_rest(field, sequence=before.sequence - 1)),
        (c.STALE, the_rest(field, nonce=bytes(16))),
        (c.NOT_AUTHENTIC, the_rest(field, authority=STRANGER)),
        (c.NOT_AUTHENTIC, the_rest(field, target=ELSEWHERE)),
        (c.EXPIRED, the_rest(field, expires_s=int(time.time()) - 60)),
    ]
    orders = Orders()
    async with serving(orders, pinned_key) as port:
        field.leads_to(port)
        for status, order in refused:
            orders.waiting = [dataclasses.replace(order, device_id=field.rig.target.device_id)]
            since = len(field.log)
            await field.logs(f"bootstrap: the order is refused, status {status}", since)
        await field.logs("bootstrap: the order that was refused, again")
    assert await field.rig.saved() == before
    assert not orders.receipts


async def test_answers_that_are_none(fetching: Fetching, pinned_key: Credentials) -> None:
    field = await fetching(limits={"exchange_s": 1})
    head = b"HTTP/1.1 200 OK\r\nContent-Type: application/cose\r\nContent-Length: "
    before = await field.rig.saved()
    cases = [
        (Faults(answer=head + b"8193\r\n\r\n" + bytes(8193)), "no order has this length"),
        (Faults(answer=b"\x00" * 4096), "headers without end"),
        (Faults(answer=head + b"9\r\n\r\nnot order", pieces_s=0.2), "TooLate"),
        (Faults(cut_after=200), "TLS"),
        (Faults(answer=head + b"9\r\n\r\nnot order"), "the order is refused, status"),
    ]
    with TlsServer(pinned_key) as server:
        field.leads_to(server.port)
        for faults, told in cases:
            server.faults = faults
            await field.logs(told, len(field.log))
    assert await field.rig.saved() == before
    orders = Orders()
    orders.add(the_rest(field))
    async with serving(orders, pinned_key) as port:
        field.leads_to(port)
        await field.logs("bootstrap: the receipt is delivered")


async def test_an_order_that_does_not_work_leaves_the_old_network(
    fetching: Fetching, pinned_key: Credentials
) -> None:
    field = await fetching()
    before = await field.rig.saved()
    orders = Orders()
    orders.add(the_rest(field, (OTHER_SSID, b"not its password")))
    async with serving(orders, pinned_key) as port:
        field.leads_to(port)
        await field.logs("bootstrap: the receipt is delivered")
        [receipt] = orders.receipts
        assert receipt.verified and receipt.result == c.WRONG_PASSWORD
        assert field.rig.joined() == SSID
        assert await field.rig.saved() == before


async def test_a_receipt_that_cannot_be_delivered_is_after_a_restart(
    fetching: Fetching, pinned_key: Credentials
) -> None:
    """The new network does not lead to the server at first, and the power goes meanwhile."""
    field = await fetching()
    orders = Orders()
    order = orders.add(the_rest(field, (OTHER_SSID, OTHER_PASSWORD)))
    async with serving(orders, pinned_key) as port:
        field.leads_to(port)
        await field.logs("bootstrap: the receipt has to wait")
        await field.rig.board.power_cut()
        assert not orders.receipts
        field.leads_to(port, everywhere=True)
        await field.rig.board.power_on()
        await field.logs("bootstrap: the receipt is delivered", len(field.log))
        assert [one.order_id for one in orders.receipts] == [order.order_id]
        assert orders.receipts[0].verified and field.rig.joined() == OTHER_SSID
