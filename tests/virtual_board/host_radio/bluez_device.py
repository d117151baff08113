"""org.bluez.Device1: a device that was seen, its connection, and what is known of it.

As bluetoothd does it: Connect answers when the link is up, ServicesResolved follows; the
name that was advertised gives way to the GATT Device Name once connected (and comes back
with the next advertisement); the GATT objects stay when the link goes; a device that is
neither seen nor connected for a while is forgotten.
"""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING, TypeVar

from dbus_fast import Variant

from tests.virtual_board.host_radio import gatt_link as gl
from tests.virtual_board.host_radio.bluez_errors import error
from tests.virtual_board.host_radio.bluez_gatt import (
    CharacteristicObject,
    DescriptorObject,
    ServiceObject,
)
from tests.virtual_board.host_radio.bus_objects import Interface
from tests.virtual_board.host_radio.sightings import Sighting

if TYPE_CHECKING:
    from tests.virtual_board.host_radio.bluez_adapter import AdapterObject

Exported = TypeVar("Exported", bound=Interface)

GENERIC_ACCESS = "00001800-0000-1000-8000-00805f9b34fb"  # bluetoothd keeps it for itself
DEVICE_NAME = "00002a00-0000-1000-8000-00805f9b34fb"


class DeviceObject(Interface):
    name = "org.bluez.Device1"
    methods = {
        "Connect": ("connect", ""),
        "Disconnect": ("disconnect", ""),
        "Pair": ("pair", ""),
    }
    writable = frozenset(("Alias", "Trusted", "Blocked"))

    def __init__(self, adapter: AdapterObject, sighting: Sighting) -> None:
        text = sighting.address_text
        super().__init__(
            adapter.tree,
            f"{adapter.path}/dev_{text.replace(':', '_')}",
            {
                "Address": Variant("s", text),
                "AddressType": Variant("s", "public" if sighting.address.is_public else "random"),
                "Alias": Variant("s", text.replace(":", "-")),
                "Paired": Variant("b", False),
                "Bonded": Variant("b", False),
                "Trusted": Variant("b", False),
                "Blocked": Variant("b", False),
                "LegacyPairing": Variant("b", False),
                "Connected": Variant("b", False),
                "ServicesResolved": Variant("b", False),
                "UUIDs": Variant("as", []),
                "Adapter": Variant("o", adapter.path),
            },
        )
        self.address = sighting.address
        self.link: gl.GattLink | None = None
        self._adapter = adapter
        self._attempt: asyncio.Future[gl.GattLink] | None = None
        self._services: tuple[gl.Service, ...] = ()
        self._gatt: list[Interface] = []
        self.last_needed_s = 0.0

    @property
    def is_needed(self) -> bool:
        return self.link is not None or self._attempt is not None

    def describe(self, sighting: Sighting) -> dict[str, Variant]:
        """The properties that an advertisement gives."""
        found = {"RSSI": Variant("n", sighting.rssi)}
        if sighting.name and (sighting.name_is_complete or "Name" not in self.properties):
            found |= self._named(sighting.name)
        if sighting.tx_power is not None:
            found["TxPower"] = Variant("n", sighting.tx_power)
        if sighting.flags is not None:
            found["AdvertisingFlags"] = Variant("ay", bytes((sighting.flags,)))
        if sighting.manufacturer_data:
            companies = sighting.manufacturer_data.items()
            found["ManufacturerData"] = Variant(
                "a{qv}", {c: Variant("ay", v) for c, v in companies}
            )
        if sighting.service_data:
            services = sighting.service_data.items()
            found["ServiceData"] = Variant("a{sv}", {s: Variant("ay", v) for s, v in services})
        known = self.properties["UUIDs"].value
        found["UUIDs"] = Variant("as", [*known, *(u for u in sighting.uuids if u not in known)])
        return found

    def seen(self, sighting: Sighting) -> None:
        # A real RSSI differs a little each time, and so does its announcement come each time;
        # here it stands still and is announced all the same.
        self.properties.pop("RSSI", None)
        self.change(**self.describe(sighting))

    def discovery_over(self) -> None:
        self.change(RSSI=None, TxPower=None)

    async def connect(self, client: str) -> None:
        if self.link is not None:
            raise error("AlreadyConnected", "Already Connected")
        if self._attempt is not None:
            raise error("InProgress", "Operation already in progress")
        self._attempt = attempt = asyncio.ensure_future(self._adapter.dial(self.address))
        try:
            link = await attempt
        except asyncio.CancelledError:
            raise error("Failed", "le-connection-abort-by-local") from None
        except gl.ConnectFailed as failure:
            raise error("Failed", str(failure)) from failure
        finally:
            self._attempt = None
        self.link = link
        self.change(Connected=Variant("b", True))
        self.tree.start(self._resolve(link))
        link.when_lost(self._on_lost)

    async def disconnect(self, client: str) -> None:
        if self._attempt is not None:
            self._attempt.cancel()
            await asyncio.wait({self._attempt})
        elif self.link is not None:
            await self.link.disconnect()
        else:
            raise error("NotConnected", "Not Connected")

    def pair(self, client: str) -> None:
        raise error("NotSupported", "this stand-in does not pair")

    def set_property(self, name: str, value: Variant) -> None:
        if name == "Alias" and not value.value:
            value = self.properties.get("Name", Variant("s", self._dashes))
        self.change(**{name: value})

    def client_gone(self, client: str) -> None:
        for entry in self._characteristics:
            entry.client_gone(client)

    async def forget(self) -> None:
        """Let go of the link and take the object off the bus."""
        if self.is_needed:
            await self.disconnect("")
        self._hide()
        self.tree.remove(self.path)

    @property
    def _dashes(self) -> str:
        return str(self.properties["Address"].value).replace(":", "-")

    @property
    def _characteristics(self) -> list[CharacteristicObject]:
        return [entry for entry in self._gatt if isinstance(entry, CharacteristicObject)]

    def _named(self, name: str) -> dict[str, Variant]:
        """Name, and Alias unless a client chose another."""
        alias = self.properties["Alias"].value
        former = self.properties.get("Name")
        found = {"Name": Variant("s", name)}
        if alias == self._dashes or (former is not None and alias == former.value):
            found["Alias"] = Variant("s", name)
        return found

    async def _resolve(self, link: gl.GattLink) -> None:
        """MTU, services, name; then tell that all is known."""
        with contextlib.suppress(gl.LinkLost, gl.Refused):
            await link.exchange_mtu(self._adapter.mtu)
            services = await link.discover()
            if services != self._services:
                self._hide()
                self._show(services)
            for entry in self._characteristics:
                await entry.link_up()
            await self._learn_name(link)
            uuids = self.properties["UUIDs"].value
            more = [s.uuid for s in services if s.uuid not in uuids]
            self.change(UUIDs=Variant("as", [*uuids, *more]))
            self.change(ServicesResolved=Variant("b", True))

    async def _learn_name(self, link: gl.GattLink) -> None:
        for service in self._services:
            for entry in service.characteristics:
                if entry.uuid == DEVICE_NAME and service.uuid == GENERIC_ACCESS:
                    name = (await link.read(entry.value_handle)).decode(errors="replace")
                    if name:
                        self.change(**self._named(name))

    def _show(self, services: tuple[gl.Service, ...]) -> None:
        self._services = services
        for service in services:
            if service.uuid == GENERIC_ACCESS:
                continue
            parent = self._export(ServiceObject(self, service))
            for characteristic in service.characteristics:
                entry = self._export(CharacteristicObject(self, parent, characteristic))
                for descriptor in characteristic.descriptors:
                    self._export(DescriptorObject(self, entry, descriptor))

    def _export(self, entry: Exported) -> Exported:
        self._gatt.append(entry)
        self.tree.add(entry)
        return entry

    def _hide(self) -> None:
        for entry in reversed(self._gatt):
            self.tree.remove(entry.path)
        self._gatt, self._services = [], ()

    def _on_lost(self) -> None:
        self.link = None
        for entry in self._characteristics:
            entry.link_lost()
        self.change(ServicesResolved=Variant("b", False))
        self.change(Connected=Variant("b", False))
