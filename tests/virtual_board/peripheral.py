"""A board's Bluetooth: the controller and the lower half of the stack, driven by its shim.

The upper half (attribute values, buffers, interrupt handlers) is in the board, in
shims/bluetooth.py; here is what runs below Python on an ESP32: advertising, connections,
attribute handles, the client configuration of each connection, MTU, and the buffers that
notifications wait in.
"""

from __future__ import annotations

import asyncio
import contextlib
import struct
from collections.abc import Callable
from typing import Any

from bumble import att, core, gatt, hci
from bumble.device import AdvertisingType, Connection, Device, DeviceConfiguration
from bumble.host import Host

from tests.virtual_board.attributes import Value, build_service
from tests.virtual_board.radio import Radio
from tests.virtual_board.wire import CREDIT, EVENT, BoardGone, Refusal, Wire

IRQ_CENTRAL_CONNECT = 1
IRQ_CENTRAL_DISCONNECT = 2
IRQ_GATTS_INDICATE_DONE = 20
IRQ_MTU_EXCHANGED = 21

ENOMEM = 12
ENOTCONN = 107
MAX_CONNECTIONS = 4  # CONFIG_BT_NIMBLE_MAX_CONNECTIONS of the ESP32 port
DEFAULT_MTU = 256  # NimBLE's preferred MTU unless config(mtu=) says otherwise


class Peripheral:
    """One board's radio. While `refuses_to_start()`, active(True) raises ENOMEM."""

    def __init__(self, radio: Radio, address: str, notify_buffers: int) -> None:
        self._radio = radio
        self.address = hci.Address(address, hci.Address.PUBLIC_DEVICE_ADDRESS)
        self.notify_buffers = notify_buffers
        self.refuses_to_start: Callable[[], bool] = lambda: False
        self.on_change: Callable[[], None] = lambda: None
        self.on_starting: Callable[[], None] = lambda: None
        self.is_advertising = False
        self._device: Device | None = None
        self._controller: Any = None
        self._wire: Wire | None = None
        self._attributes: dict[int, Value] = {}
        self._settings: dict[str, Any] = {}
        self._advertisement = b""
        self._scan_response = b""
        self._tasks: set[asyncio.Task[None]] = set()
        self._own_attributes = self._own_services = 0

    @property
    def is_active(self) -> bool:
        return self._device is not None

    @property
    def connections(self) -> list[Connection]:
        return list(self._device.connections.values()) if self._device else []

    def plug_into(self, wire: Wire) -> None:
        """Answer the board at the other end of this wire."""
        self._wire = wire
        self._settings = {"gap_name": "MPY ESP32", "mtu": DEFAULT_MTU, "rxbuf": 256}
        wire.on_notify = self._on_notify
        for name in ("on", "off", "get", "set", "advertise", "services", "subscribers"):
            wire.calls["ble_" + name] = getattr(self, "_" + name)
        wire.calls["ble_disconnect"] = self._disconnect

    def power_off(self) -> None:
        """The chip goes silent: every link of it times out at the other end."""
        self.is_advertising = False
        for task in list(self._tasks):
            task.cancel()
        if self._controller is not None:
            self._radio.remove(self._controller)
        self._controller = None
        self._device = None
        self._attributes = {}

    def drop_links(self) -> None:
        """Every link of this board is lost, as out of range; the board and its peers see 0x08."""
        self._radio.drop_all(self.address)

    # What the shim calls

    async def _on(self) -> int:
        if self.refuses_to_start():
            raise Refusal(ENOMEM)
        self.on_starting()
        self._controller = self._radio.peripheral_controller("board", self.address)
        config = DeviceConfiguration(name=self._settings["gap_name"], address=self.address)
        config.identity_address_type = hci.Address.PUBLIC_DEVICE_ADDRESS
        host = Host(controller_source=self._controller, controller_sink=self._controller)
        device = Device(config=config, host=host)
        device.gatt_server.max_mtu = self._settings["mtu"]
        await device.power_on()
        device.on("connection", self._on_connection)
        self._device = device
        self._own_attributes = len(device.gatt_server.attributes)
        self._own_services = len(device.gatt_server.services)
        return self.notify_buffers

    def _off(self) -> None:
        device, controller = self._device, self._controller
        self.is_advertising = False
        if device is None:
            return
        controller.le_legacy_advertiser.stop()
        reason = hci.HCI_ErrorCode.REMOTE_DEVICE_TERMINATED_CONNECTION_DUE_TO_POWER_OFF_ERROR
        for connection in list(controller.le_connections.values()):
            self._radio.hang_up(connection, reason)
        self.power_off()

    def _get(self, name: str) -> Any:
        if name == "mac":
            return [0, bytes(reversed(bytes(self.address))).hex()]
        return self._settings.get(name)

    def _set(self, name: str, value: Any) -> bool | None:
        if name not in ("gap_name", "mtu", "rxbuf", "addr_mode", "bond", "mitm", "io", "le_secure"):
            return None
        self._settings[name] = value
        if name == "mtu" and self._device:
            self._device.gatt_server.max_mtu = value
        if name == "gap_name" and self._device:
            self._rename(self._device, value)
        return True

    @staticmethod
    def _rename(device: Device, name: str) -> None:
        """Of the attribute too: Bumble makes it once, NimBLE answers with the present name."""
        device.name = name
        for attribute in device.gatt_server.attributes:
            if attribute.type == gatt.GATT_DEVICE_NAME_CHARACTERISTIC:
                attribute.value = name.encode()

    async def _advertise(
        self, interval_us: int | None, data: str | None, response: str | None, connectable: bool
    ) -> None:
        device = self._running()
        if interval_us is None:
            self.is_advertising = False
            await device.stop_advertising()
            return
        if connectable and len(device.connections) >= MAX_CONNECTIONS:
            raise Refusal(ENOMEM)
        if data is not None:
            self._advertisement = bytes.fromhex(data)
        if response is not None:
            self._scan_response = bytes.fromhex(response)
        interval_ms = max(interval_us / 1000, 20.0)
        await device.start_advertising(
            advertising_type=(
                AdvertisingType.UNDIRECTED_CONNECTABLE_SCANNABLE
                if connectable
                else AdvertisingType.UNDIRECTED
            ),
            own_address_type=hci.OwnAddressType.PUBLIC,
            advertising_data=self._advertisement,
            scan_response_data=self._scan_response,
            advertising_interval_min=interval_ms,
            advertising_interval_max=interval_ms,
        )
        self.is_advertising = True
        self.on_change()

    def _services(self, plan: list[Any]) -> list[list[int]]:
        device = self._running()
        server = device.gatt_server
        # Registering again replaces what was registered; GAP and GATT stay.
        del server.attributes[self._own_attributes :], server.services[self._own_services :]
        server.attributes_by_handle.clear()
        made = [build_service(entry, self._interrupt) for entry in plan]
        for service, _ in made:
            device.add_service(service)
        self._attributes = {a.handle: a for _, values in made for a in values}
        return [[attribute.handle for attribute in values] for _, values in made]

    async def _interrupt(self, kind: int, body: bytes) -> bytes:
        assert self._wire is not None
        try:
            return await self._wire.ask(kind, body)
        except BoardGone:
            # The link is already lost; what is answered here goes nowhere.
            raise att.ATT_Error(att.ErrorCode.UNLIKELY_ERROR) from None

    def _subscribers(self, handle: int) -> list[int]:
        server = self._running().gatt_server
        return [
            connection.handle
            for connection, cccds in server.subscribers.items()
            if cccds.get(handle, b"\0")[0] & 1
        ]

    async def _disconnect(self, handle: int) -> None:
        connection = self._running().connections.get(handle)
        if connection is not None:
            with contextlib.suppress(core.BaseBumbleError):
                await connection.disconnect()

    # What comes from the air

    def _on_connection(self, connection: Connection) -> None:
        self.is_advertising = False
        connection.on("disconnection", lambda reason: self._on_disconnection(connection))
        connection.on(
            "connection_att_mtu_update",
            lambda: self._event(IRQ_MTU_EXCHANGED, connection.handle, connection.att_mtu),
        )
        self._peer_event(IRQ_CENTRAL_CONNECT, connection)

    def _on_disconnection(self, connection: Connection) -> None:
        self._peer_event(IRQ_CENTRAL_DISCONNECT, connection)

    def _peer_event(self, event: int, connection: Connection) -> None:
        self.on_change()
        peer = connection.peer_address
        body = struct.pack("<BHB", event, connection.handle, peer.address_type)
        self._send_event(body + bytes(reversed(bytes(peer))))

    def _event(self, event: int, *values: int) -> None:
        self._send_event(struct.pack(f"<B{len(values)}H", event, *values))

    def _send_event(self, body: bytes) -> None:
        if self._wire is not None:
            self._wire.send(EVENT, 0, body)

    # Notifications

    def _on_notify(self, indicate: bool, body: bytes) -> None:
        handle, value_handle = struct.unpack("<HH", body[:4])
        task = asyncio.get_running_loop().create_task(
            self._update(indicate, handle, value_handle, body[4:])
        )
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _update(self, indicate: bool, handle: int, value_handle: int, value: bytes) -> None:
        device = self._device
        connection = device.connections.get(handle) if device else None
        attribute = self._attributes.get(value_handle)
        if device is None or connection is None or attribute is None:
            self._return_buffer(indicate)
            return
        if not indicate:
            await device.gatt_server.notify_subscriber(connection, attribute, value, force=True)
            self._radio.link.when_arrived(
                self._controller, connection.peer_address, lambda: self._return_buffer(False)
            )
            return
        status = 0
        try:
            await device.gatt_server.indicate_subscriber(connection, attribute, value, force=True)
        except (TimeoutError, asyncio.TimeoutError, core.BaseBumbleError):
            status = ENOTCONN
        self._event(IRQ_GATTS_INDICATE_DONE, handle, value_handle, status)

    def _return_buffer(self, indicate: bool) -> None:
        if not indicate and self._wire is not None:
            self._wire.send(CREDIT, 1, b"")

    def _running(self) -> Device:
        if self._device is None:
            raise Refusal(19)
        return self._device
