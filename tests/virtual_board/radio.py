"""The Bluetooth side of the world: one air, and a controller for everyone on it.

How a host-side central gets on the air (same process, same event loop)::

    async with World() as world:                    # or Radio() alone
        central = await world.radio.central()       # a bumble Device, powered on
        await central.start_scanning(active=True)   # its "advertisement" events carry the
                                                    # name (scan response) and service UUIDs
        connection = await central.connect("F0:...", timeout=5)
        peer = bumble.device.Peer(connection)
        ...
        await world.radio.leave(central)            # optional; the world's end does it too

- `central(address=None, name="central", public=False)`: `address` is "AA:BB:..."; without it
  each central gets its own random static address. `public=True` makes it connect by its
  public address (as BlueZ does).
- `attach(name, sink, address=None)` -> RadioController: the raw HCI end, for a host stack of
  your own: the controller calls `sink.on_packet(bytes)`, you call `controller.on_packet(bytes)`.
- Boards use controllers made by `peripheral_controller()`; their address is public (as an
  ESP32's) and a board's for life: connect with the Address object of the advertisement, or
  `hci.Address(text, hci.Address.PUBLIC_DEVICE_ADDRESS)`.
- `drop(address_a, address_b)` / `drop_all(address)`: the link is lost (both ends see reason
  0x08, connection timeout).
- `pace(interval_ms, packets_per_event=4)`: connection events (7.5, 30 ...), None for at once.

Two Bumble traps for who writes a central: its GATT client raises asyncio.CancelledError on
a lost link; and `bleak`-like "disconnected" must be taken from `connection.on("disconnection")`.
"""

from __future__ import annotations

import itertools
from typing import Protocol

from bumble import hci
from bumble.controller import Connection
from bumble.device import Device, DeviceConfiguration
from bumble.host import Host

from tests.virtual_board.controller import RadioController
from tests.virtual_board.link import PacedLink


class PacketSink(Protocol):
    """Where a controller hands its HCI packets."""

    def on_packet(self, packet: bytes) -> None: ...


class Radio:
    """All controllers within reach of each other. Make it inside a running event loop."""

    def __init__(self, interval_ms: float | None = None, packets_per_event: int = 4) -> None:
        self.link = PacedLink(interval_ms, packets_per_event)
        self._numbers = itertools.count(1)
        self._centrals: dict[Device, RadioController] = {}

    def pace(self, interval_ms: float | None, packets_per_event: int = 4) -> None:
        """Set the connection interval of links that come to be from now on; None: at once."""
        self.link.interval_ms = interval_ms
        self.link.packets_per_event = packets_per_event

    def attach(
        self, name: str, sink: PacketSink | None = None, address: str | None = None
    ) -> RadioController:
        """A controller on the air, speaking HCI with `sink`; `address` is its public one."""
        public = hci.Address(
            address or f"C0:FF:EE:00:00:{next(self._numbers):02X}",
            hci.Address.PUBLIC_DEVICE_ADDRESS,
        )
        return RadioController(name, host_sink=sink, link=self.link, public_address=public)

    async def central(
        self, address: str | None = None, name: str = "central", public: bool = False
    ) -> Device:
        """A powered-on Bumble device, ready to scan and connect."""
        number = next(self._numbers)
        text = address or f"C0:FF:EE:01:{number >> 8:02X}:{number & 255:02X}"
        controller = self.attach(name, address=text if public else None)
        config = DeviceConfiguration(name=name, address=hci.Address(text))
        config.identity_address_type = (
            hci.Address.PUBLIC_DEVICE_ADDRESS if public else hci.Address.RANDOM_DEVICE_ADDRESS
        )
        device = Device(
            config=config, host=Host(controller_source=controller, controller_sink=controller)
        )
        if public:
            device.connect_own_address_type = hci.OwnAddressType.PUBLIC
        await device.power_on()
        self._centrals[device] = controller
        return device

    def peripheral_controller(self, name: str, address: hci.Address) -> RadioController:
        """The chip of a board: legacy advertising only, as MicroPython's NimBLE uses it."""
        return RadioController(name, link=self.link, extended=False, public_address=address)

    async def leave(self, central: Device) -> None:
        """Take a central off the air; its links are lost as if it had gone out of range."""
        controller = self._centrals.pop(central, None)
        if controller is not None:
            self.remove(controller)

    def remove(self, controller: RadioController) -> None:
        """Silence a chip at once: its peers see their links time out (0x08)."""
        controller.le_legacy_advertiser.stop()
        for connection in list(controller.le_connections.values()):
            self.drop(connection.self_address, connection.peer_address)
        self.link.remove_controller(controller)

    def drop(self, one: hci.Address, other: hci.Address) -> None:
        """Lose the link between two addresses; both hosts see reason 0x08."""
        self._end({one, other}, hci.HCI_ErrorCode.CONNECTION_TIMEOUT_ERROR)

    def hang_up(self, connection: Connection, reason: int) -> None:
        """End a link at once with a reason that both hosts see."""
        self._end({connection.self_address, connection.peer_address}, reason)

    def _end(self, ends: set[hci.Address], reason: int) -> None:
        for controller in list(self.link.controllers):
            for connection in list(controller.le_connections.values()):
                if {connection.self_address, connection.peer_address} == ends:
                    controller.on_le_disconnected(connection, reason)

    async def close(self) -> None:
        """Take everybody off the air."""
        for central in list(self._centrals):
            await self.leave(central)
        for controller in list(self.link.controllers):
            if isinstance(controller, RadioController):
                self.remove(controller)

    def drop_all(self, address: hci.Address) -> None:
        """Lose every link of one address."""
        for controller in list(self.link.controllers):
            for connection in list(controller.le_connections.values()):
                if connection.self_address == address:
                    self.drop(connection.self_address, connection.peer_address)
