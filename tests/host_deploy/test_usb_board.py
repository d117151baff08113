"""The command lines given to mpremote and esptool are ones that these tools understand."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from host_client.deploy import flash, usb_board
from host_client.deploy.errors import UsbError
from host_client.deploy.esp_image import CHIPS
from host_client.deploy.image import BoardFile
from host_client.deploy.tools import MAX_OUTPUT, run_module

mpremote = pytest.importorskip("mpremote.main", reason="no mpremote here (pip install mpremote)")


def parse(arguments: list[str]) -> Any:
    """What mpremote's own parser makes of one command."""
    command, *rest = arguments
    _, parser = mpremote._COMMANDS[command]
    made = parser()
    made.add_argument("next_command", nargs="*")
    return made.parse_args(rest)


def test_copy_is_a_forced_copy_of_one_file() -> None:
    parsed = parse(usb_board.copy_arguments("/tmp/0", "/firmware/start.mpy"))
    assert (parsed.command, parsed.path) == (["cp"], ["/tmp/0", ":/firmware/start.mpy"])
    assert parsed.force
    assert not parsed.recursive


def test_install_takes_both_packages_to_lib() -> None:
    parsed = parse(usb_board.install_arguments(["aioble-peripheral", "aioble-server"], None))
    assert (parsed.command, parsed.packages) == (
        ["install"],
        ["aioble-peripheral", "aioble-server"],
    )
    assert (parsed.target, parsed.index, parsed.mpy) == ("/lib", None, True)
    assert parse(usb_board.install_arguments(["x"], "http://a/b")).index == "http://a/b"


def test_what_runs_on_the_board_shows_in_no_process_list(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[list[str]] = []

    def look(module: str, arguments: list[str], *_: object) -> str:
        seen.append(arguments)
        assert "secret-word" in Path(arguments[-1]).read_text(encoding="utf-8")
        return ""

    monkeypatch.setattr(usb_board, "run_module", look)
    usb_board.UsbBoard("/dev/ttyUSB0").run("print('secret-word')\n")
    assert seen[0][:3] == ["connect", "/dev/ttyUSB0", "run"]
    assert "secret-word" not in " ".join(seen[0])
    assert not Path(seen[0][-1]).exists()


def test_many_files_go_in_several_command_lines(monkeypatch: pytest.MonkeyPatch) -> None:
    lines: list[list[str]] = []

    def take(module: str, arguments: list[str], deadline_s: float, on_line: Any) -> str:
        lines.append(arguments)
        for target in [a for a in arguments if a.startswith(":")]:
            on_line(f"cp x {target}")
        return ""

    monkeypatch.setattr(usb_board, "run_module", take)
    files = [BoardFile(f"/firmware/{n}.mpy", b"x") for n in range(95)]
    begun: list[BoardFile] = []
    usb_board.UsbBoard("p").copy(files, begun.append)
    assert begun == files
    assert len(lines) == 3
    assert max(len(" ".join(line)) for line in lines) < 8000


@pytest.mark.parametrize("chip", CHIPS.values(), ids=lambda chip: chip.name)
def test_esptool_takes_the_flash_command(chip: Any, tmp_path: Path) -> None:
    """It gets as far as the port, which is not there: every option before it was understood."""
    image = tmp_path / "image.bin"
    image.write_bytes(b"\xe9" + bytes(63))
    port = str(tmp_path / "no-port")
    for arguments in (flash.flash_arguments(chip, port, image), flash.detect_arguments(port)):
        done = subprocess.run(
            [sys.executable, "-m", "esptool", *arguments], capture_output=True, text=True,
            timeout=60, check=False,
        )  # fmt: skip
        assert "Could not open" in done.stdout + done.stderr
        assert "Usage" not in done.stdout + done.stderr


def test_a_tool_that_talks_without_end_is_stopped(tmp_path: Path, monkeypatch: Any) -> None:
    (tmp_path / "chatter.py").write_text(
        f"print('x' * {MAX_OUTPUT + 10}, flush=True)\nimport time\ntime.sleep(60)\n", "utf-8"
    )
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    with pytest.raises(UsbError, match="without end"):
        run_module("chatter", [], 50)
