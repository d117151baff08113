"""What can go wrong when boards are made. No message holds a label code."""

from __future__ import annotations

from host_client.deploy.errors import UsbError
from host_client.errors import ProvisioningError


class FactoryError(ProvisioningError):
    """A board cannot be made as asked. What was made of it so far is kept and used again."""

    kind = "factory"
    exit_code = 17


class NoFirmware(UsbError):
    """The board answers and does not carry this firmware."""

    kind = "no_firmware"
    remedy = "Put the firmware on it first: make deploy PORT=..."


class ForeignBoard(FactoryError):
    """The board was made before, and not by this manufacturer or for this authority."""

    kind = "foreign_board"
    remedy = (
        "Its factory record is written once. To make it anew, flash it: make flash, make deploy."
    )


class TrayFailed(FactoryError):
    """Some boards of a tray were not made; the others were."""

    kind = "tray_failed"
    remedy = "Mend what is said, and run the same command again: nothing is made twice."
