"""The plain path on a 32-bit interpreter: MicroPython's WebAssembly build under Node.

Node's npm fetches it once, into .build/. Skipped, with the reason, where there is no Node or npm
reaches no registry. Environment: LATCHKEY_WASM, a folder of that npm package to use instead.
"""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.device.conftest import HERE, ROOT

CPYTHON_ONLY = "starts Node"
MODULES = ("test_crypto_hpke", "test_crypto_hss", "test_crypto_signature", "test_crypto_vectors")
DEADLINE_S = 240


PACKAGE = "@micropython/micropython-webassembly-pyscript"
VERSION = "1.27.0"
FOLDER = ROOT / ".build" / "wasm"
INSTALL_DEADLINE_S = 120


def _package() -> Path:
    """The folder of the interpreter's npm package; skips where it cannot be had."""
    named = os.environ.get("LATCHKEY_WASM")
    if named:
        return Path(named)
    npm = shutil.which("npm")
    if npm is None or shutil.which("node") is None:
        pytest.skip("no 32-bit interpreter: it runs under Node, which is not here")
    package = FOLDER / "node_modules" / PACKAGE
    if not (package / "micropython.mjs").exists():
        FOLDER.mkdir(parents=True, exist_ok=True)
        done = subprocess.run(
            [npm, "install", "--no-save", "--silent", "--prefix", FOLDER, f"{PACKAGE}@{VERSION}"],
            capture_output=True, text=True, timeout=INSTALL_DEADLINE_S, check=False,
        )  # fmt: skip
        if done.returncode:
            pytest.skip(f"no 32-bit interpreter: npm does not get {PACKAGE}")
    return package


def test_plain_path_on_32_bits():
    vectors = os.environ.get("LATCHKEY_VECTORS") or str(ROOT.parent / "shared" / "vectors")
    if not Path(vectors).is_dir():
        pytest.skip(f"no public vectors at {vectors}")
    package, node = str(_package()), shutil.which("node")
    done = subprocess.run(
        [node, str(HERE / "crypto_on_wasm.mjs"), package, str(ROOT), vectors, *MODULES],
        capture_output=True, text=True, timeout=DEADLINE_S, check=False,
    )  # fmt: skip
    print(done.stdout[-8000:], done.stderr[-2000:])
    printed = done.stdout.split("\n")
    assert "small integers below 0x7fffffff" in printed, "not a 32-bit interpreter"
    assert "done" in printed
    assert not [line for line in printed if line.startswith("FAIL")]
    assert sum(line.startswith("pass ") for line in printed) >= 40
