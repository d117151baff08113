"""Is a file really MicroPython for this chip? Looked at before anything is erased.

The layout is Espressif's: a boot loader image, at 0x8000 of the flash a partition table, and an
application image (ESP-IDF Programming Guide, "App Image Format" and "Partition Tables"). The file
begins at the flash offset of its chip's boot loader. Does no I/O.
"""

from __future__ import annotations

import hashlib
import struct
from dataclasses import dataclass

from host_client.deploy.errors import UnfitImage

MAX_IMAGE = 16 << 20  # octets; the largest flash of the boards in question
IMAGE_MAGIC = 0xE9
HEADER_LENGTH = 24
SEGMENT_HEADER_LENGTH = 8
MAX_SEGMENTS = 16
TABLE_OFFSET = 0x8000  # in the flash; MicroPython keeps the default
TABLE_LENGTH = 0xC00
ENTRY_LENGTH = 32
ENTRY_MAGIC = b"\xaa\x50"
DIGEST_MAGIC = b"\xeb\xeb"
APP_TYPE = 0


@dataclass(frozen=True)
class Chip:
    """A chip: as esptool shows it, as its `--chip` takes it, and where its boot loader lies."""

    name: str
    option: str
    offset: int


# By the chip id of the image header.
CHIPS = {
    0: Chip("ESP32", "esp32", 0x1000),
    5: Chip("ESP32-C3", "esp32c3", 0x0),
    9: Chip("ESP32-S3", "esp32s3", 0x0),
    13: Chip("ESP32-C6", "esp32c6", 0x0),
}


def check_image(data: bytes) -> Chip:
    """The chip that this file is for. Raises UnfitImage unless it is whole and a full image."""
    if len(data) > MAX_IMAGE:
        raise UnfitImage("the file is larger than any flash")
    chip = _chip_of(data)
    table = data[TABLE_OFFSET - chip.offset : TABLE_OFFSET - chip.offset + TABLE_LENGTH]
    if table[:2] != ENTRY_MAGIC:
        raise UnfitImage(
            "there is no partition table: an update of the application alone (.app-bin), or no "
            "image of MicroPython"
        )
    for app_offset in _applications(table):
        _check_digest(data[app_offset - chip.offset :])
        return chip
    raise UnfitImage("the partition table has no application")


def _chip_of(data: bytes) -> Chip:
    if len(data) < HEADER_LENGTH or data[0] != IMAGE_MAGIC:
        raise UnfitImage("this is no ESP32 image: it does not begin with 0xE9")
    (number,) = struct.unpack_from("<H", data, 12)
    if number not in CHIPS:
        raise UnfitImage(f"the image is for a chip that Latchkey does not run on (id {number})")
    return CHIPS[number]


def _applications(table: bytes) -> list[int]:
    """Flash offsets of the application partitions. Raises UnfitImage for a damaged table."""
    found = []
    for at in range(0, len(table) - ENTRY_LENGTH + 1, ENTRY_LENGTH):
        entry = table[at : at + ENTRY_LENGTH]
        if entry[:2] == DIGEST_MAGIC:
            if entry[16:] != hashlib.md5(table[:at], usedforsecurity=False).digest():
                raise UnfitImage("the partition table is damaged")
            break
        if entry[:2] != ENTRY_MAGIC:
            break
        kind, _, offset = struct.unpack_from("<BBI", entry, 2)
        if kind == APP_TYPE:
            found.append(offset)
    return found


def _check_digest(image: bytes) -> None:
    """Raise UnfitImage unless the application is there to its last octet and unchanged."""
    if len(image) < HEADER_LENGTH or image[0] != IMAGE_MAGIC:
        raise UnfitImage("the file ends before the application, or holds none")
    at = HEADER_LENGTH
    segments = image[1]
    if not 1 <= segments <= MAX_SEGMENTS:
        raise UnfitImage("the application's header is damaged")
    for _ in range(segments):
        if at + SEGMENT_HEADER_LENGTH > len(image):
            raise UnfitImage("the file is cut short")
        (length,) = struct.unpack_from("<I", image, at + 4)
        at += SEGMENT_HEADER_LENGTH + length
    at += 16 - at % 16  # padding, whose last octet is a checksum
    has_digest = image[23] == 1
    if at + (32 if has_digest else 0) > len(image):
        raise UnfitImage("the file is cut short")
    if has_digest and hashlib.sha256(image[:at]).digest() != image[at : at + 32]:
        raise UnfitImage("the application does not match its own SHA-256: a damaged download")
