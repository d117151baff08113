"""host_client/known_boards.py, used by several processes at the same time."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from host_client import private_file
from host_client.errors import UntrustedBoard
from host_client.known_boards import KnownBoards

ROOT = Path(__file__).resolve().parents[2]
MEET = """
import sys
from host_client.known_boards import KnownBoards
for number in range(10):
    KnownBoards().meet(f"lk-{sys.argv[1]}-{number}", bytes(32))
"""


def test_no_board_is_forgotten(home: Path) -> None:
    """A key that is forgotten would be taken on trust the next time, whatever it is."""
    processes = [
        subprocess.Popen([sys.executable, "-c", MEET, str(n)], cwd=ROOT, stderr=subprocess.PIPE)
        for n in range(4)
    ]
    for process in processes:
        process.communicate(timeout=60)
        assert process.returncode == 0
    assert len(list(KnownBoards())) == 40


def test_waits_only_so_long(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("fcntl", reason="no file locks on this system")
    monkeypatch.setattr(private_file, "_LOCK_S", 0.05)
    known = KnownBoards()
    known.meet("lk-1", bytes(32))
    assert known.path is not None
    with private_file.alone(known.path), pytest.raises(UntrustedBoard, match="let go"):
        known.meet("lk-2", bytes(32))
