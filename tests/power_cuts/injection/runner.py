"""Runs the injected faults on either interpreter, and reads what they tell."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from tests.device.interpreter import ROOT, run_micropython
from tests.power_cuts.injection import sealed
from tests.power_cuts.runner import Result, RigBroken

_DEADLINE_S = 600
_ON_BOARD = str(Path(__file__).with_name("on_micropython.py"))
_HEAP = "600k"
MOST_OCTETS = 20000  # more than an order takes of the heap


def cancelling(every: int = 1) -> Result:
    return _result("cancelled at an await", lambda case, folder: _on_micropython(
        "cancelling", case, folder, str(every)))  # fmt: skip


def starving(step: int = 32) -> Result:
    return _result("heap nearly full", lambda case, folder: _on_micropython(
        "starving", case, folder, str(MOST_OCTETS), str(step)))  # fmt: skip


def nomemory(every: int = 1) -> Result:
    return _result("an allocation fails", lambda case, folder: _on_cpython(
        case, folder, str(every), "remembered"))  # fmt: skip


def nomemory_in_arithmetic(every: int = 29) -> Result:
    return _result("an allocation fails, arithmetic", lambda case, folder: _on_cpython(
        case, folder, str(every), "real"))  # fmt: skip


def _on_micropython(what: str, *arguments: str) -> str:
    done = run_micropython(["-X", f"heapsize={_HEAP}", _ON_BOARD, what, *arguments], _DEADLINE_S)
    return done.stdout.decode("utf-8", "replace")


def _on_cpython(*arguments: str) -> str:
    command = [sys.executable, "-W", "ignore", "-m", "tests.power_cuts.injection.nomemory"]
    done = subprocess.run(
        [*command, *arguments], cwd=ROOT, timeout=_DEADLINE_S, stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL, check=False, text=True,
    )  # fmt: skip
    return done.stdout


def _result(name: str, run: Callable[[str, str], str]) -> Result:
    result = Result(name)
    with tempfile.TemporaryDirectory() as folder:
        case = Path(folder) / "case.json"
        sealed.write(case)
        printed = run(str(case), folder)
    points = None
    for line in printed.splitlines():
        if not line.startswith('{"'):
            continue
        told = json.loads(line)
        result.operations = told.get("allocations", result.operations)
        points = told.get("points", points)
        if "point" in told:
            result.failures.append((told["point"], told["wrong"]))
    if points is None:
        raise RigBroken(f"{name}:\n{printed[-2000:]}")
    result.cuts, result.survived = points, points - len(result.failures)
    return result
