"""The same steps with stock bleak over the private bus and with the backend classes."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator

import pytest
from bleak import BleakClient, BleakScanner
from bleak.backends.device import BLEDevice
from bleak.exc import BleakError, BleakGATTProtocolError

from tests.virtual_board.host_radio import HostRadio, host_radio
from tests.virtual_board.host_radio.conftest import (
    ADVERTISED_NAME,
    ECHO,
    SERVICE,
    WRITE_ONLY,
    Air,
    Peripheral,
)

OTHER_SERVICE = "bb00fed0-0000-1000-8000-00805f9b0001"
PROMPT_S = 5


async def find(host: HostRadio) -> BLEDevice:
    device = await BleakScanner.find_device_by_filter(
        lambda _, data: data.local_name == ADVERTISED_NAME,
        timeout=PROMPT_S,
        service_uuids=[SERVICE],
        **host.scanner_arguments,
    )
    assert device is not None
    return device


@contextlib.asynccontextmanager
async def connected(host: HostRadio) -> AsyncIterator[BleakClient]:
    async with BleakClient(await find(host), timeout=PROMPT_S, **host.client_arguments) as client:
        yield client


class Inbox:
    """A notification callback that keeps what comes."""

    def __init__(self) -> None:
        self._values: asyncio.Queue[bytes] = asyncio.Queue()

    def __call__(self, _: object, value: bytearray) -> None:
        self._values.put_nowait(bytes(value))

    async def take(self, count: int = 1) -> list[bytes]:
        return [await asyncio.wait_for(self._values.get(), PROMPT_S) for _ in range(count)]

    @property
    def is_empty(self) -> bool:
        return self._values.empty()


async def test_a_scan_shows_name_service_and_strength(host: HostRadio) -> None:
    found = await BleakScanner.discover(timeout=0.5, return_adv=True, **host.scanner_arguments)
    ((device, data),) = found.values()
    assert (device.address, data.local_name) == ("F0:00:00:00:00:01", ADVERTISED_NAME)
    assert data.service_uuids == [SERVICE]
    assert data.rssi == -50


async def test_each_advertisement_is_told(host: HostRadio) -> None:
    told: asyncio.Queue[int] = asyncio.Queue()
    async with BleakScanner(lambda _, data: told.put_nowait(data.rssi), **host.scanner_arguments):
        for _ in range(4):
            assert await asyncio.wait_for(told.get(), PROMPT_S) == -50


async def test_a_filter_hides_others(host: HostRadio) -> None:
    found = await BleakScanner.discover(
        timeout=0.5, service_uuids=[OTHER_SERVICE], **host.scanner_arguments
    )
    assert found == []
    found = await BleakScanner.discover(
        timeout=0.5, service_uuids=[SERVICE], **host.scanner_arguments
    )
    assert len(found) == 1


async def test_scanning_twice_finds_twice(host: HostRadio) -> None:
    assert (await find(host)).address == (await find(host)).address


async def test_two_hosts_scan_at_once(host: HostRadio) -> None:
    first, second = await asyncio.gather(find(host), find(await host.another()))
    assert first.address == second.address


@pytest.mark.parametrize("mtu", [23, 185, 517])
async def test_the_mtu_is_that_of_the_host(
    kind: str, air: Air, peripheral: Peripheral, mtu: int
) -> None:
    async with host_radio(air, kind=kind, mtu=mtu) as host, connected(host) as client:
        echo = client.services.get_characteristic(ECHO)
        assert echo is not None
        assert echo.max_write_without_response_size == mtu - 3
        inbox = Inbox()
        await client.start_notify(echo, inbox)
        value = bytes(range(256)) * 2
        await client.write_gatt_char(echo, value[: mtu - 3], response=False)
        assert await inbox.take() == [value[: mtu - 3]]
        with pytest.raises(BleakError):
            await client.write_gatt_char(echo, value + b"..."[: mtu - 514], response=False)


@pytest.mark.parametrize("mtu", [23, 185, 517])
async def test_long_values_go_both_ways(
    kind: str, air: Air, peripheral: Peripheral, mtu: int
) -> None:
    value = bytes(range(256)) * 2
    async with host_radio(air, kind=kind, mtu=mtu) as host, connected(host) as client:
        await client.write_gatt_char(ECHO, value, response=True)
        assert peripheral.written == [value]
        assert await client.read_gatt_char(ECHO) == value


async def test_services_show_properties_and_descriptors(host: HostRadio) -> None:
    async with connected(host) as client:
        echo = client.services.get_characteristic(ECHO)
        assert echo is not None
        assert set(echo.properties) == {"read", "write", "write-without-response", "notify"}
        (descriptor,) = echo.descriptors
        assert descriptor.uuid.startswith("00002902")
        inbox = Inbox()
        await client.start_notify(echo, inbox)
        assert await client.read_gatt_descriptor(descriptor) == b"\x01\x00"


async def test_300_notifications_keep_their_order(host: HostRadio, peripheral: Peripheral) -> None:
    async with connected(host) as client:
        inbox = Inbox()
        await client.start_notify(ECHO, inbox)
        sent = [number.to_bytes(2, "big") * 50 for number in range(300)]
        for value in sent:
            await peripheral.notify(value)
        assert await inbox.take(300) == sent
        await client.stop_notify(ECHO)
        await peripheral.notify(b"nobody listens")
        await client.write_gatt_char(ECHO, b"by now it would be here", response=True)
        assert inbox.is_empty


async def test_300_writes_without_response_keep_their_order(
    host: HostRadio, peripheral: Peripheral
) -> None:
    peripheral.is_echoing = False
    sent = [number.to_bytes(2, "big") * 100 for number in range(300)]
    async with connected(host) as client:
        for value in sent:
            await client.write_gatt_char(ECHO, value, response=False)
        await client.write_gatt_char(ECHO, b"end", response=True)
    assert peripheral.written == [*sent, b"end"]


async def test_refusals_carry_their_att_error(host: HostRadio) -> None:
    async with connected(host) as client:
        with pytest.raises(BleakGATTProtocolError) as refusal:
            await client.read_gatt_char(WRITE_ONLY)
        assert refusal.value.code == 0x02
        with pytest.raises(BleakError):
            await client.start_notify(WRITE_ONLY, Inbox())
        assert await client.read_gatt_char(ECHO) == b"hello"


@pytest.mark.parametrize("who", ["peer", "air"])
async def test_a_link_that_ends_is_noticed_and_made_again(
    host: HostRadio, peripheral: Peripheral, who: str
) -> None:
    lost = asyncio.Event()
    client = BleakClient(await find(host), lambda _: lost.set(), **host.client_arguments)
    await client.connect()
    inbox = Inbox()
    await client.start_notify(ECHO, inbox)
    if who == "peer":
        await peripheral.hang_up()
    else:
        host.drop()
    await asyncio.wait_for(lost.wait(), PROMPT_S)
    assert not client.is_connected
    with pytest.raises(BleakError):
        await client.read_gatt_char(ECHO)
    await client.disconnect()
    await client.connect()
    await peripheral.notify(b"not asked for on this link")
    await client.write_gatt_char(ECHO, b"by now it would be here", response=True)
    assert inbox.is_empty
    with pytest.raises(BleakError):
        await client.stop_notify(ECHO)
    await client.disconnect()


async def test_a_link_lost_in_mid_write_fails_the_write(
    host: HostRadio, peripheral: Peripheral
) -> None:
    async with connected(host) as client:
        peripheral.hold = asyncio.Event()
        writes = [
            asyncio.ensure_future(client.write_gatt_char(uuid, b"value", response=True))
            for uuid in (ECHO, WRITE_ONLY)  # one under way, one that waits for it
        ]
        while not one_is_asked_and_one_waits(host):
            await asyncio.sleep(0)
        host.drop()
        results = await asyncio.wait_for(asyncio.gather(*writes, return_exceptions=True), PROMPT_S)
        assert all(isinstance(result, BleakError) for result in results), results
        if host.kind == "bluez":
            assert [getattr(result, "code", None) for result in results] == [0x0E, 0x0E]
        await asyncio.sleep(0)
        # Left alone, Bumble would ask again on the lost link and wait for 30 s.
        coroutines = [task.get_coro() for task in asyncio.all_tasks()]
        assert not [each for each in coroutines if "write_value" in str(each)]
        peripheral.hold.set()


def one_is_asked_and_one_waits(host: HostRadio) -> bool:
    (connection,) = host.central.connections.values()
    client = connection.gatt_client
    return client.pending_request is not None and bool(client.request_semaphore._waiters)


async def test_nobody_there(host: HostRadio, peripheral: Peripheral) -> None:
    device = await find(host)
    peripheral.controller.le_legacy_advertiser.stop()
    with pytest.raises((asyncio.TimeoutError, BleakError)):
        await BleakClient(device, timeout=0.3, **host.client_arguments).connect()
    await peripheral.advertise()
    async with BleakClient(device, timeout=PROMPT_S, **host.client_arguments) as client:
        assert await client.read_gatt_char(ECHO) == b"hello"


async def test_two_centrals_have_their_own_links(host: HostRadio, peripheral: Peripheral) -> None:
    other = await host.another()
    inboxes = Inbox(), Inbox()
    async with connected(host) as first, connected(other) as second:
        assert len(peripheral.device.connections) == 2
        await first.start_notify(ECHO, inboxes[0])
        await second.start_notify(ECHO, inboxes[1])
        await first.write_gatt_char(ECHO, b"first", response=True)
        await second.write_gatt_char(ECHO, b"second", response=True)
        assert await inboxes[0].take() == [b"first"]
        assert await inboxes[1].take() == [b"second"]
        host.drop()
        await second.write_gatt_char(WRITE_ONLY, b"still here", response=True)
        assert peripheral.written == [b"first", b"second", b"still here"]
        assert inboxes[0].is_empty
        assert inboxes[1].is_empty


async def test_it_connects_by_address_alone(host: HostRadio, air: Air) -> None:
    other = await Peripheral(air.radio, "F0:00:00:00:00:02").start()
    other.value = b"the other one"
    client = BleakClient(other.address, timeout=PROMPT_S, **host.client_arguments)
    async with client:
        assert await client.read_gatt_char(ECHO) == b"the other one"


async def test_it_leaves_no_task_and_no_complaint_behind(
    kind: str, air: Air, peripheral: Peripheral, caplog: pytest.LogCaptureFixture
) -> None:
    before = asyncio.all_tasks()
    async with host_radio(air, kind=kind) as host, connected(host) as client:
        await client.start_notify(ECHO, Inbox())
    for _ in range(10):  # callbacks of tasks that are done
        await asyncio.sleep(0)
    assert asyncio.all_tasks() == before
    assert "connection to BlueZ was lost" not in caplog.text
    assert not air.radio.link.controllers - {peripheral.controller}
