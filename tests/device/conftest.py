"""Runs every device test a second time, on the real MicroPython interpreter.

A device test is a plain module: ``test_*`` functions and bare asserts, no pytest. pytest
collects it on CPython as usual; the hook below adds ``test_x[micropython]`` beside each
``test_x``. One interpreter runs all chosen tests of a module, and each has its own result.

A module that cannot run on a board (it needs cbor2, say) sets ``CPYTHON_ONLY = "reason"``.
Environment: LATCHKEY_MICROPYTHON (interpreter), LATCHKEY_VECTORS (folder of public vectors).
"""

import ast
import subprocess
from pathlib import Path

import pytest

from tests.device.interpreter import MISSING, ROOT, find_micropython, run_micropython

HERE = ROOT / "tests" / "device"
MODULE_DEADLINE_S = 240  # below pytest's own limit, so that the output is not lost
MARK = "\x1e"  # RECORD SEPARATOR: begins a line that is the runner's, not a test's


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    """Add a MicroPython collector for each device test module."""
    if file_path.parent == HERE and file_path.match("test_*.py"):
        return BoardModule.from_parent(parent, path=file_path)
    return None


class BoardModule(pytest.File):
    """The test functions of one module, as MicroPython will run them."""

    results: "dict[str, tuple[str, str]] | None" = None

    def collect(self) -> "list[BoardTest]":
        tree = ast.parse(self.path.read_text(encoding="utf-8"))
        names = {
            target.id
            for node in tree.body
            if isinstance(node, ast.Assign)
            for target in node.targets
            if isinstance(target, ast.Name)
        }
        if "CPYTHON_ONLY" in names:
            return []
        return [
            BoardTest.from_parent(self, name=node.name + "[micropython]", test_name=node.name)
            for node in tree.body
            if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")
        ]

    def result_of(self, function: str) -> tuple[str, str]:
        """(outcome, output) of one test; the first question runs all chosen tests."""
        if self.results is None:
            chosen = [i.test_name for i in self.session.items if i.parent is self]
            self.results = run_module(self.path.stem, chosen or [function])
        if function not in self.results:
            self.results.update(run_module(self.path.stem, [function]))
        return self.results[function]


class BoardTest(pytest.Item):
    """One test function on MicroPython."""

    def __init__(self, *, test_name: str, **kwargs: object) -> None:
        super().__init__(**kwargs)
        self.test_name = test_name

    def runtest(self) -> None:
        if find_micropython() is None:
            pytest.skip(MISSING)
        outcome, output = self.parent.result_of(self.test_name)
        if outcome == "skip":
            pytest.skip(output.strip())
        if outcome != "pass":
            raise BoardFailure(output)
        if output:
            self.add_report_section("call", "micropython", output)

    def repr_failure(self, excinfo: pytest.ExceptionInfo, style: object = None) -> object:
        if isinstance(excinfo.value, BoardFailure):
            return str(excinfo.value)
        return super().repr_failure(excinfo)

    def reportinfo(self) -> tuple:
        return self.path, None, f"{self.path.stem}: {self.name}"


class BoardFailure(Exception):
    """A device test failed on MicroPython; the text is what the interpreter printed."""


def run_module(module: str, functions: list[str]) -> dict[str, tuple[str, str]]:
    """Run functions of one module in one interpreter: {function: (outcome, output)}."""
    arguments = ["tests/device/on_micropython.py", module, *functions]
    try:
        done = run_micropython(arguments, MODULE_DEADLINE_S)
        printed, ending = done.stdout, f"the interpreter ended with code {done.returncode}"
    except subprocess.TimeoutExpired as late:
        printed, ending = late.stdout or b"", f"not done after {MODULE_DEADLINE_S} s: ended"
    results = read_results(printed.decode("utf-8", "replace"))
    for function in functions:  # what a crash left without a result has failed
        outcome, output = results.get(function, ("", ""))
        if outcome in ("", "begin"):
            results[function] = ("fail", (output or printed_tail(printed)) + "\n" + ending)
    return results


def printed_tail(printed: bytes) -> str:
    """The last of what was printed: the reason when a module cannot even be imported."""
    return printed[-2000:].decode("utf-8", "replace")


def read_results(printed: str) -> dict[str, tuple[str, str]]:
    """Split the runner's output at its marks: MARK, outcome, space, function."""
    results: dict[str, tuple[str, str]] = {}
    output: list[str] = []
    for line in printed.split("\n"):  # splitlines would split at MARK too
        if not line.startswith(MARK):
            output.append(line)
            continue
        outcome, function = line[1:].split(" ", 1)
        if outcome == "begin":
            output = []
            results[function] = ("begin", "")
            continue
        results[function] = (outcome, "\n".join(output))
    for function, (outcome, _) in results.items():
        if outcome == "begin":  # the interpreter ended inside this one
            results[function] = ("begin", "\n".join(output))
    return results
