"""A private D-Bus: a dbus-daemon of our own, on a Unix socket in a folder of our own.

No root is needed. The daemon runs as whoever starts it, and lets in that user and root only
(the default of a bus of type "session"); its policy lets them own `org.bluez`, which the
system's bus keeps for root.
"""

from __future__ import annotations

import asyncio
import shutil
import sys
import tempfile
from pathlib import Path
from types import TracebackType

START_TIMEOUT_S = 5.0
STOP_TIMEOUT_S = 3.0
SOCKET_PATH_OCTETS = 107  # struct sockaddr_un on Linux, less the final zero

_CONFIG = """\
<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>session</type>
  <listen>unix:path={path}</listen>
  <auth>EXTERNAL</auth>
  <policy context="default">
    <allow own="org.bluez"/>
    <allow send_destination="*"/>
    <allow receive_sender="*"/>
  </policy>
</busconfig>
"""


class BusUnavailable(Exception):
    """There can be no private bus here; the message says why."""


def why_no_bus() -> str | None:
    """What is missing for stock bleak on a private bus, or None when nothing is."""
    if sys.platform != "linux":
        return "bleak speaks with BlueZ on Linux only"
    if shutil.which("dbus-daemon") is None:
        return "there is no dbus-daemon (Debian, Ubuntu: apt install dbus-daemon)"
    try:
        import dbus_fast  # noqa: F401
    except ImportError:
        return "the Python package dbus-fast is not installed"
    return None


class PrivateBus:
    """`async with PrivateBus() as bus:`; `bus.address` is for DBUS_SYSTEM_BUS_ADDRESS."""

    address: str

    async def __aenter__(self) -> PrivateBus:
        """Raises BusUnavailable."""
        reason = why_no_bus()
        if reason is not None:
            raise BusUnavailable(reason)
        self._folder = tempfile.TemporaryDirectory(prefix="latchkey-bus-")
        try:
            await self._start(Path(self._folder.name))
        except BaseException:
            self._folder.cleanup()
            raise
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._stop()
        self._folder.cleanup()

    async def _start(self, folder: Path) -> None:
        path = folder / "bus"
        if len(str(path).encode()) > SOCKET_PATH_OCTETS:
            raise BusUnavailable(f"{folder} is too long a path for a Unix socket: set TMPDIR")
        config = folder / "bus.conf"
        config.write_text(_CONFIG.format(path=path))
        self._process = await asyncio.create_subprocess_exec(
            *ended_with_us(), "dbus-daemon",
            f"--config-file={config}", "--nofork", "--nopidfile",
            "--print-address=1",
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )  # fmt: skip
        assert self._process.stdout is not None
        try:
            # The address is printed once the socket listens.
            line = await asyncio.wait_for(self._process.stdout.readline(), START_TIMEOUT_S)
        except asyncio.TimeoutError:
            line = b""
        if not line:
            raise BusUnavailable(f"dbus-daemon did not start: {await self._stop() or 'no word'}")
        self.address = line.decode().strip()

    async def _stop(self) -> str:
        """End the daemon; what it complained of."""
        if self._process.returncode is None:
            self._process.terminate()
        try:
            _, complaint = await asyncio.wait_for(self._process.communicate(), STOP_TIMEOUT_S)
        except asyncio.TimeoutError:
            self._process.kill()
            _, complaint = await self._process.communicate()
        return complaint.decode(errors="replace").strip()


def ended_with_us() -> list[str]:
    """What to put before a command so that it does not outlive a process that was killed."""
    setpriv = shutil.which("setpriv")
    if setpriv is None or Path(setpriv).resolve().name == "busybox":  # busybox has not the option
        return []
    return [setpriv, "--pdeathsig", "TERM", "--"]
