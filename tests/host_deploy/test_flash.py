"""Flashing from end to end: real esptool against a ROM loader behind a pseudo-terminal."""

from pathlib import Path

import pytest

from host_client.deploy.errors import UnfitBoard, UnfitImage, UsbError
from host_client.deploy.flash import detect_chip, flash, plan_flash
from tests.host_deploy.firmware_file import firmware
from tests.host_deploy.rom_loader import FLASH_SIZE, RomLoader

pytest.importorskip("esptool", reason="no esptool here (pip install esptool)")
SLOW = 115200  # the port's first speed: a pseudo-terminal has none, and need not change it


@pytest.fixture
def image(tmp_path: Path) -> Path:
    file = tmp_path / "ESP32_GENERIC.bin"
    file.write_bytes(firmware(0))
    return file


def test_erases_and_writes_where_the_chip_boots(image: Path) -> None:
    lines: list[str] = []
    with RomLoader() as chip:
        flash(plan_flash(chip.port, image, SLOW), lines.append)
    content = image.read_bytes()
    end = 0x1000 + len(content)
    assert chip.erased
    assert bytes(chip.flash[0x1000:end]) == content
    assert chip.flash.count(0xFF, 0, 0x1000) == 0x1000
    assert chip.flash.count(0xFF, end) == FLASH_SIZE - end
    assert any("verified" in line for line in lines)


def test_finds_which_chip_it_is() -> None:
    with RomLoader() as chip:
        assert detect_chip(chip.port) == "ESP32"
    with RomLoader(chip_id=9) as chip:
        assert detect_chip(chip.port) == "ESP32-S3"


def test_another_chip_is_left_as_it_was(image: Path) -> None:
    refusal = pytest.raises(UnfitBoard, match="the board is an ESP32-S3, the image is for ESP32")
    with RomLoader(chip_id=9) as chip, refusal:
        flash(plan_flash(chip.port, image, SLOW), print)
    assert not chip.erased
    assert chip.flash == b"M" * FLASH_SIZE


def test_refuses_a_wrong_file_without_asking_the_board(tmp_path: Path) -> None:
    file = tmp_path / "wrong.bin"
    file.write_bytes(b"no image")
    with pytest.raises(UnfitImage):
        plan_flash("no-port", file)
    with pytest.raises(UnfitImage, match="cannot read"):
        plan_flash("no-port", tmp_path / "absent.bin")


def test_reports_a_port_that_is_not_there(image: Path, tmp_path: Path) -> None:
    with pytest.raises(UsbError, match="esptool: "):
        flash(plan_flash(str(tmp_path / "no-port"), image), print)
