"""Options that several commands share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from host_client.authority import AuthorityStore
from host_client.errors import AuthorityError
from host_client.links.http import DEFAULT_URL

BoardUrl = Annotated[
    str,
    typer.Argument(
        metavar="BOARD", envvar="LATCHKEY_URL", help="Address of the board.", show_envvar=False
    ),
]
DEFAULT_BOARD = DEFAULT_URL

AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON document on standard output.")]
Verbose = Annotated[
    bool,
    typer.Option("--verbose", "-v", help="Log to standard error, without secrets."),
]
TimeoutS = Annotated[
    float | None, typer.Option("--timeout", min=1, metavar="SECONDS", help="Total time allowed.")
]
OrderId = Annotated[
    str | None,
    typer.Option("--order", metavar="ID", help="Order id, 32 hex digits; default: the last."),
]
DeviceKey = Annotated[
    str | None,
    typer.Option(
        "--device-key",
        metavar="KEY",
        help="The board's key, as on its label: 64 hex digits, or sha256: and its fingerprint.",
    ),
]
PassphraseFile = Annotated[
    Path | None,
    typer.Option("--passphrase-file", metavar="FILE", help="Read the key's passphrase here."),
]


def complete_authority(incomplete: str) -> list[str]:
    """Names of the authorities kept here, for shell completion."""
    try:
        return [name for name in AuthorityStore().names() if name.startswith(incomplete)]
    except (OSError, AuthorityError):
        return []


AuthorityName = Annotated[
    str | None,
    typer.Option(
        "--authority",
        "-a",
        metavar="NAME|FILE",
        envvar="LATCHKEY_AUTHORITY",
        show_envvar=False,
        help="Provisioning key: its name, or a PEM file. Not needed where there is only one.",
        autocompletion=complete_authority,
    ),
]
