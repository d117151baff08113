"""How the making of boards looks in the terminal: a bar, and a line for each board."""

from __future__ import annotations

from types import TracebackType

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.text import Text

from host_client.cli.output import Output, clean
from host_client.factory.errors import FactoryError
from host_client.factory.label_drawing import terminal_rows
from host_client.factory.making import Made
from host_client.factory.tray import FAILED, Result, Tray
from host_client.fingerprint import short
from host_client.label import Label

_STYLES = {"made": "green", "finished": "green", "adopted": "yellow", "known": "blue"}
_LEGEND = {
    "made": "made", "finished": "begun before, and finished", "known": "made before",
    "adopted": "made before, and recorded now", FAILED: "failed",
}  # fmt: skip


class TrayProgress:
    """A bar while boards are made, and a line for each; a log gets the lines alone."""

    def __init__(self, output: Output, total: int) -> None:
        self._output = output
        self._good: set[bytes] = set()
        self._failed = 0
        self._progress = Progress(
            TextColumn("{task.description}"), BarColumn(bar_width=32, complete_style="green"),
            MofNCompleteColumn(), TimeElapsedColumn(),
            console=output.err, transient=True, disable=output.as_json,
        )  # fmt: skip
        self._task = self._progress.add_task("plug in a board", total=total)

    def __enter__(self) -> TrayProgress:
        self._progress.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._progress.stop()

    def on_result(self, result: Result) -> None:
        """Count a board and say what became of it."""
        if result.made is not None:
            self._good.add(result.made.report.device_key)
        self._failed += result.made is None
        said = f"{self._failed} failed" if self._failed else "boards"
        self._progress.update(self._task, completed=len(self._good), description=said)
        if not self._output.as_json:
            self._progress.console.print(result_line(result))


def result_line(result: Result) -> Text:
    """One board in one line, its notes behind it."""
    if result.made is None:
        line = Text("✗ ", style="red")
        line.append(f"{clean(result.port)}  {clean(result.error)}", style="default")
        return line
    made = result.made
    line = Text("✓ ", style=_STYLES[made.outcome])
    facts = (made.serial or "", made.report.device_id, _LEGEND[made.outcome])
    line.append("  ".join([clean(result.port), *(clean(fact) for fact in facts)]), style="default")
    for note in made.notes:
        line.append(f"\n    {clean(note)}", style="yellow")
    return line


def show_tray(out: Output, tray: Tray) -> None:
    """The run in a line, and again which boards failed and why."""
    counted = [
        f"{number} {words}"
        for outcome, words in _LEGEND.items()
        if outcome != FAILED and (number := tray.count(outcome))
    ]
    failed = tray.failed
    if failed:
        counted.append(f"{len(failed)} failed")
    out.say(f"{', '.join(counted) or 'nothing made'} in {tray.seconds:.1f} s", "bold")
    for result in failed:
        out.say(f"  {result.port}: {result.error}", "red")
        if result.error is not None and result.error.remedy:
            out.say(f"    {result.error.remedy}", "dim")


def show_board(out: Output, made: Made) -> None:
    """One board's facts."""
    out.facts(
        made.report.name,
        [
            ("device id", made.report.device_id),
            ("serial", made.serial),
            ("key", short(made.report.fingerprint)),
            ("fingerprint", made.report.fingerprint),
            *(("label", path) for path in made.labels),
        ],
    )


def show_label(out: Output, label: Label) -> None:
    """The label for a camera and for people: whoever looks on can use the board's code."""
    try:
        rows = terminal_rows(label)
    except FactoryError as error:
        out.note(str(error))
        rows = []
    for row in rows:
        # Black on white also where the terminal is dark: cameras do not read the reverse.
        out.show(Text(row, style="black on bright_white"))
    out.facts("Label", [("code", label.typed()), ("text", label.text())])
