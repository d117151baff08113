"""How a deploy looks in the terminal: steps as lines, copying as a bar."""

from __future__ import annotations

from types import TracebackType

from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TaskID, TextColumn
from rich.progress import TimeRemainingColumn as TimeLeft

from host_client.deploy.image import BoardFile
from host_client.deploy.push import Report


class ConsoleWatcher:
    """Shows the steps of a push, and a bar while files are copied."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._progress = Progress(
            TextColumn("[progress.description]{task.description}"), BarColumn(),
            DownloadColumn(), TimeLeft(), console=console, transient=True,
        )  # fmt: skip
        self._task: TaskID | None = None
        self._under_way = 0  # octets of the file that is being written

    def __enter__(self) -> ConsoleWatcher:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._end_bar()

    def step(self, text: str) -> None:
        """Show a step as a line of its own."""
        self._end_bar()
        self._console.print(text, highlight=False)

    def begin_copy(self, octets: int) -> None:
        """Start the bar."""
        self._task = self._progress.add_task("Copying", total=octets)
        self._progress.start()

    def copying(self, file: BoardFile) -> None:
        """Name the file, and count the one before it as done."""
        if self._task is not None:
            self._progress.update(self._task, advance=self._under_way, description=file.path)
            self._under_way = len(file.content)

    def _end_bar(self) -> None:
        if self._task is not None:
            self._progress.stop()
            self._task = None


def show_report(console: Console, report: Report) -> None:
    """What was done, file by file on a dry run."""
    done = "would be " if report.dry_run else ""
    if report.dry_run:
        for path in report.removed:
            console.print(f"  - {path}", highlight=False, markup=False)
        for path in report.copied:
            console.print(f"  + {path}", highlight=False, markup=False)
    console.print(
        f"{len(report.copied)} files ({report.octets} octets) {done}copied, "
        f"{len(report.removed)} {done}removed, {len(report.unchanged)} unchanged"
        + (f", {' and '.join(report.installed)} {done}installed" if report.installed else ""),
        highlight=False,
    )
