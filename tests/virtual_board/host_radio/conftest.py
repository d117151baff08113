"""A small GATT server on the virtual radio, for both ways to reach it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
from bumble import att, core, gatt, hci
from bumble.device import AdvertisingType, Connection, Device, DeviceConfiguration
from bumble.host import Host

from tests.virtual_board.host_radio import KINDS, HostRadio, host_radio, why_no_bus
from tests.virtual_board.radio import Radio

SERVICE = "aa00fed0-0000-1000-8000-00805f9b0001"
ECHO = "aa00fed1-0000-1000-8000-00805f9b0001"
WRITE_ONLY = "aa00fed2-0000-1000-8000-00805f9b0001"
ADVERTISED_NAME = "Latchkey-1A2B"
GATT_NAME = "MPY ESP32"

_P = gatt.Characteristic.Properties
_AD = core.AdvertisingData


class Peripheral:
    """Says back what is written to ECHO; keeps all that was written, in order."""

    def __init__(self, radio: Radio, address: str = "F0:00:00:00:00:01") -> None:
        self._radio = radio
        self.address = address
        self.value = b"hello"
        self.written: list[bytes] = []
        self.hold: asyncio.Event | None = None  # while set and not fired, writes wait
        self.is_echoing = True

    async def start(self) -> Peripheral:
        address = hci.Address(self.address, hci.Address.PUBLIC_DEVICE_ADDRESS)
        self.controller = self._radio.peripheral_controller("peripheral", address)
        self.device = Device(
            config=DeviceConfiguration(name=GATT_NAME, address=address),
            host=Host(controller_source=self.controller, controller_sink=self.controller),
        )
        await self.device.power_on()
        self.device.on("connection", self._on_connection)
        access = gatt.Characteristic.READABLE | gatt.Characteristic.WRITEABLE
        self.echo: gatt.Characteristic[bytes] = gatt.Characteristic(
            core.UUID(ECHO), _P.READ | _P.WRITE | _P.WRITE_WITHOUT_RESPONSE | _P.NOTIFY, access,
            att.AttributeValue(lambda connection: self.value, self._on_write),
        )  # fmt: skip
        write_only: gatt.Characteristic[bytes] = gatt.Characteristic(
            core.UUID(WRITE_ONLY), _P.WRITE, access, att.AttributeValue(self._refuse, self._keep)
        )
        self.device.add_service(gatt.Service(core.UUID(SERVICE), [self.echo, write_only]))
        await self.advertise()
        return self

    async def advertise(self) -> None:
        uuids = (
            _AD.COMPLETE_LIST_OF_128_BIT_SERVICE_CLASS_UUIDS,
            core.UUID(SERVICE).to_bytes(),
        )
        await self.device.start_advertising(
            advertising_type=AdvertisingType.UNDIRECTED_CONNECTABLE_SCANNABLE,
            own_address_type=hci.OwnAddressType.PUBLIC,
            advertising_data=bytes(_AD([(_AD.FLAGS, b"\x06"), uuids])),
            scan_response_data=bytes(_AD([(_AD.COMPLETE_LOCAL_NAME, ADVERTISED_NAME.encode())])),
            advertising_interval_min=20,
            advertising_interval_max=20,
        )

    async def notify(self, value: bytes) -> None:
        await self.device.notify_subscribers(self.echo, value)

    async def hang_up(self) -> None:
        for connection in list(self.device.connections.values()):
            await connection.disconnect()

    async def _on_connection(self, connection: Connection) -> None:
        await self.advertise()  # for the next central, as a board's firmware does

    async def _on_write(self, connection: Connection, value: bytes) -> None:
        if self.hold is not None:
            await self.hold.wait()
        self.value = value
        self.written.append(value)
        if self.is_echoing:
            await self.device.notify_subscriber(connection, self.echo, value)

    def _keep(self, connection: Connection, value: bytes) -> None:
        self.written.append(value)

    def _refuse(self, connection: Connection) -> bytes:
        raise att.ATT_Error(att.ATT_READ_NOT_PERMITTED_ERROR)


class Air:
    """As much of a World as the host's radio needs."""

    radio: Radio


@pytest.fixture
async def air() -> AsyncIterator[Air]:
    air = Air()
    air.radio = Radio()
    yield air
    await air.radio.close()


@pytest.fixture
async def peripheral(air: Air) -> Peripheral:
    return await Peripheral(air.radio).start()


@pytest.fixture(params=KINDS)
def kind(request: pytest.FixtureRequest) -> str:
    needs_bus(request.param)
    return str(request.param)


@pytest.fixture
async def host(kind: str, air: Air, peripheral: Peripheral) -> AsyncIterator[HostRadio]:
    async with host_radio(air, kind=kind) as host:
        yield host


def needs_bus(kind: str) -> None:
    reason = why_no_bus() if kind == "bluez" else None
    if reason is not None:
        pytest.skip(f"no private D-Bus: {reason}")
