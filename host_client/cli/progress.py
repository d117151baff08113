"""The way of an order, step by step, with its times."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator
from types import TracebackType

from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.text import Text

from host_client.board import Status
from host_client.cli.output import Output, clean
from transports import contract as c

_STEPS = 8  # connect, seal, hand over, join, address, reach, commit, receipt
_PLACES = {c.JOINING: 3, c.ADDRESSING: 4, c.REACHING: 5, c.COMMITTING: 6, c.DONE: 7, c.FAILED: 7}


class ProvisionProgress:
    """A bar on a terminal; finished steps stay above it as lines, and are all there is in a log."""

    def __init__(self, output: Output, networks: tuple[str, ...] = ()) -> None:
        self._output = output
        self._networks = networks
        self.joins = True  # whether the order has networks at all
        self._progress = Progress(
            SpinnerColumn(style="cyan"),
            TextColumn("{task.description}"),
            BarColumn(bar_width=24, complete_style="cyan"),
            TimeElapsedColumn(),
            console=output.err,
            transient=True,
            disable=output.as_json,
        )
        self._task = self._progress.add_task("", total=_STEPS)
        self._began = time.monotonic()
        self._now = ""
        self._accepted = False

    def __enter__(self) -> ProvisionProgress:
        self._progress.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if error is not None and self._now:
            self._line("✗", "red", self._now)
        self._progress.stop()

    @contextlib.contextmanager
    def paused(self) -> Iterator[None]:
        """Inside, the terminal is somebody else's: a question is asked there, perhaps."""
        self._progress.stop()
        try:
            yield
        finally:
            self._progress.start()

    def begin(self, what: str, place: int) -> None:
        """A step has begun; the one before is done if `finish` was not called."""
        self._now = what
        self._began = time.monotonic()
        self._progress.update(self._task, description=clean(what), completed=place)

    def finish(self, what: str) -> None:
        """The step under way is done; `what` says so."""
        self._line("✓", "green", what)
        self._now = ""
        self._began = time.monotonic()

    def on_status(self, status: Status) -> None:
        """Show how far the board is."""
        if not self._accepted:
            self._accepted = True
            self.finish("opened, verified and accepted by the board")
        if status.step == c.DONE:
            joined = f"joined {self._name(status)}; " if self._joins(status) else ""
            self.finish(f"{joined}settings kept")
            self.begin("fetching the receipt", 7)
        elif status.step == c.FAILED:
            self._now = f"joining {self._name(status)}"
        else:
            place = _PLACES.get(status.step, 3)
            self._progress.update(
                self._task, description=clean(self._describe(status)), completed=place
            )
            self._now = self._describe(status)

    def on_lost(self, hostname: str) -> None:
        """The board does not answer here any more, and is looked for on the network."""
        if not self._accepted:
            self._accepted = True
            self.finish("opened, verified and accepted by the board")
        name = f" as {hostname}" if hostname else ""
        self._output.note(
            "The board does not answer here any more: it has moved to another channel, most "
            f"likely. Looking for it{name} on the network that it joins; this computer must be "
            "there, too."
        )
        self.begin("looking for the board on the network", 4)

    def _describe(self, status: Status) -> str:
        name = self._name(status)
        return {
            c.JOINING: f"joining {name}",
            c.ADDRESSING: f"waiting for an address on {name}",
            c.REACHING: "trying to reach the server",
            c.COMMITTING: "keeping the settings",
        }.get(status.step, "waiting for the board")

    def _joins(self, status: Status) -> bool:
        """Whether a network was joined: of an order without any the board names the first."""
        return status.network is not None and self.joins

    def _name(self, status: Status) -> str:
        index = status.network or 0
        return self._networks[index] if index < len(self._networks) else f"network {index + 1}"

    def _line(self, mark: str, style: str, what: str) -> None:
        if self._output.as_json:
            return
        took = f"{time.monotonic() - self._began:5.1f} s"
        line = Text.assemble((f"{mark} ", style), f"{clean(what):<58} ", (took, "dim"))
        self._progress.console.print(line)
