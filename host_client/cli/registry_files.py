"""Commands that move devices between the registry and CSV files."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from host_client.cli.execution import execute
from host_client.cli.options import AsJson, Verbose
from host_client.cli.output import Output
from host_client.cli.registry_options import OperatorName, RegistryUrl, open_registry, operator_keys

_TOLD = 20  # bad lines, for people; all of them with --json


def register(app: typer.Typer) -> None:
    app.command(name="export")(export_devices)
    app.command(name="import")(import_devices)


def export_devices(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Written anew, mode 0600.")],
    batch: Annotated[str | None, typer.Option("--batch", help="Of this batch only.")] = None,
    sealed: Annotated[
        bool, typer.Option("--sealed", help="Label codes as well, sealed as they are.")
    ] = False,
    registry: RegistryUrl = None,
    as_json: AsJson = False,
    verbose: Verbose = False,
) -> None:
    """Write devices to a CSV file, without any secret that could be read."""

    async def work(out: Output) -> dict[str, Any]:
        from host_client.registry import export_csv

        with open_registry(out, registry) as opened, _counting(out, opened.count()) as count:
            number = export_csv(opened, file, batch=batch, sealed=sealed, on_progress=count)
        out.say(f"Wrote {number} devices to {file}.", "green")
        return {"devices": number, "file": str(file)}

    execute("registry export", work, as_json=as_json, verbose=verbose)


def import_devices(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="CSV with a line of headings.")],
    operator: OperatorName = None,
    registry: RegistryUrl = None,
    as_json: AsJson = False,
    verbose: Verbose = False,
) -> None:
    """Register the devices of a CSV file, all or none; again, it changes nothing."""

    async def work(out: Output) -> dict[str, Any]:
        from host_client.registry import import_csv, line_count
        from host_client.registry.errors import BadRow

        with open_registry(out, registry, operator_keys(operator)) as opened:
            try:
                with _counting(out, line_count(file) - 1) as count:
                    added = import_csv(opened, file, on_progress=count)
            except BadRow as error:
                _tell_rows(out, error.rows)
                raise
        out.say(f"{added.new} devices are new, {added.known} were known.", "green")
        return {"new": added.new, "known": added.known, "completed": added.completed}

    execute("registry import", work, as_json=as_json, verbose=verbose)


def _tell_rows(out: Output, rows: tuple[tuple[int, str], ...]) -> None:
    out.partial = {"lines": [{"line": line, "message": what} for line, what in rows]}
    for line, what in rows[:_TOLD]:
        out.note(f"line {line}: {what}")
    if len(rows) > _TOLD:
        out.note(f"and {len(rows) - _TOLD} lines more, at least")


@contextlib.contextmanager
def _counting(out: Output, total: int) -> Iterator[Callable[[int], None]]:
    """A bar on a terminal, for what takes a while."""
    columns = (TextColumn("devices"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    quiet = out.as_json or not out.err.is_terminal
    with Progress(*columns, console=out.err, transient=True, disable=quiet) as progress:
        task = progress.add_task("", total=max(total, 0))
        yield lambda done: progress.update(task, completed=done)
