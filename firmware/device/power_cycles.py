"""Quick power cycles: the physical reset of a board without a button.

Each start by power counts, in one octet on the flash, and a start that lasts takes the count
back. LittleFS keeps so small a file among its metadata and writes it in place atomically, so a
start costs two appended entries of 64 octets and, once in thirty starts, the erasing of a block.

MicroPython tells a brown-out as a power-on (ports/esp32/modmachine.c, 1.29): a supply that fails
under the radio, so often in a row, is taken for a person. A factory that fears this sets `wipe_ms`
to 0: then it opens windows and never wipes.
"""

import asyncio

import machine

from firmware.device.store import FOLDER

LASTS_S = 5  # a start that runs so long is none of a person who means a reset
_PATH = FOLDER + "/starts"


def rounds(cycles):
    """Count this start. Return 1 where `cycles` starts before it, one after the other, were cut
    short, 2 where twice as many were, and else 0. cycles: 0 for a board without this reset."""
    if not cycles or machine.reset_cause() != machine.PWRON_RESET:
        return 0
    before = _read()
    if before in (cycles, 2 * cycles):
        return before // cycles
    count_on()
    return 0


def count_on():
    """This start is one of a longer row."""
    _write(min(_read() + 1, 255))


async def settle():
    """Take the count back once this start has lasted."""
    await asyncio.sleep(LASTS_S)
    forget()


def forget():
    if _read():
        _write(0)


def _read():
    try:
        with open(_PATH, "rb") as file:
            content = file.read(1)
    except OSError:
        return 0  # none yet; or not readable, which only means one more round for a person
    return content[0] if content else 0


def _write(count):
    """A flash that takes nothing counts nothing: no window, as with the button."""
    try:
        with open(_PATH, "wb") as file:
            file.write(bytes((count,)))
    except OSError:
        pass
