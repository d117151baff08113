"""The set-up says plainly what a machine lacks, and makes nothing half."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.house.sources import PROJECT

UNREACHABLE = "http://127.0.0.1:9/simple"  # the discard port: nothing listens there


def prepare(folder: Path, python: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run the set-up into a folder of its own; PATH and the like as they are."""
    return subprocess.run(
        [PROJECT / ".ci/prepare", folder / "venv", folder / "venv/stamp"], cwd=PROJECT,
        env={**os.environ, "PYTHON": python, **environment}, timeout=120,
        capture_output=True, text=True, check=False,
    )  # fmt: skip


def script(folder: Path, text: str) -> str:
    file = folder / "python-of-the-test"
    file.write_text(f"#!/bin/sh\n{text}\n", encoding="utf-8")
    file.chmod(0o755)
    return str(file)


def test_no_python(tmp_path: Path) -> None:
    done = prepare(tmp_path, "no-such-python")
    assert done.returncode == 1
    assert "Missing: python3 (3.10 or later)" in done.stderr


def test_an_old_python(tmp_path: Path) -> None:
    old = script(tmp_path, 'test "$1" = -V && echo Python 3.9.2 && exit 0\nexit 1')
    done = prepare(tmp_path, old)
    assert done.returncode == 1
    assert "Missing: python3 3.10 or later" in done.stderr
    assert "Python 3.9.2" in done.stderr


def test_a_python_without_venv(tmp_path: Path) -> None:
    bare = script(tmp_path, f'case "$*" in *ensurepip*) exit 1;; esac\nexec {sys.executable} "$@"')
    done = prepare(tmp_path, bare)
    assert done.returncode == 1
    assert "Missing: the venv and ensurepip modules" in done.stderr
    assert "apt-get install python3-venv" in done.stderr


@pytest.mark.parametrize("tool", ["git"])
def test_a_tool_that_is_not_there(tmp_path: Path, tool: str) -> None:
    """A PATH that holds nothing but a shell's needs."""
    for name in ("sh", "rm", "tail", "grep"):
        (tmp_path / name).symlink_to(f"/bin/{name}" if Path(f"/bin/{name}").exists()
                                     else f"/usr/bin/{name}")  # fmt: skip
    done = prepare(tmp_path, sys.executable, PATH=str(tmp_path))
    assert done.returncode == 1
    assert f"Missing: {tool}" in done.stderr


def test_no_registry(tmp_path: Path) -> None:
    settings = {"PIP_CONFIG_FILE": os.devnull, "PIP_INDEX_URL": UNREACHABLE, "PIP_RETRIES": "0",
                "PIP_DEFAULT_TIMEOUT": "2", "PIP_FIND_LINKS": ""}  # fmt: skip
    done = prepare(tmp_path, sys.executable, **settings)
    assert done.returncode == 1
    assert "Missing: a package registry that pip can reach" in done.stderr
    assert "HTTPS_PROXY" in done.stderr
    assert not (tmp_path / "venv/stamp").exists()
