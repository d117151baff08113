"""The pages' Board and HttpLink, with an asyncio face for tests."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any, TypeVar

from tests.browser import node

Event = dict[str, Any]
Result = TypeVar("Result")


@dataclass(frozen=True)
class Sealed:
    """An order that the page sealed; its secret stays in Node.js, by its id."""

    order_id: bytes
    data: bytes
    networks: int


class PageBoard:
    """One Board of host_client/browser/board.ts. Every method raises node.NodeError."""

    def __init__(self, server: node.Node, handle: int) -> None:
        self._node = server
        self._handle = handle

    @classmethod
    def at(
        cls, server: node.Node, url: str, answer_ms: int = 6000, work_ms: int = 20000, **limits: int
    ) -> PageBoard:
        """Over HTTP; limits in milliseconds, by the names of board.ts."""
        return cls(
            server,
            server.ask("open", url=url, limits=limits, answer_ms=answer_ms, work_ms=work_ms),
        )

    @classmethod
    def scripted(
        cls, server: node.Node, *replies: bytes | None, sleeps_ms: int = 0, **limits: int
    ) -> PageBoard:
        """One that answers so, the last reply for ever; None: the link fails, and the phone has
        slept for so long meanwhile."""
        script = [None if reply is None else reply.hex() for reply in replies]
        handle = server.ask("scripted", script=script, sleeps_ms=sleeps_ms, limits=limits)
        return cls(server, handle)

    def start(
        self, operation: str, tell: Callable[[Event], None] | None = None, **question: Any
    ) -> Future[Any]:
        return self._node.start(operation, tell, handle=self._handle, **question)

    async def do(self, operation: str, **question: Any) -> Any:
        return await asyncio.wrap_future(self.start(operation, **question))

    async def hurried(self, work: Coroutine[Any, Any, Result]) -> Result:
        """What `work` comes to, its pauses ended as soon as they begin."""
        task = asyncio.ensure_future(work)
        while not task.done():
            await self.do("wake")
            await asyncio.wait((task,), timeout=0.01)
        return task.result()

    async def exchange(self, operation: int, argument: bytes = b"") -> bytes:
        """One request of the link's, without the Board's patience."""
        told = await self.do("exchange", operation_number=operation, argument=argument.hex())
        return bytes.fromhex(told)

    async def seal(self, ssid: bytes, key: bytes, code: str = "") -> Sealed:
        told = await self.do("seal", ssid=ssid.hex(), key=key.hex(), code=code)
        order_id, data = bytes.fromhex(told["orderId"]), bytes.fromhex(told["data"])
        return Sealed(order_id, data, told["networks"])

    async def submit(
        self,
        data: bytes,
        order_id: bytes | None = None,
        tell: Callable[[Event], None] | None = None,
    ) -> None:
        question = {"data": data.hex(), "order_id": order_id and order_id.hex()}
        await asyncio.wrap_future(self.start("submit", tell, **question))

    async def follow(
        self,
        order_id: bytes | None,
        tell: Callable[[Event], None] | None = None,
        networks: int = 1,
    ) -> Event:
        question = {"order_id": order_id and order_id.hex(), "networks": networks}
        status: Event = await asyncio.wrap_future(self.start("follow", tell, **question))
        return status

    async def receipt(self, order_id: bytes | None) -> Event:
        receipt: Event = await self.do("receipt", order_id=order_id and order_id.hex())
        return receipt
