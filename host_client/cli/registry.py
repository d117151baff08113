"""Commands for the registry of devices."""

from __future__ import annotations

from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.text import Text

from host_client.cli import registry_files, registry_orders, registry_secrets, registry_trail
from host_client.cli.execution import execute
from host_client.cli.options import AsJson, Verbose
from host_client.cli.output import Output
from host_client.cli.registry_options import (
    OperatorName,
    RegistryUrl,
    device_document,
    device_table,
    open_registry,
    operator_keys,
    warn_of_password,
)
from host_client.cli.secret_input import read_password_file
from host_client.errors import ProvisioningError
from host_client.fingerprint import short
from transports.names import POLICY_NAMES, PROFILE_NAMES

if TYPE_CHECKING:
    from host_client.registry import Device

app = typer.Typer(help="The registry of devices made.", no_args_is_help=True)

DeviceKey = Annotated[
    str, typer.Option("--device-key", metavar="HEX", help="Its public key, 64 hex digits.")
]
Serial = Annotated[str | None, typer.Option("--serial", help="Default: the device id.")]
Certificate = Annotated[
    Path | None, typer.Option("--certificate", metavar="FILE", help="Its certificate.")
]
Policy = Annotated[str, typer.Option("--policy", help=f"One of {', '.join(POLICY_NAMES)}.")]
Profile = Annotated[str, typer.Option("--profile", help=f"One of {', '.join(PROFILE_NAMES)}.")]
LabelCodeFile = Annotated[
    Path | None,
    typer.Option("--label-code-file", metavar="FILE", help="Its label code; - is standard input."),
]
_MAX_CERTIFICATE = 1024  # octets


@app.command()
def init(registry: RegistryUrl = None, as_json: AsJson = False, verbose: Verbose = False) -> None:
    """Make a registry; does nothing to one that is there and up to date."""
    execute("registry init", lambda out: _upgrade(out, registry), as_json=as_json, verbose=verbose)


@app.command()
def upgrade(
    registry: RegistryUrl = None, as_json: AsJson = False, verbose: Verbose = False
) -> None:
    """Bring a registry that an older Latchkey made up to date. Keep a copy of it first."""
    execute(
        "registry upgrade", lambda out: _upgrade(out, registry), as_json=as_json, verbose=verbose
    )


async def _upgrade(out: Output, url: str | None) -> dict[str, Any]:
    from host_client.registry import upgrade as bring_up_to_date

    warn_of_password(out, url)
    before, after = bring_up_to_date(url)
    with open_registry(Output("", as_json=True), url) as opened:
        if before == after:
            out.say(f"{opened.name} is up to date (schema {after}).")
        else:
            out.say(f"{opened.name} is ready (schema {after}).", "green")
        return {"registry": opened.name, "from": before, "to": after}


@app.command()
def add(
    device_id: Annotated[str, typer.Argument(metavar="DEVICE-ID")],
    device_key: DeviceKey,
    serial: Serial = None,
    model: Annotated[str, typer.Option("--model")] = "",
    group: Annotated[str, typer.Option("--group")] = "",
    batch: Annotated[str, typer.Option("--batch")] = "",
    certificate: Certificate = None,
    policy: Policy = POLICY_NAMES[0],
    profile: Profile = PROFILE_NAMES[0],
    label_code_file: LabelCodeFile = None,
    operator: OperatorName = None,
    registry: RegistryUrl = None,
    as_json: AsJson = False,
    verbose: Verbose = False,
) -> None:
    """Register a device by hand; the same again changes nothing."""

    async def work(out: Output) -> dict[str, Any]:
        from host_client.registry import NewDevice

        code = None if label_code_file is None else read_password_file(label_code_file).strip()
        new = NewDevice(
            device_id, _octets(device_key), serial, model, group, batch, _read(certificate),
            _choice("policy", policy, POLICY_NAMES), _choice("profile", profile, PROFILE_NAMES),
            label_code=code,
        )  # fmt: skip
        with open_registry(out, registry, operator_keys(operator)) as opened:
            found = opened.add_device(new)
        out.say(f"{found.serial} is registered.", "green")
        return device_document(found)

    execute("registry add", work, as_json=as_json, verbose=verbose)


@app.command(name="list")
def list_devices(
    batch: Annotated[str | None, typer.Option("--batch", help="Of this batch only.")] = None,
    limit: Annotated[int, typer.Option("--limit", min=1, help="At most so many.")] = 100,
    registry: RegistryUrl = None,
    as_json: AsJson = False,
    verbose: Verbose = False,
) -> None:
    """List devices, in the order in which they were registered."""

    async def work(out: Output) -> dict[str, Any]:
        with open_registry(out, registry) as opened:
            found = list(islice(opened.devices(batch=batch), limit + 1))
        return _show_list(out, found[:limit], more=len(found) > limit)

    execute("registry list", work, as_json=as_json, verbose=verbose)


@app.command()
def find(
    text: Annotated[str, typer.Argument(metavar="TEXT")],
    registry: RegistryUrl = None,
    as_json: AsJson = False,
    verbose: Verbose = False,
) -> None:
    """Find devices by serial number or device id, whole or its beginning, or by fingerprint."""

    async def work(out: Output) -> dict[str, Any]:
        with open_registry(out, registry) as opened:
            found = opened.search(text, 51)
        return _show_list(out, found[:50], more=len(found) > 50)

    execute("registry find", work, as_json=as_json, verbose=verbose)


@app.command()
def show(
    device: Annotated[
        str, typer.Argument(metavar="DEVICE", help="Serial number, device id or fingerprint.")
    ],
    registry: RegistryUrl = None,
    as_json: AsJson = False,
    verbose: Verbose = False,
) -> None:
    """Show all that is known of a device, but for its label code."""

    async def work(out: Output) -> dict[str, Any]:
        from host_client.registry.errors import NotRegistered

        with open_registry(out, registry) as opened:
            found = opened.find(device)
            if found is None:
                raise NotRegistered("no such device is registered")
            orders = opened.orders(device_id=found.device_id)
        _show(out, found, len(orders))
        return device_document(found) | {"orders": len(orders)}

    execute("registry show", work, as_json=as_json, verbose=verbose)


def _show_list(out: Output, found: list[Device], *, more: bool) -> dict[str, Any]:
    out.show(device_table(found) if found else Text("None."))
    if more:
        out.say("There are more.", "dim")
    return {"devices": [device_document(device) for device in found], "more": more}


def _show(out: Output, device: Device, orders: int) -> None:
    from host_client.registry.csv_rows import time_text

    out.facts(
        device.serial,
        [
            ("device", device.device_id),
            ("key", device.public_key.hex()),
            ("fingerprint", short(device.fingerprint)),
            ("model", device.model),
            ("group", device.group),
            ("batch", device.batch),
            ("policy", device.policy_name),
            ("profile", device.profile_name),
            ("certificate", "yes" if device.certificate else "none"),
            ("label code", "sealed" if device.has_label_code else "none"),
            ("made", time_text(device.made_ms)),
            ("orders", orders),
        ],
    )


def _octets(text: str) -> bytes:
    try:
        return bytes.fromhex(text)
    except ValueError:
        raise _usage("a device key is 64 hexadecimal digits") from None


def _choice(name: str, text: str, names: tuple[str, ...]) -> int:
    if text not in names:
        raise _usage(f"a {name} is one of {', '.join(names)}")
    return names.index(text)


def _read(path: Path | None) -> bytes | None:
    if path is None:
        return None
    try:
        with path.open("rb") as file:
            return file.read(_MAX_CERTIFICATE + 1)
    except OSError as error:
        raise _usage(f"cannot read {path}: {error.strerror}") from error


def _usage(message: str) -> ProvisioningError:
    from host_client.registry.errors import BadRow

    return BadRow(message)


registry_secrets.register(app)
registry_orders.register(app)
registry_files.register(app)
registry_trail.register(app)
