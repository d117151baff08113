"""From octets to an order that may be tried, or a refusal. No I/O, no change of anything.

The rules, in this order:

1. The order opens with this board's key and the policy's proof holds, else NOT_AUTHENTIC.
2. What was proved is a well-formed order with a server to be reached, if any, else MALFORMED_ORDER.
3. It names the suite it is sealed with, else NOT_AUTHENTIC (somebody sealed it anew).
4. It is for this board, else WRONG_DEVICE.
5. It is not the order that the current settings came with, else REPLAYED.
6. It is fresh: made for this window's nonce, or, where it carries no nonce, with a
   sequence above the highest accepted one, else STALE.
7. Its time has not run out, if this board knows the time, else EXPIRED.
8. The policy permits what it asks for, else FORBIDDEN.
"""

from firmware.envelope.errors import MalformedOrder, NotAuthentic
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

    data: octets as received; nonce: of the open window; unix_time: seconds, or None where
    the clock is not trusted; pause: coroutine function that gives the event loop its turn.
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
    if not _fresh(order, record, nonce):
        raise Refusal(STALE)
    if order.expires is not None and unix_time is not None and unix_time >= order.expires:
        raise Refusal(EXPIRED)
    if not policy.permits(order):
        raise Refusal(FORBIDDEN)
    return opened


def _check_server(order):
    if order.server is not None:
        try:
            host_and_port(order.server.url)
        except ValueError:
            raise Refusal(MALFORMED_ORDER)


def _fresh(order, record, nonce):
    if order.nonce is not None:
        return order.nonce == nonce
    return order.sequence > record.sequence
