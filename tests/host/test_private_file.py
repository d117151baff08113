"""Folders of secrets are their owner's, every one that was made on the way."""

from __future__ import annotations

import os
import stat
import sys
from pathlib import Path

import pytest

from host_client.private_file import make_private_folder, write_whole


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no modes")
def test_makes_private_every_folder_that_is_missing(tmp_path: Path) -> None:
    there = tmp_path / "there"
    there.mkdir()
    there.chmod(0o755)
    before = os.umask(0o022)
    try:
        write_whole(there / "home" / "factory" / "key", b"secret")
    finally:
        os.umask(before)
    folders = (there / "home", there / "home" / "factory")
    assert [mode(folder) for folder in folders] == [0o700, 0o700]
    assert mode(there / "home" / "factory" / "key") == 0o600
    assert mode(there) == 0o755  # not ours to change


def test_refuses_a_file_in_the_place_of_a_folder(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(OSError, match="file"):
        make_private_folder(tmp_path / "file" / "folder")
