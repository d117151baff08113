"""GATT as bluetoothd does it, where bleak or another client of BlueZ feels it."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from bleak.exc import BleakDBusError, BleakError
from bumble import core, gatt

from tests.virtual_board.host_radio.conftest import (
    ADVERTISED_NAME,
    ECHO,
    GATT_NAME,
    WRITE_ONLY,
    Peripheral,
    needs_bus,
)
from tests.virtual_board.host_radio.on_the_bus import (
    BLUEZ,
    DEVICE,
    caller,
    eventually,
    properties,
)
from tests.virtual_board.host_radio.test_host_radio import Inbox, connected, find


@pytest.fixture
def kind() -> str:
    needs_bus("bluez")
    return "bluez"


async def test_a_read_of_a_subscribed_characteristic_is_notified_too(host: Any) -> None:
    async with connected(host) as client:
        inbox = Inbox()
        await client.start_notify(ECHO, inbox)
        assert await client.read_gatt_char(ECHO) == b"hello"
        assert await inbox.take() == [b"hello"]


async def test_an_acquired_notification_has_its_own_socket(
    host: Any, peripheral: Peripheral
) -> None:
    async with connected(host) as client:
        inbox = Inbox()
        await client.start_notify(ECHO, inbox, bluez={"use_start_notify": False})
        assert await client.read_gatt_char(ECHO) == b"hello"
        sent = [bytes((number,)) * 200 for number in range(250)]
        for value in sent:
            await peripheral.notify(value)
        assert await inbox.take(250) == sent  # and not the value that was read
        await client.stop_notify(ECHO)

        async def is_unsubscribed() -> bool:
            (connection,) = peripheral.device.connections.values()
            configured = peripheral.device.gatt_server.subscribers.get(connection, {})
            return configured.get(peripheral.echo.handle) == b"\x00\x00"

        await eventually(is_unsubscribed)
        await client.start_notify(ECHO, inbox)
        await client.write_gatt_char(ECHO, b"by the other way", response=True)
        assert await inbox.take() == [b"by the other way"]


async def test_the_name_is_the_gatt_one_once_connected(host: Any) -> None:
    async with connected(host):
        assert (await properties(host, DEVICE, "Device1"))["Name"] == GATT_NAME
    assert (await find(host)).name == ADVERTISED_NAME


async def test_generic_access_is_hidden_and_client_configuration_may_not_be_written(
    host: Any,
) -> None:
    async with connected(host) as client:
        assert client.services.get_service("1800") is None
        echo = client.services.get_characteristic(ECHO)
        assert echo is not None
        (descriptor,) = echo.descriptors
        path, value = descriptor.obj[0], ("aya{sv}", b"\x01\x00", {})
        async with caller(host) as call:  # bleak would not try
            with pytest.raises(BleakDBusError, match="Write not permitted"):
                await call(path, f"{BLUEZ}.GattDescriptor1", "WriteValue", *value)


async def test_a_write_that_the_characteristic_does_not_offer_is_not_sent(
    host: Any, peripheral: Peripheral
) -> None:
    async with connected(host) as client:
        with pytest.raises(BleakError):
            await client.write_gatt_char(WRITE_ONLY, b"command", response=False)
        await client.write_gatt_char(WRITE_ONLY, b"request", response=True)
    assert peripheral.written == [b"request"]


async def test_a_second_write_waits_for_the_first(host: Any, peripheral: Peripheral) -> None:
    async with connected(host) as client:
        peripheral.hold = asyncio.Event()
        first = asyncio.ensure_future(client.write_gatt_char(ECHO, b"1", response=True))
        await asyncio.sleep(0)
        async with caller(host) as call:
            path = client.services.get_characteristic(ECHO).obj[0]  # type: ignore[union-attr]
            with pytest.raises(BleakDBusError, match="InProgress"):
                await call(path, f"{BLUEZ}.GattCharacteristic1", "WriteValue", "aya{sv}", b"2", {})
        peripheral.hold.set()
        await first


async def test_gatt_objects_stay_and_a_changed_table_replaces_them(
    host: Any, peripheral: Peripheral
) -> None:
    async with connected(host) as client:
        path = client.services.get_characteristic(ECHO).obj[0]  # type: ignore[union-attr]
    assert (await properties(host, path, "GattCharacteristic1"))["UUID"] == ECHO
    async with caller(host) as call:
        with pytest.raises(BleakDBusError, match="Not connected"):
            await call(path, f"{BLUEZ}.GattCharacteristic1", "ReadValue", "a{sv}", {})
    added = "cc00fed0-0000-1000-8000-00805f9b0001"
    peripheral.device.add_service(gatt.Service(core.UUID(added), []))
    async with connected(host) as client:
        assert client.services.get_service(added) is not None
        assert client.services.get_characteristic(ECHO) is not None


async def test_who_called_start_notify_is_subscribed_on_the_next_link_too(
    host: Any, peripheral: Peripheral
) -> None:
    async with connected(host) as client:
        path = client.services.get_characteristic(ECHO).obj[0]  # type: ignore[union-attr]
        async with caller(host) as call:
            await call(path, f"{BLUEZ}.GattCharacteristic1", "StartNotify")
            await client.disconnect()
            async with connected(host):
                assert (await properties(host, path, "GattCharacteristic1"))["Notifying"]
