"""The factory step over USB: the board makes its key, then learns whom to trust.

The private key is made on the board and stays there. What the label's code was made into goes
over the cable, in a file that only this user can read until the board has it, and in no
command line.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Any

from host_client.deploy.errors import UsbError
from host_client.deploy.usb_board import UsbBoard
from host_client.factory.errors import NoFirmware
from host_client.factory.report import BoardReport, read_report

STEP_DEADLINE_S = 60.0  # the key pair takes a board some seconds
_IMPORT = "from firmware import factory\n"
_LONG = 64  # octets; shorter ones are easier to read as they are


class UsbStep:
    """The two halves of the step, on the board at a port."""

    def __init__(self, board: UsbBoard) -> None:
        self._board = board

    def begin(self) -> BoardReport:
        """Who the board is; it makes its key where it has none. Raises UsbError."""
        return self._run(_IMPORT + "factory.begin()\n")

    def write(self, values: Mapping[str, Any]) -> BoardReport:
        """Write the factory record: `values` as `firmware.factory.write` takes them.

        Raises UsbError, which shows none of them.
        """
        return self._run(write_script(values))

    def _run(self, script: str) -> BoardReport:
        try:
            output = self._board.run(script, STEP_DEADLINE_S)
        except UsbError as error:
            if "no module named 'firmware" in str(error):
                raise NoFirmware("the board does not carry the firmware") from error
            raise
        return read_report(output)


def write_script(values: Mapping[str, Any]) -> str:
    """The MicroPython source that writes the record."""
    listed = ", ".join(f"{name}={_literal(value)}" for name, value in values.items())
    return f"from binascii import a2b_base64\n{_IMPORT}factory.write({listed})\n"


def _literal(value: Any) -> str:
    """A value as source. Octets of any length as base64: the board holds the text in memory."""
    if isinstance(value, bytes) and len(value) > _LONG:
        return f"a2b_base64({base64.b64encode(value).decode()!r})"
    return repr(value)
