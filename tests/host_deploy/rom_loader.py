"""The serial loader of an ESP32 chip behind a pseudo-terminal, as far as esptool uses it.

Speaks Espressif's serial protocol (esptool documentation, "Serial Protocol"): SLIP frames, a ROM
that takes a second loader into RAM and runs it, and that loader's commands on a flash in memory.
"""

import hashlib
import os
import pty
import select
import struct
import threading
import tty
import zlib

FLASH_SIZE = 4 << 20
SYNC, WRITE_REG, READ_REG, SPI_SET_PARAMS, SPI_ATTACH = 0x08, 0x09, 0x0A, 0x0B, 0x0D
MEM_BEGIN, MEM_END, MEM_DATA = 0x05, 0x06, 0x07
CHANGE_BAUDRATE, DEFLATE_BEGIN, DEFLATE_DATA, DEFLATE_END = 0x0F, 0x10, 0x11, 0x12
FLASH_MD5, SECURITY_INFO, ERASE_FLASH = 0x13, 0x14, 0xD0
FLASH_BEGIN, FLASH_END = 0x02, 0x04  # empty, to leave the loader
DONE = (WRITE_REG, SPI_SET_PARAMS, SPI_ATTACH, MEM_BEGIN, MEM_DATA, CHANGE_BAUDRATE, DEFLATE_END,
        FLASH_BEGIN, FLASH_END)  # fmt: skip
MAGIC_REGISTER = 0x40001000  # tells an ESP32 from its elders
ESP32_MAGIC = 0x00F01D83
FLASH_ID = 0x1640C8  # a chip of 4 MiB
# Where the flash controller leaves what it read: ESP32, ESP32-S3.
FLASH_RESULT_REGISTERS = (0x3FF42080, 0x60002058)
INVALID_MESSAGE = b"\x01\x05\x00\x00"


class RomLoader:
    """Use as a context manager; `chip_id` is what newer chips answer, None for the ESP32."""

    def __init__(self, chip_id: int | None = None) -> None:
        self._chip_id = chip_id
        self.flash = bytearray(b"M" * FLASH_SIZE)  # what was on it before
        self.erased = False
        self._second_loader = False
        self._writing_at = 0
        self._inflate = zlib.decompressobj()
        self._end, self._port_side = pty.openpty()
        tty.setraw(self._port_side)
        self.port = os.ttyname(self._port_side)
        self._stop_read, self._stop_write = os.pipe()
        self._thread = threading.Thread(target=self._serve, name="rom loader")

    def __enter__(self) -> "RomLoader":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        os.write(self._stop_write, b"x")
        self._thread.join(timeout=10)
        for end in (self._end, self._port_side, self._stop_read, self._stop_write):
            os.close(end)

    def _serve(self) -> None:
        pending = b""
        while True:
            ready, _, _ = select.select([self._end, self._stop_read], [], [])
            if self._stop_read in ready:
                return
            pending += os.read(self._end, 65536)
            *frames, pending = pending.split(b"\xc0")
            for frame in frames:
                if frame:
                    self._take(frame.replace(b"\xdb\xdc", b"\xc0").replace(b"\xdb\xdd", b"\xdb"))

    def _send(self, frame: bytes) -> None:
        data = b"\xc0" + frame.replace(b"\xdb", b"\xdb\xdd").replace(b"\xc0", b"\xdb\xdc") + b"\xc0"
        os.write(self._end, data)

    def _answer(self, command: int, value: int = 0, data: bytes = b"", status: bytes = b"") -> None:
        data += status or bytes(2 if self._second_loader else 4)
        self._send(struct.pack("<BBHI", 1, command, len(data), value) + data)

    def _take(self, frame: bytes) -> None:
        _, command, length, _ = struct.unpack("<BBHI", frame[:8])
        data = frame[8 : 8 + length]
        if command == SYNC:
            for _ in range(8):
                self._answer(command, value=0 if self._second_loader else 0x20120707)
        elif command == READ_REG:
            self._answer(command, value=self._register(*struct.unpack("<I", data)))
        elif command in DONE:
            self._answer(command)
        elif command == MEM_END:
            self._answer(command)
            self._second_loader = True
            self._send(b"OHAI")
        elif command == SECURITY_INFO and self._chip_id is not None:
            self._answer(command, data=struct.pack("<IB7xII", 0, 0, self._chip_id, 0))
        else:
            self._take_flash_command(command, data)

    def _take_flash_command(self, command: int, data: bytes) -> None:
        if command == ERASE_FLASH:
            self.flash[:] = b"\xff" * FLASH_SIZE
            self.erased = True
            self._answer(command)
        elif command == DEFLATE_BEGIN:
            self._inflate = zlib.decompressobj()
            self._writing_at = struct.unpack_from("<I", data, 12)[0]
            self._answer(command)
        elif command == DEFLATE_DATA:
            plain = self._inflate.decompress(data[16:])
            self.flash[self._writing_at : self._writing_at + len(plain)] = plain
            self._writing_at += len(plain)
            self._answer(command)
        elif command == FLASH_MD5:
            start, size = struct.unpack_from("<II", data)
            self._answer(command, data=hashlib.md5(self.flash[start : start + size]).digest())
        else:
            self._answer(command, status=INVALID_MESSAGE)

    def _register(self, address: int) -> int:
        if address == MAGIC_REGISTER and self._chip_id is None:
            return ESP32_MAGIC
        return FLASH_ID if address in FLASH_RESULT_REGISTERS else 0
