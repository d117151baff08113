"""Files that only their owner may read, and that are whole or not there."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

import platformdirs

PRIVATE = 0o600


def write_whole(path: Path, data: bytes, mode: int = PRIVATE, *, replace: bool = True) -> None:
    """Write `data` under a new name with `mode` from the start, then rename it into place.

    Raises OSError (FileExistsError where the file is there and `replace` is false).
    """
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
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


def latchkey_home() -> Path:
    """Where keys and known boards are kept: $LATCHKEY_HOME, or the user's configuration."""
    home = os.environ.get("LATCHKEY_HOME")
    return Path(home) if home else platformdirs.user_config_path("latchkey")
