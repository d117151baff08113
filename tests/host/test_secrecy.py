"""No secret leaves: not in a log at its most talkative, an error, a file, or the process list."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.host.board_in_memory import MemoryBoard
from tests.host.command_line import COMMAND, ROOT, environment, latchkey
from tests.host.conftest import PASSPHRASE

PASSWORD = "unmistakable-wifi-secret"
CREDENTIALS = "unmistakable-server-secret"


@pytest.fixture
def files(tmp_path: Path) -> Path:
    (tmp_path / "wifi.txt").write_text(PASSWORD)
    (tmp_path / "token.txt").write_text(CREDENTIALS)
    return tmp_path


class HeldFromOutside:
    """As asyncio.Event, for a board whose loop is in another thread."""

    def __init__(self) -> None:
        self._is_set = False

    def set(self) -> None:
        self._is_set = True

    async def wait(self) -> None:
        while not self._is_set:
            await asyncio.sleep(0.01)


def secrets_in(text: str) -> list[str]:
    """Which secrets a text holds, plainly or as hex."""
    secrets = (PASSWORD, CREDENTIALS, PASSPHRASE)
    return [s for s in secrets if s in text or s.encode().hex() in text.lower()]


@pytest.mark.parametrize("ssid", ["home", "wrong-key", "nowhere"])
@pytest.mark.parametrize("as_json", [True, False], ids=["json", "text"])
def test_a_verbose_run_says_much_and_no_secret(
    url: str, files: Path, home: Path, ssid: str, as_json: bool
) -> None:
    done = latchkey(
        "provision", url, "-v", "--ssid", ssid, "--password-file", str(files / "wifi.txt"),
        "--server-url", "https://example.org", "--credentials-file", str(files / "token.txt"),
        *(["--json"] if as_json else []),
    )  # fmt: skip
    assert done.code == (0 if ssid == "home" else 5)
    assert "latchkey.link.http" in done.err
    assert "POST /v1/provision" in done.err
    assert secrets_in(done.out + done.err) == []
    for path in home.rglob("*"):
        if path.is_file():
            assert secrets_in(path.read_bytes().decode("latin-1")) == [], path


@pytest.mark.parametrize(
    "more",
    [
        ("--server-url", f"https://user:{CREDENTIALS}@example.org"),
        ("--hostname", "under_score"),
        ("--authority", "absent"),
        ("--device-key", "00" * 32),
        ("--timeout", "0"),
    ],
)
def test_no_error_repeats_a_secret(url: str, files: Path, more: tuple[str, ...]) -> None:
    password = ("--password-file", str(files / "wifi.txt"))
    done = latchkey("provision", url, "-v", "--ssid", "home", *password, *more)
    assert done.code != 0
    assert secrets_in(done.out + done.err) == []


def test_a_crash_shows_no_local_variables(url: str, files: Path, home: Path) -> None:
    """An internal error is a plain traceback: rich's would print the variables of every frame."""
    breaking = (
        "import host_client.board_client as client\n"
        "def broken(*_, **__): raise RuntimeError('broken on purpose')\n"
        "client.seal_order = broken\n"
        "from host_client.cli import main; main()\n"
    )
    done = subprocess.run(
        [
            sys.executable, "-c", breaking, "provision", url, "-v", "--ssid", "home",
            "--password", PASSWORD, "--server-url", "https://example.org",
            "--credentials-file", str(files / "token.txt"),
        ],
        capture_output=True, text=True, timeout=60, cwd=ROOT, env=environment(),
    )  # fmt: skip
    assert done.returncode == 1
    assert "broken on purpose" in done.stderr
    assert secrets_in(done.stdout + done.stderr) == []


def test_a_password_as_an_argument_is_warned_about(url: str) -> None:
    done = latchkey("provision", url, "--ssid", "home", "--password", PASSWORD)
    assert done.code == 0
    assert "other users" in done.err
    assert secrets_in(done.out + done.err) == []


def test_without_a_terminal_a_missing_password_is_an_error_not_a_hang(url: str) -> None:
    done = latchkey("provision", url, "--ssid", "home", "--json", typed="")
    assert done.code == 9
    assert "--password-file" in done.error["message"]


def test_the_password_comes_from_standard_input(url: str, own_board: MemoryBoard) -> None:
    arguments = ("provision", url, "--ssid", "home", "--password-file", "-", "--json")
    assert latchkey(*arguments, typed=PASSWORD + "\n").code == 0
    assert own_board.record.settings["networks"][0][1] == PASSWORD.encode()


@pytest.mark.skipif(not Path("/proc").is_dir(), reason="reads /proc, as ps does")
def test_the_process_list_shows_no_secret_and_an_interruption_loses_no_proof(
    url: str, own_board: MemoryBoard, files: Path, home: Path
) -> None:
    """While the board tries, whoever lists processes sees the command, and the password's place."""
    own_board.wifi.hold = HeldFromOutside()
    with subprocess.Popen(
        [*COMMAND, "provision", url, "--ssid", "home", "--password-file", str(files / "wifi.txt")],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=ROOT, env=environment(),
    ) as process:  # fmt: skip
        try:
            _until(lambda: own_board.wifi.joins != [])
            shown = Path(f"/proc/{process.pid}/cmdline").read_bytes().decode()
            assert "provision" in shown
            assert secrets_in(shown) == []
        finally:
            process.send_signal(signal.SIGINT)
            _, errors = process.communicate(timeout=20)
    assert process.returncode == 130
    assert "Interrupted" in errors
    assert "Traceback" not in errors
    assert "latchkey status" in errors
    own_board.wifi.hold.set()
    _until(lambda: own_board.handler.kept)
    receipt = latchkey("receipt", url, "--json").result
    assert receipt["verified"] is True, "the secret of an interrupted order is still here"
    assert list((home / "pending").iterdir()) == []


def test_a_terminal_is_asked_without_echo(url: str, own_board: MemoryBoard) -> None:
    """On a pseudo-terminal: what is typed comes back nowhere."""
    pty = pytest.importorskip("pty", reason="no pseudo-terminals here")
    pid, master = pty.fork()
    if pid == 0:
        os.chdir(ROOT)
        os.execve(
            sys.executable,
            [*COMMAND, "provision", url, "--ssid", "home"],
            environment(TERM="xterm-256color"),
        )
    shown = ""
    typed = False
    try:
        while chunk := _read(master):
            shown += chunk
            if not typed and "Wi-Fi password of home" in shown:
                typed = True
                time.sleep(0.2)  # getpass switches the echo off right after its prompt
                os.write(master, PASSWORD.encode() + b"\n")
    finally:
        os.close(master)
        _, status = os.waitpid(pid, 0)
    assert os.waitstatus_to_exitcode(status) == 0, shown
    assert secrets_in(shown) == []
    assert own_board.record.settings["networks"][0][1] == PASSWORD.encode()


def _read(descriptor: int) -> str:
    """What the terminal shows next; nothing when its process has ended."""
    import select

    ready, _, _ = select.select([descriptor], [], [], 30)
    assert ready, "the command says nothing more"
    try:
        return os.read(descriptor, 65536).decode(errors="replace")
    except OSError:  # Linux ends a pseudo-terminal so
        return ""


def _until(condition: Callable[[], bool], seconds: float = 20) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.02)
