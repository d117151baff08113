"""`python -m tests.virtual_board`, driven as a script drives it."""

from __future__ import annotations

import asyncio
import re
import shlex
import sys
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]


async def terminal(script: str, *options: str) -> tuple[int, str]:
    """Exit code and output of a session with these commands."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.virtual_board", *options, cwd=PROJECT,
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )  # fmt: skip
    output, _ = await asyncio.wait_for(process.communicate(script.encode()), 60)
    return process.returncode or 0, output.decode()


async def test_commands_do_what_they_say() -> None:
    code, said = await terminal(
        "press\nwait window open\nstate\nnet Cafe security=open rssi=-70\nnet Workshop present=no\n"
        "nets\nled\nnonsense\nphone follows\nphone flies\nnet Cafe security=bogus\n"
        "pace 7.5\nfault no_ble=yes\ncut\nstate\n"
        "log 3\nquit\n",
        "--name", "by-hand-ab12", "--hold-ms", "300",
    )  # fmt: skip
    assert code == 0, said
    assert "Latchkey-AB12" in said
    assert "no command nonsense" in said
    assert "security is one of" in said
    assert "phone joins, phone follows or phone stays" in said
    assert "off the air" in said
    assert "Cafe" in said
    assert "no_ble=True" in said
    assert "power              on" in said
    assert "power              off" in said
    assert "Traceback" not in said


async def test_printed_lines_are_those_of_a_real_board_after_one_file_of_variables() -> None:
    _, said = await terminal("quit\n")
    lines = [line.strip() for line in said.splitlines() if line.startswith("  ")]
    (reading,) = [line for line in lines if line.startswith(". ")]
    (typed,) = [line for line in lines if line.startswith("latchkey provision http://")]
    assert shlex.split(typed)[3:] == ["--ssid", "Workshop"]
    assert "correct horse" not in said
    file = PROJECT / reading.removeprefix(". ")
    variables = dict(re.findall(r"^export (\w+)=(.*)$", file.read_text(), re.MULTILINE))
    assert shlex.split(variables["LATCHKEY_WIFI_PASSWORD"]) == ["correct horse"]
    assert (Path(shlex.split(variables["LATCHKEY_HOME"])[0]) / "known_boards").exists()
    assert file.stat().st_mode & 0o077 == 0


async def test_a_board_of_each_policy_comes_with_what_its_proof_needs() -> None:
    _, said = await terminal("quit\n", "--policy", "label", "--name", "by-hand-cd34")
    assert re.search(r"Its label: (\w{4}-){5}\w", said)
    assert "#LK1:by-hand-cd34:" in said
    (typed,) = re.findall(r"latchkey provision http://(.*)", said)
    assert typed.endswith("--label ask")
