"""Files that only their owner may read, and that are whole or not there."""

from __future__ import annotations

import contextlib
import os
import secrets
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import platformdirs

if sys.platform != "win32":
    import fcntl

PRIVATE = 0o600
_LOCK_S = 10.0  # for others to be done; each needs some milliseconds


def make_private_folder(folder: Path) -> None:
    """Make a folder, and those above it that are missing, for their owner only. Raises OSError."""
    if not folder.is_dir():
        make_private_folder(folder.parent)  # Path.mkdir gives its mode to the last one alone
        folder.mkdir(mode=0o700, exist_ok=True)


def write_whole(path: Path, data: bytes, mode: int = PRIVATE, *, replace: bool = True) -> None:
    """Write `data` under a new name with `mode` from the start, then rename it into place.

    Raises OSError (FileExistsError where the file is there and `replace` is false).
    """
    make_private_folder(path.parent)
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        if replace:
            draft.replace(path)
        else:
            os.link(draft, path)  # unlike rename, refuses to overwrite
    finally:
        draft.unlink(missing_ok=True)


@contextlib.contextmanager
def alone(path: Path) -> Iterator[None]:
    """Inside, no other process changes this file that asks in the same way.

    The lock is on a file beside it: the file itself is another one after each change. On
    Windows there is none, and two processes at once may lose each other's changes.
    Raises OSError, TimeoutError among others.
    """
    if sys.platform == "win32":
        yield
        return
    make_private_folder(path.parent)
    lock = os.open(path.with_name(f".{path.name}.lock"), os.O_RDWR | os.O_CREAT, PRIVATE)
    try:
        _lock(lock)
        yield
    finally:
        os.close(lock)


def _lock(descriptor: int) -> None:
    if sys.platform == "win32":
        return
    end = time.monotonic() + _LOCK_S
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return
        except BlockingIOError:
            if time.monotonic() > end:
                raise TimeoutError(None, "another process does not let go of it") from None
        time.sleep(0.01)


def latchkey_home() -> Path:
    """Where keys and known boards are kept: $LATCHKEY_HOME, or the user's configuration."""
    home = os.environ.get("LATCHKEY_HOME")
    return Path(home) if home else platformdirs.user_config_path("latchkey")
