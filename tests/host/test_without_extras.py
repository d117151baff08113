"""Who installed Latchkey without its extras is told which one a command needs."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from host_client.authority import Authority
from host_client.deploy import tools
from host_client.errors import MissingExtra
from tests.host.command_line import ROOT, environment

# Every library that only an extra brings, and each command that cannot do without one.
WITHOUT = """
import sys
for name in ("sqlalchemy", "alembic", "psycopg", "starlette", "uvicorn", "segno", "zxingcpp", "PIL",
             "serial", "mpremote", "esptool"):
    sys.modules[name] = None
import json
from click.testing import CliRunner
from typer.main import get_command
from host_client.cli.app import app
command = get_command(app)
for words in json.loads(sys.argv[1]):
    done = CliRunner().invoke(command, [*words.split(), "--json"])
    error = (json.loads(done.stdout)["error"] or {}) if done.stdout.startswith("{") else {}
    print(json.dumps([words, done.exit_code, error.get("remedy", repr(done.exception))]))
"""
FACTORY = [
    "registry init", "registry upgrade", "registry list", "registry find x", "registry show x",
    "registry add x --device-key 00", "registry export x.csv", "registry import x.csv",
    "registry audit", "registry orders", "registry receipts", "registry withdraw " + "00" * 16,
    "registry operator list", "factory label x", "factory init --registry none --authority x.cose",
    "bootstrap serve",
]  # fmt: skip
LABEL = ["info --label label.png"]


def test_every_command_names_the_extra_that_it_lacks(tmp_path: Path) -> None:
    (tmp_path / "label.png").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(2000))
    (tmp_path / "x.cose").write_bytes(Authority.generate("x").public_key)
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT, json.dumps(FACTORY + LABEL)],
        cwd=tmp_path, capture_output=True, text=True, timeout=120, check=True,
        env=environment(LATCHKEY_HOME=str(tmp_path / "home"), LATCHKEY_REGISTRY=""),
    )  # fmt: skip
    told = {
        words: (code, remedy) for words, code, remedy in map(json.loads, done.stdout.splitlines())
    }
    wanted = dict.fromkeys(FACTORY, "factory") | dict.fromkeys(LABEL, "label")
    assert told == {
        words: (16, f"Install it with: pip install 'latchkey[{extra}]'")
        for words, extra in wanted.items()
    }
    assert str(ROOT) not in done.stderr


def test_a_tool_for_usb_that_is_not_installed_is_no_fault_of_the_cable() -> None:
    with pytest.raises(MissingExtra, match="latchkey_nosuch") as caught:
        tools.run_module("latchkey_nosuch", [], 20)
    assert "latchkey[board]" in caught.value.remedy
