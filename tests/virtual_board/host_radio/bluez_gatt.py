"""org.bluez.GattService1, GattCharacteristic1 and GattDescriptor1 of one remote device.

As bluetoothd 5.66 does it: a value that was read is announced as a changed property, so a
subscriber takes it for a notification; client configuration descriptors are listed and may
not be written; a link lost in the middle of an operation answers ATT error 0x0e; a second
operation on a characteristic that has not finished its first is told InProgress.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import socket
from collections.abc import Awaitable
from typing import TYPE_CHECKING, TypeVar

from dbus_fast import Variant

from tests.virtual_board.host_radio import gatt_link as gl
from tests.virtual_board.host_radio.bluez_errors import att_error, error
from tests.virtual_board.host_radio.bus_objects import Interface, Reply

if TYPE_CHECKING:
    from tests.virtual_board.host_radio.bluez_device import DeviceObject

log = logging.getLogger("latchkey.host_radio")

Result = TypeVar("Result")

CLIENT_CONFIGURATION = "00002902-0000-1000-8000-00805f9b34fb"
UNLIKELY_ERROR = 0x0E
_Options = dict[str, Variant]


class ServiceObject(Interface):
    name = "org.bluez.GattService1"

    def __init__(self, device: DeviceObject, service: gl.Service) -> None:
        super().__init__(
            device.tree,
            f"{device.path}/service{service.handle:04x}",
            {
                "UUID": Variant("s", service.uuid),
                "Device": Variant("o", device.path),
                "Primary": Variant("b", True),
                "Includes": Variant("ao", []),
            },
        )


class ValueObject(Interface):
    """What a characteristic and a descriptor have in common: a value to read and write."""

    value_handle: int

    def __init__(self, device: DeviceObject, path: str, properties: dict[str, Variant]) -> None:
        super().__init__(device.tree, path, properties)
        self.device = device
        self._busy: set[str] = set()

    @property
    def link(self) -> gl.GattLink:
        if self.device.link is None:
            raise error("Failed", "Not connected")
        return self.device.link

    async def read_value(self, client: str, options: _Options) -> Reply:
        offset = int(options["offset"].value) if "offset" in options else 0
        value = await self._exclusive("read", self.link.read(self.value_handle))
        self.set_value(value)
        if offset > len(value):
            raise error("InvalidArguments", "Invalid offset")
        return Reply("ay", [value[offset:]], [])

    def set_value(self, value: bytes) -> None:
        self.properties["Value"] = Variant("ay", value)
        self.announce({"Value": self.properties["Value"]})

    async def _exclusive(self, what: str, work: Awaitable[Result]) -> Result:
        if what in self._busy:
            work.close()  # type: ignore[attr-defined]
            raise error("InProgress", "In Progress")
        self._busy.add(what)
        try:
            return await self._answered(work)
        finally:
            self._busy.discard(what)

    @staticmethod
    async def _answered(work: Awaitable[Result]) -> Result:
        try:
            return await work
        except gl.Refused as refusal:
            raise att_error(refusal.code) from refusal
        except gl.LinkLost as lost:
            raise att_error(UNLIKELY_ERROR) from lost


class CharacteristicObject(ValueObject):
    name = "org.bluez.GattCharacteristic1"
    methods = {
        "ReadValue": ("read_value", "a{sv}"),
        "WriteValue": ("write_value", "aya{sv}"),
        "StartNotify": ("start_notify", ""),
        "StopNotify": ("stop_notify", ""),
        "AcquireNotify": ("acquire_notify", "a{sv}"),
    }

    def __init__(
        self, device: DeviceObject, service: ServiceObject, characteristic: gl.Characteristic
    ) -> None:
        self.flags = characteristic.flags
        self.value_handle = characteristic.value_handle
        properties = {
            "UUID": Variant("s", characteristic.uuid),
            "Service": Variant("o", service.path),
            "Value": Variant("ay", b""),
            "Flags": Variant("as", self.flags),
            "MTU": Variant("q", device.link.mtu if device.link else gl.DEFAULT_MTU),
        }
        if "notify" in self.flags or "indicate" in self.flags:
            properties["Notifying"] = Variant("b", False)
        if "notify" in self.flags:
            properties["NotifyAcquired"] = Variant("b", False)
        super().__init__(device, f"{service.path}/char{characteristic.handle:04x}", properties)
        self._clients: set[str] = set()  # who called StartNotify
        self._socket: socket.socket | None = None  # our end of AcquireNotify's

    async def write_value(self, client: str, value: bytes, options: _Options) -> None:
        kind = options["type"].value if "type" in options else None
        if int(options["offset"].value if "offset" in options else 0):
            raise error("NotSupported", "Operation is not supported")
        if kind == "command" or (kind is None and "write" not in self.flags):
            if "write-without-response" not in self.flags:
                raise error("NotSupported", "Operation is not supported")
            try:
                await self._answered(self.link.write_command(self.value_handle, bytes(value)))
            except ValueError as too_long:
                raise error("Failed", "Failed to initiate write") from too_long
            return
        if "write" not in self.flags:
            raise error("NotSupported", "Operation is not supported")
        await self._exclusive("write", self.link.write(self.value_handle, bytes(value)))

    async def start_notify(self, client: str) -> None:
        if self._socket is not None:
            raise error("NotPermitted", "Notify acquired")
        if "Notifying" not in self.properties:
            raise error("NotSupported", "Operation is not supported")
        if client in self._clients:
            return
        link, is_first = self.link, not self._clients
        self._clients.add(client)
        if is_first:
            try:
                await self._answered(link.subscribe(self.value_handle, self._on_value))
            except BaseException:
                self._clients.discard(client)
                raise
        self.change(Notifying=Variant("b", True))

    async def stop_notify(self, client: str) -> None:
        if self._socket is not None:
            self._release()
            return
        if client not in self._clients:
            raise error("Failed", "No notify session started")
        self._clients.discard(client)
        if not self._clients:
            self.change(Notifying=Variant("b", False))
            await self._answered(self.link.unsubscribe(self.value_handle, self._on_value))

    async def acquire_notify(self, client: str, options: _Options) -> Reply:
        if self._socket is not None:
            raise error("NotPermitted", "Notify acquired")
        if self._clients:
            raise error("InProgress", "In Progress")
        if "notify" not in self.flags:
            raise error("NotSupported", "Operation is not supported")
        link = self.link
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        ours.setblocking(False)
        self._socket = ours
        try:
            await self._answered(link.subscribe(self.value_handle, self._on_value))
        except BaseException:
            self._forget_socket()
            theirs.close()
            raise
        # The client ends it by closing its end, or by leaving the bus.
        asyncio.get_running_loop().add_reader(ours, self._release)
        self.change(NotifyAcquired=Variant("b", True))
        return Reply("hq", [0, link.mtu], [theirs.detach()])

    def client_gone(self, client: str) -> None:
        if client in self._clients:
            self.tree.start(self._leave(client))

    def link_lost(self) -> None:
        """The socket is closed; who called StartNotify is subscribed again on the next link."""
        self._forget_socket()
        if "Notifying" in self.properties:
            self.change(Notifying=Variant("b", False))

    async def link_up(self) -> None:
        """Raises gatt_link's errors."""
        self.change(MTU=Variant("q", self.link.mtu))
        if self._clients:
            await self.link.subscribe(self.value_handle, self._on_value)
            self.change(Notifying=Variant("b", True))

    def _on_value(self, value: bytes) -> None:
        if self._socket is None:
            self.set_value(value)
            return
        try:
            self._socket.send(value)
        except OSError as trouble:  # the reader is too slow, or has just gone
            log.warning("a notification was lost on the way to its reader: %s", trouble)

    def _release(self) -> None:
        if self._forget_socket() and self.device.link is not None:
            self.tree.start(self._unsubscribe(self.device.link))

    def _forget_socket(self) -> bool:
        ours, self._socket = self._socket, None
        if ours is None:
            return False
        asyncio.get_running_loop().remove_reader(ours)
        ours.close()
        self.change(NotifyAcquired=Variant("b", False))
        return True

    async def _leave(self, client: str) -> None:
        self._clients.discard(client)
        if not self._clients:
            self.change(Notifying=Variant("b", False))
            if self.device.link is not None:
                await self._unsubscribe(self.device.link)

    async def _unsubscribe(self, link: gl.GattLink) -> None:
        with contextlib.suppress(gl.LinkLost, gl.Refused):
            await link.unsubscribe(self.value_handle, self._on_value)


class DescriptorObject(ValueObject):
    name = "org.bluez.GattDescriptor1"
    methods = {
        "ReadValue": ("read_value", "a{sv}"),
        "WriteValue": ("write_value", "aya{sv}"),
    }

    def __init__(
        self, device: DeviceObject, parent: CharacteristicObject, descriptor: gl.Descriptor
    ) -> None:
        self.value_handle = descriptor.handle
        self.uuid = descriptor.uuid
        super().__init__(
            device,
            f"{parent.path}/desc{descriptor.handle:04x}",
            {
                "UUID": Variant("s", descriptor.uuid),
                "Characteristic": Variant("o", parent.path),
                "Value": Variant("ay", b""),
            },
        )

    async def write_value(self, client: str, value: bytes, options: _Options) -> None:
        if self.uuid == CLIENT_CONFIGURATION:
            raise error("NotPermitted", "Write not permitted")
        await self._exclusive("write", self.link.write(self.value_handle, bytes(value)))
