"""Runs the rig's interpreters, several at a time, and reads what they tell."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.device.interpreter import MISSING, ROOT, find_micropython

_RUN = Path(__file__).parent / "on_board" / "run.py"
_MARK = "\x1e"
_HEAP = "48m"  # garbage is collected seldom; the image is at most 128 KB
Progress = Callable[[int], None]


class RigBroken(Exception):
    """The interpreter ended before its work was done; the text is the end of what it printed."""


@dataclass
class Result:
    """What became of one scenario."""

    name: str
    operations: int = 0
    cuts: int = 0
    pairs: int = 0
    survived: int = 0
    failures: list[tuple[str, str]] = field(default_factory=list)

    @property
    def total(self) -> int:
        return self.cuts + self.pairs

    def add(self, told: dict[str, Any]) -> None:
        if "operations" in told:
            self.operations = told["operations"]
        if told.get("wrong"):
            self.failures.append((told["point"], told["wrong"]))
        for name in ("cuts", "pairs", "survived"):
            setattr(self, name, getattr(self, name) + told.get(name, 0))


def told_by(*command: str) -> Iterator[dict[str, Any]]:
    """Start the rig and yield each thing it tells. Raises RigBroken, FileNotFoundError."""
    interpreter = find_micropython()
    if interpreter is None:
        raise FileNotFoundError(MISSING)
    arguments = [interpreter, "-X", f"heapsize={_HEAP}", str(_RUN), str(ROOT), *command]
    environment = {**os.environ, "MICROPYPATH": ".frozen"}
    tail: list[str] = []
    with subprocess.Popen(
        arguments, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env=environment,
        text=True, errors="replace",
    ) as process:  # fmt: skip
        try:
            assert process.stdout is not None
            for line in process.stdout:
                if line.startswith(_MARK):
                    yield json.loads(line[1:])
                else:
                    tail = [*tail[-15:], line]
        finally:
            process.kill()
    if process.returncode:
        raise RigBroken(f"{command}:\n" + "".join(tail))


@dataclass(frozen=True)
class Wear:
    """What one kind of thing cost the flash: totals of `count` of them, and the dearest one."""

    what: str
    count: int
    erases: int
    programs: int
    most_erases: int


def wear() -> list[Wear]:
    return [Wear(*told["wear"]) for told in told_by("wear")]


def flash_errors(every: int = 1) -> Result:
    """The flash takes nothing, or is full, while an order is kept."""
    result = Result("the flash takes nothing")
    for told in told_by("errors", str(every)):
        result.add(told)
    return result


def scenario_names() -> list[str]:
    return next(told_by("list"))["scenarios"]


def sweep(name: str, parts: int, every: int, jobs: int, progress: Progress) -> Result:
    """All parts of one scenario's cuts, or every `every`th of them."""
    return sweep_all([name], {name: parts}, every, jobs, progress)[0]


def sweep_all(
    names: list[str], parts: dict[str, int], every: int, jobs: int, progress: Progress
) -> list[Result]:
    """Sweep scenarios, each in so many parts, `jobs` interpreters at a time."""
    results = {name: Result(name) for name in names}

    def work(job: tuple[str, int, int]) -> None:
        name, part, count = job
        for told in told_by("sweep", name, str(part), str(count), str(every)):
            results[name].add(told)
            progress(told.get("done", 0))

    work_list = [(name, part, parts.get(name, 1)) for name in names
                 for part in range(parts.get(name, 1))]  # fmt: skip
    with ThreadPoolExecutor(jobs) as pool:
        list(pool.map(work, work_list))
    return list(results.values())
