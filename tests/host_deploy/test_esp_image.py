"""Whether a file is MicroPython for a chip is found out before anything is erased."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from host_client.deploy.errors import UnfitImage
from host_client.deploy.esp_image import CHIPS, check_image
from tests.host_deploy.firmware_file import APP_OFFSET, firmware


@pytest.mark.parametrize("chip_id", sorted(CHIPS))
def test_accepts_an_image_for_each_chip(chip_id: int) -> None:
    assert check_image(firmware(chip_id)) is CHIPS[chip_id]


def test_knows_where_each_boot_loader_lies() -> None:
    where = {chip.name: chip.offset for chip in CHIPS.values()}
    assert where == {"ESP32": 0x1000, "ESP32-C3": 0, "ESP32-S3": 0, "ESP32-C6": 0}


@pytest.mark.parametrize("data", [b"", b"\x7fELF" + bytes(100), b"\xe9", b"<html>" * 100])
def test_refuses_what_is_no_image(data: bytes) -> None:
    with pytest.raises(UnfitImage, match="no ESP32 image"):
        check_image(data)


def test_refuses_another_chip() -> None:
    image = bytearray(firmware(0))
    image[12] = 2  # ESP32-S2: no Bluetooth
    with pytest.raises(UnfitImage, match="id 2"):
        check_image(bytes(image))


def test_refuses_an_application_alone() -> None:
    with pytest.raises(UnfitImage, match="no partition table"):
        check_image(firmware(9)[APP_OFFSET:])


@pytest.mark.parametrize("lost", [1, 40, 3000, 5200])
def test_refuses_a_file_cut_short(lost: int) -> None:
    with pytest.raises(UnfitImage, match=r"cut short|ends before|own SHA-256"):
        check_image(firmware(9)[:-lost])


def test_refuses_a_flipped_bit_in_application_or_table() -> None:
    image = bytearray(firmware(9))
    image[APP_OFFSET + 2000] ^= 1
    with pytest.raises(UnfitImage, match="own SHA-256"):
        check_image(bytes(image))
    image = bytearray(firmware(9))
    image[0x8005] ^= 1
    with pytest.raises(UnfitImage, match="table is damaged"):
        check_image(bytes(image))


def test_esptool_reads_the_same_image(tmp_path: Path) -> None:
    """Espressif's own tool agrees that the files of these tests are images."""
    if shutil.which("esptool", path=str(Path(sys.executable).parent)) is None:
        pytest.skip("no esptool here (pip install esptool)")
    file = tmp_path / "app.bin"
    file.write_bytes(firmware(9)[APP_OFFSET:])
    done = subprocess.run(
        [sys.executable, "-m", "esptool", "--chip", "esp32s3", "image-info", str(file)],
        capture_output=True, text=True, timeout=60, check=True,
    )  # fmt: skip
    assert "(valid)" in done.stdout
    assert "invalid" not in done.stdout
