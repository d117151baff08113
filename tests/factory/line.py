"""A production line without hardware: virtual boards' flashes, each behind a USB port's stand-in.

The flash is the one that a virtual board starts from, and may be given to one afterwards.

    python -m tests.factory.line --count 3

plugs in three of them, for `latchkey factory init` by hand.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import shutil
import tempfile
import threading
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


def main() -> None:
    parser = argparse.ArgumentParser(description="Plug in virtual boards, until Ctrl-C.")
    parser.add_argument("--count", type=int, default=1, help="how many boards")
    parser.add_argument("--flashes", type=Path, help="a folder to keep their flashes in")
    options = parser.parse_args()
    with contextlib.ExitStack() as stack:
        folder = options.flashes or Path(stack.enter_context(tempfile.TemporaryDirectory()))
        boards = stack.enter_context(plugged_in(folder, options.count))
        ports = " ".join(f"--port {board.port}" for board in boards)
        print(f"latchkey factory init {ports} --plan plan.toml --manufacturer maker", flush=True)
        with contextlib.suppress(KeyboardInterrupt):
            threading.Event().wait()


if __name__ == "__main__":
    main()
