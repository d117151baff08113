"""The commands as a person or a script gives them."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from typer.testing import CliRunner

from host_client.deploy import command_line
from host_client.deploy.command_line import app
from host_client.deploy.push import Options, Report, Watcher, push
from host_client.deploy.usb_board import UsbBoard
from tests.host_deploy.firmware_file import firmware
from tests.host_deploy.usb_stand_in import UsbStandIn

run = CliRunner()


def test_push_says_why_it_refuses(usb_port: UsbStandIn) -> None:
    done = run.invoke(app, ["push", "--port", usb_port.port, "--dry-run"])
    assert done.exit_code == 12
    assert "not MicroPython on an ESP32" in done.output
    assert "Flash MicroPython 1.24" in done.output


@pytest.fixture
def any_platform(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the command take the interpreter of this computer for a board."""

    def on_this_computer(board: UsbBoard, options: Options, watcher: Watcher) -> Report:
        return push(board, replace(options, platforms=("linux",)), watcher)

    monkeypatch.setattr(command_line, "push_firmware", on_this_computer)


def test_push_shows_what_it_would_do(
    usb_port: UsbStandIn, any_platform: None, sources: Path
) -> None:
    done = run.invoke(app, ["push", "--port", usb_port.port, "--dry-run"])
    assert done.exit_code == 0
    assert "+ /transports/contract.mpy" in done.stderr
    assert "would be copied" in done.stderr
    assert "aioble-peripheral and aioble-server would be installed" in " ".join(done.stderr.split())


def test_push_reports_as_json(
    usb_port: UsbStandIn, any_platform: None, sources: Path, aioble: Path
) -> None:
    arguments = ["push", "--port", usb_port.port, "--json", "--aioble", str(aioble)]
    report = json.loads(run.invoke(app, arguments).stdout)
    assert report["copied"][-1] == "/main.py"
    assert report["restarted"]
    assert (report["march"], report["removed"], report["installed"]) == ("x64", [], [])
    again = json.loads(run.invoke(app, arguments).stdout)
    assert (again["copied"], again["octets"]) == ([], 0)
    assert set(again["unchanged"]) == set(report["copied"])


def test_flash_dry_run_shows_the_command_and_touches_no_port(tmp_path: Path) -> None:
    file = tmp_path / "s3.bin"
    file.write_bytes(firmware(9))
    done = run.invoke(
        app, ["flash", "--port", "/dev/none", "--firmware", str(file), "--dry-run", "--json"]
    )
    assert done.exit_code == 0
    assert json.loads(done.stdout) == {"chip": "ESP32-S3", "offset": 0, "dry_run": True}
    assert "write-flash --erase-all 0x0" in " ".join(done.stderr.split())


def test_flash_refuses_a_wrong_file(tmp_path: Path) -> None:
    file = tmp_path / "page.bin"
    file.write_text("<html>not found</html>", encoding="utf-8")
    done = run.invoke(app, ["flash", "--port", "/dev/none", "--firmware", str(file)])
    assert done.exit_code == 12
    assert "no ESP32 image" in done.output


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["push"], 2),
        (["flash", "--port", "p"], 2),
    ],
)
def test_exit_codes(arguments: list[str], code: int) -> None:
    assert run.invoke(app, arguments).exit_code == code
