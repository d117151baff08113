"""The rig for a real board: `make test ARGS="tests/scenarios --board /dev/ttyUSB0 -n 0"`.

The board is one for testing: its factory record is written anew, to trust this run's keys. Its
button is pressed over USB, by writing what a press writes and restarting. The host must have
Bluetooth, and be on the board's Wi-Fi for the scenarios over HTTP; the board is given the
network that LATCHKEY_TEST_SSID and LATCHKEY_TEST_PASSWORD name.

Tried against a MicroPython prompt behind a pseudo-terminal (tests/host_deploy), not on hardware.
"""

from __future__ import annotations

import asyncio
import json
from types import SimpleNamespace
from typing import Any

from host_client.deploy.usb_board import UsbBoard
from host_client.factory.report import read_report
from tests.scenarios.rig import LIMITS, READ_RECORD, Rig, Saved
from transports.contract import NAME_PREFIX

HTTP_URL = "http://192.168.4.1"
START_S = 8.0  # from a reset until both transports answer, with a scan of 3 s in it

_FACTORY = """
import os
from firmware import factory
from firmware.device.store import FOLDER
try:
    for name in os.listdir(FOLDER):
        os.remove(FOLDER + "/" + name)
except OSError:
    pass
factory.write(authority={authority!r}, limits={limits!r})
"""
_PRESS = """
from firmware.device import identity
from firmware.device.record_store import RecordStore
from firmware.provision.record import Record
from firmware.provision.window import Window
record = Record(RecordStore(identity.load().device_id))
record.change(window=Window(record, 600, 10).asked_for())
"""


class UsbRig(Rig):
    """A rig without a world: nothing around the board can be changed or broken."""

    def __init__(self, link: str, usb: UsbBoard, factory: dict[str, Any]) -> None:
        board = SimpleNamespace(factory=factory, log=[], http_url=HTTP_URL)
        board.ble_name = NAME_PREFIX + factory["device_id"][-4:].upper()
        super().__init__(link, None, board, None)  # type: ignore[arg-type]
        self._usb = usb

    @classmethod
    async def make(cls, link: str, port: str, authority: bytes, **limits: int) -> UsbRig:
        """Write the board's factory record anew, for this run's authority."""
        usb = UsbBoard(port)
        script = _FACTORY.format(authority=authority, limits={**LIMITS, **limits})
        report = read_report(await asyncio.to_thread(usb.run, script))
        factory = {"device_id": report.device_id, "device_key": report.device_key.hex()}
        return cls(link, usb, factory)

    async def press(self) -> None:
        """Write what holding the button writes."""
        await asyncio.to_thread(self._usb.run, _PRESS)

    async def open_window(self) -> None:
        await self.press()
        await self.restart()

    async def restart(self) -> None:
        await asyncio.to_thread(self._usb.reset)
        await asyncio.sleep(START_S)  # nobody else may read the port, so nothing says when

    async def saved(self) -> Saved:
        output = await asyncio.to_thread(self._usb.run, READ_RECORD)
        lines = output.splitlines()
        self.secrets.add(bytes.fromhex(lines[-2]))
        return Saved(**json.loads(lines[-1]))
