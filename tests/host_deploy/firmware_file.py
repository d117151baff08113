"""Files in the form of MicroPython's ESP32 images: boot loader, partitions, application."""

import hashlib
import struct

from host_client.deploy.esp_image import CHIPS

APP_OFFSET = 0x10000


def espressif_image(chip_id: int, segments: list[bytes]) -> bytes:
    """One image with its checksum and its SHA-256, as elf2image writes it."""
    header = struct.pack("<BBBBI", 0xE9, len(segments), 2, 0x20, 0x40080000)
    header += struct.pack("<B3xHBHH4xB", 0xEE, chip_id, 0, 0, 0xFFFF, 1)
    body, checksum = b"", 0xEF
    for segment in segments:
        body += struct.pack("<II", 0x3F400020, len(segment)) + segment
        for octet in segment:
            checksum ^= octet
    image = header + body
    image += bytes(15 - len(image) % 16) + bytes([checksum])
    return image + hashlib.sha256(image).digest()


def partition_table() -> bytes:
    """Room for settings, the application, and a file system, closed by the table's MD5."""
    rows = [(1, 2, 0x9000, 0x6000, b"nvs"), (0, 0, APP_OFFSET, 0x1F0000, b"factory"),
            (1, 0x81, 0x200000, 0x200000, b"vfs")]  # fmt: skip
    table = b"".join(
        struct.pack("<2sBBII16sI", b"\xaa\x50", kind, subtype, offset, size, name, 0)
        for kind, subtype, offset, size, name in rows
    )
    table += b"\xeb\xeb" + b"\xff" * 14 + hashlib.md5(table).digest()
    return table.ljust(0xC00, b"\xff")


def firmware(chip_id: int, length: int = 5000) -> bytes:
    """A whole file for one chip, as it is offered for download."""
    start = CHIPS[chip_id].offset
    app = espressif_image(chip_id, [bytes(range(256)) * (length // 256), b"second segment.."])
    flash = bytearray(b"\xff" * APP_OFFSET) + app
    loader = espressif_image(chip_id, [b"boot loader....."])
    flash[start : start + len(loader)] = loader
    table = partition_table()
    flash[0x8000 : 0x8000 + len(table)] = table
    return bytes(flash[start:])
