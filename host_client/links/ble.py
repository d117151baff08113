"""Bluetooth LE, by bleak: requests and replies in frames over two characteristics.

Counterpart: transports/ble_gatt.py. Frames of the request are written, the board's
acknowledgements and the frames of its reply are notified; see transports/framing.py.
"""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Awaitable
from typing import Any, TypeVar

from bleak import BleakClient, BleakScanner
from bleak.backends.characteristic import BleakGATTCharacteristic
from bleak.backends.device import BLEDevice
from bleak.backends.scanner import AdvertisementData
from bleak.exc import BleakError

from host_client.errors import BoardNotFound, LinkError, LinkTimeout
from host_client.links.base import Link, LinkOptions, Sighting
from transports import contract as c
from transports import framing

log = logging.getLogger("latchkey.link.ble")

Result = TypeVar("Result")

_SCHEME = "ble://"
_ADDRESS = re.compile(r"[0-9A-F]{2}(:[0-9A-F]{2}){5}|[0-9A-F]{8}(-[0-9A-F]{4}){3}-[0-9A-F]{12}")
_SETTLE_S = 3.0  # for letting go of a connection
_MAX_WAITING = 256  # frames not looked at yet; a peer may send without being asked


class BleLink(Link):
    """A GATT connection, its address a name (`ble://Latchkey-1A2B`) or a Bluetooth address."""

    def __init__(self, url: str, options: LinkOptions) -> None:
        self.url = url
        self._wanted = url[len(_SCHEME) :].rstrip("/")
        if not self._wanted:
            raise LinkError("a Bluetooth board's address looks like ble://Latchkey-1A2B")
        self._options = options
        self._client: BleakClient | None = None
        self._device: BLEDevice | None = None
        self._request: BleakGATTCharacteristic | None = None
        self._with_response = True
        self._message_id = 0
        self._frames: asyncio.Queue[bytes | None] = asyncio.Queue()
        self._receiver = framing.Receiver(c.MAX_MESSAGE)
        self._changed = asyncio.Event()

    async def open(self) -> None:
        if self._client is not None:
            if self._client.is_connected:
                return
            await self.close()
        self._frames = asyncio.Queue()
        # One for the whole connection: it knows the frames of the reply before, which the
        # board sends again if the last acknowledgement was lost.
        self._receiver = framing.Receiver(c.MAX_MESSAGE)
        if self._device is None:
            self._device = await self._find()
        self._client = BleakClient(
            self._device,
            disconnected_callback=self._on_disconnected,
            timeout=self._options.connect_timeout_s,
            backend=self._options.backend.client,
        )
        try:
            await self._within(self._options.connect_timeout_s, self._set_up(self._client))
        except BaseException:
            self._device = None  # its address may have changed: look for it again
            await self.close()
            raise

    async def _set_up(self, client: BleakClient) -> None:
        await client.connect()
        request, response, status = _characteristics(client)
        if request is None or response is None or status is None:
            raise LinkError(f"{self._wanted} does not offer Latchkey's service")
        await client.start_notify(response, self._on_frame)
        await client.start_notify(status, self._on_status)
        self._request = request
        self._with_response = "write-without-response" not in request.properties
        log.debug("connected to %s, frames of %d", self._wanted, self._frame_size())

    async def _find(self) -> BLEDevice:
        wanted = self._wanted.upper()
        by_address = _ADDRESS.fullmatch(wanted) is not None

        def fits(device: BLEDevice, data: AdvertisementData) -> bool:
            if by_address:
                return device.address.upper() == wanted
            name = data.local_name or device.name or ""
            return name.upper() == wanted and c.SERVICE_UUID in data.service_uuids

        device = await self._within(
            self._options.connect_timeout_s + _SETTLE_S,
            BleakScanner.find_device_by_filter(
                fits,
                timeout=self._options.connect_timeout_s,
                service_uuids=[c.SERVICE_UUID],
                **_scanner_backend(self._options),
            ),
        )
        if device is None:
            raise BoardNotFound(f"no board {self._wanted} is advertising within reach")
        return device

    async def close(self) -> None:
        client, self._client, self._request = self._client, None, None
        if client is None:
            return
        try:
            await asyncio.wait_for(client.disconnect(), _SETTLE_S)
        except (BleakError, OSError, EOFError, asyncio.TimeoutError, AssertionError) as error:
            log.debug("while disconnecting: %s", type(error).__name__)

    async def exchange(self, operation: int, body: bytes = b"") -> bytes:
        if self._client is None or self._request is None:
            raise LinkError("the link is not open")
        try:
            return await self._within(
                self._options.exchange_timeout_s, self._converse(bytes((operation,)) + body)
            )
        except LinkError:
            await self.close()
            raise

    async def _converse(self, message: bytes) -> bytes:
        """Send the frames of one message, take in those of the reply; both windows at once."""
        self._message_id = (self._message_id + 1) & 0x3F
        sender = framing.Sender(message, self._message_id, self._frame_size())
        while True:
            for frame in sender.next_frames():
                await self._write(frame)
            frame = await self._next_frame(None if sender.done else framing.RETRY_MS / 1000)
            if frame is None:
                sender.on_timeout()
            elif framing.is_data(frame):
                reply, answer = self._receiver.feed(frame)
                if answer is not None:
                    await self._write(answer)
                if reply is not None:
                    return bytes(reply)
            else:
                sender.on_answer(frame)

    async def _next_frame(self, timeout_s: float | None) -> bytes | None:
        """The next frame notified, None when `timeout_s` is over. Raises LinkError on a drop."""
        try:
            frame = await asyncio.wait_for(self._frames.get(), timeout_s)
        except asyncio.TimeoutError:
            return None
        if frame is None:
            raise LinkError(f"{self._wanted} went out of reach")
        return frame

    async def _write(self, frame: bytes) -> None:
        if self._client is None or self._request is None:
            raise LinkError(f"{self._wanted} went out of reach")
        await self._client.write_gatt_char(self._request, frame, response=self._with_response)

    def _frame_size(self) -> int:
        assert self._request is not None
        return max(framing.MIN_FRAME, self._request.max_write_without_response_size)

    async def wait_for_change(self, timeout_s: float) -> None:
        try:
            await asyncio.wait_for(self._changed.wait(), timeout_s)
        except asyncio.TimeoutError:
            pass
        self._changed.clear()

    async def _within(self, timeout_s: float, work: Awaitable[Result]) -> Result:
        """Await `work` and turn what bleak and its backends raise into link errors."""
        try:
            return await asyncio.wait_for(work, timeout_s)
        except asyncio.TimeoutError as error:
            raise LinkTimeout(f"{self._wanted} did not answer in time") from error
        except framing.FramingError as error:
            raise LinkError(f"{self._wanted}: {error}") from error
        except (BleakError, OSError, EOFError) as error:
            raise LinkError(f"{self._wanted}: {error or type(error).__name__}") from error

    def _on_frame(self, _: Any, data: bytearray) -> None:
        # One that does not fit counts as lost: the board sends it again.
        if data and len(data) <= framing.MAX_FRAME and self._frames.qsize() < _MAX_WAITING:
            self._frames.put_nowait(bytes(data))

    def _on_status(self, _: Any, data: bytearray) -> None:
        self._changed.set()

    def _on_disconnected(self, client: BleakClient) -> None:
        if client is self._client:  # and not one of before, heard of late
            self._frames.put_nowait(None)
            self._changed.set()


def open_link(url: str, options: LinkOptions) -> BleLink:
    """Raises LinkError for an address that is none."""
    return BleLink(url, options)


async def find_boards(options: LinkOptions) -> list[Sighting]:
    """The boards that advertise Latchkey's service. Raises LinkError where there is no radio."""
    try:
        found = await BleakScanner.discover(
            timeout=options.scan_timeout_s,
            return_adv=True,
            service_uuids=[c.SERVICE_UUID],
            **_scanner_backend(options),
        )
    except (BleakError, OSError, EOFError) as error:
        raise LinkError(f"no Bluetooth: {error or type(error).__name__}") from error
    sightings = []
    for device, data in found.values():
        if c.SERVICE_UUID in data.service_uuids:
            name = data.local_name or device.name or device.address
            sightings.append(Sighting(f"{_SCHEME}{name}", name, data.rssi))
    return sorted(sightings, key=lambda sighting: -(sighting.rssi_dbm or -999))


def _characteristics(client: BleakClient) -> list[BleakGATTCharacteristic | None]:
    """Those for request, response and status; None for what the board does not have."""
    service = client.services.get_service(c.SERVICE_UUID)
    uuids = (c.REQUEST_UUID, c.RESPONSE_UUID, c.STATUS_UUID)
    return [None if service is None else service.get_characteristic(uuid) for uuid in uuids]


def _scanner_backend(options: LinkOptions) -> dict[str, Any]:
    scanner = options.backend.scanner
    return {} if scanner is None else {"backend": scanner}
