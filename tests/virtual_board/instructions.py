"""What an operator at another terminal needs: an authority of its own, and what to type.

Keys, the board's key as from its label, and where the virtual radio is go into one file of
shell variables, so that the commands themselves are those that one types at a real board.
"""

from __future__ import annotations

import os
import shlex
import sys
from collections.abc import Mapping
from pathlib import Path

from host_client.authority import Authority, AuthorityStore
from host_client.known_boards import KnownBoards
from host_client.private_file import write_whole
from tests.virtual_board.air import WITHOUT_KEY, Network
from tests.virtual_board.board import Board
from tests.virtual_board.image import BUILD

NAME = "virtual"
# What agrees to each form of order (host_client/cli/proof_input.py).
_PROOFS = {
    "signed": (),
    "label": ("--label", "ask"),
    "first-use": ("--first-use", "--owner", NAME),
    "open": ("--allow-open",),
}
_PASSPHRASE = "a key for play, not for use"


def prepare_home() -> Path:
    """A LATCHKEY_HOME with the authority "virtual"; made once, kept in .build/."""
    folder = BUILD / "operator"
    store = AuthorityStore(folder / "authorities")
    if NAME not in store.names():
        store.save(Authority.generate(NAME), _PASSPHRASE)
    return folder


def lines(
    board: Board,
    environment: Mapping[str, str],
    folder: Path | None,
    authority: str,
    network: Network,
    policy: str = "signed",
) -> list[str]:
    """Shell lines that provision `board` with `network`, over REST and over Bluetooth LE.

    environment: what a program needs to find the virtual radio; empty where none can.
    folder: LATCHKEY_HOME to use, None for the user's own.
    """
    variables = dict(environment)
    if policy == "signed":
        variables["LATCHKEY_AUTHORITY"] = authority
    if folder is not None:
        variables |= {"LATCHKEY_HOME": str(folder), "LATCHKEY_PASSPHRASE": _PASSPHRASE}
    if network.password is not None:
        variables["LATCHKEY_WIFI_PASSWORD"] = network.password
    known = KnownBoards(None if folder is None else folder / "known_boards")
    known.remember(board.factory["device_id"], bytes.fromhex(board.factory["device_key"]))
    ssid = network.ssid.decode(errors="replace")
    options = ["--ssid", ssid, *(["--open"] if network.security in WITHOUT_KEY else [])]
    options += _PROOFS[policy]
    addresses = [board.http_url, *([f"ble://{board.ble_name}"] if environment else [])]
    made = [f". {_write(variables)}"]
    return made + [shlex.join(["latchkey", "provision", one, *options]) for one in addresses]


def _write(variables: Mapping[str, str]) -> str:
    """Write a file for the shell to read; its path, as short as may be."""
    file = BUILD / "env"
    scripts = Path(sys.executable).parent
    text = "".join(f"export {name}={shlex.quote(value)}\n" for name, value in variables.items())
    write_whole(file, f"{text}export PATH={shlex.quote(str(scripts))}:$PATH\n".encode())
    relative = os.path.relpath(file)
    return relative if len(relative) < len(str(file)) else str(file)
