"""The radio for bleak by `backend=` classes, where there is no D-Bus."""

from __future__ import annotations

import contextlib

from host_client import RadioBackend
from tests.virtual_board.host_radio.bleak_backend import InProcessCentral
from tests.virtual_board.host_radio.host_radio import HostRadio, join
from tests.virtual_board.radio import Radio


class BackendRadio(HostRadio):
    kind = "backend"
    mtu: int

    async def another(self, mtu: int | None = None) -> HostRadio:
        other = await start(self._stack, self._radio, mtu or self.mtu, "another host")
        other.reason = self.reason
        return other


async def start(
    stack: contextlib.AsyncExitStack, radio: Radio, mtu: int, name: str
) -> BackendRadio:
    central = await join(stack, radio, name)
    in_process = InProcessCentral(central, mtu)
    stack.push_async_callback(in_process.close)
    host = BackendRadio(stack, radio, central)
    host.mtu = mtu
    host._backend = RadioBackend(*in_process.classes())
    return host
