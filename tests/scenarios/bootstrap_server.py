"""A bootstrap server in this process, over orders in memory; on TLS, as the product serves them."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator

from host_client.bootstrap.app import make_app
from host_client.bootstrap.errors import UnknownOrder
from host_client.bootstrap.serving import Address, serve
from host_client.order import SealedOrder
from host_client.receipt import Receipt, read_receipt
from tests.device.tls_server import Credentials


class Orders:
    """An OrderSource. `handed`: device ids that asked, in turn; `receipts`: what was kept;
    `sticky`: hand the same order out whatever becomes of it."""

    def __init__(self) -> None:
        self.waiting: list[SealedOrder] = []
        self.made: dict[bytes, SealedOrder] = {}
        self.handed: list[str] = []
        self.receipts: list[Receipt] = []
        self.sticky = False

    def add(self, order: SealedOrder) -> SealedOrder:
        self.waiting.append(order)
        self.made[order.order_id] = order
        return order

    def order_for(self, device_id: str) -> bytes | None:
        self.handed.append(device_id)
        return next((o.data for o in self.waiting if o.device_id == device_id), None)

    def keep_receipt(self, data: bytes) -> Receipt:
        order = self.made.get(read_receipt(data).order_id)
        if order is None:
            raise UnknownOrder("of no order here")
        self.receipts.append(read_receipt(data, order.secret))
        if not self.sticky:
            self.waiting = [o for o in self.waiting if o.order_id != order.order_id]
        return self.receipts[-1]


@contextlib.asynccontextmanager
async def serving(orders: Orders, credentials: Credentials, port: int = 0) -> AsyncIterator[int]:
    """The port of the server that is up inside."""
    ports: asyncio.Queue[int] = asyncio.Queue()
    address = Address("127.0.0.1", port, credentials.key, credentials.certificate)
    task = asyncio.create_task(serve(make_app(orders), address, ports.put_nowait))
    try:
        yield await asyncio.wait_for(ports.get(), 5)
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task
