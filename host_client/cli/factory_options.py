"""Options of the factory's commands."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from host_client.cli.options import complete_authority
from transports.names import POLICY_NAMES, PROFILE_NAMES

Ports = Annotated[
    list[str] | None,
    typer.Option(
        "--port", "-p", metavar="PORT", help="A board's port, such as /dev/ttyUSB0; several may be "
        "given. Without any: whatever is plugged in from now on.",
    ),
]  # fmt: skip
Count = Annotated[
    int | None, typer.Option("--count", "-n", min=1, metavar="N", help="How many boards to make.")
]
AtOnce = Annotated[
    int | None, typer.Option("--at-once", min=1, max=64, metavar="N", help="How many at a time.")
]
PlanFile = Annotated[
    Path | None,
    typer.Option("--plan", metavar="FILE", help="What boards are told: a TOML file."),
]
TrustedAuthority = Annotated[
    str | None,
    typer.Option(
        "--authority", "-a", metavar="NAME|FILE", envvar="LATCHKEY_AUTHORITY", show_envvar=False,
        help="Provisioning key that boards trust: a name, or its public half in FILE.cose.",
        autocompletion=complete_authority,
    ),
]  # fmt: skip
Policy = Annotated[
    str | None, typer.Option("--policy", metavar="NAME", help=f"{', '.join(POLICY_NAMES)}.")
]
Profile = Annotated[
    str | None, typer.Option("--profile", metavar="NAME", help=f"{', '.join(PROFILE_NAMES)}.")
]
Model = Annotated[str | None, typer.Option("--model", metavar="TEXT", help="Their model.")]
Group = Annotated[str | None, typer.Option("--group", metavar="TEXT", help="Their device group.")]
Manufacturer = Annotated[
    str | None,
    typer.Option(
        "--manufacturer", "-m", metavar="NAME|FILE", help="Key that certifies the boards' keys; "
        "without one they get no certificate.",
        autocompletion=complete_authority,
    ),
]  # fmt: skip
Serial = Annotated[
    str | None,
    typer.Option("--serial", metavar="TEXT", help="Serial number; PREFIX* counts up (LK-*)."),
]
SerialsFile = Annotated[
    Path | None, typer.Option("--serials", metavar="FILE", help="Serial numbers, one a line.")
]
RegistryUrl = Annotated[
    str | None,
    typer.Option(
        "--registry", metavar="URL", envvar="LATCHKEY_REGISTRY", show_envvar=False,
        help="Registry of devices, or `none`: then labels are all that holds their codes.",
    ),
]  # fmt: skip
OperatorName = Annotated[
    str | None,
    typer.Option("--operator", metavar="NAME", help="Whose key label codes are sealed to."),
]
Batch = Annotated[str, typer.Option("--batch", metavar="TEXT", help="Name of this batch.")]
LabelFolder = Annotated[
    Path | None, typer.Option("--labels", metavar="FOLDER", help="Where label files go.")
]
LabelHost = Annotated[
    str, typer.Option("--label-host", metavar="HOST", help="Host of the labels' URL.")
]
ShowLabel = Annotated[
    bool | None,
    typer.Option(
        "--show-label/--no-show-label", help="Show the label here, its code included; by default "
        "for one board on a terminal.",
    ),
]  # fmt: skip
CsvReport = Annotated[
    Path | None, typer.Option("--report", metavar="FILE", help="Write what became of each: CSV.")
]
Which = Annotated[str, typer.Argument(metavar="BOARD", help="Serial number, id or fingerprint.")]
WithoutCode = Annotated[
    bool, typer.Option("--without-code", help="Leave the code out: no secret is asked for.")
]
