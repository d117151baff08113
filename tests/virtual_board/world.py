"""Everything around the boards, in one process: the radio, the air, and the boards themselves."""

from __future__ import annotations

import contextlib
import tempfile
from pathlib import Path
from typing import Any

from tests.virtual_board import heap, image
from tests.virtual_board.air import Air, Network
from tests.virtual_board.board import Board, Faults
from tests.virtual_board.radio import Radio


class World:
    """`async with World() as world:` inside a running event loop.

    interval_ms: connection interval of Bluetooth links (7.5, 30), None for at once.
    """

    def __init__(self, interval_ms: float | None = None, packets_per_event: int = 4) -> None:
        self._pace = (interval_ms, packets_per_event)
        self.air = Air()
        self.boards: list[Board] = []

    async def __aenter__(self) -> World:
        self.radio = Radio(*self._pace)
        self._folder = tempfile.TemporaryDirectory(prefix="latchkey-world-")
        return self

    async def __aexit__(self, *error: object) -> None:
        for board in self.boards:
            await board.close()
        await self.radio.close()
        self.air.close()
        self._folder.cleanup()

    def add_network(self, ssid: bytes, **settings: Any) -> Network:
        """Put a network on the air; settings: the fields of air.Network. Returns it."""
        return self.air.add(Network(ssid, **settings))

    async def add_board(
        self,
        authority: bytes | None = None,
        policy: int = 0,
        model: str = "virtual",
        device_id: str | None = None,
        limits: dict[str, int] | None = None,
        tables: bytes | None = None,
        firmware: image.Firmware | None = None,
        chip: str = heap.DEFAULT_CHIP,
        notify_buffers: int = 12,
        http_port: int = 0,
        record: dict[str, Any] | None = None,
        **faults: Any,
    ) -> Board:
        """A board fresh from the factory, with no power yet.

        authority: COSE_Key octets of the provisioning key it trusts; limits: see
        firmware/device/identity.py; device_id: its last four characters become the name
        Latchkey-XXXX, None for one made from the board's key; tables: of host_client/tables.py
        for this authority; chip: whose heap it has
        (heap.GC_HEAP_KB); firmware: another than the product's, which then has no factory
        step unless it brings its own; record: further arguments of firmware/factory.py's
        write(), such as profile or bootstrap; faults: the fields of board.Faults.
        """
        if firmware is None:
            product = image.Firmware.product()
            code = factory_code(
                authority or b"", policy, model, limits or {}, device_id, tables, record
            )
            firmware = image.Firmware(product.sources, code)
        board = Board(
            len(self.boards) + 1, Path(self._folder.name), self.air, self.radio,
            heap.kb_for(chip), notify_buffers, http_port,
        )  # fmt: skip
        self.boards.append(board)
        board.faults = Faults(**faults)
        await board.make(firmware)
        return board

    @contextlib.contextmanager
    def without(self, network: Network) -> Any:
        """The network is off the air inside the `with`."""
        network.present = False
        self.air.changed()
        try:
            yield network
        finally:
            network.present = True
            self.air.changed()


def factory_code(
    authority: bytes,
    policy: int,
    model: str,
    limits: dict[str, int],
    device_id: str | None = None,
    tables: bytes | None = None,
    record: dict[str, Any] | None = None,
) -> str:
    """The factory step, to be run on a board once; the arguments are those of add_board."""
    octets = "None" if tables is None else f"unhexlify({tables.hex()!r})"
    further = "".join(f"{name}={value!r}, " for name, value in (record or {}).items())
    return (
        "from binascii import unhexlify\n"
        "from firmware import factory\n"
        f"factory.write(authority=unhexlify({authority.hex()!r}), policy={policy!r}, "
        f"model={model!r}, limits={limits!r}, device_id={device_id!r}, "
        f"tables={octets}, {further}"
        "pins={'button': 0, 'led': 2})\n"
    )
