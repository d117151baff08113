"""`python -m tests.virtual_board`, driven as a script drives it."""

from __future__ import annotations

import asyncio
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
        "nets\nled\nnonsense\nnet Cafe security=bogus\npace 7.5\nfault no_ble=yes\ncut\nstate\n"
        "log 3\nquit\n",
        "--name", "by-hand-ab12", "--hold-ms", "300",
    )  # fmt: skip
    assert code == 0, said
    assert "Latchkey-AB12" in said
    assert "no command nonsense" in said
    assert "security is one of" in said
    assert "off the air" in said
    assert "Cafe" in said
    assert "no_ble=True" in said
    assert "power              on" in said
    assert "power              off" in said
    assert "Traceback" not in said


async def test_printed_line_is_a_command_for_this_board() -> None:
    _, said = await terminal("quit\n")
    lines = [line for line in said.splitlines() if "latchkey provision http://" in line]
    assert len(lines) == 1
    words = shlex.split(lines[0])
    options = dict(zip(words[4::2], words[5::2], strict=True))
    assert words[0].startswith("LATCHKEY_HOME=")
    assert (PROJECT / options["--password-file"]).read_text() == "correct horse\n"
    assert len(bytes.fromhex(options["--device-key"])) == 32
    assert "correct horse" not in lines[0]
