"""Commands that look at a board: discover, info, scan, status, receipt, identify."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer
from rich.text import Text

from host_client.bundle import CarriedReceipt, add_receipt
from host_client.cli import documents
from host_client.cli.execution import execute
from host_client.cli.label_input import read_given_label
from host_client.cli.options import (
    DEFAULT_BOARD,
    AsJson,
    BoardUrl,
    OrderId,
    TimeoutS,
    Verbose,
)
from host_client.cli.output import Output
from host_client.cli.proof_input import LabelText, ManufacturerFile, named_public_key
from host_client.cli.views import discovery_table, scan_table, show_info, show_receipt, show_status
from host_client.client import CALL_TIMEOUT_S, TRY_S, connect
from host_client.discovery import discover
from host_client.errors import BadOrder, BoardNotFound, Refused
from host_client.known_boards import KnownBoards
from host_client.links.base import LinkOptions, schemes
from host_client.outcome import failure
from host_client.pending import PendingSecrets
from host_client.receipt import Receipt, read_receipt
from host_client.trust import Trust
from transports.contract import FAILED, NO_RECEIPT, ORDER_ID_LENGTH


def register(app: typer.Typer) -> None:
    """Add the commands to the application, in the order of its help."""
    for command in (discover_boards, info, scan, status, receipt, identify):
        name = "discover" if command is discover_boards else None
        app.command(name)(command)


def discover_boards(
    url: Annotated[
        list[str] | None, typer.Option("--url", help="Also try this HTTP address; may be repeated.")
    ] = None,
    medium: Annotated[
        list[str] | None, typer.Option("--link", help="Search this medium only (ble, http).")
    ] = None,
    seconds: Annotated[float, typer.Option("--seconds", min=0.5, help="How long to look.")] = 6.0,
    no_ask: Annotated[
        bool, typer.Option("--no-ask", help="Do not connect to what is found.")
    ] = False,
    as_json: AsJson = False,
    verbose: Verbose = False,
) -> None:
    """Find boards whose window is open, over Bluetooth and on the Wi-Fi you are on."""

    async def work(out: Output) -> dict[str, Any]:
        media = tuple(medium or ())
        if unknown := set(media) - set(schemes()):
            raise typer.BadParameter(f"no such link: {', '.join(sorted(unknown))}")
        options = LinkOptions(scan_timeout_s=seconds, urls=tuple(url or ()))
        with out.err.status("Looking for boards ..."):
            found = await discover(options, media=media, ask=not no_ask)
        for name, reason in found.failures.items():
            out.note(f"{name}: {reason}")
        if not found.boards:
            raise BoardNotFound("no board in reach has its window open")
        out.show(discovery_table(found))
        return documents.discovery_document(found)

    execute("discover", work, as_json=as_json, verbose=verbose)


def info(
    board: BoardUrl = DEFAULT_BOARD,
    label: LabelText = None,
    manufacturer: ManufacturerFile = None,
    timeout_s: TimeoutS = CALL_TIMEOUT_S,
    as_json: AsJson = False,
    verbose: Verbose = False,
) -> None:
    """Show what a board says of itself; with --label or --manufacturer, whether its key fits."""

    async def work(out: Output) -> dict[str, Any]:
        whole = read_given_label(out, label)[0] if label else None
        maker = named_public_key(manufacturer) if manufacturer else None
        # What is only looked at is not remembered.
        trust = Trust(None, KnownBoards(in_memory=True), label=whole, manufacturer=maker)
        async with connect(board, timeout_s=timeout_s or CALL_TIMEOUT_S) as link:
            found = await link.info()
        vouched = False
        try:
            if trust.is_told:
                trust.check(found.device_id, found.device_key, found.certificate)
                vouched = True
        finally:
            show_info(out, found, certified=vouched and maker is not None)
        if vouched:
            out.say("Its key is the one that was vouched for. Only a receipt proves more.", "green")
        elif label:
            out.note("A code alone vouches for no key: give the whole label.")
        return documents.info_document(found) | {"vouched": vouched}

    execute("info", work, as_json=as_json, verbose=verbose)


def scan(
    board: BoardUrl = DEFAULT_BOARD,
    fresh: Annotated[bool, typer.Option("--fresh", help="Let the board look again first.")] = False,
    timeout_s: TimeoutS = CALL_TIMEOUT_S,
    as_json: AsJson = False,
    verbose: Verbose = False,
) -> None:
    """List the Wi-Fi networks that the board sees (2.4 GHz, from where it stands)."""

    async def work(out: Output) -> dict[str, Any]:
        async with connect(board, timeout_s=timeout_s or CALL_TIMEOUT_S) as link:
            networks = await link.scan(fresh=fresh)
        out.show(scan_table(networks) if networks else Text("The board sees no network."))
        return {"networks": [documents.network_document(network) for network in networks]}

    execute("scan", work, as_json=as_json, verbose=verbose)


def status(
    board: BoardUrl = DEFAULT_BOARD,
    order: OrderId = None,
    follow: Annotated[
        bool, typer.Option("--follow", "-f", help="Stay until the order is done or has failed.")
    ] = False,
    timeout_s: TimeoutS = None,
    as_json: AsJson = False,
    verbose: Verbose = False,
) -> None:
    """Tell how far an order is. With --follow, exit with the code of how it ended."""

    async def work(out: Output) -> dict[str, Any]:
        order_id = parse_order_id(order)
        async with connect(board, timeout_s=timeout_s or CALL_TIMEOUT_S) as link:
            now = await link.current_status(order_id)
            show_status(out, now)
            if follow:
                async for now in link.status(order_id, timeout_s=timeout_s or TRY_S):
                    show_status(out, now)
        if order_id is not None and now.order_id != order_id:
            raise Refused(NO_RECEIPT)
        if follow and now.step == FAILED and now.result is not None:
            raise failure(now)
        return documents.status_document(now)

    execute("status", work, as_json=as_json, verbose=verbose)


def receipt(
    board: BoardUrl = DEFAULT_BOARD,
    order: OrderId = None,
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", metavar="FILE", help="Add it to this file of receipts."),
    ] = None,
    timeout_s: TimeoutS = None,
    as_json: AsJson = False,
    verbose: Verbose = False,
) -> None:
    """Fetch a receipt, and check it where its order was made on this computer."""

    async def work(out: Output) -> dict[str, Any]:
        order_id = parse_order_id(order)
        async with connect(board, timeout_s=timeout_s or CALL_TIMEOUT_S) as link:
            fetched = await link.receipt(order_id)
        checked = check_pending(fetched)
        if output is not None:
            add_receipt(output, CarriedReceipt(checked.order_id, checked.device_id, checked.data))
        show_receipt(out, checked)
        return documents.receipt_document(checked)

    execute("receipt", work, as_json=as_json, verbose=verbose)


def identify(
    board: BoardUrl = DEFAULT_BOARD,
    timeout_s: TimeoutS = CALL_TIMEOUT_S,
    as_json: AsJson = False,
    verbose: Verbose = False,
) -> None:
    """Let the board blink."""

    async def work(out: Output) -> dict[str, Any]:
        async with connect(board, timeout_s=timeout_s or CALL_TIMEOUT_S) as link:
            await link.identify()
        out.say("The board blinks.", "green")
        return {}

    execute("identify", work, as_json=as_json, verbose=verbose)


def parse_order_id(text: str | None) -> bytes | None:
    """An order id from 32 hex digits. Raises BadOrder."""
    if text is None:
        return None
    try:
        order_id = bytes.fromhex(text)
    except ValueError:
        order_id = b""
    if len(order_id) != ORDER_ID_LENGTH:
        raise BadOrder("an order id is 32 hexadecimal digits")
    return order_id


def check_pending(fetched: Receipt) -> Receipt:
    """Check a receipt with a secret kept here, if there is one. Raises BadReceipt."""
    pending = PendingSecrets()
    secret = pending.find(fetched.order_id)
    if secret is None:
        return fetched
    checked = read_receipt(fetched.data, secret)
    pending.drop(fetched.order_id)
    return checked
