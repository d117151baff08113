"""The commands push, build and flash, for people and for scripts (`--json`).

Exit codes: 0 done; 2 a wrong option; 12 the board, the image or a tool failed, and the message
says whether anything was changed.
"""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from importlib.metadata import version
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer
from rich.console import Console

from host_client.deploy import flash as flashing
from host_client.deploy import image
from host_client.deploy.push import Options, Report
from host_client.deploy.push import push as push_firmware
from host_client.deploy.show import ConsoleWatcher, show_report
from host_client.deploy.usb_board import UsbBoard
from host_client.errors import ProvisioningError

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)
_console = Console(stderr=True)

Port = Annotated[str, typer.Option(help="The board's port, such as /dev/ttyUSB0 or COM4.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Look and say, change nothing.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object on standard output.")]


@app.command()
def push(
    port: Port,
    dry_run: DryRun = False,
    as_json: AsJson = False,
    aioble: Annotated[
        Path | None, typer.Option(help="aioble's folder: compile it rather than let mip fetch it.")
    ] = None,
    mip_index: Annotated[str | None, typer.Option(help="Another index for mip.")] = None,
    refresh: Annotated[bool, typer.Option("--refresh", help="Install aioble anew.")] = False,
) -> None:
    """Put the firmware on a board: what has changed, nothing else."""
    options = Options(
        version=version("latchkey"), dry_run=dry_run, aioble=aioble, mip_index=mip_index,
        refresh_libraries=refresh,
    )  # fmt: skip
    report = _push(UsbBoard(port), options)
    if as_json:
        _print_json(asdict(report))
    else:
        show_report(_console, report)


def _push(board: UsbBoard, options: Options) -> Report:
    with ConsoleWatcher(_console) as watcher:
        try:
            return push_firmware(board, options, watcher)
        except ProvisioningError as error:
            _fail(error)


@app.command()
def build(
    output: Annotated[Path, typer.Option(help="A folder that is not there yet.")],
    march: Annotated[str, typer.Option(help="Architecture, such as xtensawin or rv32imc.")],
    aioble: Annotated[Path | None, typer.Option(help="aioble's folder, to compile it too.")] = None,
) -> None:
    """Compile the firmware into a folder, for `mpremote romfs deploy` or for looking at."""
    try:
        files = image.build([*image.firmware_sources(), *image.microdot_sources()], march)
        if aioble is not None:
            files += image.build(image.aioble_sources(aioble), march)
        image.write_tree(files, output)
    except ProvisioningError as error:
        _fail(error)
    if not image.has_page(files):
        _console.print(image.NO_PAGE, highlight=False)
    _console.print(f"{len(files)} files in {output}", highlight=False)


@app.command()
def flash(
    port: Port,
    firmware: Annotated[Path, typer.Option(help="MicroPython's .bin file for this chip.")],
    dry_run: DryRun = False,
    as_json: AsJson = False,
    baud: Annotated[int, typer.Option(help="Speed of the port.")] = flashing.BAUD,
) -> None:
    """Erase a board and write MicroPython. Everything on it is lost, its key included."""
    try:
        planned = flashing.plan_flash(port, firmware, baud)
        _console.print(f"{firmware.name} is for {planned.chip.name}, at {planned.chip.offset:#x}")
        _console.print("esptool " + " ".join(planned.command), highlight=False)
        if not dry_run:
            flashing.flash(planned, lambda line: _console.print(line, highlight=False))
    except ProvisioningError as error:
        _fail(error)
    if as_json:
        _print_json({"chip": planned.chip.name, "offset": planned.chip.offset, "dry_run": dry_run})


def _print_json(value: dict[str, Any]) -> None:
    print(json.dumps(value, sort_keys=True))


def _fail(error: ProvisioningError) -> NoReturn:
    print(f"{error}\n  {error.remedy}".rstrip(), file=sys.stderr)
    raise typer.Exit(error.exit_code)


def main() -> None:
    """Run the command that the command line names."""
    app(prog_name="python -m host_client.deploy")
