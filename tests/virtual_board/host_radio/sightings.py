"""What a central sees of advertisers, and one scan shared by all who ask for it."""

from __future__ import annotations

import struct
from collections.abc import Callable
from dataclasses import dataclass, field

from bumble import core, hci
from bumble.device import Advertisement, Device

from tests.virtual_board.host_radio.gatt_link import uuid_text

_AD = core.AdvertisingData
_UUID_WIDTHS = {  # octets of each UUID in the list types of the Assigned Numbers, 2.3
    int(_AD.INCOMPLETE_LIST_OF_16_BIT_SERVICE_CLASS_UUIDS): 2,
    int(_AD.COMPLETE_LIST_OF_16_BIT_SERVICE_CLASS_UUIDS): 2,
    int(_AD.INCOMPLETE_LIST_OF_32_BIT_SERVICE_CLASS_UUIDS): 4,
    int(_AD.COMPLETE_LIST_OF_32_BIT_SERVICE_CLASS_UUIDS): 4,
    int(_AD.INCOMPLETE_LIST_OF_128_BIT_SERVICE_CLASS_UUIDS): 16,
    int(_AD.COMPLETE_LIST_OF_128_BIT_SERVICE_CLASS_UUIDS): 16,
}
_SERVICE_DATA_WIDTHS = {
    int(_AD.SERVICE_DATA_16_BIT_UUID): 2,
    int(_AD.SERVICE_DATA_32_BIT_UUID): 4,
    int(_AD.SERVICE_DATA_128_BIT_UUID): 16,
}


@dataclass(frozen=True)
class Sighting:
    """One advertisement with its scan response. `rssi` in dBm."""

    address: hci.Address
    rssi: int
    is_connectable: bool
    name: str | None = None
    name_is_complete: bool = False
    tx_power: int | None = None
    flags: int | None = None
    uuids: tuple[str, ...] = ()
    manufacturer_data: dict[int, bytes] = field(default_factory=dict)
    service_data: dict[str, bytes] = field(default_factory=dict)

    @property
    def address_text(self) -> str:
        return str(self.address).split("/")[0].upper()


def read_advertisement(advertisement: Advertisement) -> Sighting:
    """Take an advertisement apart (Core Specification Supplement 11, Part A)."""
    name, is_complete = None, False
    tx_power = flags = None
    uuids: list[str] = []
    manufacturer_data: dict[int, bytes] = {}
    service_data: dict[str, bytes] = {}
    for kind, value in advertisement.data.ad_structures:
        if kind in _UUID_WIDTHS:
            width = _UUID_WIDTHS[kind]
            uuids += [_uuid(value[at : at + width]) for at in range(0, len(value), width)]
        elif kind in (_AD.COMPLETE_LOCAL_NAME, _AD.SHORTENED_LOCAL_NAME):
            name, is_complete = value.decode(errors="replace"), kind == _AD.COMPLETE_LOCAL_NAME
        elif kind == _AD.FLAGS and value:
            flags = value[0]
        elif kind == _AD.TX_POWER_LEVEL and value:
            tx_power = struct.unpack("b", value[:1])[0]
        elif kind == _AD.MANUFACTURER_SPECIFIC_DATA and len(value) >= 2:
            manufacturer_data[int.from_bytes(value[:2], "little")] = value[2:]
        elif kind in _SERVICE_DATA_WIDTHS:
            width = _SERVICE_DATA_WIDTHS[kind]
            service_data[_uuid(value[:width])] = value[width:]
    return Sighting(
        advertisement.address, advertisement.rssi, advertisement.is_connectable, name, is_complete,
        tx_power, flags, tuple(dict.fromkeys(uuids)), manufacturer_data, service_data,
    )  # fmt: skip


class SharedScan:
    """The one scan of a central's radio; it runs while anybody listens."""

    def __init__(self, central: Device) -> None:
        self._central = central
        self._listeners: list[Callable[[Sighting], None]] = []
        central.on("advertisement", self._on_advertisement)

    @property
    def is_on(self) -> bool:
        return bool(self._listeners)

    async def listen(self, receive: Callable[[Sighting], None]) -> None:
        """Hand every sighting to `receive`, until `leave(receive)`."""
        self._listeners.append(receive)
        if len(self._listeners) == 1:
            await self._central.start_scanning(active=True)

    async def leave(self, receive: Callable[[Sighting], None]) -> None:
        """Does nothing for one who does not listen."""
        if receive in self._listeners:
            self._listeners.remove(receive)
            if not self._listeners:
                await self._central.stop_scanning()

    def _on_advertisement(self, advertisement: Advertisement) -> None:
        if self._listeners:
            sighting = read_advertisement(advertisement)
            for receive in list(self._listeners):
                receive(sighting)


def _uuid(octets: bytes) -> str:
    return uuid_text(core.UUID.from_bytes(octets))
