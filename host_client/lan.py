"""Looking for a board on the network it joined, once the link to it is lost.

A board has one radio. When the network it joins is on another channel its access point goes
there, and drops whoever handed it the order; the answer is then to be had on that network. Nobody
there is believed: only a receipt that proves the order kept ends the search.
"""

from __future__ import annotations

import asyncio
import contextlib
import ipaddress
import logging
from collections.abc import Callable, Coroutine
from typing import Any

from host_client import mdns
from host_client.board import Reply, Status
from host_client.conversation import Conversation
from host_client.errors import (
    BadReceipt,
    BadReply,
    DeadlinePassed,
    LinkError,
    OutOfSight,
    Refused,
)
from host_client.links.base import LinkOptions, open_link
from host_client.order import SealedOrder
from host_client.outcome import Outcome
from host_client.receipt import Receipt, read_receipt
from transports import contract as c

log = logging.getLogger("latchkey.lan")

OnLost = Callable[[str], None]

_LOOK_UP_S = 1.5
_PAUSE_S = 0.5
_HURRIED = LinkOptions(connect_timeout_s=3.0, exchange_timeout_s=5.0)


class LanSearch:
    """One order's second way to its receipt.

    hostname: what the board called itself before it took the order, or None. on_lost(hostname)
    is called once, when the link is lost and the search begins.
    """

    def __init__(
        self,
        order: SealedOrder,
        conversation: Conversation,
        hostname: str | None,
        on_lost: OnLost | None = None,
    ) -> None:
        self._order = order
        self._conversation = conversation
        self._hostname = hostname if hostname and mdns.is_hostname(hostname) else None
        self._on_lost = on_lost or (lambda hostname: None)
        self._address: str | None = None

    def saw(self, status: Status) -> None:
        """Note the address that the board says it got."""
        if status.address is not None:
            with contextlib.suppress(ValueError):
                self._address = str(ipaddress.IPv4Address(status.address))

    async def beside(
        self, at_hand: Coroutine[Any, Any, Outcome], on_status: Callable[[Status], None]
    ) -> Outcome:
        """The outcome that `at_hand` brings over the first link, or else the network's, whose
        status goes to `on_status`.

        Raises what `at_hand` raises; OutOfSight in place of DeadlinePassed if the link is lost.
        """
        near = asyncio.ensure_future(at_hand)
        far = asyncio.ensure_future(self._on_the_network())
        try:
            await asyncio.wait((near, far), return_when=asyncio.FIRST_COMPLETED)
            if not far.done():
                return near.result()
            on_status(far.result().status)
            return far.result()
        except DeadlinePassed as passed:
            if not self._conversation.lost.is_set():
                raise
            raise OutOfSight(self._order.order_id, self._hostname, passed) from passed
        finally:
            for task in (near, far):
                task.cancel()
            await asyncio.gather(near, far, return_exceptions=True)

    async def _on_the_network(self) -> Outcome:
        """Ends only with success, or by being canceled."""
        await self._conversation.lost.wait()
        self._on_lost(self._hostname or self._address or "")
        while True:
            for address in await self._addresses():
                receipt = await self._receipt_at(address)
                if receipt is not None:
                    return self._outcome(receipt)
            await asyncio.sleep(_PAUSE_S)

    async def _addresses(self) -> list[str]:
        found = [] if self._address is None else [self._address]
        if self._hostname is not None:
            try:
                found += await mdns.addresses_of(self._hostname, _LOOK_UP_S)
            except LinkError as error:
                log.debug("%s", error)
        return list(dict.fromkeys(found))

    async def _receipt_at(self, address: str) -> Receipt | None:
        """The order's receipt, if this address has one that says the order was kept."""
        order = self._order
        url = f"http://{address}:{self._conversation.rest_port}"
        try:
            async with open_link(url, _HURRIED) as link:
                data = await link.exchange(c.RECEIPT, order.order_id)
            reply = Reply(data).raise_for_status()
            receipt = read_receipt(reply.octets(c.F_RECEIPT), order.secret)
        except (LinkError, BadReply, BadReceipt, Refused) as error:
            log.debug("%s: %s", address, error)
            return None
        fits = (receipt.order_id, receipt.device_id) == (order.order_id, order.device_id)
        return receipt if fits and receipt.result == c.OK else None

    def _outcome(self, receipt: Receipt) -> Outcome:
        status = Status(
            c.PROVISIONED, c.DONE, receipt.network, receipt.result, None, receipt.address,
            receipt.order_id,
        )  # fmt: skip
        return Outcome(receipt.order_id, receipt.device_id, status, receipt)
