"""host_client/known_boards.py: a key met once is the key from then on."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from host_client.errors import ChangedKey, UntrustedBoard
from host_client.known_boards import KnownBoards

KEY, OTHER = b"k" * 32, b"o" * 32


def test_remembers_over_processes(home: Path) -> None:
    assert KnownBoards().meet("lk-1", KEY)
    assert not KnownBoards().meet("lk-1", KEY)
    with pytest.raises(ChangedKey):
        KnownBoards().meet("lk-1", OTHER)
    assert KnownBoards().get("lk-1") == KEY
    assert list(KnownBoards()) == [("lk-1", KEY)]
    assert stat.S_IMODE((home / "known_boards").stat().st_mode) == 0o600


def test_forgets(home: Path) -> None:
    KnownBoards().meet("lk-1", KEY)
    KnownBoards().meet("lk-2", KEY)
    assert KnownBoards().forget("lk-1")
    assert not KnownBoards().forget("lk-1")
    assert [name for name, _ in KnownBoards()] == ["lk-2"]
    assert KnownBoards().meet("lk-1", OTHER)


@pytest.mark.parametrize("line", ["lk-1", "lk-1 zz", "lk-1 " + "00" * 31, "lk-1 00 11", "\x00"])
def test_a_damaged_file_trusts_nobody(home: Path, line: str) -> None:
    home.mkdir()
    (home / "known_boards").write_text(f"# comment\n{line}\n")
    with pytest.raises(UntrustedBoard, match="damaged"):
        KnownBoards().meet("lk-2", KEY)


@pytest.mark.parametrize("device_id", ["", "a b", "a\nb " + "00" * 32, "\x1b[31m", "a\u2028b"])
def test_refuses_an_id_that_would_forge_a_line(home: Path, device_id: str) -> None:
    with pytest.raises(UntrustedBoard):
        KnownBoards().meet(device_id, KEY)
    assert list(KnownBoards()) == []


def test_in_memory_writes_nothing(home: Path) -> None:
    assert KnownBoards(in_memory=True).meet("lk-1", KEY)
    assert not home.exists()
