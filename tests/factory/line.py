"""A production line without hardware: virtual boards' flashes, each behind a USB port's stand-in.

The flash is the one that a virtual board starts from, and may be given to one afterwards.
"""

from __future__ import annotations

import asyncio
import contextlib
import shutil
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests.host_deploy.usb_stand_in import UsbStandIn
from tests.virtual_board import heap, image
from tests.virtual_board.process import find_interpreter

STARTING = 4  # interpreters that start at once


def fresh_flash() -> Path:
    """A flash with the firmware and no factory record; not to be written to."""
    return asyncio.run(image.flash(image.Firmware.product()))


@contextlib.contextmanager
def plugged_in(folder: Path, count: int, first: int = 0) -> Iterator[list[UsbStandIn]]:
    """`count` boards with power, whose flashes are FOLDER/board-N/flash; made where absent."""
    original, interpreter = fresh_flash(), str(find_interpreter())

    def power_on(number: int) -> UsbStandIn:
        place = folder / f"board-{number}"
        place.mkdir(parents=True, exist_ok=True)
        if not (place / "flash").exists():
            shutil.copyfile(original, place / "flash")
        return stack.enter_context(UsbStandIn(interpreter, place, heap.kb_for()))

    with contextlib.ExitStack() as stack, ThreadPoolExecutor(STARTING) as pool:
        yield list(pool.map(power_on, range(first, first + count)))
