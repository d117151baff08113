"""Commands of a board's owner: make or import the key, hand the board on, let go of it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from host_client.authority import Authority, AuthorityStore, read_pem
from host_client.cli.delivery import give
from host_client.cli.execution import execute
from host_client.cli.options import (
    DEFAULT_BOARD,
    AsJson,
    BoardUrl,
    DeviceKey,
    PassphraseFile,
    TimeoutS,
    Verbose,
)
from host_client.cli.output import Output
from host_client.cli.proof_input import (
    LabelText,
    ManufacturerFile,
    OwnerName,
    ProofInput,
    named_public_key,
)
from host_client.cli.secret_input import new_passphrase, passphrase_of
from host_client.errors import AuthorityError, PassphraseNeeded
from host_client.fingerprint import fingerprint, short
from host_client.settings import parse_settings

app = typer.Typer(
    help="Ownership of boards (policy first-use): keys, transfer, release.", no_args_is_help=True
)


@app.command()
def new(
    name: Annotated[str, typer.Argument(metavar="NAME", help="Letters, digits, and _ . -")],
    passphrase_file: PassphraseFile = None,
    as_json: AsJson = False,
    verbose: Verbose = False,
) -> None:
    """Make an owner's key. `provision --first-use --owner NAME` gives a board to it."""

    async def work(out: Output) -> dict[str, Any]:
        owner = Authority.generate(name)
        path = AuthorityStore().save(owner, new_passphrase(passphrase_file))
        rows = [("fingerprint", short(owner.fingerprint)), ("file", str(path))]
        out.facts(name, list(rows))
        out.say("Keep a copy of the file safe: without it nobody can change the boards it owns,")
        out.say("and only under profile consumer does a wipe make them anybody's again.")
        return _document(name, owner, path)

    execute("owner new", work, as_json=as_json, verbose=verbose)


@app.command(name="import")
def import_key(
    name: Annotated[str, typer.Argument(metavar="NAME", help="What to call it here.")],
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The key file (PEM).")],
    passphrase_file: PassphraseFile = None,
    as_json: AsJson = False,
    verbose: Verbose = False,
) -> None:
    """Keep an owner's key that was made elsewhere: the file that a board's page let you save."""

    async def work(out: Output) -> dict[str, Any]:
        owner = _import(name, file, passphrase_file)
        path = AuthorityStore().folder / f"{name}.pem"
        rows = [("fingerprint", short(owner.fingerprint)), ("file", str(path))]
        out.facts(name, list(rows))
        return _document(name, owner, path)

    execute("owner import", work, as_json=as_json, verbose=verbose)


def _import(name: str, file: Path, passphrase_file: Path | None) -> Authority:
    """An encrypted key is kept as it is, any other one under a new passphrase."""
    pem, store = read_pem(file, name), AuthorityStore()
    try:
        owner = Authority.from_pem(pem, None, name)
    except PassphraseNeeded:
        return store.save_file(name, pem, passphrase_of(f"key file {file}", passphrase_file))
    store.save(owner, new_passphrase(passphrase_file))
    return owner


@app.command()
def transfer(
    to: Annotated[
        str, typer.Option("--to", metavar="FILE|NAME", help="The next owner's public key.")
    ],
    board: BoardUrl = DEFAULT_BOARD,
    owner: OwnerName = None,
    passphrase_file: PassphraseFile = None,
    label: LabelText = None,
    manufacturer: ManufacturerFile = None,
    device_key: DeviceKey = None,
    timeout_s: TimeoutS = None,
    as_json: AsJson = False,
    verbose: Verbose = False,
) -> None:
    """Hand a board to another owner, its settings with it. Only profile consumer allows it."""

    async def work(out: Output) -> dict[str, Any]:
        key = named_public_key(to)
        proof = _proof(owner, label, manufacturer, device_key, passphrase_file)
        settings = parse_settings({"trust": {"owner": key}})
        result = await give(out, board, settings, proof.collect(out), timeout_s)
        out.say(f"Its owner is now {short(fingerprint(key))}.", "green")
        return result | {"owner": fingerprint(key)}

    execute("owner transfer", work, as_json=as_json, verbose=verbose)


@app.command()
def release(
    board: BoardUrl = DEFAULT_BOARD,
    owner: OwnerName = None,
    passphrase_file: PassphraseFile = None,
    label: LabelText = None,
    manufacturer: ManufacturerFile = None,
    device_key: DeviceKey = None,
    timeout_s: TimeoutS = None,
    as_json: AsJson = False,
    verbose: Verbose = False,
) -> None:
    """Let go of a board: it wipes its settings and its owner. Only profile consumer allows it."""

    async def work(out: Output) -> dict[str, Any]:
        proof = _proof(owner, label, manufacturer, device_key, passphrase_file)
        settings = parse_settings({"trust": {"release": True}})
        result = await give(out, board, settings, proof.collect(out), timeout_s)
        out.say("The board has no owner and no settings any more.", "green")
        return result

    execute("owner release", work, as_json=as_json, verbose=verbose)


def _document(name: str, owner: Authority, path: Path) -> dict[str, Any]:
    return {
        "name": name,
        "public_key": owner.public_key.hex(),
        "fingerprint": owner.fingerprint,
        "file": str(path),
    }


def _proof(
    owner: str | None, label: str | None, manufacturer: str | None, device_key: str | None,
    passphrase_file: Path | None,
) -> ProofInput:  # fmt: skip
    """What only an owner has; which one must be said. Raises AuthorityError."""
    if owner is None:
        raise AuthorityError("which owner? give --owner NAME")
    return ProofInput(
        owner=owner, label=label, manufacturer=manufacturer, device_key=device_key,
        passphrase_file=passphrase_file,
    )  # fmt: skip
