"""Fetch the next order from the bootstrap server, obey it, bring the receipt back.

For a board whose settings name no server of its own: its first order brought networks and
nothing else, and the rest waits at the server that was pinned at the factory. It is asked again
and again, less and less often, until an order brings a server.
"""

import os
from hashlib import sha256
from time import ticks_add, ticks_diff, ticks_ms

from firmware.bootstrap import http
from firmware.bootstrap.date import unix_seconds
from firmware.bootstrap.errand import Errand
from firmware.bootstrap.spki import public_key_info
from firmware.crypto.hmac import same
from firmware.device import memory, tls
from firmware.device.power import restart
from firmware.provision import policies
from firmware.provision.record import SERVER
from transports.contract import ACCEPTED, FIRST_USE, OK, OPEN_POLICY, STORE_FAILED

_DAY_S = 86400


class Bootstrap:
    """What a board on its network does about its bootstrap server: one `turn` now and then."""

    def __init__(self, identity, record, wifi, log):
        self._identity = identity
        self._record = record
        self._wifi = wifi
        self._log = log
        self._errand = Errand(record)
        self._failed_receipt = None
        self._refused = None  # SHA-256 of the order refused last: opening it again is costly
        self._saved_time_s = record.time_s
        self._wait_s = identity.limits["fetch_s"]
        # A building's boards start together when the power comes back.
        self._due = ticks_add(ticks_ms(), _random(self._wait_s * 1000 // 6))

    @property
    def wants_orders(self):
        """Not once there is a server of its own, and never under a policy by which whoever comes
        first may give orders: the first to come would be the server, or who holds its key."""
        policy = policies.in_force(self._identity, self._record)
        if policy == OPEN_POLICY or (policy == FIRST_USE and self._record.owner is None):
            return False
        return SERVER not in self._record.settings

    async def turn(self):
        """Do what is due, if anything. Afterwards the board may be off its network: the settings
        say which one it is to join.

        Does not return where an order was kept: the board starts anew with it.
        """
        if ticks_diff(self._due, ticks_ms()) > 0:
            return
        progress = False
        try:
            if self._failed_receipt is not None or self._errand.is_open:
                progress = await self._bring_receipt()
            if self.wants_orders:
                progress = await self._fetch() or progress
        except tls.FalseServer:
            self._log("bootstrap: another server answered, it was told nothing")
        except Exception as error:  # whatever it was, the board stays on its network
            self._log("bootstrap: failed:", type(error).__name__, error)
        self._wait(progress)

    def _wait(self, progress):
        limits = self._identity.limits
        if progress:
            self._wait_s = limits["fetch_s"]
        half_ms = self._wait_s * 500
        self._due = ticks_add(ticks_ms(), half_ms + _random(half_ms))
        self._wait_s = min(2 * self._wait_s, limits["fetch_most_s"])

    async def _bring_receipt(self):
        """Tell whether the board's debt is paid. That a trial has failed is told once, and is no
        reason to ask for the order again any sooner."""
        failed = self._failed_receipt
        response = await self._exchange("/v1/receipts", failed or self._record.receipt)
        self._failed_receipt = None
        if response.status >= 300:
            self._log("bootstrap: the receipt is not taken, status", response.status)
            return False
        self._log("bootstrap: the receipt is delivered")
        if failed is not None:
            return False
        self._errand.close()
        return True

    async def _fetch(self):
        path = "/v1/orders/" + http.segment(self._identity.device_id)
        response = await self._exchange(path)
        if response.status != 200:
            self._log("bootstrap: no order, status", response.status)
            return False
        digest = sha256(response.body).digest()
        if digest == self._refused:
            self._log("bootstrap: the order that was refused, again")
            return False
        with memory.Packed():
            from firmware.bootstrap.obeying import obey  # few turns come this far

            status, self._failed_receipt = await obey(
                response.body, self._errand, self._identity, self._record, self._wifi, self._log
            )
        if status == OK:
            try:
                await self._bring_receipt()
            except Exception as error:  # the errand is still open after the restart
                self._log("bootstrap: the receipt has to wait:", type(error).__name__)
            self._log("bootstrap: starting anew with what it brought")
            restart()
        if status != ACCEPTED and status < STORE_FAILED:  # what lies with the board may pass
            self._refused = digest
        return False

    async def _exchange(self, path, body=None):
        url, pin = self._identity.bootstrap
        server = http.Server(url)

        def is_pinned(certificate):
            return same(sha256(public_key_info(certificate)).digest(), pin)

        time_ms = self._identity.limits["exchange_s"] * 1000
        connection = await tls.connect(server.host, server.port, is_pinned, time_ms)
        try:
            response = await http.exchange(connection, server, path, body)
        finally:
            connection.close()
        self._learn_time(unix_seconds(response.date or ""))
        return response

    def _learn_time(self, time_s):
        """The server's clock is a lower bound; on the flash it is kept once a day."""
        if time_s is None or time_s <= self._record.time_s:
            return
        if time_s - self._saved_time_s >= _DAY_S:
            self._record.change(time_s=time_s)
            self._saved_time_s = time_s
        else:
            self._record.time_s = time_s


def _random(below):
    """A number from 0 to below - 1, evenly enough; 0 where there is none."""
    return int.from_bytes(os.urandom(4), "big") % below if below > 0 else 0
