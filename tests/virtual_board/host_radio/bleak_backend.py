"""bleak over Bumble in the same process: classes for `backend=` of BleakClient and BleakScanner.

For machines without a dbus-daemon. Unlike BlueZ it says the true `mtu_size`, keeps the
advertised name, does not repeat a read as a notification, and reaches this process only.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from typing import Any, TypeVar

from bleak.args import SizedBuffer
from bleak.backends.characteristic import BleakGATTCharacteristic
from bleak.backends.client import BaseBleakClient, NotifyCallback
from bleak.backends.descriptor import BleakGATTDescriptor
from bleak.backends.device import BLEDevice
from bleak.backends.scanner import AdvertisementData, BaseBleakScanner
from bleak.backends.service import BleakGATTService, BleakGATTServiceCollection
from bleak.exc import (
    BleakDeviceNotFoundError,
    BleakError,
    BleakGATTProtocolError,
    BleakGATTProtocolErrorCode,
)
from bumble import hci
from bumble.device import Device

from tests.virtual_board.host_radio import gatt_link as gl
from tests.virtual_board.host_radio.sightings import SharedScan, Sighting

Result = TypeVar("Result")


class InProcessCentral:
    """One Bumble central that bleak's calls end at. `mtu` (23 to 517) is for links to come."""

    def __init__(self, central: Device, mtu: int) -> None:
        self.central = central
        self.mtu = mtu
        self.scan = SharedScan(central)
        self._dialling = asyncio.Lock()
        self._links: set[gl.GattLink] = set()

    async def connect(self, address: hci.Address, timeout_s: float) -> gl.GattLink:
        """Raises gatt_link.ConnectFailed."""
        async with self._dialling:
            link = await gl.dial(self.central, address, hci.OwnAddressType.PUBLIC, timeout_s)
        self._links = {known for known in self._links if known.is_up} | {link}
        return link

    async def close(self) -> None:
        for link in self._links:
            await link.disconnect()

    def classes(self) -> tuple[type[BumbleClient], type[BumbleScanner]]:
        """Client and scanner classes that use this central; bleak instantiates them itself."""
        client = type("BumbleClient", (BumbleClient,), {"central": self})
        scanner = type("BumbleScanner", (BumbleScanner,), {"central": self})
        return client, scanner


class BumbleScanner(BaseBleakScanner):
    central: InProcessCentral

    def __init__(
        self, detection_callback: Any, service_uuids: list[str] | None, *_: Any, **__: Any
    ) -> None:
        super().__init__(detection_callback, service_uuids)

    async def start(self) -> None:
        self.seen_devices = {}
        await self.central.scan.listen(self._on_sighting)

    async def stop(self) -> None:
        await self.central.scan.leave(self._on_sighting)

    def _on_sighting(self, sighting: Sighting) -> None:
        if not self.is_allowed_uuid(list(sighting.uuids)):
            return
        text = sighting.address_text
        data = AdvertisementData(
            local_name=sighting.name,
            manufacturer_data=sighting.manufacturer_data,
            service_data=sighting.service_data,
            service_uuids=list(sighting.uuids),
            tx_power=sighting.tx_power,
            rssi=sighting.rssi,
            platform_data=(sighting,),
        )
        device = self.create_or_update_device(text, text, sighting.name, sighting.address, data)
        self.call_detection_callbacks(device, data)


class BumbleClient(BaseBleakClient):
    central: InProcessCentral

    def __init__(self, address_or_ble_device: BLEDevice | str, **settings: Any) -> None:
        super().__init__(
            address_or_ble_device,
            disconnected_callback=settings["disconnected_callback"],
            timeout=settings["timeout"],
        )
        self._link: gl.GattLink | None = None
        self._receivers: dict[int, Any] = {}
        self._peer: hci.Address | None = None
        if isinstance(address_or_ble_device, BLEDevice):
            self._peer = address_or_ble_device.details

    @property
    def mtu_size(self) -> int:
        return self._link.mtu if self._link else gl.DEFAULT_MTU

    @property
    def is_connected(self) -> bool:
        return self._link is not None and self._link.is_up

    async def connect(self, pair: bool, **settings: Any) -> None:
        if self.is_connected:
            raise BleakError("already connected")
        if pair:
            raise NotImplementedError("this stand-in does not pair")
        timeout_s = settings.get("timeout", self._timeout)
        try:
            await asyncio.wait_for(self._connect(timeout_s), timeout_s)
        except BaseException:
            link, self._link = self._link, None
            if link is not None:
                link.when_lost(lambda: None)
                await link.disconnect()
            raise

    async def disconnect(self) -> None:
        if self._link is not None:
            await self._link.disconnect()

    async def pair(self, *args: Any, **kwargs: Any) -> None:
        raise NotImplementedError("this stand-in does not pair")

    async def unpair(self) -> None:
        raise NotImplementedError("this stand-in does not pair")

    async def read_gatt_char(
        self, characteristic: BleakGATTCharacteristic, *, use_cached: bool = False, **_: Any
    ) -> bytearray:
        return bytearray(await self._answered(self._up().read(characteristic.obj.value_handle)))

    async def read_gatt_descriptor(
        self, descriptor: BleakGATTDescriptor, *, use_cached: bool = False, **_: Any
    ) -> bytearray:
        return bytearray(await self._answered(self._up().read(descriptor.handle)))

    async def write_gatt_char(
        self, characteristic: BleakGATTCharacteristic, data: SizedBuffer, response: bool
    ) -> None:
        link, handle = self._up(), characteristic.obj.value_handle
        write = link.write if response else link.write_command
        try:
            await self._answered(write(handle, bytes(data)))
        except ValueError as too_long:
            raise BleakError(str(too_long)) from too_long

    async def write_gatt_descriptor(
        self, descriptor: BleakGATTDescriptor, data: SizedBuffer
    ) -> None:
        await self._answered(self._up().write(descriptor.handle, bytes(data)))

    async def start_notify(
        self, characteristic: BleakGATTCharacteristic, callback: NotifyCallback, **_: Any
    ) -> None:
        def receive(value: bytes) -> None:
            callback(bytearray(value))

        handle = characteristic.obj.value_handle
        await self._answered(self._up().subscribe(handle, receive))
        self._receivers[handle] = receive

    async def stop_notify(self, characteristic: BleakGATTCharacteristic) -> None:
        handle = characteristic.obj.value_handle
        receive = self._receivers.pop(handle, None)
        if receive is None:
            raise BleakError("notifications were not started")
        await self._answered(self._up().unsubscribe(handle, receive))

    def _up(self) -> gl.GattLink:
        if self._link is None or not self._link.is_up:
            raise BleakError("not connected")
        return self._link

    async def _connect(self, timeout_s: float) -> None:
        peer = self._peer or await self._look_for(timeout_s)
        try:
            self._link = await self.central.connect(peer, timeout_s)
        except gl.ConnectFailed as failure:
            raise BleakError(f"no connection to {self.address}: {failure}") from failure
        self._link.when_lost(self._on_lost)
        await self._answered(self._link.exchange_mtu(self.central.mtu))
        self.services = self._collect(await self._answered(self._link.discover()))

    async def _look_for(self, timeout_s: float) -> hci.Address:
        """The advertiser with this client's address: an address alone has no type."""
        found: asyncio.Future[hci.Address] = asyncio.get_running_loop().create_future()

        def receive(sighting: Sighting) -> None:
            if sighting.address_text == self.address.upper() and not found.done():
                found.set_result(sighting.address)

        await self.central.scan.listen(receive)
        try:
            return await asyncio.wait_for(found, timeout_s)
        except asyncio.TimeoutError as error:
            text = f"device with address {self.address} was not found"
            raise BleakDeviceNotFoundError(self.address, text) from error
        finally:
            await self.central.scan.leave(receive)

    def _collect(self, services: tuple[gl.Service, ...]) -> BleakGATTServiceCollection:
        collection = BleakGATTServiceCollection()
        for service in services:
            shown = BleakGATTService(service, service.handle, service.uuid)
            collection.add_service(shown)
            for entry in service.characteristics:
                characteristic = BleakGATTCharacteristic(
                    entry, entry.handle, entry.uuid, entry.flags,
                    lambda: self.mtu_size - gl.ATT_WRITE_OVERHEAD, shown,
                )  # fmt: skip
                collection.add_characteristic(characteristic)
                for found in entry.descriptors:
                    collection.add_descriptor(
                        BleakGATTDescriptor(found, found.handle, found.uuid, characteristic)
                    )
        return collection

    async def _answered(self, work: Awaitable[Result]) -> Result:
        try:
            return await work
        except gl.Refused as refusal:
            raise BleakGATTProtocolError(BleakGATTProtocolErrorCode(refusal.code)) from refusal
        except gl.LinkLost as lost:
            raise BleakError("disconnected") from lost

    def _on_lost(self) -> None:
        self.services = None
        self._receivers.clear()
        if self._disconnected_callback is not None:
            self._disconnected_callback()
