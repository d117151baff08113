"""What is committed as built is what the sources build to, and the sources fit together."""

import gzip
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.house.sources import PROJECT

SOURCES = PROJECT / "host_client" / "browser"
BUILT = ("firmware/page", "host_client/browser/site")
BUILD_S = 60

pytestmark = [
    pytest.mark.skipif(shutil.which("node") is None, reason="no Node.js, which builds the pages"),
    pytest.mark.skipif(
        not (SOURCES / "node_modules" / "esbuild").is_dir(),
        reason="no host_client/browser/node_modules (npm ci there, or make setup)",
    ),
]


def run(*command: str) -> str:
    done = subprocess.run(
        command, cwd=SOURCES, capture_output=True, text=True, timeout=BUILD_S, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def contents(folder: Path) -> dict[str, bytes]:
    """Every file by its path; gzipped ones unpacked, since packing differs between versions."""
    return {
        file.relative_to(folder).as_posix(): gzip.decompress(octets)
        if file.suffix == ".gz"
        else octets
        for file in sorted(folder.rglob("*"))
        if file.is_file()
        for octets in [file.read_bytes()]
    }


def test_the_committed_pages_are_what_the_sources_build_to(tmp_path: Path) -> None:
    run("node", "build.mjs", "--out", str(tmp_path))
    for folder in BUILT:
        fresh, committed = contents(tmp_path / folder), contents(PROJECT / folder)
        assert fresh
        assert committed.keys() == fresh.keys()
        differing = [name for name in fresh if fresh[name] != committed[name]]
        assert not differing, f"{folder}: `make page`, and commit what it writes: {differing}"


def test_the_types_of_the_sources_fit() -> None:
    run("node", "node_modules/typescript/bin/tsc")
