"""Trays of virtual boards behind USB ports: the real commands, mpremote and firmware."""

from __future__ import annotations

import csv
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from host_client.certificate import check_device_certificate
from host_client.deploy.usb_board import UsbBoard
from host_client.factory.usb_step import UsbStep
from host_client.label import label_key
from host_client.registry import Registry
from tests.factory.command import Home, result_of
from tests.factory.line import plugged_in

COUNT = 5
LABEL_KEY = "from firmware.device import identity\nprint(identity.load().label_key.hex())\n"


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    return Home(tmp_path / "home", monkeypatch)


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """All that went over mpremote's command lines, and all that it printed."""
    words: list[str] = []
    mpremote = UsbBoard._mpremote

    def watched(board: UsbBoard, arguments: list[str], *more: object) -> str:
        words.extend([board.port, *arguments])
        words.append(mpremote(board, arguments, *more))  # type: ignore[arg-type]
        return words[-1]

    monkeypatch.setattr(UsbBoard, "_mpremote", watched)
    return words


def test_a_tray_goes_on_after_failures_and_is_finished_by_the_next_run(
    home: Home, tmp_path: Path, told: list[str]
) -> None:
    absent, report = str(tmp_path / "unplugged"), tmp_path / "report.csv"
    with plugged_in(tmp_path / "boards", COUNT) as boards:
        ports = [board.port for board in boards]
        # One of them was cut between the two halves: it has its key, and this computer does not
        # know it yet.
        begun = UsbStep(UsbBoard(ports[2])).begin()
        first = home.init([*ports[:3], absent, *ports[3:]], "--report", str(report))
        assert first.exit_code == 17, first.output
        assert f"{COUNT} made, 1 failed" in first.stdout
        again = home.init(ports, "--json", "--at-once", "2")
        assert again.exit_code == 0, again.output
        seen = "\n".join([first.output, again.output, report.read_text(), *told])
        keys = [UsbBoard(port).run(LABEL_KEY).strip() for port in ports[:2]]
    rows = list(csv.DictReader(report.read_text(encoding="utf-8").splitlines()))
    made = {row["port"]: row for row in rows if row["outcome"] == "made"}
    assert [row["port"] for row in rows if row["outcome"] == "failed"] == [absent]
    assert made[ports[2]]["device_key"] == begun.device_key.hex()
    result = result_of(again)
    assert result["outcomes"] == {"known": COUNT} and result["good"] == COUNT
    for board in result["boards"]:
        assert board["serial"] == made[board["port"]]["serial"]
        assert board["device_key"] == made[board["port"]]["device_key"]
    assert sorted(row["serial"] for row in made.values()) == [f"LK-00000{n + 1}" for n in range(5)]
    check_registered(home, [made[port] for port in ports], keys, seen)


def check_registered(home: Home, made: list[dict[str, str]], keys: list[str], seen: str) -> None:
    """The registry has each board, certified, and the code that its board's key was made of
    (`keys`: of the first boards, in hex); nothing that was seen tells a code or such a key."""
    maker = home.authority("maker").public_key
    with Registry() as registry:
        for device in registry.devices():
            assert device.certificate is not None
            check_device_certificate(device.certificate, maker, device.device_id, device.public_key)
        assert registry.count() == len(made)
    codes = [home.code(row["serial"]) for row in made]
    assert len(set(codes)) == len(made)
    for row, code, key in zip(made, codes, keys, strict=False):
        assert key == label_key(code, row["device_id"]).hex()
    assert not [code for code in codes if code in seen or code[:4] + "-" in seen]
    assert not [key for key in keys if key in seen]


def test_one_board_shows_its_label_where_it_is_asked_to(home: Home, tmp_path: Path) -> None:
    with plugged_in(tmp_path / "boards", 1) as (board,):
        quiet = home.init([board.port], "--no-show-label", "--serial", "SN 7")
        assert quiet.exit_code == 0, quiet.output
        assert "SN 7" in quiet.stdout and "█" not in quiet.stdout
    drawn = home.run("label", "SN 7", "--show-label", "--labels", str(tmp_path / "again"))
    assert drawn.exit_code == 0, drawn.output
    code = home.code("SN 7")
    assert code in drawn.stdout.replace("\n", "").replace(" ", "") and "█" in drawn.stdout
    (again,) = (tmp_path / "again").glob("*.svg")
    first = home.folder / "factory" / "labels" / again.name
    assert again.read_bytes() == first.read_bytes()
    without = home.run("label", "SN 7", "--without-code", "--labels", str(tmp_path / "bare"))
    assert without.exit_code == 0
    assert code[:4] not in (tmp_path / "bare" / again.name).read_text()


def test_a_board_without_a_registry_gets_its_label_all_the_same(home: Home, tmp_path: Path) -> None:
    with plugged_in(tmp_path / "boards", 1) as (board,):
        done = home.run("init", "--port", board.port, "--registry", "none", "--authority",
                        "workshop", "--json")  # fmt: skip
    assert done.exit_code == 0, done.output
    (made,) = result_of(done)["boards"]
    assert made["outcome"] == "made" and Path(made["labels"][0]).exists()
    with Registry() as registry:
        assert registry.count() == 0


@pytest.mark.skipif(sys.platform == "win32", reason="sends SIGINT")
def test_interrupted_a_tray_tells_what_it_did_and_is_finished_later(
    home: Home, tmp_path: Path
) -> None:
    with plugged_in(tmp_path / "boards", 4) as boards:
        ports = [board.port for board in boards]
        program = [sys.executable, "-c", "from host_client.cli import main; main()"]
        running = subprocess.Popen(
            [*program, "factory", "init", *home.arguments(ports), "--at-once", "1", "--json"],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True,
        )  # fmt: skip
        try:
            # The first board is about to be written; a moment later mpremote is under way.
            wait_for(lambda: any((home.folder / "factory" / "begun").glob("*.json")))
            time.sleep(0.1)
            os.killpg(running.pid, signal.SIGINT)  # as a terminal does: to all its children too
            stdout, stderr = running.communicate(timeout=60)
        finally:
            running.kill()
            running.wait()
        assert running.returncode == 130, stderr
        partial = json.loads(stdout)["result"]
        assert 1 <= partial["good"] < 4 and partial["failed"] == 0
        assert json.loads(home.run("begun", "--json").stdout)["result"]["boards"] == []
        rest = result_of(home.init(ports, "--json"))
    assert rest["outcomes"] == {"known": partial["good"], "made": 4 - partial["good"]}
    assert len({board["serial"] for board in rest["boards"]}) == 4


def wait_for(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.02)


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["init", "--port", "p"], 17, "needs an authority"),
        (["init", "--port", "p", "--authority", "nobody"], 10, "no public key"),
        (["init", "--port", "p", "--authority", "workshop", "--policy", "none"], 17, "policy"),
        (["init", "--port", "p", "--authority", "workshop", "--profile", "none"], 17, "profile"),
        (["init", "--port", "p", "--authority", "workshop", "--serial", " x"], 17, "serial"),
        (["init", "--port", "p", "--authority", "workshop", "--plan", "absent"], 17, "absent"),
        (["init", "--port", "p", "--authority", "workshop", "--count", "0"], 2, ""),
        (["init", "--port", "p", "--authority", "workshop", "--registry", "http://x"], 13, ""),
        (["label", "nobody"], 13, "no such board"),
    ],
)
def test_exit_codes(home: Home, arguments: list[str], code: int, said: str) -> None:
    done = home.run(*arguments)
    assert done.exit_code == code, done.output
    assert said.lower() in done.output.lower()
