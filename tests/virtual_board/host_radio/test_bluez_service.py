"""The adapter, the bus and who is on it; and what happens where there is no bus."""

from __future__ import annotations

import asyncio
import os
import shutil
import sys
from pathlib import Path
from typing import Any

import pytest
from bleak import BleakClient, BleakScanner
from bleak.exc import BleakDBusError, BleakError

from tests.virtual_board.host_radio import BusUnavailable, bus_daemon, host_radio
from tests.virtual_board.host_radio.conftest import (
    ADVERTISED_NAME,
    ECHO,
    Air,
    Peripheral,
    needs_bus,
)
from tests.virtual_board.host_radio.on_the_bus import (
    ADAPTER,
    BLUEZ,
    DEVICE,
    caller,
    eventually,
    has_property,
    properties,
)
from tests.virtual_board.host_radio.test_host_radio import connected, find

ROOT = Path(__file__).parents[3]


@pytest.fixture
def kind() -> str:
    needs_bus("bluez")
    return "bluez"


async def test_a_device_that_is_away_is_forgotten(host: Any, peripheral: Peripheral) -> None:
    host.adapter.forget_after_s = 0.2
    device = await find(host)
    async with connected(host) as client:
        await asyncio.sleep(0.5)
        assert client.is_connected  # a connected one is not
    peripheral.controller.le_legacy_advertiser.stop()

    async def is_forgotten() -> bool:
        async with caller(host) as call:
            (objects,) = await call("/", "org.freedesktop.DBus.ObjectManager", "GetManagedObjects")
            return not any(path.startswith(DEVICE) for path in objects)

    await eventually(is_forgotten)
    with pytest.raises(BleakError, match="not found"):
        await BleakClient(device, timeout=1).connect()


async def test_a_filter_holds_for_who_set_it(host: Any) -> None:
    from dbus_fast import Variant

    seen: asyncio.Queue[Any] = asyncio.Queue()
    host.central.on("advertisement", seen.put_nowait)
    adapter = f"{BLUEZ}.Adapter1"
    wanted = Variant("as", ["bb00fed0-0000-1000-8000-00805f9b0001"])
    async with caller(host) as call:
        await call(ADAPTER, adapter, "SetDiscoveryFilter", "a{sv}", {"UUIDs": wanted})
        await call(ADAPTER, adapter, "StartDiscovery")
        for _ in range(3):
            await asyncio.wait_for(seen.get(), 5)
        with pytest.raises(BleakDBusError, match="UnknownObject"):
            await properties(host, DEVICE, "Device1")
        await find(host)  # another client, with a filter that fits
        assert "RSSI" in await properties(host, DEVICE, "Device1")
        await call(ADAPTER, adapter, "StopDiscovery")
        assert "RSSI" not in await properties(host, DEVICE, "Device1")
        with pytest.raises(BleakDBusError, match="No discovery started"):
            await call(ADAPTER, adapter, "StopDiscovery")


async def test_who_is_not_told_which_takes_the_first_adapter(host: Any) -> None:
    for _ in range(5):
        await host.another()
    async with BleakScanner():
        assert await has_property(host, ADAPTER, "Adapter1", "Discovering", True)


async def test_an_attempt_that_is_given_up_leaves_the_radio_free(
    host: Any, peripheral: Peripheral
) -> None:
    device = await find(host)
    peripheral.controller.le_legacy_advertiser.stop()
    with pytest.raises(asyncio.TimeoutError):
        await BleakClient(device, timeout=0.1).connect()
    assert not host.central.is_le_connecting
    async with caller(host) as call:
        with pytest.raises(BleakDBusError, match="NotConnected"):
            await call(DEVICE, f"{BLUEZ}.Device1", "Disconnect")


async def test_what_powers_down_is_no_longer_found(host: Any) -> None:
    async with connected(host) as client, caller(host) as call:
        from dbus_fast import Variant

        powered = (f"{BLUEZ}.Adapter1", "Powered", Variant("b", False))
        await call(ADAPTER, "org.freedesktop.DBus.Properties", "Set", "ssv", *powered)

        async def is_down() -> bool:
            return not client.is_connected

        await eventually(is_down)
        with pytest.raises(BleakError, match="[Pp]owered"):
            await BleakScanner.discover(timeout=0.1)


async def test_only_some_properties_may_be_set(host: Any) -> None:
    from dbus_fast import Variant

    async with caller(host) as call:
        interface = "org.freedesktop.DBus.Properties"
        address = (f"{BLUEZ}.Adapter1", "Address", Variant("s", "00:00:00:00:00:00"))
        with pytest.raises(BleakDBusError, match="ReadOnly"):
            await call(ADAPTER, interface, "Set", "ssv", *address)
        (value,) = await call(ADAPTER, interface, "Get", "ss", *address[:2])
        assert value.value == str(host.central.public_address).split("/")[0]


CHILD = f"""
import asyncio
from bleak import BleakClient, BleakScanner

async def main():
    device = await BleakScanner.find_device_by_name({ADVERTISED_NAME!r}, timeout=5)
    client = BleakClient(device)
    await client.connect()
    await client.start_notify({ECHO!r}, lambda _, value: print(value.decode(), flush=True))
    await client.write_gatt_char({ECHO!r}, b"from afar", response=True)
    await BleakScanner().start()
    await asyncio.sleep(30)

asyncio.run(main())
"""


async def test_another_process_reaches_it_and_its_death_is_noticed(
    air: Air, peripheral: Peripheral
) -> None:
    needs_bus("bluez")
    here = dict(os.environ)
    async with host_radio(air, kind="bluez", here=False) as host:
        assert dict(os.environ) == here
        child = await asyncio.create_subprocess_exec(
            sys.executable, "-c", CHILD,
            env={**os.environ, **host.environment},
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
        )  # fmt: skip
        assert child.stdout is not None
        try:
            line = await asyncio.wait_for(child.stdout.readline(), 10)
            assert line == b"from afar\n"
            await eventually(lambda: has_property(host, ADAPTER, "Adapter1", "Discovering", True))
        finally:
            child.kill()
            await child.communicate()
        # As with bluetoothd: the scan and the notifications of the dead end, its link stays.
        await eventually(lambda: has_property(host, ADAPTER, "Adapter1", "Discovering", False))
        assert (await properties(host, DEVICE, "Device1"))["Connected"]
        (connection,) = peripheral.device.connections.values()

        async def is_unsubscribed() -> bool:
            configured = peripheral.device.gatt_server.subscribers.get(connection, {})
            return configured.get(peripheral.echo.handle) == b"\x00\x00"

        await eventually(is_unsubscribed)


async def test_a_taken_name_is_refused(host: Any) -> None:
    from tests.virtual_board.host_radio.bluez import BlueZ

    with pytest.raises(RuntimeError, match="taken"):
        await BlueZ(host.environment["DBUS_SYSTEM_BUS_ADDRESS"]).open()


async def test_without_a_daemon_it_takes_the_backend_and_says_so(
    air: Air, peripheral: Peripheral, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    async with host_radio(air) as host:
        assert host.kind == "backend"
        assert "dbus-daemon" in str(host)
        assert host.environment == {}
        async with connected(host) as client:
            assert await client.read_gatt_char(ECHO) == b"hello"
    with pytest.raises(BusUnavailable, match="dbus-daemon"):
        async with host_radio(air, kind="bluez"):
            pass


async def test_a_daemon_that_does_not_start_is_told_and_done_without(
    air: Air, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    daemon = tmp_path / "dbus-daemon"
    daemon.write_text("#!/bin/sh\necho no such luck >&2\n")
    daemon.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    async with host_radio(air) as host:
        assert host.kind == "backend"
        assert "no such luck" in str(host)


BUS_HOLDER = """
import asyncio
from tests.virtual_board.host_radio.bus_daemon import PrivateBus

async def main():
    async with PrivateBus() as bus:
        print(bus.address, flush=True)
        await asyncio.sleep(30)

asyncio.run(main())
"""


async def test_the_bus_ends_with_a_process_that_is_killed() -> None:
    needs_bus("bluez")
    if not bus_daemon.ended_with_us():
        pytest.skip("there is no setpriv (util-linux) to end it")
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-c", BUS_HOLDER, cwd=ROOT, stdout=asyncio.subprocess.PIPE
    )
    assert child.stdout is not None
    try:
        address = (await asyncio.wait_for(child.stdout.readline(), 10)).decode().strip()
        path = address.partition("path=")[2].partition(",")[0]
        assert await is_open(path)
    finally:
        child.kill()
        await child.communicate()

    async def is_closed() -> bool:
        return not await is_open(path)

    await eventually(is_closed)
    shutil.rmtree(Path(path).parent, ignore_errors=True)  # the killed one could not


async def is_open(path: str) -> bool:
    try:
        _, writer = await asyncio.open_unix_connection(path)
    except OSError:
        return False
    writer.close()
    await writer.wait_closed()
    return True


@pytest.mark.parametrize("wrong", [{"mtu": 22}, {"mtu": 518}, {"kind": "classic"}])
async def test_a_wrong_wish_is_refused(air: Air, wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="mtu"):
        async with host_radio(air, **wrong):
            pass
