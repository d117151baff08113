"""For tests: D-Bus calls of their own to the stand-in for bluetoothd."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Any

from bleak.exc import BleakDBusError

PROMPT_S = 5
BLUEZ = "org.bluez"
ADAPTER = "/org/bluez/hci0"
DEVICE = f"{ADAPTER}/dev_F0_00_00_00_00_01"


@contextlib.asynccontextmanager
async def caller(host: Any) -> AsyncIterator[Any]:
    """A D-Bus client of its own; call(path, interface, member, signature, *body)."""
    from dbus_fast import Message, MessageType
    from dbus_fast.aio import MessageBus

    bus = await MessageBus(bus_address=host.environment["DBUS_SYSTEM_BUS_ADDRESS"]).connect()

    async def call(
        path: str, interface: str, member: str, signature: str = "", *body: Any
    ) -> list[Any]:
        message = Message(BLUEZ, path, interface, member, signature=signature, body=list(body))
        reply = await asyncio.wait_for(bus.call(message), PROMPT_S)
        assert reply is not None
        if reply.message_type == MessageType.ERROR:
            raise BleakDBusError(reply.error_name, reply.body)
        return list(reply.body)

    try:
        yield call
    finally:
        bus.disconnect()
        await bus.wait_for_disconnect()


async def properties(host: Any, path: str, interface: str) -> dict[str, Any]:
    async with caller(host) as call:
        (found,) = await call(
            path, "org.freedesktop.DBus.Properties", "GetAll", "s", f"{BLUEZ}.{interface}"
        )
        return {name: variant.value for name, variant in found.items()}


async def eventually(what: Any) -> None:
    """Until the coroutine function `what` gives a true value."""
    loop = asyncio.get_running_loop()
    deadline_s = loop.time() + PROMPT_S
    while not await what():
        assert loop.time() < deadline_s
        await asyncio.sleep(0.01)


async def has_property(host: Any, path: str, interface: str, name: str, value: Any) -> bool:
    return bool((await properties(host, path, interface))[name] == value)
