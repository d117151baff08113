"""What an operator at another terminal needs: an authority of its own, and what to type."""

from __future__ import annotations

import os
import shlex
import sys
from collections.abc import Mapping
from pathlib import Path

from host_client.authority import Authority, AuthorityStore
from host_client.private_file import write_whole
from tests.virtual_board.air import WITHOUT_KEY, Network
from tests.virtual_board.board import Board
from tests.virtual_board.image import BUILD

NAME = "virtual"
_PASSPHRASE = b"a key for play, not for use\n"


def prepare_home() -> Path:
    """A LATCHKEY_HOME with the authority "virtual"; made once, kept in .build/."""
    folder = BUILD / "operator"
    store = AuthorityStore(folder / "authorities")
    if NAME not in store.names():
        store.save(Authority.generate(NAME), _PASSPHRASE.decode().strip())
    write_whole(folder / "passphrase.txt", _PASSPHRASE)
    return folder


def lines(
    board: Board,
    environment: Mapping[str, str],
    folder: Path | None,
    authority: str,
    network: Network,
) -> list[str]:
    """Shell lines that provision `board` with `network`, over REST and over Bluetooth LE.

    environment: what a program needs to find the virtual radio; empty where none can.
    folder: LATCHKEY_HOME to use, None for the user's own.
    """
    latchkey = _short(Path(sys.executable).parent / "latchkey")
    options = ["--authority", authority, "--device-key", str(board.factory["device_key"])]
    if folder is not None:
        options += ["--passphrase-file", _short(folder / "passphrase.txt")]
    options += ["--ssid", network.ssid.decode(errors="replace")]
    if network.security in WITHOUT_KEY:
        options.append("--open")
    else:
        password = folder / "password.txt" if folder else BUILD / "password.txt"
        write_whole(password, (network.password or "").encode() + b"\n")
        options += ["--password-file", _short(password)]
    home = {"LATCHKEY_HOME": _short(folder)} if folder is not None else {}
    made = [_line(home, latchkey, "provision", board.http_url, *options)]
    if environment:
        address = f"ble://{board.ble_name}"
        made.append(_line({**home, **environment}, latchkey, "provision", address, *options))
    return made


def _line(variables: Mapping[str, str], *words: str) -> str:
    settings = [f"{name}={shlex.quote(value)}" for name, value in variables.items()]
    return " ".join([*settings, shlex.join(words)])


def _short(path: Path) -> str:
    relative = os.path.relpath(path)
    return relative if len(relative) < len(str(path)) else str(path)
