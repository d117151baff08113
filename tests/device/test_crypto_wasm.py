"""The plain path on a 32-bit interpreter: MicroPython's WebAssembly build under Node.

Environment: LATCHKEY_WASM, the folder of npm's @micropython/micropython-webassembly-pyscript
(`npm install` it anywhere outside the project). Skipped without it.
"""

import os
import shutil
import subprocess

import pytest

from tests.device.conftest import HERE, ROOT

CPYTHON_ONLY = "starts Node"
MODULES = ("test_crypto_hpke", "test_crypto_hss", "test_crypto_signature", "test_crypto_vectors")
DEADLINE_S = 240


def test_plain_path_on_32_bits():
    package, node = os.environ.get("LATCHKEY_WASM"), shutil.which("node")
    if not package or not node:
        pytest.skip("no 32-bit interpreter: LATCHKEY_WASM and node (see this module)")
    vectors = os.environ.get("LATCHKEY_VECTORS") or str(ROOT.parent / "shared" / "vectors")
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
