"""What an order is proved with, and who vouches for the board, from the options."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any

import typer

from host_client.authority import Authority, AuthorityStore
from host_client.cli.label_input import read_given_label
from host_client.cli.options import complete_authority
from host_client.cli.output import Output
from host_client.cli.secret_input import load_named_authority, new_passphrase
from host_client.cose_key import read_public_key
from host_client.credentials import Credentials
from host_client.errors import AuthorityError, BadCertificate
from host_client.label import Label

_PROOF, _BOARD = "Proof", "Board"


def _option(*names: str, panel: str, help: str, **more: Any) -> Any:  # noqa: A002
    return typer.Option(*names, rich_help_panel=panel, help=help, **more)


InstallerName = Annotated[
    str | None,
    _option(
        "--installer", panel=_PROOF, metavar="NAME", autocompletion=complete_authority,
        help="Sign as an installer: a key here that has a certificate.",
    ),
]  # fmt: skip
OwnerName = Annotated[
    str | None,
    _option(
        "--owner", panel=_PROOF, metavar="NAME", autocompletion=complete_authority,
        help="Sign with the key of the board's owner.",
    ),
]  # fmt: skip
FirstUse = Annotated[
    bool,
    _option(
        "--first-use", panel=_PROOF,
        help="The board may be without an owner: then --owner, made if need be, becomes it.",
    ),
]  # fmt: skip
AllowOpen = Annotated[
    bool,
    _option("--allow-open", panel=_PROOF, help="The board may be one that obeys anybody in reach."),
]
LabelText = Annotated[
    str | None,
    _option(
        "--label", panel=_BOARD, metavar="PICTURE|FILE|TEXT",
        help="The board's label or its code: a picture or file of it, - for standard input, or "
        "ask. As TEXT, other users of this computer can read it.",
    ),
]  # fmt: skip
ManufacturerFile = Annotated[
    str | None,
    _option(
        "--manufacturer", panel=_BOARD, metavar="FILE|NAME", autocompletion=complete_authority,
        help="Public key of who certified the board.",
    ),
]  # fmt: skip


@dataclass(frozen=True)
class Means:
    """All that `connect` takes of this."""

    credentials: Credentials
    label: Label | None = field(default=None, repr=False)
    manufacturer: bytes | None = None
    device_key: str | None = None


@dataclass(frozen=True, repr=False)
class ProofInput:
    """The options of one command line, as they were given."""

    authority: str | None = None
    installer: str | None = None
    owner: str | None = None
    first_use: bool = False
    allow_open: bool = False
    label: str | None = None
    manufacturer: str | None = None
    device_key: str | None = None
    passphrase_file: Path | None = None

    def collect(self, output: Output) -> Means:
        """Load the keys and read the label.

        An owner's key that is not there is made with --first-use, and kept before any board
        hears of it. Raises AuthorityError, BadLabel, MissingExtra.
        """
        label, code = read_given_label(output, self.label) if self.label else (None, None)
        if len(self._named) > 1:
            raise AuthorityError("give one of --authority, --installer and --owner")
        if self.first_use and self.owner is None:
            raise AuthorityError("--first-use: give --owner, the key that is to own the board")
        lazy = not self.names_a_key and (code is not None or self.allow_open)
        # With a code alone nothing vouches for the board's key: a false board that asks for a
        # signed order instead would get one that it can open. With a whole label it would not.
        may_sign = lazy and (label is not None or code is None)
        credentials = Credentials(
            authority=None if lazy or self.owner else self._signer(),
            owner=self._owner(output) if self.owner else None,
            label_code=code,
            first_use=self.first_use,
            allow_open=self.allow_open,
            default_authority=self._default if may_sign else None,
        )
        manufacturer = None if self.manufacturer is None else named_public_key(self.manufacturer)
        return Means(credentials, label, manufacturer, self.device_key)

    @property
    def names_a_key(self) -> bool:
        """Whether a key to sign with was asked for, and not only left to the default."""
        return bool(self._named)

    @property
    def _named(self) -> list[str]:
        # From the environment it is a default, as the only key there is would be.
        is_default = self.authority in (None, os.environ.get("LATCHKEY_AUTHORITY"))
        given = (self.installer, self.owner, None if is_default else self.authority)
        return [name for name in given if name is not None]

    def _signer(self) -> Authority:
        if self.installer is None:
            return load_named_authority(self.authority, self.passphrase_file)
        key = load_named_authority(self.installer, self.passphrase_file)
        if key.certificate is None:
            raise BadCertificate(
                f"{self.installer} has no certificate: "
                f"latchkey installer import {self.installer} FILE"
            )
        return key

    def _owner(self, output: Output) -> Authority:
        if not self.first_use or self.owner in AuthorityStore().names():
            return load_named_authority(self.owner, self.passphrase_file)
        key = Authority.generate(str(self.owner))
        path = AuthorityStore().save(key, new_passphrase(self.passphrase_file))
        output.note(f"Made the owner's key {self.owner}: {path}. Keep a copy of it safe.")
        return key

    def _default(self) -> Authority:
        return load_named_authority(self.authority, self.passphrase_file)


def named_public_key(given: str) -> bytes:
    """A public key by the name of a key kept here, or from a file. Raises AuthorityError."""
    if given in AuthorityStore().names():
        return AuthorityStore().public_key(given)
    return read_public_key(Path(given))
