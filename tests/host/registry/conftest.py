"""Fixtures of the registry's tests: the same over SQLite and a real PostgreSQL."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from pathlib import Path

import pytest

pytest.importorskip("sqlalchemy", reason="needs the extra `factory`")

from host_client.registry import NewDevice, Operator, Registry, upgrade
from tests.host.registry.cluster import Cluster, NoServer, run_cluster

DATABASES = ("sqlite", "postgresql")


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    """One server for all tests of this process."""
    try:
        running = run_cluster()
        found = next(running)
    except NoServer as missing:
        pytest.skip(str(missing))
    upgrade(found.url("postgres"), actor="tests")
    found.admin("CREATE DATABASE latchkey_template TEMPLATE postgres")
    yield found
    running.close()  # type: ignore[attr-defined]


@pytest.fixture(scope="session")
def operator() -> Operator:
    return Operator.generate("keeper")


@pytest.fixture(params=DATABASES)
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A registry without a device, on either database."""
    if request.param == "sqlite":
        address = f"sqlite:///{tmp_path / 'registry.db'}"
        upgrade(address, actor="tests")
        yield address
        return
    cluster: Cluster = request.getfixturevalue("cluster")
    name = f"t{secrets.token_hex(6)}"
    cluster.admin(f"CREATE DATABASE {name} TEMPLATE latchkey_template")
    yield cluster.url(name)
    cluster.admin(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def registry(url: str, operator: Operator) -> Iterator[Registry]:
    with Registry(url, operator=operator.keys, actor="tests") as registry:
        yield registry


def new_device(number: int = 1, **more: object) -> NewDevice:
    """A device like any other, with a key of its own."""
    values: dict[str, object] = {"device_id": f"kettle-{number:04}",
                                 "public_key": secrets.token_bytes(32)}  # fmt: skip
    return NewDevice(**{**values, **more})  # type: ignore[arg-type]
