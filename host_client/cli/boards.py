"""Commands for the boards met before."""

from __future__ import annotations

from typing import Annotated, Any

import typer
from rich.text import Text

from host_client.cli.execution import execute
from host_client.cli.options import AsJson, Verbose
from host_client.cli.output import Output, clean
from host_client.cli.views import plain_table
from host_client.errors import UntrustedBoard
from host_client.fingerprint import fingerprint, short
from host_client.known_boards import KnownBoards

app = typer.Typer(help="Boards met before, and the keys they showed.", no_args_is_help=True)


@app.command(name="list")
def list_boards(as_json: AsJson = False, verbose: Verbose = False) -> None:
    """List the boards met before."""

    async def work(out: Output) -> dict[str, Any]:
        known = list(KnownBoards())
        table = plain_table("Device", "Key")
        for device_id, key in known:
            table.add_row(Text(clean(device_id), style="bold"), short(fingerprint(key)))
        out.show(table if known else Text("None yet."))
        return {
            "boards": [
                {"device_id": name, "device_key": key.hex(), "fingerprint": fingerprint(key)}
                for name, key in known
            ]
        }

    execute("boards list", work, as_json=as_json, verbose=verbose)


@app.command()
def forget(
    device_id: Annotated[str, typer.Argument(metavar="DEVICE-ID")],
    as_json: AsJson = False,
    verbose: Verbose = False,
) -> None:
    """Forget a board's key, so that a new one is taken on the next meeting."""

    async def work(out: Output) -> dict[str, Any]:
        if not KnownBoards().forget(device_id):
            unknown = UntrustedBoard(f"no board {device_id} is known here")
            unknown.remedy = "`latchkey boards list` shows those that are."
            raise unknown
        out.say(f"Forgot {device_id}.")
        return {"device_id": device_id}

    execute("boards forget", work, as_json=as_json, verbose=verbose)
