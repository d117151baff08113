"""Fixtures of the registry's tests: the same over SQLite and a real PostgreSQL."""

from __future__ import annotations

import secrets
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

pytest.importorskip("sqlalchemy", reason="needs the extra `factory`")

from host_client.registry import NewDevice, Operator, Registry, upgrade
from tests.host.registry.cluster import Cluster, NoServer, run_cluster

DATABASES = ("sqlite", "postgresql")


# Back to how the migrations left it, triggers included. Making a database anew costs ten times.
_EMPTY = """
ALTER TABLE audit DISABLE TRIGGER ALL;
DELETE FROM audit;
INSERT INTO audit SELECT * FROM kept.entry;
ALTER TABLE audit ENABLE TRIGGER ALL;
TRUNCATE device, operator, label_code, challenge, retrieval, provisioning_order, receipt
    RESTART IDENTITY;
"""


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    """One server for all tests of this process, a registry in its database `registry`."""
    running = run_cluster()
    try:
        found = next(running)
    except NoServer as missing:
        pytest.skip(str(missing))
    found.run("CREATE DATABASE registry")
    upgrade(found.url("registry"), actor="tests")
    found.run("CREATE SCHEMA kept; CREATE TABLE kept.entry AS SELECT * FROM audit", "registry")
    yield found
    running.close()


@pytest.fixture(scope="session")
def empty_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("registry") / "empty.db"
    upgrade(f"sqlite:///{path}", actor="tests")
    return path


@pytest.fixture(scope="session")
def operator() -> Operator:
    return Operator.generate("keeper")


@pytest.fixture(params=DATABASES)
def url(request: pytest.FixtureRequest) -> str:
    """A registry without a device, on either database."""
    name = "file_url" if request.param == "sqlite" else "server_url"
    found: str = request.getfixturevalue(name)
    return found


@pytest.fixture
def server_url(cluster: Cluster) -> Iterator[str]:
    """A registry without a device, on a server."""
    yield cluster.url("registry")
    cluster.run(_EMPTY, "registry")


@pytest.fixture
def file_url(empty_file: Path, tmp_path: Path) -> str:
    """A registry without a device, in a file."""
    path = tmp_path / "registry.db"
    shutil.copy(empty_file, path)
    path.chmod(0o600)
    return f"sqlite:///{path}"


@pytest.fixture(params=DATABASES)
def own_url(request: pytest.FixtureRequest) -> Iterator[str]:
    """As `url`, for a test that changes the tables themselves."""
    if request.param == "sqlite":
        yield request.getfixturevalue("file_url")
        return
    cluster: Cluster = request.getfixturevalue("cluster")
    cluster.run("CREATE DATABASE own TEMPLATE registry")
    yield cluster.url("own")
    cluster.run("DROP DATABASE own WITH (FORCE)")


@pytest.fixture
def registry(url: str, operator: Operator) -> Iterator[Registry]:
    with Registry(url, operator=operator.keys, actor="tests") as registry:
        yield registry


def new_device(number: int = 1, **more: object) -> NewDevice:
    """A device like any other, with a key of its own."""
    values: dict[str, object] = {"device_id": f"kettle-{number:04}",
                                 "public_key": secrets.token_bytes(32)}  # fmt: skip
    return NewDevice(**{**values, **more})  # type: ignore[arg-type]
