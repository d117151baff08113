"""Many boards: several ports at once, one board after another at each, on after a failure."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from typing import Protocol

from host_client.errors import ProvisioningError
from host_client.factory.making import Made

FAILED = "failed"
LOOK_S = 0.2  # between two looks at which ports there are

MakeOne = Callable[[str], Made]  # makes the board at a port


@dataclass(frozen=True)
class Result:
    """What became of the board at a port. `seconds`: how long it took."""

    port: str
    seconds: float
    made: Made | None = None
    error: ProvisioningError | None = None

    @property
    def outcome(self) -> str:
        return FAILED if self.made is None else self.made.outcome


@dataclass
class Tray:
    """The results so far, the newest last. `seconds`: the whole run."""

    results: list[Result] = field(default_factory=list)
    seconds: float = 0.0

    @property
    def good(self) -> int:
        """Boards that have all they need, each counted once."""
        return len({r.made.report.device_key for r in self.results if r.made is not None})

    @property
    def failed(self) -> list[Result]:
        """Failures that no later board at the same port has made good."""
        last = {result.port: result for result in self.results}
        return [r for r in self.results if r.made is None and last[r.port] is r]

    def count(self, outcome: str) -> int:
        return sum(result.outcome == outcome for result in self.results)


class Ports(Protocol):
    """Where boards come from: see ports.Given and ports.Swapped."""

    def fresh(self) -> list[str]:
        """Ports at which a board has appeared since this was last asked."""

    @property
    def ended(self) -> bool:
        """Whether no other will appear."""


def run_tray(
    ports: Ports,
    make_one: MakeOne,
    on_result: Callable[[Result], None],
    *,
    count: int,
    at_once: int,
    stop: threading.Event,
) -> Tray:
    """Make boards until `count` are good, the ports have ended, or `stop` is set.

    `at_once`: how many at a time. `on_result` is called in this thread. Boards under way are
    finished before it returns, also when it is stopped. A failure ends its board, not the tray.
    """
    tray, began = Tray(), time.monotonic()
    under_way: dict[Future[Result], str] = {}
    waiting: list[str] = []
    with ThreadPoolExecutor(at_once, thread_name_prefix="line") as pool:
        while not stop.is_set() and tray.good < count:
            waiting += ports.fresh()
            while len(under_way) < min(at_once, count - tray.good):
                # Never two at one port, also where a loose plug makes it come and go.
                port = next((p for p in waiting if p not in under_way.values()), None)
                if port is None:
                    break
                waiting.remove(port)
                under_way[pool.submit(make_at, port, make_one)] = port
            if not under_way and not waiting and ports.ended:
                break
            if under_way:
                _collect(under_way, tray, on_result)
            else:
                stop.wait(LOOK_S)
        while under_way:
            _collect(under_way, tray, on_result)
    tray.seconds = time.monotonic() - began
    return tray


def _collect(
    under_way: dict[Future[Result], str], tray: Tray, on_result: Callable[[Result], None]
) -> None:
    """Take what is done, or nothing for a while."""
    done, _ = wait(under_way, LOOK_S, FIRST_COMPLETED)
    for future in done:
        del under_way[future]
        result = future.result()
        tray.results.append(result)
        on_result(result)


def make_at(port: str, make_one: MakeOne) -> Result:
    """Make the board at a port: what became of it, a failure included."""
    began = time.monotonic()
    try:
        made = make_one(port)
    except ProvisioningError as error:
        return Result(port, time.monotonic() - began, error=error)
    return Result(port, time.monotonic() - began, made=made)
