"""The radio for stock bleak: org.bluez on a private D-Bus."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
from collections.abc import Iterator
from typing import Any

from bleak.backends.bluezdbus import manager
from bleak.backends.bluezdbus.client import BleakClientBlueZDBus
from bleak.backends.bluezdbus.scanner import BleakScannerBlueZDBus

from host_client import RadioBackend
from tests.virtual_board.host_radio.bluez import BlueZ
from tests.virtual_board.host_radio.bluez_adapter import AdapterObject
from tests.virtual_board.host_radio.bus_daemon import PrivateBus
from tests.virtual_board.host_radio.host_radio import HostRadio, join
from tests.virtual_board.radio import Radio

BUS_VARIABLE = "DBUS_SYSTEM_BUS_ADDRESS"
_SETTLE_S = 2.0


class BluezRadio(HostRadio):
    """Stock bleak; `adapter` is the D-Bus object, `service` all of them."""

    kind = "bluez"
    service: BlueZ
    adapter: AdapterObject

    async def another(self, mtu: int | None = None) -> HostRadio:
        """A second adapter on the same bus, which bleak is told to use by its name."""
        name = f"host{len(self.service.adapters) + 1}"
        central = await join(self._stack, self._radio, name)
        other = BluezRadio(self._stack, self._radio, central)
        other.service = self.service
        other.adapter = self.service.add_adapter(central, mtu or self.adapter.mtu)
        other.environment = dict(self.environment)
        other._backend = _on_adapter(other.adapter.path.rpartition("/")[2])
        return other


async def start(
    stack: contextlib.AsyncExitStack, radio: Radio, mtu: int, name: str, here: bool
) -> BluezRadio:
    """Raises BusUnavailable."""
    central = await join(stack, radio, name)
    if here:
        await _bleak_lets_go()
    bus = await stack.enter_async_context(PrivateBus())
    host = BluezRadio(stack, radio, central)
    host.service = BlueZ(bus.address)
    await host.service.open()
    stack.push_async_callback(host.service.close)
    host.adapter = host.service.add_adapter(central, mtu)
    host.environment = {BUS_VARIABLE: bus.address}
    if here:
        stack.push_async_callback(_bleak_lets_go)
        stack.enter_context(_environment(host.environment))
    return host


def _on_adapter(adapter: str) -> RadioBackend:
    """bleak's own classes, with the adapter chosen."""

    class Client(BleakClientBlueZDBus):
        def __init__(self, *positional: Any, bluez: Any, **settings: Any) -> None:
            super().__init__(*positional, bluez={**bluez, "adapter": adapter}, **settings)

    class Scanner(BleakScannerBlueZDBus):
        def __init__(self, *positional: Any, bluez: Any, **settings: Any) -> None:
            super().__init__(*positional, bluez={**bluez, "adapter": adapter}, **settings)

    return RadioBackend(Client, Scanner)


async def _bleak_lets_go() -> None:
    """Close the connection that bleak keeps for as long as an event loop lives.

    It would stay with the bus it first knew, and complain when that ends. bleak has no
    public way to do it (3.1).
    """
    instances = getattr(manager, "_global_instances", {})
    instance = instances.pop(asyncio.get_running_loop(), None)
    if instance is None or instance._bus is None:
        return
    logger = logging.getLogger(manager.__name__)
    logger.addFilter(_is_not_about_the_bus)
    try:
        instance._bus.disconnect()
        if instance._bus_watcher_task is not None:
            await asyncio.wait({instance._bus_watcher_task}, timeout=_SETTLE_S)
    finally:
        logger.removeFilter(_is_not_about_the_bus)


def _is_not_about_the_bus(record: logging.LogRecord) -> bool:
    return "D-Bus connection to BlueZ was lost" not in record.getMessage()


@contextlib.contextmanager
def _environment(variables: dict[str, str]) -> Iterator[None]:
    former = {name: os.environ.get(name) for name in variables}
    os.environ.update(variables)
    try:
        yield
    finally:
        for name, value in former.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value
