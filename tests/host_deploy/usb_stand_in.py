"""A real MicroPython prompt behind a pseudo-terminal, where mpremote finds a board's USB port.

Between the two runs a relay: when the interpreter ends, as it does at a soft reset and at
machine.reset(), the relay starts the next one on the same flash, as a board would go on.
"""

import os
import pty
import select
import signal
import subprocess
import sys
import threading
import tty
from pathlib import Path

HERE = Path(__file__).parent
HARD_RESET = 3  # exit code that flash_disk.py gives machine.reset()
PROMPT = b">>> "


class UsbStandIn:
    """Use as a context manager: `port` is what mpremote connects to."""

    def __init__(self, interpreter: str, folder: Path, heap_kb: int = 2048) -> None:
        """`folder`: holds the board's `flash`, or will; heap_kb: of the interpreter."""
        self._command = [interpreter, "-X", f"heapsize={heap_kb}k", "-i"]
        self._folder = folder
        self._outer, self._port_side = pty.openpty()
        tty.setraw(self._port_side)
        self.port = os.ttyname(self._port_side)
        self._stop_read, self._stop_write = os.pipe()
        self.hard_resets = 0
        self.was_reset = threading.Event()
        self._thread = threading.Thread(target=self._relay, name="usb stand-in")

    def __enter__(self) -> "UsbStandIn":
        self._start()
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        os.write(self._stop_write, b"x")
        self._thread.join(timeout=10)
        self._process.send_signal(signal.SIGKILL)
        self._process.wait()
        for end in (self._outer, self._port_side, self._inner, self._stop_read, self._stop_write):
            os.close(end)

    def _start(self) -> None:
        self._inner, interpreter_side = pty.openpty()
        tty.setraw(interpreter_side)
        self._process = subprocess.Popen(
            [*self._command, str(HERE / "flash_disk.py"), str(self._folder / "flash")],
            stdin=interpreter_side,
            stdout=interpreter_side,
            stderr=interpreter_side,
        )
        os.close(interpreter_side)
        seen = b""
        while not seen.endswith(PROMPT):
            seen += os.read(self._inner, 1024)

    def _relay(self) -> None:
        while True:
            ready, _, _ = select.select([self._outer, self._inner, self._stop_read], [], [])
            if self._stop_read in ready:
                return
            if self._outer in ready:
                os.write(self._inner, os.read(self._outer, 4096))
            if self._inner in ready:
                self._from_interpreter()

    def _from_interpreter(self) -> None:
        try:
            data = os.read(self._inner, 4096)
        except OSError:  # Linux says EIO when the other end is closed
            data = b""
        if data:
            os.write(self._outer, data)
        else:
            self._go_on()

    def _go_on(self) -> None:
        """What a board does after a reset: start again, at a soft one in the same raw prompt."""
        code = self._process.wait()
        os.close(self._inner)
        self._start()
        if code == HARD_RESET:
            self.hard_resets += 1
            os.write(self._outer, b"\r\n" + PROMPT)
            self.was_reset.set()
        else:
            os.write(self._outer, b"OK\r\nMPY: soft reboot\r\n")
            os.write(self._inner, b"\x01")


if __name__ == "__main__":
    with UsbStandIn(sys.argv[1], Path(sys.argv[2])) as board:
        print(board.port)
        signal.pause()
