"""`latchkey factory` run in this process, in a home of its own."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from typer.testing import CliRunner

from host_client.authority import Authority, AuthorityStore
from host_client.cli.app import app
from host_client.registry import Operator, OperatorStore, Registry

PASSPHRASE = "correct horse"


class Home:
    """Keys and a registry as a manufacturer has them: authority `workshop`, manufacturer
    `maker`, operator `op`."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.folder = folder
        monkeypatch.setenv("LATCHKEY_HOME", str(folder))
        monkeypatch.setenv("LATCHKEY_PASSPHRASE", PASSPHRASE)
        for name in ("LATCHKEY_REGISTRY", "LATCHKEY_AUTHORITY"):
            monkeypatch.delenv(name, raising=False)
        for name in ("workshop", "maker"):
            AuthorityStore().save(Authority.generate(name), PASSPHRASE)
        OperatorStore().save(Operator.generate("op"), PASSPHRASE)
        Registry(create=True).close()

    def authority(self, name: str) -> Authority:
        return AuthorityStore().load(name, PASSPHRASE)

    def code(self, serial: str) -> str:
        """A board's label code, from the registry."""
        with Registry() as registry:
            return registry.label_code(serial, OperatorStore().load("op", PASSPHRASE))

    def run(self, *arguments: str) -> Result:
        """`latchkey factory ARGUMENTS`."""
        return CliRunner().invoke(app, ["factory", *arguments])

    def init(self, ports: list[str], *more: str) -> Result:
        """`latchkey factory init` at these ports, under policy label."""
        return self.run("init", *self.arguments(ports), *more)

    def arguments(self, ports: list[str]) -> list[str]:
        named = [word for port in ports for word in ("--port", port)]
        keys = ["--authority", "workshop", "--manufacturer", "maker", "--policy", "label"]
        return [*named, *keys, "--model", "thermostat"]


def result_of(done: Result) -> dict[str, Any]:
    """The result in the JSON document of a command."""
    found: dict[str, Any] = json.loads(done.stdout)["result"]
    return found
