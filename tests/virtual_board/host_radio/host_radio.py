"""What a host's programs need to reach the virtual radio, by either of two ways."""

from __future__ import annotations

import abc
import contextlib
from typing import Any

from bumble.device import Device

from host_client import RadioBackend
from tests.virtual_board.radio import Radio


class HostRadio(abc.ABC):
    """One central on the virtual radio, and what bleak needs to use it.

    kind: "bluez" or "backend"; reason: why it is not "bluez", or None.
    environment: variables for a subprocess; empty where another process cannot reach it.
    """

    kind: str
    reason: str | None = None
    environment: dict[str, str]

    def __init__(self, stack: contextlib.AsyncExitStack, radio: Radio, central: Device) -> None:
        self._stack = stack
        self._radio = radio
        self.central = central
        self.environment = {}
        self._backend = RadioBackend()

    @property
    def client_arguments(self) -> dict[str, Any]:
        """Keyword arguments for BleakClient."""
        return {} if self._backend.client is None else {"backend": self._backend.client}

    @property
    def scanner_arguments(self) -> dict[str, Any]:
        """Keyword arguments for BleakScanner."""
        return {} if self._backend.scanner is None else {"backend": self._backend.scanner}

    @property
    def backend_arguments(self) -> dict[str, Any]:
        """Keyword arguments for host_client.connect."""
        return {} if self._backend.client is None else {"backend": self._backend}

    @abc.abstractmethod
    async def another(self, mtu: int | None = None) -> HostRadio:
        """A second central for this process, as another phone; it lives as long as the first."""

    def drop(self) -> None:
        """Lose every link of this central, as out of range; both ends see reason 0x08."""
        for connection in list(self.central.connections.values()):
            self._radio.drop(connection.self_address, connection.peer_address)

    def __str__(self) -> str:
        if self.kind == "bluez":
            return "stock bleak on org.bluez, on a private D-Bus"
        return f"bleak with a backend class, in this process only ({self.reason})"


async def join(stack: contextlib.AsyncExitStack, radio: Radio, name: str) -> Device:
    """A central that stays on the air until the stack is closed."""
    central = await radio.central(name=name, public=True)
    stack.push_async_callback(radio.leave, central)
    return central
