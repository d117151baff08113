"""Commands for operators, and for the secrets that are sealed to them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.text import Text

from host_client.cli.execution import execute
from host_client.cli.options import AsJson, Verbose
from host_client.cli.output import Output, clean
from host_client.cli.registry_options import (
    OperatorName,
    OperatorPassphrase,
    RegistryUrl,
    load_operator,
    open_registry,
)
from host_client.cli.secret_input import new_passphrase
from host_client.cli.views import plain_table
from host_client.fingerprint import short
from host_client.label import group_code
from host_client.registry.errors import NotRegistered, SecretRefused

if TYPE_CHECKING:
    from host_client.registry import OperatorKeys

operators = typer.Typer(help="Operators: whom label codes are sealed to.", no_args_is_help=True)
Name = Annotated[str, typer.Argument(metavar="NAME", help="Letters, digits, and _ . -")]


def register(app: typer.Typer) -> None:
    app.command()(secret)
    app.add_typer(operators, name="operator")


def secret(
    device: Annotated[
        str, typer.Argument(metavar="DEVICE", help="Serial number, device id or fingerprint.")
    ],
    operator: OperatorName = None,
    passphrase_file: OperatorPassphrase = None,
    registry: RegistryUrl = None,
    as_json: AsJson = False,
    verbose: Verbose = False,
) -> None:
    """Get a device's label code back. Needs the operator's key; is audited; so many an hour."""

    async def work(out: Output) -> dict[str, Any]:
        named = load_operator(operator, passphrase_file)
        with open_registry(out, registry, named.keys) as opened:
            found = opened.find(device)
            serial = device if found is None else found.serial
            try:
                code = opened.label_code(serial, named)
            except SecretRefused:  # and in the trail, for a device that is none as well
                if found is None:
                    raise NotRegistered("no such device is registered") from None
                raise
        out.say(group_code(code))
        return {"serial": serial, "label_code": code}

    execute("registry secret", work, as_json=as_json, verbose=verbose)


@operators.command()
def new(
    name: Name,
    passphrase_file: OperatorPassphrase = None,
    as_json: AsJson = False,
    verbose: Verbose = False,
) -> None:
    """Make an operator's keys. The private halves stay here, under a passphrase."""

    async def work(out: Output) -> dict[str, Any]:
        from host_client.registry import Operator, OperatorStore

        made = Operator.generate(name)
        path = OperatorStore().save(made, new_passphrase(passphrase_file))
        _show(out, made.keys, str(path))
        out.say(f"What makes boards needs {path.with_suffix('.pub').name} only. Keep a copy of")
        out.say("the private file safe: without it no label code can be had back.")
        return _document(made.keys) | {"file": str(path)}

    execute("registry operator new", work, as_json=as_json, verbose=verbose)


@operators.command()
def show(name: Name, as_json: AsJson = False, verbose: Verbose = False) -> None:
    """Show an operator's public keys."""

    async def work(out: Output) -> dict[str, Any]:
        from host_client.registry import OperatorStore

        keys = OperatorStore().keys(name)
        _show(out, keys, None)
        return _document(keys)

    execute("registry operator show", work, as_json=as_json, verbose=verbose)


@operators.command(name="list")
def list_operators(
    registry: RegistryUrl = None, as_json: AsJson = False, verbose: Verbose = False
) -> None:
    """List the operators that a registry gives secrets to, and how many an hour."""

    async def work(out: Output) -> dict[str, Any]:
        with open_registry(out, registry) as opened:
            found = opened.operators()
        table = plain_table("Name", "An hour", "Keys", right=("An hour",))
        for each in found:
            name = Text(clean(each.keys.name), style="bold")
            table.add_row(name, str(each.hourly_limit), short(each.keys.fingerprint))
        out.show(
            table
            if found
            else Text(
                "None yet: the first board with a label code enrols the one kept here, or "
                "`latchkey registry operator enrol NAME`."
            )
        )
        return {
            "operators": [_document(each.keys) | {"hourly_limit": each.hourly_limit}
                          for each in found]
        }  # fmt: skip

    execute("registry operator list", work, as_json=as_json, verbose=verbose)


@operators.command()
def enrol(
    name: Name,
    hourly_limit: Annotated[
        int | None,
        typer.Option("--hourly-limit", min=0, metavar="N", help="Secrets an hour; first: 10."),
    ] = None,
    registry: RegistryUrl = None,
    as_json: AsJson = False,
    verbose: Verbose = False,
) -> None:
    """Let an operator have secrets back, or change how many an hour."""

    async def work(out: Output) -> dict[str, Any]:
        from host_client.registry import OperatorStore

        keys = OperatorStore().keys(name)
        with open_registry(out, registry, keys) as opened:
            opened.enrol(keys, hourly_limit)
            limit = next(o.hourly_limit for o in opened.operators() if o.keys.digest == keys.digest)
        out.say(f"{name} may have {limit} secrets an hour.", "green")
        return _document(keys) | {"hourly_limit": limit}

    execute("registry operator enrol", work, as_json=as_json, verbose=verbose)


@operators.command()
def reseal(
    old: Annotated[str, typer.Argument(metavar="OLD", help="Whose secrets they are now.")],
    new_name: Annotated[str, typer.Argument(metavar="NEW", help="Whose they will be.")],
    passphrase_file: OperatorPassphrase = None,
    registry: RegistryUrl = None,
    as_json: AsJson = False,
    verbose: Verbose = False,
) -> None:
    """Seal all secrets of one operator to another. Needs the key and passphrase of the old one."""

    async def work(out: Output) -> dict[str, Any]:
        from host_client.registry import OperatorStore

        keys = OperatorStore().keys(new_name)
        named = load_operator(old, passphrase_file)
        with open_registry(out, registry, keys) as opened:
            done = opened.reseal(named, keys)
        out.say(f"{done.label_codes} label codes are sealed to {new_name}.", "green")
        if done.left:
            out.note(f"{done.left} secrets did not open and stay as they are")
        return {
            "label_codes": done.label_codes,
            "receipt_secrets": done.receipt_secrets,
            "left": done.left,
        }

    execute("registry operator reseal", work, as_json=as_json, verbose=verbose)


def _document(keys: OperatorKeys) -> dict[str, Any]:
    return {
        "name": keys.name,
        "fingerprint": keys.fingerprint,
        "public_keys": keys.encode().hex(),
    }


def _show(out: Output, keys: OperatorKeys, file: Path | str | None) -> None:
    out.facts(
        keys.name,
        [
            ("fingerprint", short(keys.fingerprint)),
            ("public keys", keys.encode().hex()),
            ("file", file),
        ],
    )
