"""A conversation with one board over one link: questions, orders, receipts."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from types import TracebackType

from host_client.board import MAX_PAGES, BoardInfo, Reply, SeenNetwork, Status, networks_from_reply
from host_client.conversation import Conversation
from host_client.credentials import Credentials
from host_client.deadline import Deadline
from host_client.errors import (
    BadOrder,
    BadReceipt,
    BadReply,
    DeadlinePassed,
    LinkError,
    OrderForgotten,
    Refused,
)
from host_client.lan import LanSearch, OnLost
from host_client.links.base import Link
from host_client.order import SUITES, SealedOrder, Target, seal_order
from host_client.outcome import Outcome, failure, judge
from host_client.receipt import Receipt, read_receipt
from host_client.settings import Settings
from host_client.trust import Trust
from transports import contract as c

log = logging.getLogger("latchkey.client")

CALL_TIMEOUT_S = 45.0  # one question, its retries included
TRY_S = 90.0  # for each network of an order: the board's 60 s, and the way there and back
BUSY_S = 1.0  # between two tries at a board that is busy, perhaps with this very order
RECEIPT_S = 15.0  # for the receipt, once the trial is over


class Board:
    """One board over one link. One order at a time; status and receipt at any time."""

    def __init__(
        self,
        link: Link,
        trust: Trust,
        credentials: Credentials | None = None,
        timeout_s: float = CALL_TIMEOUT_S,
    ) -> None:
        self._conversation = Conversation(link)
        self._trust = trust
        self._credentials = credentials or Credentials()
        self._timeout_s = timeout_s
        self._hostname: str | None = None  # that the board last said it has

    @property
    def url(self) -> str:
        return self._conversation.url

    async def __aenter__(self) -> Board:
        try:
            await self._conversation.open(Deadline(self._timeout_s))
        except BaseException:
            await self._conversation.close()
            raise
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._conversation.close()

    async def info(self) -> BoardInfo:
        """The board's descriptor. Raises LinkError, BadReply, DeadlinePassed."""
        info = BoardInfo.from_reply(await self._ask(c.INFO))
        self._hostname = info.hostname
        return info

    async def scan(self, *, fresh: bool = False) -> list[SeenNetwork]:
        """The networks that the *board* sees, strongest first. `fresh`: look again first."""
        networks: list[SeenNetwork] = []
        page, pages = 0, 1
        while page < pages:
            body = bytes((page | (c.SCAN_FRESH if fresh and page == 0 else 0),))
            reply = await self._ask(c.SCAN, body)
            networks += networks_from_reply(reply)
            pages = reply.integer(c.F_PAGES, 1)
            if pages > MAX_PAGES:
                raise BadReply("the scan has more pages than any board would see networks for")
            page += 1
        return sorted(networks, key=lambda network: -network.rssi_dbm)

    async def identify(self) -> None:
        """Let the board blink."""
        await self._ask(c.IDENTIFY)

    async def current_status(self, order_id: bytes | None = None) -> Status:
        """The status at this moment, of an order or of the last one."""
        return Status.from_reply(await self._ask(c.STATUS, order_id or b""))

    async def status(
        self, order_id: bytes | None = None, *, timeout_s: float = TRY_S
    ) -> AsyncIterator[Status]:
        """Yield the status whenever it changes, until the order is done or has failed.

        Without an order id it also ends on a board that is trying nothing. Link errors are
        ridden out. Raises OrderForgotten, DeadlinePassed, Refused, BadReply.
        """
        deadline = Deadline(timeout_s)
        last: Status | None = None
        while True:
            reply = await self._ask(c.STATUS, order_id or b"", deadline)
            status = Status.from_reply(reply)
            if order_id is not None and status.order_id != order_id:
                raise OrderForgotten("the board does not know this order")
            if status != last:
                log.debug("status: %s, %s", status.state_name, status.step_name)
                yield status
                last = status
            if status.ended or (order_id is None and status.state != c.TRYING):
                return
            await self._conversation.wait_for_change(deadline)

    async def receipt(
        self, order: SealedOrder | bytes | None = None, *, timeout_s: float | None = None
    ) -> Receipt:
        """The receipt of an order (by id), or of the last one; checked if the secret is at hand.

        Raises Refused (NO_RECEIPT), BadReceipt, LinkError, BadReply.
        """
        order_id = order.order_id if isinstance(order, SealedOrder) else order
        secret = order.secret if isinstance(order, SealedOrder) else None
        deadline = None if timeout_s is None else Deadline(timeout_s)
        reply = await self._ask(c.RECEIPT, order_id or b"", deadline)
        receipt = read_receipt(reply.octets(c.F_RECEIPT), secret)
        if order_id is not None and receipt.order_id != order_id:
            raise BadReceipt("the receipt is for another order")
        return receipt

    async def seal(self, settings: Settings, *, expires_s: int | None = None) -> SealedOrder:
        """Make an order for this board and this window, in the form that its policy wants.

        Raises AuthorityError with nothing at hand to prove it with, WrongPolicy where the board
        wants another form than the caller agreed to, UntrustedBoard, BadOrder, BadReply.
        """
        self._credentials.check()
        info = await self.info()
        if info.nonce is None:
            raise Refused(c.WINDOW_SHUT)
        key = self._trust.check(info.device_id, info.device_key, info.certificate)
        proof = self._credentials.prove(info.policy, bool(info.owned))
        suite = next((suite for suite in SUITES if suite in info.suites), None)
        if suite is None:
            raise BadReply("the board offers no suite that this host knows")
        # The sequence is this host's clock, never the board's figure: `info` is not
        # authenticated, and a false one near the maximum would shut out later orders.
        return seal_order(
            settings,
            Target(info.device_id, key),
            proof,
            nonce=info.nonce,
            expires_s=expires_s,
            suite=suite,
        )

    async def submit(self, order: SealedOrder | bytes, *, timeout_s: float | None = None) -> None:
        """Hand over an order and return once the board has accepted it; it goes on by itself.

        Octets that are no order may be given: the board judges them. Raises Refused, LinkError.
        """
        data = order.data if isinstance(order, SealedOrder) else order
        deadline = None if timeout_s is None else Deadline(timeout_s)
        await self._ask(c.PROVISION, data, deadline)

    async def provision(
        self,
        order: Settings | SealedOrder,
        *,
        timeout_s: float | None = None,
        on_sealed: Callable[[SealedOrder], None] | None = None,
        on_status: Callable[[Status], None] | None = None,
        on_lost: OnLost | None = None,
    ) -> Outcome:
        """Hand over an order, see it through, and check the receipt.

        Settings are signed and sealed here; a sealed order is carried as it is. `on_sealed` is
        called before anything is sent (keep the secret there to check the receipt later),
        `on_status` at each change, `on_lost(hostname)` when the board is looked for on the
        network that it joined (lan.py). `timeout_s`: total, default 90 s a network.
        Raises every error of the tree; after Refused and TrialFailed the old settings stand.
        """
        if isinstance(order, Settings):
            sealed = await self.seal(order)
        else:
            sealed = order
            await self._check_addressee(sealed)
        if on_sealed:
            on_sealed(sealed)
        seconds = TRY_S * max(1, sealed.networks) if timeout_s is None else timeout_s
        deadline = Deadline(seconds)
        await self._hand_over(sealed, deadline)
        search = LanSearch(sealed, self._conversation, self._hostname, on_lost)

        def told(status: Status) -> None:
            search.saw(status)
            if on_status:
                on_status(status)

        return await search.beside(self._at_hand(sealed, deadline, told), told)

    async def _at_hand(
        self, order: SealedOrder, deadline: Deadline, on_status: Callable[[Status], None]
    ) -> Outcome:
        """See an accepted order through, over the link that it was handed over on."""
        status = await self._follow(order, deadline, on_status)
        return await self._conclude(order, status, deadline)

    async def _check_addressee(self, order: SealedOrder) -> None:
        """A wrong order costs the board one of its attempts: see to it before."""
        info = await self.info()
        if info.device_id != order.device_id:
            raise BadOrder(f"the order is for {order.device_id}, this board is {info.device_id}")
        if self._trust.is_told:
            self._trust.check(info.device_id, info.device_key, info.certificate)
        if len(order.data) > info.max_message:
            size = len(order.data)
            raise BadOrder(f"the order has {size} octets, the board takes {info.max_message}")

    async def _hand_over(self, order: SealedOrder, deadline: Deadline) -> None:
        """Submit. After a lost reply a refusal may stem from the first copy: ask which."""
        while True:
            try:
                await self._ask(c.PROVISION, order.data, deadline)
                return
            except Refused as refusal:
                if deadline.last_error is None:
                    raise
                status = await self.current_status(order.order_id)
                if status.order_id == order.order_id:
                    return
                if refusal.status != c.BUSY:
                    raise
            await deadline.run(asyncio.sleep(BUSY_S))

    async def _follow(
        self, order: SealedOrder, deadline: Deadline, on_status: Callable[[Status], None]
    ) -> Status:
        last: Status | None = None
        async for status in self.status(order.order_id, timeout_s=deadline.left_s):
            last = status
            on_status(status)
        if last is None:
            raise BadReply("the board gave no status")
        return last

    async def _conclude(self, order: SealedOrder, status: Status, deadline: Deadline) -> Outcome:
        """Let the receipt decide: a status is not authenticated, and may lie either way."""
        failed = status.step == c.FAILED
        wait_s = min(deadline.left_s, RECEIPT_S) if failed else max(deadline.left_s, RECEIPT_S)
        try:
            receipt = await self.receipt(order, timeout_s=wait_s)
        except (LinkError, Refused, DeadlinePassed):
            if failed:  # nothing was kept; a proof of that is welcome, and not needed
                raise failure(status) from None
            raise
        return judge(order, status, receipt)

    async def _ask(
        self, operation: int, body: bytes = b"", deadline: Deadline | None = None
    ) -> Reply:
        """A question under the caller's deadline (patiently) or under that of one call."""
        reply = await self._conversation.ask(
            operation, body, deadline or Deadline(self._timeout_s), patient=deadline is not None
        )
        return reply.raise_for_status()
