"""The command for the audit trail."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.text import Text

from host_client.cli.execution import execute
from host_client.cli.options import AsJson, Verbose
from host_client.cli.output import Output, clean
from host_client.cli.registry_options import RegistryUrl, open_registry
from host_client.cli.views import plain_table
from host_client.fingerprint import PREFIX, short
from transports.contract import ORDER_ID_LENGTH

if TYPE_CHECKING:
    from host_client.registry import Entry


def register(app: typer.Typer) -> None:
    app.command()(audit)


def audit(
    newest: Annotated[int, typer.Option("--newest", min=0, help="So many entries.")] = 50,
    verify: Annotated[
        bool, typer.Option("--verify", help="Follow the chain of all entries from the first.")
    ] = False,
    noted: Annotated[
        str | None,
        typer.Option("--noted", metavar="HEAD", help="A head noted earlier must still be there."),
    ] = None,
    registry: RegistryUrl = None,
    as_json: AsJson = False,
    verbose: Verbose = False,
) -> None:
    """Show the audit trail, or check that nobody has changed it."""

    async def work(out: Output) -> dict[str, Any]:
        from host_client.registry import Head

        expected = None if noted is None else Head.parse(noted)
        with open_registry(out, registry) as opened:
            if verify or noted is not None:
                head = opened.verify_audit(expected)
                out.say(f"All {head.number} entries fit together.", "green")
                out.say(f"Note this head elsewhere, for --noted: {head}")
                return {"entries": head.number, "head": str(head)}
            return _list(out, list(opened.audit(newest=newest)))

    execute("registry audit", work, as_json=as_json, verbose=verbose)


def _list(out: Output, entries: list[Entry]) -> dict[str, Any]:
    from host_client.registry.csv_rows import time_text

    table = plain_table(
        "#",
        "When (UTC)",
        "Who",
        "What",
        "Serial",
        "",
        right=("#",),
        whole=("#", "When (UTC)", "Serial"),
    )
    for entry in entries:
        table.add_row(
            str(entry.number),
            _second(time_text(entry.at_ms)),
            Text(clean(entry.actor)),
            Text(entry.action, style="bold"),
            Text(clean(entry.subject)),
            Text(clean(_about(entry)), style="dim"),
        )
    out.show(table)
    return {
        "entries": [
            {
                "number": entry.number,
                "at_ms": entry.at_ms,
                "actor": entry.actor,
                "action": entry.action,
                "subject": entry.subject,
                "detail": entry.detail,
                "digest": entry.digest.hex(),
            }
            for entry in entries
        ]
    }


def _about(entry: Entry) -> str:
    """What an entry says besides, for people: its device goes by its serial number already."""
    told = {
        key: _brief(value)
        for key, value in entry.detail.items()
        if value not in (None, "") and not (key == "device_id" and entry.subject)
    }
    return ", ".join(f"{key} {value}" for key, value in told.items())


def _second(moment: str) -> str:
    """A moment of ISO 8601 in UTC, for people: to the second."""
    return moment[:19].replace("T", " ")


def _brief(value: object) -> str:
    """A value of an entry for people: of a digest and of an order's id its beginning."""
    text = str(value)
    if len(text) == 2 * ORDER_ID_LENGTH and not text.strip("0123456789abcdef"):
        return f"{text[:8]}..."
    return short(text)[:19] if text.startswith(PREFIX) else text
