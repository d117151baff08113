"""Commands of a production line: make boards, draw labels again, look at fuses."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import typer
from rich.text import Text

from host_client.cli import factory_options as options
from host_client.cli.execution import execute
from host_client.cli.factory_harden import harden
from host_client.cli.factory_label import label
from host_client.cli.options import AsJson, PassphraseFile, Verbose
from host_client.cli.output import Output, clean
from host_client.cli.secret_input import load_named_authority
from host_client.cli.tray_view import TrayProgress, show_board, show_label, show_tray
from host_client.cli.views import plain_table
from host_client.errors import ProvisioningError
from host_client.factory import run, tray_report
from host_client.factory.errors import TrayFailed
from host_client.factory.journal import Journal
from host_client.factory.label_files import LabelFiles
from host_client.factory.making import Line, Register
from host_client.factory.plan import Plan
from host_client.factory.plan_file import read_plan
from host_client.factory.tray import Result, Tray, run_tray
from host_client.label import DEFAULT_HOST

app = typer.Typer(help="Make boards: their keys, records and labels.", no_args_is_help=True)


@app.command()
def init(
    ports: options.Ports = None,
    count: options.Count = None,
    plan_file: options.PlanFile = None,
    authority: options.TrustedAuthority = None,
    policy: options.Policy = None,
    profile: options.Profile = None,
    model: options.Model = None,
    group: options.Group = None,
    manufacturer: options.Manufacturer = None,
    passphrase_file: PassphraseFile = None,
    serial: options.Serial = None,
    serials_file: options.SerialsFile = None,
    registry: options.RegistryUrl = None,
    operator: options.OperatorName = None,
    batch: options.Batch = "",
    labels: options.LabelFolder = None,
    label_host: options.LabelHost = DEFAULT_HOST,
    show: options.ShowLabel = None,
    report: options.CsvReport = None,
    at_once: options.AtOnce = None,
    as_json: AsJson = False,
    verbose: Verbose = False,
) -> None:
    """Make boards: each makes its key, is certified and recorded, and gets its label.

    Run it again after whatever went wrong: nothing is made twice. A board that was made before
    says so, and its certificate tells whose it is.
    """
    given = {"authority": authority, "policy": policy, "profile": profile, "model": model,
             "group": group}  # fmt: skip

    async def work(out: Output) -> dict[str, Any]:
        plan = read_plan(plan_file, given)
        source = run.source(ports or [], count, at_once)
        files = _label_files(labels, label_host, plan)
        signer = load_named_authority(manufacturer, passphrase_file) if manufacturer else None
        with _register(registry, operator, run.check_name(batch)) as register:
            line = Line(plan, signer, register, Journal(), run.serials(serial, serials_file),
                        files, label_host)  # fmt: skip
            tray = await _make(out, source, line, report)
        return _conclude(out, tray, show)

    execute("factory init", work, as_json=as_json, verbose=verbose)


def _label_files(folder: Path | None, host: str, plan: Plan) -> LabelFiles:
    """Where labels go; what is wrong with them shows before a board is written."""
    files = LabelFiles(folder)
    files.rehearse(host, plan.transports(), plan.model, None)
    return files


@contextlib.contextmanager
def _register(url: str | None, operator: str | None, batch: str) -> Iterator[Register | None]:
    if url == "none":
        yield None
        return
    # Imported here: who makes boards without a registry does not need its libraries.
    from host_client.factory.registration import Registration
    from host_client.registry import OperatorStore, Registry

    keys = None if operator is None else OperatorStore().keys(operator)
    with Registry(url, operator=keys, actor="factory") as registry:
        yield Registration(registry, batch)


def _say_what_is_missing(out: Output, line: Line) -> None:
    if line.manufacturer is None:
        out.note("without --manufacturer, nothing but their labels vouches for the boards' keys")
    if line.register is None and line.plan.needs_code:
        out.note("without a registry, the label files are all that holds the boards' codes")
    if line.plan.policy == "open":
        out.note("under policy open, whoever comes by may provision the boards")


async def _make(out: Output, source: run.Source, line: Line, report: Path | None) -> Tray:
    """Run the tray in a thread of its own, so that Ctrl-C ends it after the boards under way."""
    _say_what_is_missing(out, line)
    stop = threading.Event()
    results: list[Result] = []

    def on_result(result: Result) -> None:
        progress.on_result(result)
        results.append(result)
        if report is not None:
            tray_report.write_csv(report, results)

    def all_boards() -> Tray:
        return run_tray(source.ports, run.maker(line), on_result, count=source.count,
                        at_once=source.at_once, stop=stop)  # fmt: skip

    with TrayProgress(out, source.count) as progress:
        making = asyncio.ensure_future(asyncio.to_thread(all_boards))
        try:
            return await asyncio.shield(making)
        except asyncio.CancelledError:
            stop.set()
            tray = await making
            out.partial = tray_report.document(tray)
            raise


def _conclude(out: Output, tray: Tray, show: bool | None) -> dict[str, Any]:
    document = tray_report.document(tray)
    made = [result.made for result in tray.results if result.made is not None]
    if len(tray.results) == 1 and made:
        show_board(out, made[0])
        wanted = out.out.is_terminal if show is None else show
        if wanted and made[0].label is not None:
            show_label(out, made[0].label)
    elif len(tray.results) != 1:
        show_tray(out, tray)
    if tray.failed:
        out.partial = document
        raise _failure(tray)
    return document


def _failure(tray: Tray) -> ProvisioningError:
    """One board's own error, or that of the tray."""
    errors = [result.error for result in tray.failed if result.error is not None]
    if len(tray.results) == 1:
        return errors[0]
    return TrayFailed(f"{len(errors)} of {len(tray.results)} boards were not made")


@app.command()
def begun(as_json: AsJson = False, verbose: Verbose = False) -> None:
    """List the boards that were begun on this computer and are not finished: `init` them again."""

    async def work(out: Output) -> dict[str, Any]:
        entries = Journal().entries()
        table = plain_table("Board", "Serial", "Model")
        for entry in entries:
            facts = (entry.device_id, entry.serial, entry.model)
            table.add_row(*(Text(clean(fact)) for fact in facts))
        out.show(table if entries else Text("None: every board that was begun is finished."))
        return {
            "boards": [
                {"device_id": entry.device_id, "serial": entry.serial, "model": entry.model}
                for entry in entries
            ]
        }

    execute("factory begun", work, as_json=as_json, verbose=verbose)


app.command()(label)
app.command()(harden)
