"""An order of the bootstrap server goes through the same handler as one from a phone.

The handler asks its board for a window, and here it finds an entrance instead: nobody but
the pinned server can hand anything in, so there are no attempts to count and no nonce to use
up. An order that carries a nonce was made for a window and is stale here.
"""

import asyncio

from firmware.board import Board, handler_over
from firmware.envelope import cbor
from transports.contract import ACCEPTED, F_ORDER_ID, F_RECEIPT, OK, PROVISION, RECEIPT, TRYING

_TICK_MS = 250


async def obey(order, errand, identity, record, wifi, log):
    """Hand the order to the handler and see its trial through.

    Returns (status, receipt): OK and None where it was kept, ACCEPTED and the receipt, if there is
    one, of a trial that failed, else the code of the refusal and None. After a trial that failed
    the board is on no network.
    """
    entrance = Entrance(identity.limits["tries_s"])
    handler = await handler_over(Board(identity, record, entrance, wifi, log))
    reply = await handler.handle(PROVISION, order)
    if reply.status != ACCEPTED:
        log("bootstrap: the order is refused, status", reply.status)
        return reply.status, None
    _mark(lambda: errand.open(handler.order_id), log)
    reply.delivered()
    while handler.state == TRYING:
        await asyncio.sleep_ms(_TICK_MS)
        handler.tick(_TICK_MS)
    if handler.kept:
        return OK, None
    _mark(errand.close, log)
    return ACCEPTED, await _receipt_of(handler, record)


async def _receipt_of(handler, record):
    """The receipt of a trial that failed; where there is none, the handler has that of the order
    that the settings came with."""
    reply = await handler.handle(RECEIPT, b"")
    fields = cbor.decode(reply.body)
    return None if fields.get(F_ORDER_ID) == record.order_id else fields.get(F_RECEIPT)


def _mark(change, log):
    """On a flash that takes nothing the receipt may be lost, and nothing else."""
    try:
        change()
    except OSError:
        log("bootstrap: the flash takes nothing")


class Entrance:
    """What provision.window.Window is to a board in its window: for one order, with the time
    of one window for its trial."""

    is_open = True
    nonce = None
    attempts_left = 1
    left_s = 0

    def __init__(self, tries_s):
        self.tries_left_ms = tries_s * 1000

    def spend_trial(self, elapsed_ms):
        self.tries_left_ms = max(0, self.tries_left_ms - elapsed_ms)

    def tick(self, elapsed_ms):
        """No time runs out: the caller is the board itself."""

    def count_attempt(self):
        """See above; a refused order makes the board wait longer for the next."""

    forgive_attempt = renew_nonce = shut = count_attempt
