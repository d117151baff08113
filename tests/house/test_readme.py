"""The commands that README.md shows are run, so that none of them is wrong for long.

A block ```sh is run as it stands, in the project's folder. A block that cannot run here says why
in its first line: ```sh not-run: needs a board.
"""

import os
import re
import subprocess
from dataclasses import dataclass

import pytest

from tests.house.sources import PROJECT

README = PROJECT / "README.md"
FENCE = re.compile(r"^```(\w*) *(.*?)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
DEADLINE_S = 240
SHELL_LANGUAGES = ("sh", "bash", "shell", "console")


@dataclass(frozen=True)
class Block:
    """A fenced block of a shell's commands. `line`: where it begins."""

    line: int
    language: str
    note: str
    text: str

    @property
    def reason_not_to_run(self) -> str:
        return (
            self.note.removeprefix("not-run:").strip() if self.note.startswith("not-run:") else ""
        )


def shell_blocks(text: str) -> list[Block]:
    return [
        Block(text[: found.start()].count("\n") + 1, found[1], found[2], found[3])
        for found in FENCE.finditer(text)
        if found[1] in SHELL_LANGUAGES
    ]


BLOCKS = shell_blocks(README.read_text(encoding="utf-8")) if README.exists() else []


@pytest.mark.parametrize("block", BLOCKS, ids=lambda block: f"line {block.line}")
def test_runs_what_the_readme_says(block: Block) -> None:
    assert block.language == "sh", "a shell block is marked sh, so that it is run"
    if block.note.startswith("not-run:"):
        assert block.reason_not_to_run, "say why it is not run"
        pytest.skip(f"README line {block.line}: {block.reason_not_to_run}")
    if "make test" in block.text or "make check" in block.text:
        pytest.skip(f"README line {block.line}: it would run this test again")
    done = run(block.text)
    assert done.returncode == 0, f"{block.text}\n{done.stdout[-4000:]}"


def run(script: str) -> subprocess.CompletedProcess[str]:
    """Run a block; any command of it that fails, fails it."""
    path = os.pathsep.join((str(PROJECT / ".venv/bin"), os.environ.get("PATH", "")))
    return subprocess.run(
        ["sh", "-eu", "-c", script], cwd=PROJECT, env={**os.environ, "PATH": path},
        timeout=DEADLINE_S, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, text=True, check=False,
    )  # fmt: skip


def test_finds_blocks_and_their_reasons() -> None:
    text = "a\n```sh\nmake help\n```\n```python\nx\n```\n```sh not-run: needs a board\nboo\n```\n"
    first, second = shell_blocks(text)
    assert (first.line, first.text, first.reason_not_to_run) == (2, "make help\n", "")
    assert second.reason_not_to_run == "needs a board"


def test_a_command_that_fails_fails_the_block() -> None:
    assert run("false\ntrue\n").returncode != 0
    assert run("no-such-command-here\n").returncode != 0
    assert run("true\n").returncode == 0


@pytest.mark.skipif(not README.exists(), reason="there is no README.md yet")
def test_names_only_targets_that_exist() -> None:
    makefile = (PROJECT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z][a-z-]*):", makefile, re.MULTILINE))
    named = set(re.findall(r"`make ([a-z][a-z-]*)", README.read_text(encoding="utf-8")))
    for block in BLOCKS:
        named |= set(re.findall(r"^make ([a-z][a-z-]*)", block.text, re.MULTILINE))
    assert named <= targets
    assert {"demo", "test"} <= named
