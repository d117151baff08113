"""One order at a time: taken, tried, kept or given up, and what can be told about it."""

import asyncio
from hashlib import sha256

from firmware.envelope import cbor
from firmware.provision.admission import admit
from firmware.provision.clock import time_told
from firmware.provision.errors import Refusal
from firmware.provision.receipt import make_receipt
from firmware.provision.record import NETWORKS
from firmware.provision.trial import Outcome, try_networks
from transports import contract as c

DELIVERY_S = 3  # how long a trial waits for its "accepted" to reach the peer


class Progress:
    """How far the order in hand has come."""

    def __init__(self):
        self.step = c.IDLE
        self.network = 0
        self.outcome = None

    def compact(self, state):
        result = self.outcome.status if self.outcome else c.ACCEPTED
        return cbor.encode([state, self.step, result, self.network])


class Ordering:
    def __init__(self, board, policy):
        self._board = board
        self._policy = policy
        self._opening = False  # an order is being opened and verified
        self._digest = None  # of the octets of the order in hand
        self.order_id = None  # of the order in hand
        self._offline = False  # whether it was made for no window in particular
        self._receipt = None
        self._spent = False
        self.trying = False
        self.collected = False
        self.progress = Progress()
        self.watchers = []

    def tick(self, elapsed_ms):
        if self.trying:
            self._board.window.spend_trial(elapsed_ms)

    @property
    def kept(self):
        return self.progress.step == c.DONE

    async def take(self, data):
        """Open, verify and start to try an order. Returns what to call on delivery.

        The same octets again are acknowledged again and change nothing, unless they are an
        offline order whose trial failed: that one is tried again. Raises Refusal.
        """
        digest = sha256(data).digest()
        if digest == self._digest and not self._may_retry():
            return None
        if not self._board.window.is_open:
            raise Refusal(c.ATTEMPTS_SPENT if self._spent else c.WINDOW_SHUT)
        if self.trying or self._opening:
            raise Refusal(c.BUSY)
        if len(data) > c.MAX_MESSAGE:
            raise Refusal(c.TOO_LARGE)
        opened = await self._open(data)
        progress, delivered, outcome = Progress(), asyncio.Event(), Outcome(c.INTERNAL)
        # Before the state says so: where there is no memory for a trial, none has begun.
        asyncio.create_task(self._try(opened, delivered, outcome))
        self._digest = digest
        self._begin(opened.order, progress)
        return delivered.set

    def report(self, order_id):
        """Return the reply fields about an order; all of them only to who knows its id."""
        progress = self.progress
        fields = {c.F_STEP: progress.step}
        if progress.outcome is not None:
            fields[c.F_RESULT] = progress.outcome.status
        if order_id is None:
            return fields
        if order_id == self.order_id:
            fields[c.F_ORDER_ID] = order_id
            fields[c.F_NETWORK] = progress.network
            if progress.outcome is not None:
                fields[c.F_REASON] = progress.outcome.reason
                if progress.outcome.address is not None:
                    fields[c.F_ADDRESS] = progress.outcome.address
        elif order_id == self._board.record.order_id:
            return {c.F_STEP: c.DONE, c.F_RESULT: c.OK, c.F_ORDER_ID: order_id}
        else:
            return {c.F_STEP: progress.step}
        return fields

    def find_receipt(self, order_id):
        """Return (order id, receipt octets) of that order, or of the last. Raises Refusal."""
        record = self._board.record
        if self._receipt is not None and order_id in (None, self.order_id):
            return self.order_id, self._receipt
        if record.receipt is not None and order_id in (None, record.order_id):
            return record.order_id, record.receipt
        raise Refusal(c.NO_RECEIPT)

    def receipt_delivered(self, asked_for):
        """Return what to call once the receipt asked for, by order id or None, has reached a
        peer. Only who names the order has collected it; anybody may ask for the last one."""

        def note():
            if asked_for is not None and asked_for == self._board.record.order_id:
                self.collected = True

        return note

    def _may_retry(self):
        return self._offline and not self.trying and self.progress.step == c.FAILED

    async def _open(self, data):
        board = self._board
        self._opening = True
        opened = None
        try:
            board.window.count_attempt()
            opened = await admit(
                data, self._policy, board.identity, board.record, board.window.nonce,
                board.unix_time(), board.pause,
            )  # fmt: skip
        except Refusal as refusal:
            board.log("order refused, status", refusal.status)
            raise
        finally:  # an order that drains the memory is as wrong as one that is refused
            self._opening = False
            if opened is None and board.window.is_open and board.window.attempts_left == 0:
                self._spent = True
                board.window.shut()
        if not board.window.is_open:  # it ended while the order was being verified
            raise Refusal(c.WINDOW_SHUT)
        board.window.forgive_attempt()
        board.window.renew_nonce()
        return opened

    def _begin(self, order, progress):
        self.order_id = order.order_id
        self._offline = order.nonce is None
        self._receipt = None
        self.progress = progress
        self.trying = True
        self._board.log("order accepted, trying")
        self._report(c.JOINING, 0)

    async def _try(self, opened, delivered, outcome):
        """outcome: what it is until there is another; made beforehand, so that nothing that
        may fail comes before the `try`."""
        board = self._board
        try:
            await _arrival(delivered)
            outcome = await try_networks(
                opened.order, board.record.settings.get(NETWORKS, ()), board.wifi, board.reach,
                self._time_left_ms, self._report,
            )  # fmt: skip
            self._conclude(opened, outcome)
        except MemoryError:
            outcome.status = c.OUT_OF_MEMORY  # there may be none for another Outcome, either
        except Exception as error:  # a trial ends with a status, whatever went wrong in it
            outcome.status = c.INTERNAL
            board.log("internal error", type(error).__name__)
        finally:
            self._end(outcome)

    def _conclude(self, opened, outcome):
        """Keep the order if its trial went well; make the receipt of how it ended."""
        board = self._board
        receipt = make_receipt(opened, board.identity.device_id, outcome)
        if outcome.status == c.OK:
            self._report(c.COMMITTING, self.progress.network)
            try:
                time_s = time_told(opened, board.unix_time() or 0)
                board.record.commit(opened.order, receipt, time_s)
            except OSError:
                outcome.status = c.STORE_FAILED
                receipt = make_receipt(opened, board.identity.device_id, outcome)
        self._receipt = receipt

    def _end(self, outcome):
        self.trying = False
        self.progress.outcome = outcome
        self._report(c.DONE if outcome.status == c.OK else c.FAILED, self.progress.network)
        try:
            if outcome.status != c.OK:  # also one that memory ended: what was joined is not kept
                self._board.wifi.leave()
            self._board.log("order tried, status", outcome.status, "reason", outcome.reason)
        except MemoryError:
            pass  # the line is lost, and nothing else

    def _time_left_ms(self):
        return min(self._board.identity.limits["try_s"] * 1000, self._board.window.tries_left_ms)

    def _report(self, step, network):
        self.progress.step = step
        self.progress.network = network
        for watcher in self.watchers:
            try:
                watcher()
            except MemoryError:
                pass  # they only show what goes on; the order goes on without


async def _arrival(delivered):
    try:
        await asyncio.wait_for(delivered.wait(), DELIVERY_S)
    except asyncio.TimeoutError:
        pass  # the peer is gone, or slow; the order stands all the same
