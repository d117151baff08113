"""The command that looks at a chip's fuses, and burns some if it is told to twice."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.padding import Padding
from rich.text import Text

from host_client.cli.execution import execute
from host_client.cli.options import AsJson, Verbose
from host_client.cli.output import Output
from host_client.factory.efuses import EfuseTool
from host_client.factory.errors import FactoryError
from host_client.factory.harden import OPEN, SHUT, STEPS, Burn, Finding, explain, plan_burns

_STYLES = {OPEN: "red", SHUT: "green"}

Port = Annotated[str | None, typer.Option("--port", "-p", metavar="PORT", help="The chip's port.")]
Rehearse = Annotated[
    str | None,
    typer.Option(
        "--rehearse", metavar="CHIP", help="No chip: try it on the blank one that espefuse plays, "
        "such as esp32s3.",
    ),
]  # fmt: skip
Steps = Annotated[
    list[str] | None,
    typer.Option("--burn", metavar="WHAT", help=f"What to shut for ever: {', '.join(STEPS)}."),
]
Yes = Annotated[
    bool, typer.Option("--yes", help="Burn it. Without this, it is only said what would be.")
]


def harden(
    port: Port = None,
    rehearse: Rehearse = None,
    burn: Steps = None,
    yes: Yes = False,
    as_json: AsJson = False,
    verbose: Verbose = False,
) -> None:
    """Read a chip's eFuses and say what they leave open. Burns nothing without --yes.

    What is burned cannot be undone, by anybody.
    """

    async def work(out: Output) -> dict[str, Any]:
        if (port is None) == (rehearse is None):
            raise FactoryError("give --port, or --rehearse with a kind of chip")
        if yes and not burn:
            raise FactoryError(f"--yes to what? --burn {' or --burn '.join(STEPS)}")
        with tempfile.TemporaryDirectory(prefix="latchkey-") as folder:
            tool = EfuseTool.at(port) if port else _rehearsal(rehearse or "", Path(folder))
            return _harden(out, tool, burn or [], yes)

    execute("factory harden", work, as_json=as_json, verbose=verbose)


def _rehearsal(chip: str, folder: Path) -> EfuseTool:
    if not chip.isalnum():
        raise FactoryError("a kind of chip is a word such as esp32s3")
    return EfuseTool(["--chip", chip, "--virt", "--path-efuse-file", str(folder / "efuses")])


def _harden(out: Output, tool: EfuseTool, steps: list[str], yes: bool) -> dict[str, Any]:
    fuses = tool.read()
    findings, burns = explain(fuses), plan_burns(fuses, steps)
    for finding in findings:
        _show_finding(out, finding)
    names = [name for burn in burns for name in burn.fuses]
    for burn in burns:
        _show_burn(out, burn, yes)
    if yes and names:
        tool.burn(names)
        out.say(f"Burned: {', '.join(names)}.", "bold")
    elif names:
        out.say("Nothing was burned. With --yes it is, and nobody can undo it.", "bold")
    return {
        "findings": [{"topic": f.topic, "state": f.state, "text": f.text} for f in findings],
        "burns": [
            {"step": b.step, "fuses": list(b.fuses), "consequence": b.consequence} for b in burns
        ],
        "burned": names if yes else [],
    }  # fmt: skip


def _show_finding(out: Output, finding: Finding) -> None:
    head = Text(f"{finding.state:<5} ", style=_STYLES.get(finding.state, "yellow"))
    head.append(finding.topic, style="bold default")
    out.show(head)
    out.show(Padding(Text(finding.text), (0, 0, 0, 6)))


def _show_burn(out: Output, burn: Burn, yes: bool) -> None:
    if not burn.fuses:
        out.say(f"{burn.step}: burned before, nothing to do")
        return
    verb = "Burning" if yes else "Would burn"
    out.say(f"{verb} {', '.join(burn.fuses)} ({burn.step}), irreversibly:", "bold yellow")
    out.show(Padding(Text(burn.consequence), (0, 0, 0, 6)))
