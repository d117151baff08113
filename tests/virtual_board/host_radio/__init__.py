"""The host's radio: stock bleak over a private D-Bus where there can be one, else `backend=`.

    async with World() as world, host_radio(world) as radio:
        print(radio)                # says which of the two it is, and why
        radio.kind                  # "bluez" or "backend"
        radio.environment           # for subprocesses: {"DBUS_SYSTEM_BUS_ADDRESS": ...} or {}
        connect(url, **radio.backend_arguments)         # Latchkey's client
        BleakScanner(**radio.scanner_arguments), BleakClient(device, **radio.client_arguments)
        radio.drop()                # every link of this host is lost
        other = await radio.another()                   # a second central in this process

As "bluez", bleak runs unmodified in this process (the variable is set in os.environ inside
the `with`) and in subprocesses of the same user: dbus-daemon lets in that user and root,
and nobody needs to be root. As "backend" it is there in this process only: a command in
another process has no radio then.
"""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from typing import Protocol

from tests.virtual_board.host_radio import with_backend
from tests.virtual_board.host_radio.bus_daemon import BusUnavailable, why_no_bus
from tests.virtual_board.host_radio.gatt_link import DEFAULT_MTU, MAX_MTU
from tests.virtual_board.host_radio.host_radio import HostRadio
from tests.virtual_board.radio import Radio

__all__ = ["KINDS", "BusUnavailable", "HostRadio", "host_radio", "why_no_bus"]

KINDS = ("bluez", "backend")


class HasRadio(Protocol):
    radio: Radio


@contextlib.asynccontextmanager
async def host_radio(
    world: HasRadio,
    *,
    kind: str | None = None,
    mtu: int = MAX_MTU,
    name: str = "host",
    here: bool = True,
) -> AsyncIterator[HostRadio]:
    """A central on the world's radio, for bleak.

    kind: "bluez" or "backend"; None for the first where it can be, else the second.
    mtu: ATT_MTU it offers, 23 (no exchange) to 517. here: whether bleak in this process
    shall use it too (one at a time can be so, of kind "bluez").
    Raises BusUnavailable for "bluez" where there is no dbus-daemon, or it does not start;
    ValueError for a kind or mtu that is none.
    """
    if kind not in (None, *KINDS) or not DEFAULT_MTU <= mtu <= MAX_MTU:
        raise ValueError(f"kind {kind!r}, mtu {mtu}")
    async with contextlib.AsyncExitStack() as stack:
        host: HostRadio | None = None
        reason = "as asked for" if kind == "backend" else why_no_bus()
        if reason is None:
            # Imported here, because it needs dbus-fast and bleak's Linux backend.
            from tests.virtual_board.host_radio import with_bluez

            try:
                host = await with_bluez.start(stack, world.radio, mtu, name, here)
            except BusUnavailable as error:
                reason = str(error)
        if host is None and kind == "bluez":
            raise BusUnavailable(reason)
        if host is None:
            host = await with_backend.start(stack, world.radio, mtu, name)
            host.reason = reason
        yield host
