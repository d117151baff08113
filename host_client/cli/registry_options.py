"""What the registry's commands share: which registry, which operator, what a device looks like."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any
from urllib.parse import urlsplit

import typer
from rich.table import Table
from rich.text import Text

from host_client.cli.output import Output, clean
from host_client.cli.secret_input import (
    PASSPHRASE_VARIABLE,
    ask,
    given_passphrase,
    only_one,
)
from host_client.cli.views import plain_table
from host_client.errors import PassphraseNeeded

if TYPE_CHECKING:
    from host_client.registry import Device, Operator, OperatorKeys, Registry

RegistryUrl = Annotated[
    str | None,
    typer.Option(
        "--registry",
        metavar="URL",
        help="sqlite:///FILE or postgresql://HOST/DATABASE; default: LATCHKEY_REGISTRY, or "
        "registry.db in LATCHKEY_HOME.",
    ),
]
OperatorName = Annotated[
    str | None,
    typer.Option("--operator", metavar="NAME", help="Not needed where there is only one."),
]
OperatorPassphrase = Annotated[
    Path | None,
    typer.Option("--passphrase-file", metavar="FILE", help="Read the operator's passphrase here."),
]


def open_registry(out: Output, url: str | None, operator: OperatorKeys | None = None) -> Registry:
    """Open it, for `with`. Raises RegistryError, MissingExtra."""
    from host_client.registry import Registry

    warn_of_password(out, url)
    return Registry(url, operator=operator)


def warn_of_password(out: Output, url: str | None) -> None:
    """Say so where a password was given as an argument."""
    try:
        has_password = url is not None and urlsplit(url).password is not None
    except ValueError:
        has_password = False
    if has_password:
        out.note(
            "A password given as an argument can be read by other users of this computer (ps): "
            "prefer LATCHKEY_REGISTRY, or a PostgreSQL password file."
        )


def operator_keys(name: str | None) -> OperatorKeys | None:
    """The public keys of a named operator; None leaves the choice to the registry."""
    from host_client.registry import OperatorStore

    return None if name is None else OperatorStore().keys(name)


def load_operator(name: str | None, passphrase_file: Path | None) -> Operator:
    """An operator's private keys, by name or the only ones here. Raises AuthorityError."""
    from host_client.registry import OperatorStore

    store = OperatorStore()
    if name is None:
        name = only_one(store.names(), "operator", "latchkey registry operator new NAME")
    passphrase = given_passphrase(passphrase_file)
    if passphrase is None:
        instead = f"give --passphrase-file, or set {PASSPHRASE_VARIABLE}"
        passphrase = ask(f"Passphrase of operator {name}", instead, PassphraseNeeded)
    return store.load(name, passphrase)


def device_document(device: Device) -> dict[str, Any]:
    """A device as JSON."""
    return {
        "serial": device.serial,
        "device_id": device.device_id,
        "device_key": device.public_key.hex(),
        "fingerprint": device.fingerprint,
        "model": device.model,
        "group": device.group,
        "batch": device.batch,
        "certificate": device.certificate.hex() if device.certificate else None,
        "policy": device.policy_name,
        "profile": device.profile_name,
        "made_ms": device.made_ms,
        "added_ms": device.added_ms,
        "has_label_code": device.has_label_code,
    }


def device_table(devices: list[Device]) -> Table:
    """Devices, a line each."""
    whole = ("Serial", "Device")
    table = plain_table(*whole, "Model", "Group", "Batch", "Policy", whole=whole)
    for device in devices:
        table.add_row(
            Text(clean(device.serial), style="bold"),
            Text(clean(device.device_id)),
            Text(clean(device.model)),
            Text(clean(device.group)),
            Text(clean(device.batch)),
            device.policy_name,
        )
    return table
