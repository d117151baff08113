"""A central of few words, for tests of the board itself: Bumble's device and GATT client."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator

from bumble import hci
from bumble.core import UUID, AdvertisingData
from bumble.device import Advertisement, Connection, Device, Peer
from bumble.gatt_client import CharacteristicProxy

from tests.virtual_board.radio import Radio


class Central:
    """One central. `links()` opens a link for the length of a `with`."""

    def __init__(self, radio: Radio, device: Device) -> None:
        self.radio = radio
        self.device = device

    @classmethod
    async def on(cls, radio: Radio, **settings: object) -> Central:
        return cls(radio, await radio.central(**settings))  # type: ignore[arg-type]

    async def find(self, name: str, timeout_s: float = 5) -> Advertisement:
        """Scan until a board of this name is heard. Raises asyncio.TimeoutError."""
        heard: asyncio.Future[Advertisement] = asyncio.get_running_loop().create_future()

        def listen(advertisement: Advertisement) -> None:
            found = advertisement.data.get(AdvertisingData.Type.COMPLETE_LOCAL_NAME)
            if found == name and not heard.done():
                heard.set_result(advertisement)

        self.device.on("advertisement", listen)
        await self.device.start_scanning(active=True)
        try:
            return await asyncio.wait_for(heard, timeout_s)
        finally:
            await self.device.stop_scanning()
            self.device.remove_listener("advertisement", listen)

    @contextlib.asynccontextmanager
    async def link(self, address: hci.Address, mtu: int | None = 517) -> AsyncIterator[Link]:
        """Connect, exchange the MTU if one is given, and discover everything."""
        connection = await self.device.connect(address, timeout=5)
        link = Link(connection)
        try:
            if mtu is not None:
                await link.peer.request_mtu(mtu)
            await link.peer.discover_all()
            yield link
        finally:
            if not link.lost.done():
                await connection.disconnect()


class Link:
    """A connection to a board: characteristics by UUID, notifications in a queue."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.peer = Peer(connection)
        self.notified: asyncio.Queue[bytes] = asyncio.Queue()
        self.lost: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        connection.on("disconnection", self.lost.set_result)

    def __getitem__(self, uuid: str) -> CharacteristicProxy:
        found = self.peer.get_characteristics_by_uuid(UUID(uuid))
        if not found:
            raise KeyError(uuid)
        return found[0]

    async def subscribe(self, uuid: str) -> None:
        await self[uuid].subscribe(self.notified.put_nowait)

    async def next(self, timeout_s: float = 5) -> bytes:
        """The next notification. Raises asyncio.TimeoutError."""
        return await asyncio.wait_for(self.notified.get(), timeout_s)
