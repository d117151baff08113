"""bleak backend classes over a board in memory: GATT as far as the BLE link uses it.

`radio(boards)` returns a `RadioBackend` whose classes know these boards. The peripheral's
side does what transports/ble_gatt.py does, a message at a time, with the shared framing.
Faults are attributes of the `Peripheral`.
"""

from __future__ import annotations

import asyncio
import uuid
import zlib
from collections.abc import Callable
from typing import Any

from bleak.backends.characteristic import BleakGATTCharacteristic
from bleak.backends.client import BaseBleakClient
from bleak.backends.device import BLEDevice
from bleak.backends.scanner import AdvertisementData, BaseBleakScanner
from bleak.backends.service import BleakGATTService, BleakGATTServiceCollection
from bleak.exc import BleakError

from host_client.links.base import RadioBackend
from tests.host.board_in_memory import MemoryBoard
from transports import contract as c
from transports import framing

_PROPERTIES = {
    c.REQUEST_UUID: ["write", "write-without-response"],
    c.RESPONSE_UUID: ["notify"],
    c.STATUS_UUID: ["read", "notify"],
}


class Peripheral:
    """One board on the air.

    `drop_after`: the link breaks after so many written frames. `lose`: every nth written
    frame vanishes. `frame_size`: ATT_MTU less 3. `services`: False for another device.
    """

    def __init__(self, board: MemoryBoard, name: str, frame_size: int = 244) -> None:
        self.board = board
        self.name = name
        self.address = "AA:BB:CC:00:00:" + f"{zlib.crc32(name.encode()) % 256:02X}"
        self.frame_size = frame_size
        self.drop_after: int | None = None
        self.lose: int | None = None
        self.services = True
        self.advertising = True
        self.connections = 0
        self.writes = 0
        self.client: MemoryRadioClient | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._sender: framing.Sender | None = None
        self._receiver = framing.Receiver(c.MAX_MESSAGE)
        self._answered = asyncio.Event()
        self._message_id = 0

    def connect(self, client: MemoryRadioClient) -> None:
        self.client = client
        self.connections += 1
        self._receiver = framing.Receiver(c.MAX_MESSAGE)
        self._answered = asyncio.Event()
        self.board.handler.on_change(self._status_changed)

    def write(self, frame: bytes) -> None:
        assert len(frame) <= self.frame_size
        self.writes += 1
        if self.drop_after is not None and self.writes > self.drop_after:
            self.drop_after = None
            self.drop()
            return
        if self.lose and self.writes % self.lose == 0:
            return
        if not framing.is_data(frame):
            if self._sender is not None:
                self._sender.on_answer(frame)
                self._answered.set()
            return
        message, answer = self._receiver.feed(frame)
        if answer is not None:
            self._notify(c.RESPONSE_UUID, answer)
        if message is not None:
            task = asyncio.ensure_future(self._serve(bytes(message)))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    def drop(self) -> None:
        """The link breaks, as seen from the central."""
        client, self.client = self.client, None
        if client is not None:
            client.lost()

    async def _serve(self, message: bytes) -> None:
        reply = await self.board.handler.handle(message[0], message[1:])
        self._message_id = (self._message_id + 1) & 0x3F
        sender = framing.Sender(reply.body, self._message_id, self.frame_size)
        self._sender = sender
        while not sender.done and self.client is not None:
            self._answered.clear()
            for frame in sender.next_frames():
                self._notify(c.RESPONSE_UUID, frame)
            try:
                await asyncio.wait_for(self._answered.wait(), 0.2)
            except asyncio.TimeoutError:
                sender.on_timeout()
        reply.delivered()

    def _status_changed(self) -> None:
        self._notify(c.STATUS_UUID, self.board.handler.compact_status())

    def _notify(self, characteristic: str, value: bytes) -> None:
        if self.client is not None:
            self.client.notified(characteristic, bytes(value))


class MemoryRadioClient(BaseBleakClient):
    """The central's side. `peripherals` is set on a subclass by `radio`."""

    peripherals: list[Peripheral] = []

    def __init__(self, device: BLEDevice | str, **kwargs: Any) -> None:
        kwargs.pop("services", None)
        super().__init__(device, **kwargs)
        self._peripheral: Peripheral | None = None
        self._callbacks: dict[str, Callable[[bytearray], None]] = {}

    @property
    def mtu_size(self) -> int:
        return 23  # what BlueZ says until asked otherwise

    async def connect(self, pair: bool = False, **kwargs: Any) -> None:
        for peripheral in self.peripherals:
            if peripheral.address == self.address and peripheral.advertising:
                self._peripheral = peripheral
                peripheral.connect(self)
                self.services = _services(peripheral)
                return
        raise BleakError("org.bluez.Error.Failed: Host is down")

    async def disconnect(self) -> None:
        if self._peripheral is not None:
            self._peripheral.client = None
            self._peripheral = None

    async def pair(self, *args: Any, **kwargs: Any) -> None:
        raise NotImplementedError

    async def unpair(self) -> None:
        raise NotImplementedError

    @property
    def is_connected(self) -> bool:
        return self._peripheral is not None

    async def read_gatt_char(
        self, characteristic: BleakGATTCharacteristic, **kwargs: Any
    ) -> bytearray:
        raise NotImplementedError

    async def read_gatt_descriptor(self, descriptor: Any, **kwargs: Any) -> bytearray:
        raise NotImplementedError

    async def write_gatt_char(
        self, characteristic: BleakGATTCharacteristic, data: Any, response: bool
    ) -> None:
        if self._peripheral is None:
            raise BleakError("Not connected")
        await asyncio.sleep(0)
        self._peripheral.write(bytes(data))

    async def write_gatt_descriptor(self, descriptor: Any, data: Any) -> None:
        raise NotImplementedError

    async def start_notify(
        self,
        characteristic: BleakGATTCharacteristic,
        callback: Callable[[bytearray], None],
        **kwargs: Any,
    ) -> None:
        self._callbacks[characteristic.uuid] = callback

    async def stop_notify(self, characteristic: BleakGATTCharacteristic) -> None:
        self._callbacks.pop(characteristic.uuid, None)

    def notified(self, characteristic: str, value: bytes) -> None:
        callback = self._callbacks.get(characteristic)
        if callback is not None:
            asyncio.get_running_loop().call_soon(callback, bytearray(value))

    def lost(self) -> None:
        self._peripheral = None
        if self._disconnected_callback is not None:
            self._disconnected_callback()


class MemoryRadioScanner(BaseBleakScanner):
    """Every advertising peripheral is seen at once. `peripherals` is set on a subclass."""

    peripherals: list[Peripheral] = []

    def __init__(self, detection_callback: Any, service_uuids: Any, *args: Any, **kwargs: Any):
        super().__init__(detection_callback, service_uuids)

    async def start(self) -> None:
        self.seen_devices = {}
        asyncio.get_running_loop().call_soon(self._see)

    def _see(self) -> None:
        for number, peripheral in enumerate(self.peripherals):
            if not peripheral.advertising:
                continue
            data = AdvertisementData(
                local_name=peripheral.name,
                manufacturer_data={},
                service_data={},
                service_uuids=[c.SERVICE_UUID] if peripheral.services else [],
                tx_power=None,
                rssi=-50 - number,
                platform_data=(),
            )
            address = peripheral.address
            device = self.create_or_update_device(address, address, peripheral.name, None, data)
            self.call_detection_callbacks(device, data)

    async def stop(self) -> None:
        pass


class NoRadioScanner(BaseBleakScanner):
    """A computer without Bluetooth."""

    def __init__(self, detection_callback: Any, service_uuids: Any, *args: Any, **kwargs: Any):
        super().__init__(detection_callback, service_uuids)

    async def start(self) -> None:
        raise BleakError("No Bluetooth adapters found.")

    async def stop(self) -> None:
        pass


def radio(*boards: Peripheral) -> RadioBackend:
    """Backend classes for `connect(..., backend=)` on which these boards are in reach."""
    known = {"peripherals": list(boards)}
    return RadioBackend(
        type("RadioClient", (MemoryRadioClient,), known),
        type("RadioScanner", (MemoryRadioScanner,), known),
    )


def _services(peripheral: Peripheral) -> BleakGATTServiceCollection:
    services = BleakGATTServiceCollection()
    name = c.SERVICE_UUID if peripheral.services else str(uuid.UUID(int=1))
    service = BleakGATTService(None, 1, name)
    services.add_service(service)
    if peripheral.services:
        for handle, (characteristic, properties) in enumerate(_PROPERTIES.items(), 2):
            services.add_characteristic(
                BleakGATTCharacteristic(
                    None,
                    handle,
                    characteristic,
                    properties,  # type: ignore[arg-type]
                    lambda: peripheral.frame_size,
                    service,
                )
            )
    return services
