"""A stand-in for bluetoothd: `org.bluez` on a private D-Bus, over Bumble centrals.

Good enough for unmodified bleak (its BlueZ backend finds the bus by the environment variable
DBUS_SYSTEM_BUS_ADDRESS). Not there: pairing, advertising, a GATT server of the host's own,
AdvertisementMonitor (passive scanning), AcquireWrite, classic Bluetooth.
"""

from __future__ import annotations

from bumble.device import Device

from tests.virtual_board.host_radio.bluez_adapter import AdapterObject
from tests.virtual_board.host_radio.bus_objects import ObjectTree

BUS_NAME = "org.bluez"


class BlueZ:
    """The service at a bus address; each central is an adapter: hci0, hci1 and so on."""

    def __init__(self, address: str) -> None:
        self._tree = ObjectTree(address)
        self.adapters: list[AdapterObject] = []

    async def open(self) -> None:
        """Raises OSError, or RuntimeError when the name is taken."""
        self._tree.on_client_gone = self._on_client_gone
        await self._tree.open(BUS_NAME)

    def add_adapter(self, central: Device, mtu: int) -> AdapterObject:
        """`central` connects by its public address; `mtu` is what it offers (23 to 517)."""
        adapter = AdapterObject(self._tree, len(self.adapters), central, mtu)
        self.adapters.append(adapter)
        self._tree.add(adapter)
        self._tree.start(adapter.look_after())
        return adapter

    def unplug(self, adapter: AdapterObject) -> None:
        """As if a USB adapter were pulled out: its object goes; its links stay, for `plug_in`."""
        self._tree.remove(adapter.path)

    def plug_in(self, adapter: AdapterObject) -> None:
        self._tree.add(adapter)

    async def close(self) -> None:
        for adapter in self.adapters:
            await adapter.close()
        await self._tree.close()

    def _on_client_gone(self, client: str) -> None:
        for adapter in self.adapters:
            adapter.client_gone(client)
