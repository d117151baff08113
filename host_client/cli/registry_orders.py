"""Commands for the orders and receipts that the registry keeps."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.text import Text

from host_client.bundle import read_orders, read_receipts, read_secrets
from host_client.cli.execution import execute
from host_client.cli.options import AsJson, Verbose
from host_client.cli.output import Output, clean
from host_client.cli.registry_options import (
    OperatorName,
    OperatorPassphrase,
    RegistryUrl,
    load_operator,
    open_registry,
    operator_keys,
)
from host_client.cli.views import plain_table
from host_client.errors import BadOrder, status_name
from transports.contract import ORDER_ID_LENGTH

if TYPE_CHECKING:
    from host_client.registry import GotReceipt

Device = Annotated[str | None, typer.Option("--device", metavar="ID", help="Of this device only.")]


def register(app: typer.Typer) -> None:
    for command in (orders, receipts, give, take, withdraw):
        app.command()(command)


def orders(
    device: Device = None,
    state: Annotated[
        str | None,
        typer.Option("--state", help="pending, answered, done, failed or withdrawn."),
    ] = None,
    registry: RegistryUrl = None,
    as_json: AsJson = False,
    verbose: Verbose = False,
) -> None:
    """List orders, newest first, at most 1,000."""

    async def work(out: Output) -> dict[str, Any]:
        with open_registry(out, registry) as opened:
            found = opened.orders(device_id=device, state=state)
        table = plain_table("Order", "Serial", "State", "Sequence", right=("Sequence",))
        for order in found:
            sequence = "" if order.sequence is None else str(order.sequence)
            table.add_row(order.order_id.hex(), clean(order.serial), order.state, sequence)
        out.show(table if found else Text("None."))
        return {
            "orders": [
                {
                    "order_id": order.order_id.hex(),
                    "device_id": order.device_id,
                    "serial": order.serial,
                    "state": order.state,
                    "sequence": order.sequence,
                    "octets": len(order.data),
                    "expires_s": order.expires_s,
                    "given_ms": order.given_ms,
                }
                for order in found
            ]
        }

    execute("registry orders", work, as_json=as_json, verbose=verbose)


def receipts(
    device: Device = None,
    check: Annotated[
        bool, typer.Option("--check", help="Check what has not been; needs the operator's key.")
    ] = False,
    operator: OperatorName = None,
    passphrase_file: OperatorPassphrase = None,
    registry: RegistryUrl = None,
    as_json: AsJson = False,
    verbose: Verbose = False,
) -> None:
    """List receipts, newest first, at most 1,000."""

    async def work(out: Output) -> dict[str, Any]:
        named = load_operator(operator, passphrase_file) if check else None
        with open_registry(out, registry) as opened:
            checked = opened.check_receipts(named) if named is not None else []
            found = opened.receipts(device_id=device)
        table = plain_table("Order", "Serial", "Result", "Address", "Checked")
        for got in found:
            result = status_name(got.result)
            address = clean(got.address or "")
            table.add_row(got.order_id.hex(), clean(got.serial), result, address, got.checked)
        out.show(table if found else Text("None."))
        return {
            "checked": [{"order_id": o.order_id.hex(), "state": o.state} for o in checked],
            "receipts": [_receipt_document(got) for got in found],
        }

    execute("registry receipts", work, as_json=as_json, verbose=verbose)


def give(
    file: Annotated[Path, typer.Argument(metavar="ORDERS", help="As `order make` writes it.")],
    secrets: Annotated[
        Path | None,
        typer.Option("--secrets", metavar="FILE", help="Keep what checks their receipts, sealed."),
    ] = None,
    operator: OperatorName = None,
    registry: RegistryUrl = None,
    as_json: AsJson = False,
    verbose: Verbose = False,
) -> None:
    """Keep orders of a file for their boards, for the bootstrap server to hand out."""

    async def work(out: Output) -> dict[str, Any]:
        known = read_secrets(secrets) if secrets is not None else {}
        new = 0
        with open_registry(out, registry, operator_keys(operator)) as opened:
            for order in read_orders(file):
                secret = known.get(order.order_id)
                new += opened.record_order(
                    replace(order, secret=secret),
                    sequence=order.sequence,
                    expires_s=order.expires_s,
                )
        out.say(f"{new} new orders are pending.", "green")
        return {"new": new}

    execute("registry give", work, as_json=as_json, verbose=verbose)


def take(
    file: Annotated[Path, typer.Argument(metavar="RECEIPTS", help="As it was carried back.")],
    secrets: Annotated[
        Path | None, typer.Option("--secrets", metavar="FILE", help="Check them with these.")
    ] = None,
    registry: RegistryUrl = None,
    as_json: AsJson = False,
    verbose: Verbose = False,
) -> None:
    """Keep receipts of a file beside their orders."""

    async def work(out: Output) -> dict[str, Any]:
        known = read_secrets(secrets) if secrets is not None else {}
        found = read_receipts(file)
        with open_registry(out, registry) as opened:
            for receipt in found:
                opened.record_receipt(receipt.data, known.get(receipt.order_id))
        out.say(f"{len(found)} receipts are kept.", "green")
        return {"receipts": len(found)}

    execute("registry take", work, as_json=as_json, verbose=verbose)


def withdraw(
    order: Annotated[str, typer.Argument(metavar="ORDER-ID", help="32 hexadecimal digits.")],
    registry: RegistryUrl = None,
    as_json: AsJson = False,
    verbose: Verbose = False,
) -> None:
    """Hand a pending order out no more. A board that has it already may still take it."""

    async def work(out: Output) -> dict[str, Any]:
        try:
            order_id = bytes.fromhex(order)
        except ValueError:
            order_id = b""
        if len(order_id) != ORDER_ID_LENGTH:
            raise BadOrder("an order id is 32 hexadecimal digits")
        with open_registry(out, registry) as opened:
            opened.withdraw_order(order_id)
        out.say(f"Order {order_id.hex()} is withdrawn.", "green")
        return {"order_id": order_id.hex()}

    execute("registry withdraw", work, as_json=as_json, verbose=verbose)


def _receipt_document(got: GotReceipt) -> dict[str, Any]:
    return {
        "order_id": got.order_id.hex(),
        "device_id": got.device_id,
        "serial": got.serial,
        "result": got.result,
        "name": status_name(got.result),
        "address": got.address,
        "checked": got.checked,
        "got_ms": got.got_ms,
    }
