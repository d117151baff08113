"""The command that makes a board stricter about whom it obeys."""

from __future__ import annotations

from typing import Annotated, Any

import typer

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
    AllowOpen,
    LabelText,
    ManufacturerFile,
    OwnerName,
    ProofInput,
)
from host_client.settings import parse_settings
from transports.contract import TIGHTER
from transports.names import POLICY_NAMES

app = typer.Typer(help="Whom a board obeys.", no_args_is_help=True)

_ORDER = " → ".join(POLICY_NAMES[policy] for policy in TIGHTER)


@app.command()
def tighten(
    policy: Annotated[str, typer.Argument(metavar="POLICY", help=f"{_ORDER}.")],
    board: BoardUrl = DEFAULT_BOARD,
    owner: OwnerName = None,
    passphrase_file: PassphraseFile = None,
    allow_open: AllowOpen = False,
    label: LabelText = None,
    manufacturer: ManufacturerFile = None,
    device_key: DeviceKey = None,
    timeout_s: TimeoutS = None,
    as_json: AsJson = False,
    verbose: Verbose = False,
) -> None:
    """Make a board's policy tighter. Nothing, no reset either, makes it looser again.

    The order is proved as the present policy wants it: with --owner, --label or --allow-open.
    """

    async def work(out: Output) -> dict[str, Any]:
        settings = parse_settings({"trust": {"policy": policy}})
        proof = ProofInput(
            owner=owner, allow_open=allow_open, label=label, manufacturer=manufacturer,
            device_key=device_key, passphrase_file=passphrase_file,
        )  # fmt: skip
        result = await give(out, board, settings, proof.collect(out), timeout_s)
        out.say(f"Its policy is now {policy}.", "green")
        return result | {"policy": policy}

    execute("policy tighten", work, as_json=as_json, verbose=verbose)
