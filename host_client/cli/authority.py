"""Commands for provisioning keys."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer
from rich.text import Text

from host_client.authority import ALGORITHMS, Authority, AuthorityStore
from host_client.cli.execution import execute
from host_client.cli.offline import (
    Boards,
    BoardsPath,
    Delivery,
    ExpiresDays,
    OrdersPath,
    SecretsPath,
    make_orders,
)
from host_client.cli.options import (
    AsJson,
    AuthorityName,
    PassphraseFile,
    Verbose,
    complete_authority,
)
from host_client.cli.output import Output, clean
from host_client.cli.proof_input import named_public_key
from host_client.cli.secret_input import load_named_authority, new_passphrase
from host_client.cli.targets import read_targets
from host_client.cli.views import plain_table
from host_client.errors import AuthorityError
from host_client.fingerprint import fingerprint, short
from host_client.private_file import write_whole
from host_client.proof import SignedBy
from host_client.settings import parse_settings

app = typer.Typer(help="Provisioning keys: make, list, show, export, rotate.", no_args_is_help=True)

Name = Annotated[str, typer.Argument(metavar="NAME", autocompletion=complete_authority)]


@app.command()
def new(
    name: Annotated[str, typer.Argument(metavar="NAME", help="Letters, digits, and _ . -")],
    algorithm: Annotated[
        str, typer.Option("--algorithm", help=f"One of {', '.join(ALGORITHMS)}.")
    ] = "ed25519",
    passphrase_file: PassphraseFile = None,
    as_json: AsJson = False,
    verbose: Verbose = False,
) -> None:
    """Make a provisioning key. Its private half stays here, under a passphrase."""

    async def work(out: Output) -> dict[str, Any]:
        authority = Authority.generate(name, algorithm)
        path = AuthorityStore().save(authority, new_passphrase(passphrase_file))
        _show(out, name, authority.public_key, str(path))
        out.say("Boards must learn the public key at the factory. Keep a copy of the file safe:")
        out.say("who has it and the passphrase can provision every board that trusts it.")
        return _document(name, authority.public_key) | {"file": str(path)}

    execute("authority new", work, as_json=as_json, verbose=verbose)


@app.command(name="list")
def list_authorities(as_json: AsJson = False, verbose: Verbose = False) -> None:
    """List the provisioning keys kept here."""

    async def work(out: Output) -> dict[str, Any]:
        store = AuthorityStore()
        documents = [_document(name, store.public_key(name)) for name in store.names()]
        table = plain_table("Name", "Algorithm", "Fingerprint")
        for entry in documents:
            table.add_row(
                Text(clean(entry["name"]), style="bold"),
                entry["algorithm"],
                short(entry["fingerprint"]),
            )
        out.show(table if documents else Text("None yet: latchkey authority new NAME"))
        return {"authorities": documents}

    execute("authority list", work, as_json=as_json, verbose=verbose)


@app.command()
def show(name: Name, as_json: AsJson = False, verbose: Verbose = False) -> None:
    """Show a public key, as the factory step takes it."""

    async def work(out: Output) -> dict[str, Any]:
        public_key = AuthorityStore().public_key(name)
        _show(out, name, public_key, None)
        return _document(name, public_key)

    execute("authority show", work, as_json=as_json, verbose=verbose)


@app.command()
def export(
    name: Name,
    output: Annotated[Path, typer.Option("--output", "-o", metavar="FILE", help="Where to.")],
    as_json: AsJson = False,
    verbose: Verbose = False,
) -> None:
    """Write a public key to a file, as a COSE_Key, for the factory step."""

    async def work(out: Output) -> dict[str, Any]:
        public_key = AuthorityStore().public_key(name)
        try:
            write_whole(output, public_key)
        except OSError as error:
            raise AuthorityError(f"cannot write {output}: {error.strerror}") from error
        out.say(f"Wrote the public key of {name} to {output}.", "green")
        return _document(name, public_key) | {"file": str(output)}

    execute("authority export", work, as_json=as_json, verbose=verbose)


@app.command()
def rotate(
    new_key: Annotated[
        str, typer.Argument(metavar="NEW", help="The new authority: its name, or its public key.")
    ],
    output: OrdersPath,
    secrets: SecretsPath,
    board: Boards = None,
    boards_file: BoardsPath = None,
    expires_days: ExpiresDays = None,
    authority: AuthorityName = None,
    passphrase_file: PassphraseFile = None,
    as_json: AsJson = False,
    verbose: Verbose = False,
) -> None:
    """Make the orders that move boards to a new authority, signed by the old one (--authority).

    Deliver them with `latchkey order deliver`. A board that has kept its order obeys the new
    key only; the old one must be kept until every receipt is there.
    """

    async def work(out: Output) -> dict[str, Any]:
        targets = read_targets(board or [], boards_file)
        signer = load_named_authority(authority, passphrase_file)
        key = named_public_key(new_key)
        if key == signer.public_key:
            raise AuthorityError("the new authority is the one that signs: name the old with -a")
        settings = parse_settings({"trust": {"authority": key}})
        proof = SignedBy(signer)
        delivery = Delivery(output, secrets, expires_days)
        made = make_orders(out, settings, targets, lambda target: proof, delivery)
        return made | {"authority": fingerprint(key)}

    execute("authority rotate", work, as_json=as_json, verbose=verbose)


def _algorithm(public_key: bytes) -> str:
    """Which of the two: key type 1 is OKP, 2 is EC2 (RFC 9053 section 7)."""
    return "ed25519" if public_key[2:3] == b"\x01" else "p256"


def _document(name: str, public_key: bytes) -> dict[str, Any]:
    return {
        "name": name,
        "algorithm": _algorithm(public_key),
        "public_key": public_key.hex(),
        "fingerprint": fingerprint(public_key),
    }


def _show(out: Output, name: str, public_key: bytes, path: str | None) -> None:
    out.facts(
        name,
        [
            ("algorithm", _algorithm(public_key)),
            ("fingerprint", short(fingerprint(public_key))),
            ("public key", public_key.hex()),
            ("file", path),
        ],
    )
