"""Commands for orders made here and delivered elsewhere."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.table import Table
from rich.text import Text

from host_client import bundle
from host_client.cli import documents
from host_client.cli.execution import execute
from host_client.cli.offline import (
    AheadDays,
    Boards,
    BoardsPath,
    Delivery,
    ExpiresDays,
    LabelsPath,
    OrdersPath,
    SecretsPath,
    make_orders,
    offline_proof,
    order_document,
)
from host_client.cli.options import (
    DEFAULT_BOARD,
    AsJson,
    AuthorityName,
    PassphraseFile,
    TimeoutS,
    Verbose,
)
from host_client.cli.output import Output, clean
from host_client.cli.progress import ProvisionProgress
from host_client.cli.proof_input import AllowOpen, FirstUse, InstallerName, OwnerName, ProofInput
from host_client.cli.targets import read_targets
from host_client.cli.views import plain_table, show_receipt
from host_client.client import connect
from host_client.errors import BadOrder, BadReceipt, ProvisioningError, TrialFailed, status_name
from host_client.order import SealedOrder
from host_client.receipt import Receipt, read_receipt
from host_client.settings_file import load_settings
from transports.contract import OK

app = typer.Typer(help="Orders made here and delivered elsewhere.", no_args_is_help=True)

SettingsPath = Annotated[
    Path, typer.Option("--settings", "-s", metavar="FILE", help="TOML file of settings.")
]


@app.command()
def make(
    settings_file: SettingsPath,
    output: OrdersPath,
    secrets: SecretsPath,
    board: Boards = None,
    boards_file: BoardsPath = None,
    expires_days: ExpiresDays = None,
    ahead_days: AheadDays = 0.0,
    authority: AuthorityName = None,
    installer: InstallerName = None,
    owner: OwnerName = None,
    passphrase_file: PassphraseFile = None,
    labels_file: LabelsPath = None,
    first_use: FirstUse = False,
    allow_open: AllowOpen = False,
    as_json: AsJson = False,
    verbose: Verbose = False,
) -> None:
    """Make one order for each of many boards, to be delivered by somebody with no key.

    What it is proved with must fit the boards' policy: a signature (the default), --labels,
    --owner with or without --first-use, or --allow-open.
    """
    given = ProofInput(
        authority, installer, owner, first_use, allow_open, passphrase_file=passphrase_file
    )

    async def work(out: Output) -> dict[str, Any]:
        targets = read_targets(board or [], boards_file)
        settings = load_settings(settings_file)
        proof_of = offline_proof(out, given, labels_file)
        delivery = Delivery(output, secrets, expires_days, ahead_days)
        return make_orders(out, settings, targets, proof_of, delivery)

    execute("order make", work, as_json=as_json, verbose=verbose)


@app.command()
def show(
    file: Annotated[Path, typer.Argument(metavar="FILE")],
    as_json: AsJson = False,
    verbose: Verbose = False,
) -> None:
    """List the orders in a file; what they set is sealed, and not to be seen."""

    async def work(out: Output) -> dict[str, Any]:
        orders = bundle.read_orders(file)
        headings = ("Device", "Order", "Networks", "Octets")
        table = plain_table(*headings, right=headings[2:])
        for order in orders:
            name = Text(clean(order.device_id), style="bold")
            table.add_row(name, order.order_id.hex(), str(order.networks), str(len(order.data)))
        out.show(table)
        return {"orders": [order_document(order) for order in orders]}

    execute("order show", work, as_json=as_json, verbose=verbose)


@app.command()
def text(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The orders.")],
    as_json: AsJson = False,
    verbose: Verbose = False,
) -> None:
    """Print a file of orders as text, to be sent in a message and pasted into a board's page."""

    async def work(out: Output) -> dict[str, Any]:
        armored = bundle.orders_text(file)
        out.plain(armored)
        return {"text": armored}

    execute("order text", work, as_json=as_json, verbose=verbose)


@app.command()
def deliver(
    file: Annotated[
        Path,
        typer.Argument(metavar="FILE", help="The orders, a file or text; - for standard input."),
    ],
    board: Annotated[
        list[str] | None, typer.Argument(metavar="BOARD...", help="Addresses of boards.")
    ] = None,
    receipts: Annotated[
        Path | None,
        typer.Option("--receipts", "-r", metavar="FILE", help="Add the receipts to this file."),
    ] = None,
    timeout_s: TimeoutS = None,
    as_json: AsJson = False,
    verbose: Verbose = False,
) -> None:
    """Hand each board the order that is for it, and bring its receipt back. No key is needed."""

    async def work(out: Output) -> dict[str, Any]:
        orders = {order.device_id: order for order in _read_orders(file)}
        return await _deliver_all(out, board or [DEFAULT_BOARD], orders, receipts, timeout_s)

    execute("order deliver", work, as_json=as_json, verbose=verbose)


def _read_orders(file: Path) -> list[SealedOrder]:
    """Raises BadOrder."""
    if str(file) != "-":
        return bundle.read_orders(file)
    return bundle.parse_orders(sys.stdin.buffer.read(bundle.MAX_FILE + 1), "standard input")


async def _deliver_all(
    out: Output,
    urls: list[str],
    orders: dict[str, SealedOrder],
    receipts: Path | None,
    timeout_s: float | None,
) -> dict[str, Any]:
    """One board after the other; of several, one that fails does not keep the others waiting."""
    results: list[dict[str, Any]] = []
    failure: ProvisioningError | None = None
    for url in urls:
        try:
            receipt = await _deliver(out, url, orders, timeout_s)
        except ProvisioningError as error:
            if len(urls) < 2:
                raise
            failure = error
            out.note(f"{url}: {error}")
            results.append({"url": url, "receipt": None, "error": str(error)})
            continue
        if receipts is not None:
            carried = bundle.CarriedReceipt(receipt.order_id, receipt.device_id, receipt.data)
            bundle.add_receipt(receipts, carried)
        results.append({"url": url, "receipt": documents.receipt_document(receipt), "error": None})
    if failure is not None:
        out.partial = {"deliveries": results}
        raise failure
    return {"deliveries": results}


@app.command()
def check(
    file: Annotated[Path, typer.Argument(metavar="RECEIPTS")],
    secrets: SecretsPath,
    as_json: AsJson = False,
    verbose: Verbose = False,
) -> None:
    """Check receipts that were brought back. Exit 0 only if each proves that its order was kept.

    Boards that have no receipt there yet are listed and are no error.
    """

    async def work(out: Output) -> dict[str, Any]:
        known = bundle.read_secrets(secrets)
        checked = [_check(receipt, known) for receipt in bundle.read_receipts(file)]
        results = [result for result, _ in checked]
        answered = {result["order_id"] for result in results}
        missing = [
            {"order_id": order_id.hex(), "device_id": secret.device_id}
            for order_id, secret in known.items()
            if order_id.hex() not in answered
        ]
        out.show(_check_table(results, missing))
        bad = [result for result in results if not result["verified"]]
        if bad:
            raise BadReceipt(f"{len(bad)} of {len(results)} receipts prove nothing")
        for _, receipt in checked:
            if receipt is not None and receipt.result != OK:
                raise TrialFailed(receipt.result, order_id=receipt.order_id, proven=True)
        return {"receipts": results, "missing": missing}

    execute("order check", work, as_json=as_json, verbose=verbose)


async def _deliver(
    out: Output, url: str, orders: dict[str, SealedOrder], timeout_s: float | None
) -> Receipt:
    with ProvisionProgress(out) as progress:
        progress.begin(f"connecting to {url}", 0)
        async with connect(url) as link:
            info = await link.info()
            progress.finish(f"connected to {info.device_id}")
            order = orders.get(info.device_id)
            if order is None:
                raise BadOrder(f"the file has no order for {info.device_id}")
            progress.joins = order.networks > 0
            progress.begin("handing the order over", 2)
            outcome = await link.provision(
                order, timeout_s=timeout_s, on_status=progress.on_status, on_lost=progress.on_lost
            )
            progress.finish("receipt fetched")
    show_receipt(out, outcome.receipt)
    return outcome.receipt


def _check(
    carried: bundle.CarriedReceipt, known: dict[bytes, Any]
) -> tuple[dict[str, Any], Receipt | None]:
    """One receipt's result, and what it proves; `trouble` where that is nothing."""
    result: dict[str, Any] = {
        "order_id": carried.order_id.hex(),
        "device_id": carried.device_id,
        "verified": False,
        "result": None,
        "address": None,
        "trouble": None,
    }
    secret = known.get(carried.order_id)
    if secret is None:
        return result | {"trouble": "not an order of these secrets"}, None
    try:
        receipt = read_receipt(carried.data, secret)
    except BadReceipt as error:
        return result | {"trouble": str(error)}, None
    proven = {
        "device_id": receipt.device_id,
        "verified": True,
        "result": status_name(receipt.result),
        "address": receipt.address,
    }
    return result | proven, receipt


def _check_table(results: list[dict[str, Any]], missing: list[dict[str, Any]]) -> Table:
    table = plain_table("", "Device", "Result", "Address")
    for result in results:
        kept = result["verified"] and result["result"] == status_name(OK)
        mark = Text("✓", style="green") if kept else Text("✗", style="red")
        outcome = "kept" if kept else result["trouble"] or result["result"]
        address = clean(result["address"] or "")
        table.add_row(mark, Text(clean(result["device_id"]), style="bold"), clean(outcome), address)
    for entry in missing:
        mark = Text("·", style="yellow")
        table.add_row(mark, Text(clean(entry["device_id"]), style="bold"), "no receipt yet", "")
    return table
