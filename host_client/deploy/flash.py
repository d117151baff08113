"""Flash MicroPython with esptool: check the image, ask the chip, erase, write, verify."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from host_client.deploy.errors import UnfitBoard, UnfitImage, UsbError
from host_client.deploy.esp_image import MAX_IMAGE, Chip, check_image
from host_client.deploy.tools import run_module

DETECT_DEADLINE_S = 60.0
FLASH_DEADLINE_S = 600.0
BAUD = 460800
_CONNECTED = re.compile(r"^Connected to (ESP[\w-]+) on ", re.MULTILINE)


@dataclass(frozen=True)
class Flashing:
    """What is written where, and with which esptool command."""

    chip: Chip
    port: str
    command: tuple[str, ...]


def read_image(path: Path) -> Chip:
    """The chip that a firmware file is for. Raises UnfitImage."""
    try:
        with path.open("rb") as file:
            data = file.read(MAX_IMAGE + 1)
    except OSError as error:
        raise UnfitImage(f"cannot read {path}: {error.strerror}") from error
    return check_image(data)


def plan_flash(port: str, path: Path, baud: int = BAUD) -> Flashing:
    """Check the file and give the command. Raises UnfitImage."""
    return Flashing(chip := read_image(path), port, tuple(flash_arguments(chip, port, path, baud)))


def flash_arguments(chip: Chip, port: str, path: Path, baud: int = BAUD) -> list[str]:
    """esptool's arguments that erase the whole flash and write the image where its chip boots."""
    return [
        "--chip", chip.option, "--port", port, "--baud", str(baud),
        "write-flash", "--erase-all", f"{chip.offset:#x}", str(path),
    ]  # fmt: skip


def detect_arguments(port: str) -> list[str]:
    """esptool's arguments that ask which chip is there, and change nothing."""
    return ["--port", port, "chip-id"]


def detect_chip(port: str) -> str:
    """Name of the chip, such as ESP32-S3. Raises UsbError."""
    found = _CONNECTED.search(run_module("esptool", detect_arguments(port), DETECT_DEADLINE_S))
    if found is None:
        raise UsbError("esptool does not say which chip it found")
    return found[1]


def flash(flashing: Flashing, on_line: Callable[[str], None]) -> None:
    """Erase and write, after the chip was found to be the image's. Raises UsbError, UnfitBoard.

    esptool compares what it wrote with the MD5 that the chip computes, and fails otherwise.
    """
    found = detect_chip(flashing.port)
    if found != flashing.chip.name:
        raise UnfitBoard(
            f"the board is an {found}, the image is for {flashing.chip.name}; nothing was erased"
        )
    run_module("esptool", flashing.command, FLASH_DEADLINE_S, on_line)
