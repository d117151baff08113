"""org.bluez.Adapter1: discovery with a filter for each client, and the devices found."""

from __future__ import annotations

import asyncio
import contextlib

from bumble import hci
from bumble.device import Device
from dbus_fast import Variant

from tests.virtual_board.host_radio import gatt_link as gl
from tests.virtual_board.host_radio.bluez_device import DeviceObject
from tests.virtual_board.host_radio.bluez_errors import error
from tests.virtual_board.host_radio.bus_objects import BusError, Interface, ObjectTree, Reply
from tests.virtual_board.host_radio.sightings import SharedScan, Sighting

CONNECT_TIMEOUT_S = 20.0  # the kernel's, for LE
FORGET_AFTER_S = 30.0  # TemporaryTimeout of bluetoothd's main.conf
_Filter = dict[str, Variant]


class AdapterObject(Interface):
    """One Bumble central as `hciN`. `mtu` is what it offers on links from now on."""

    name = "org.bluez.Adapter1"
    methods = {
        "StartDiscovery": ("start_discovery", ""),
        "StopDiscovery": ("stop_discovery", ""),
        "SetDiscoveryFilter": ("set_discovery_filter", "a{sv}"),
        "GetDiscoveryFilters": ("get_discovery_filters", ""),
        "RemoveDevice": ("remove_device", "o"),
    }
    writable = frozenset(("Alias", "Powered", "Discoverable", "Pairable"))

    def __init__(self, tree: ObjectTree, number: int, central: Device, mtu: int) -> None:
        super().__init__(
            tree,
            f"/org/bluez/hci{number}",
            {
                "Address": Variant("s", str(central.public_address).split("/")[0]),
                "AddressType": Variant("s", "public"),
                "Name": Variant("s", central.name),
                "Alias": Variant("s", central.name),
                "Class": Variant("u", 0),
                "Powered": Variant("b", True),
                "Discoverable": Variant("b", False),
                "DiscoverableTimeout": Variant("u", 180),
                "Pairable": Variant("b", False),
                "PairableTimeout": Variant("u", 0),
                "Discovering": Variant("b", False),
                "UUIDs": Variant("as", []),
                # bleak takes any adapter of this role unless told which: a program that was
                # not told shall get the first one, each time.
                "Roles": Variant("as", [] if number else ["central"]),
            },
        )
        self.central = central
        self.mtu = mtu
        self.connect_timeout_s = CONNECT_TIMEOUT_S
        self.forget_after_s = FORGET_AFTER_S
        self._scan = SharedScan(central)
        self._filters: dict[str, _Filter] = {}
        self._discovering: set[str] = set()
        self._devices: dict[str, DeviceObject] = {}
        self._dialling = asyncio.Lock()
        self._scan_lock = asyncio.Lock()

    async def dial(self, address: hci.Address) -> gl.GattLink:
        """One connection attempt; others wait for their turn, as in the kernel."""
        async with self._dialling:
            return await gl.dial(
                self.central, address, hci.OwnAddressType.PUBLIC, self.connect_timeout_s
            )

    async def start_discovery(self, client: str) -> None:
        if not self.properties["Powered"].value:
            raise error("NotReady", "Resource Not Ready")
        if client in self._discovering:
            raise error("InProgress", "Operation already in progress")
        self._discovering.add(client)
        await self._follow()

    async def stop_discovery(self, client: str) -> None:
        if client not in self._discovering:
            raise error("Failed", "No discovery started")
        self._discovering.discard(client)
        await self._follow()

    def set_discovery_filter(self, client: str, wanted: _Filter) -> None:
        self._filters[client] = wanted

    def get_discovery_filters(self, client: str) -> Reply:
        return Reply("as", [["UUIDs", "RSSI", "Transport", "DuplicateData", "Pattern"]], [])

    async def remove_device(self, client: str, path: str) -> None:
        device = self._devices.pop(path, None)
        if device is None:
            raise error("DoesNotExist", "Does Not Exist")
        await device.forget()

    def set_property(self, name: str, value: Variant) -> None:
        self.change(**{name: value})
        if name == "Powered" and not value.value:
            self.tree.start(self._power_down())

    def client_gone(self, client: str) -> None:
        """A client left the bus: its scan and its notifications end, its links stay."""
        self._filters.pop(client, None)
        if client in self._discovering:
            self._discovering.discard(client)
            self.tree.start(self._follow())
        for device in self._devices.values():
            device.client_gone(client)

    async def look_after(self) -> None:
        """Forget devices that nobody has seen or used for a while. Runs until cancelled."""
        while True:
            await asyncio.sleep(min(1.0, self.forget_after_s / 4))
            now = asyncio.get_running_loop().time()
            for path, device in list(self._devices.items()):
                if device.is_needed:
                    device.last_needed_s = now
                elif now - device.last_needed_s > self.forget_after_s:
                    del self._devices[path]
                    await device.forget()

    async def close(self) -> None:
        self._discovering.clear()
        await self._power_down()

    async def _power_down(self) -> None:
        self._discovering.clear()
        await self._follow()
        for device in self._devices.values():
            if device.is_needed:
                with contextlib.suppress(BusError):
                    await device.disconnect("")

    async def _follow(self) -> None:
        """Scan while somebody discovers."""
        async with self._scan_lock:
            wanted = bool(self._discovering)
            if wanted == self._scan.is_on:
                return
            if wanted:
                await self._scan.listen(self._on_sighting)
            else:
                await self._scan.leave(self._on_sighting)
                for device in self._devices.values():
                    device.discovery_over()
            self.change(Discovering=Variant("b", wanted))

    def _on_sighting(self, sighting: Sighting) -> None:
        filters = [self._filters.get(client, {}) for client in self._discovering]
        if not any(_fits(sighting, wanted) for wanted in filters):
            return
        fresh = DeviceObject(self, sighting)
        device = self._devices.setdefault(fresh.path, fresh)
        device.last_needed_s = asyncio.get_running_loop().time()
        if device is fresh:
            device.properties.update(device.describe(sighting))
            self.tree.add(device)
        else:
            device.seen(sighting)


def _fits(sighting: Sighting, wanted: _Filter) -> bool:
    """Whether a client's SetDiscoveryFilter lets this through (an empty one lets all)."""
    if "UUIDs" in wanted and wanted["UUIDs"].value:
        uuids = {uuid.lower() for uuid in wanted["UUIDs"].value}
        if uuids.isdisjoint(sighting.uuids):
            return False
    if "RSSI" in wanted and sighting.rssi < wanted["RSSI"].value:
        return False
    if "Pattern" in wanted:
        pattern = wanted["Pattern"].value
        return sighting.address_text.startswith(pattern) or (sighting.name or "").startswith(
            pattern
        )
    return not ("Transport" in wanted and wanted["Transport"].value == "bredr")
