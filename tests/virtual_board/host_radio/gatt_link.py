"""One connection of a central to a GATT server, by Bumble, with its errors made plain.

Bumble 0.0.236 cancels the caller's own future when a link goes, and lets requests that
waited their turn run into a 30 s timeout. Here both become LinkLost, at once.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from typing import Any, TypeVar

from bumble import att, core, gatt, gatt_client, hci
from bumble.device import Connection, Device

DEFAULT_MTU = 23  # ATT_MTU of a link before any exchange (Core 5.4, Vol 3, Part G, 5.2.1)
MAX_MTU = 517  # a 512-octet value and the five octets of a prepared write
ATT_WRITE_OVERHEAD = 3  # opcode and handle

Result = TypeVar("Result")
_Proxy = gatt_client.CharacteristicProxy[bytes]


class LinkLost(Exception):
    """The link went before the operation was answered."""


class ConnectFailed(Exception):
    """No connection came about: the peer did not advertise in time, or refused."""


class Refused(Exception):
    """The server answered with an ATT error; `code` is that of Core 5.4, Vol 3, Part F, 3.4.1.1."""

    def __init__(self, code: int) -> None:
        super().__init__(f"ATT error 0x{code:02x}")
        self.code = code


@dataclass(frozen=True)
class Descriptor:
    """`uuid` in lower-case 128-bit form."""

    handle: int
    uuid: str


@dataclass(frozen=True)
class Characteristic:
    """`handle` is that of the declaration; the value's is the next (Vol 3, Part G, 3.3.2)."""

    handle: int
    uuid: str
    properties: int
    descriptors: tuple[Descriptor, ...] = ()

    @property
    def value_handle(self) -> int:
        return self.handle + 1

    @property
    def flags(self) -> list[str]:
        """The properties by the names that BlueZ and bleak give them, in the order of bits."""
        names = enumerate(PROPERTY_NAMES)
        return [name for bit, name in names if self.properties & (1 << bit)]


PROPERTY_NAMES = (
    "broadcast",
    "read",
    "write-without-response",
    "write",
    "notify",
    "indicate",
    "authenticated-signed-writes",
    "extended-properties",
)


@dataclass(frozen=True)
class Service:
    handle: int
    uuid: str
    characteristics: tuple[Characteristic, ...] = field(default=())


async def dial(
    central: Device, address: hci.Address, own_address_type: hci.OwnAddressType, timeout_s: float
) -> GattLink:
    """Connect. One at a time for each central. Raises ConnectFailed.

    Cancelled in the middle, it takes back the attempt before it ends.
    """
    attempt = asyncio.ensure_future(
        central.connect(address, own_address_type=own_address_type, timeout=timeout_s)
    )
    try:
        connection = await asyncio.shield(attempt)
    except asyncio.CancelledError:
        await _take_back(central, attempt)
        raise
    except (core.BaseBumbleError, hci.HCI_Error, asyncio.TimeoutError) as error:
        raise ConnectFailed(str(error) or type(error).__name__) from error
    if connection not in central.connections.values():
        raise ConnectFailed("lost at once")
    return GattLink(connection)


async def _take_back(central: Device, attempt: asyncio.Future[Connection]) -> None:
    while not attempt.done():
        await central.cancel_connection()  # type: ignore[no-untyped-call]
        await asyncio.wait({attempt}, timeout=0.05)
    if attempt.exception() is None:
        with contextlib.suppress(core.BaseBumbleError, hci.HCI_Error):
            await attempt.result().disconnect()


class GattLink:
    """GATT over one Bumble connection. Every operation raises LinkLost or Refused.

    An operation whose caller is cancelled runs on to its answer: ATT allows one request at a
    time, and an answer without its request would be taken for the next one's.
    """

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._client = connection.gatt_client
        self._proxies: dict[int, _Proxy] = {}
        self._running: set[asyncio.Task[Any]] = set()
        self._lost = asyncio.get_running_loop().create_future()
        self._on_lost: Callable[[], None] = lambda: None
        connection.on("disconnection", self._on_disconnection)

    @property
    def mtu(self) -> int:
        return self._connection.att_mtu

    @property
    def is_up(self) -> bool:
        return not self._lost.done()

    def when_lost(self, call: Callable[[], None]) -> None:
        """Call this, and no other, once the link is lost; at once if it is."""
        self._on_lost = call
        if not self.is_up:
            call()

    async def exchange_mtu(self, mtu: int) -> int:
        """Offer an ATT_MTU (octets) and return the agreed one. 23 asks for nothing."""
        if mtu > DEFAULT_MTU:
            await self._run(self._client.request_mtu(mtu))
        return self.mtu

    async def discover(self) -> tuple[Service, ...]:
        """All primary services with their characteristics and descriptors, in handle order."""
        return await self._run(self._discover())

    async def read(self, handle: int) -> bytes:
        """A whole value, by as many blob reads as it takes."""
        return await self._run(self._client.read_value(handle))

    async def write(self, handle: int, value: bytes) -> None:
        """With response; by prepared writes where it does not fit the MTU."""
        await self._run(self._client.write_value(handle, value, with_response=True))

    async def write_command(self, handle: int, value: bytes) -> None:
        """Without response. Raises ValueError when the value does not fit one packet."""
        if len(value) > self.mtu - ATT_WRITE_OVERHEAD:
            raise ValueError(f"{len(value)} octets do not fit an MTU of {self.mtu}")
        await self._run(self._client.write_value(handle, value))

    async def subscribe(self, value_handle: int, receive: Callable[[bytes], None]) -> None:
        """Notifications where there are, else indications. Raises Refused if there are neither."""
        proxy = self._proxies[value_handle]
        either = gatt.Characteristic.Properties.NOTIFY | gatt.Characteristic.Properties.INDICATE
        if not proxy.properties & either:
            raise Refused(att.ATT_REQUEST_NOT_SUPPORTED_ERROR)
        await self._run(self._client.subscribe(proxy, receive))

    async def unsubscribe(self, value_handle: int, receive: Callable[[bytes], None]) -> None:
        await self._run(self._client.unsubscribe(self._proxies[value_handle], receive))

    async def disconnect(self) -> None:
        """Hang up and wait until it is done. Does nothing on a lost link."""
        if self.is_up:
            with contextlib.suppress(core.BaseBumbleError, hci.HCI_Error):
                await self._connection.disconnect()
            await asyncio.wait({self._lost}, timeout=2)

    async def _discover(self) -> tuple[Service, ...]:
        services = []
        for service in await self._client.discover_services():
            characteristics = []
            for proxy in await self._client.discover_characteristics((), service):
                found = await self._client.discover_descriptors(proxy)
                proxy.descriptors_discovered = True
                self._proxies[proxy.handle] = proxy
                descriptors = tuple(Descriptor(d.handle, uuid_text(d.type)) for d in found)
                characteristics.append(
                    Characteristic(
                        proxy.handle - 1, uuid_text(proxy.uuid), int(proxy.properties), descriptors
                    )
                )
            services.append(
                Service(service.handle, uuid_text(service.uuid), tuple(characteristics))
            )
        return tuple(services)

    async def _run(self, work: Coroutine[Any, Any, Result]) -> Result:
        if not self.is_up:
            work.close()
            raise LinkLost
        task = asyncio.get_running_loop().create_task(work)
        self._running.add(task)
        task.add_done_callback(self._settle)
        await asyncio.wait({task})
        if task.cancelled():  # by _on_disconnection, or by Bumble for the same reason
            raise LinkLost
        error = task.exception()
        if error is None:
            return task.result()
        if isinstance(error, att.ATT_Error):
            raise Refused(int(error.error_code)) from error
        if isinstance(error, core.BaseBumbleError):
            raise LinkLost(str(error)) from error
        raise error

    def _settle(self, task: asyncio.Task[Any]) -> None:
        self._running.discard(task)
        if not task.cancelled():
            task.exception()  # seen: its caller may be gone

    def _on_disconnection(self, reason: int) -> None:
        if self._lost.done():
            return
        self._lost.set_result(reason)
        for task in list(self._running):
            task.cancel()
        self._on_lost()


def uuid_text(uuid: core.UUID) -> str:
    """A Bumble UUID as bleak and BlueZ write it: 128 bits, lower case, with dashes."""
    text = uuid.to_hex_str("-").lower()
    if len(text) == 36:
        return text
    return f"{text.zfill(8)}-0000-1000-8000-00805f9b34fb"
