"""From octets to an order that may be tried, or a refusal. No I/O, no change of anything.

The rules, in this order:

1. The order opens with this board's key and the policy's proof holds, else NOT_AUTHENTIC.
2. What was proved is a well-formed order with a server to be reached, if any, else MALFORMED_ORDER.
3. It names the suite it is sealed with, else NOT_AUTHENTIC (somebody sealed it anew).
4. It is for this board, else WRONG_DEVICE.
5. It is not the order that the current settings came with, else REPLAYED.
6. It is fresh: made for this window's nonce, or, where it carries no nonce, with a
   sequence above the highest accepted one; an installer's order has such a sequence in
   either case. Else STALE. A board that no longer knows its sequence takes only orders
   with the nonce, and none of an installer.
7. Its time has not run out, nor that of its installer's certificate, as far as this board
   knows the time (see clock.py), else EXPIRED.
8. The policy permits what it asks for, else FORBIDDEN.
"""

from firmware.envelope.errors import MalformedOrder, NotAuthentic
from firmware.provision.clock import time_of, time_told
from firmware.provision.errors import Refusal
from firmware.provision.trial import host_and_port
from transports.contract import (
    EXPIRED,
    FORBIDDEN,
    MALFORMED_ORDER,
    NOT_AUTHENTIC,
    REPLAYED,
    STALE,
    WRONG_DEVICE,
)


async def admit(data, policy, identity, record, nonce, unix_time, pause):
    """Return the opened order, or raise Refusal.

    data: octets as received; nonce: of the open window, or None; unix_time: what the board
    knows to be past, seconds since 1970, or None; pause: coroutine function that gives the event
    loop its turn.
    """
    try:
        opened = await policy.open(data, pause)
    except NotAuthentic:
        raise Refusal(NOT_AUTHENTIC)
    except MalformedOrder:
        raise Refusal(MALFORMED_ORDER)
    order = opened.order
    _check_server(order)
    if order.suite != opened.suite:
        raise Refusal(NOT_AUTHENTIC)
    if order.audience != identity.device_id:
        raise Refusal(WRONG_DEVICE)
    if order.order_id == record.order_id:
        raise Refusal(REPLAYED)
    if not _fresh(opened, record, nonce):
        raise Refusal(STALE)
    if _expired(opened, unix_time):
        raise Refusal(EXPIRED)
    if not policy.permits(opened):
        raise Refusal(FORBIDDEN)
    return opened


def _check_server(order):
    if order.server is not None:
        try:
            host_and_port(order.server.url)
        except ValueError:
            raise Refusal(MALFORMED_ORDER)


def _fresh(opened, record, nonce):
    order = opened.order
    if order.nonce is not None and order.nonce != nonce:
        return False
    if order.nonce is not None and opened.installer is None:
        return True
    # Whatever an installer's certificate still allows, a kept order with a higher sequence ends.
    return record.sequence is not None and order.sequence > record.sequence


def _expired(opened, unix_time):
    known_s = unix_time or 0
    if _over(opened.order.expires, time_of(opened, known_s)):
        return True
    return opened.installer is not None and _over(
        opened.installer.expires, time_told(opened, known_s)
    )


def _over(end, now_s):
    return end is not None and now_s >= end
