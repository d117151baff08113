"""Where a registry lies, of which version it is, and what is told of it."""

from __future__ import annotations

import logging
import os
import stat
import subprocess
import sys
import threading
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from host_client.registry import Operator, Registry, upgrade
from host_client.registry import schema as tables
from host_client.registry.database import Database, parse_url
from host_client.registry.errors import (
    RegistryBusy,
    RegistryError,
    RegistrySchema,
    RegistryUnreachable,
)
from host_client.registry.migrate import configuration
from tests.host.command_line import ROOT
from tests.host.registry.cluster import Cluster
from tests.host.registry.conftest import new_device
from tests.host.registry.test_audit import run

PASSWORD = "unmistakable-database-secret"


def test_the_tables_are_what_the_migrations_make(registry: Registry) -> None:
    with registry._database.reading() as connection:
        assert compare_metadata(MigrationContext.configure(connection), tables.metadata) == []


def test_there_is_one_line_of_migrations_and_this_version_is_its_end() -> None:
    script = ScriptDirectory.from_config(configuration())
    assert script.get_heads() == [tables.REVISION]
    assert all(step.revision.isdecimal() for step in script.walk_revisions())


def test_upgrading_again_does_nothing(url: str) -> None:
    assert upgrade(url) == (tables.REVISION, tables.REVISION)
    with Registry(url, create=True) as registry:
        assert [entry.action for entry in registry.audit()] == ["upgraded"]


def test_a_registry_of_another_version_is_refused(own_url: str) -> None:
    run(own_url, "UPDATE alembic_version SET version_num = '0000'")
    with pytest.raises(RegistrySchema, match="of an older version") as refused:
        Registry(own_url)
    assert "registry upgrade" in refused.value.remedy
    for newer in ("9999", "f00d"):
        run(own_url, f"UPDATE alembic_version SET version_num = '{newer}'")
        for opening in (lambda: Registry(own_url), lambda: upgrade(own_url)):
            with pytest.raises(RegistrySchema, match="of a newer version") as refused:
                opening()
            assert "install" in refused.value.remedy


def test_what_is_no_registry_is_refused(tmp_path: Path) -> None:
    for content in (b"", None):
        path = tmp_path / f"{content is None}.db"
        if content is not None:
            path.write_bytes(content)
        with pytest.raises(RegistrySchema) as refused:
            Registry(f"sqlite:///{path}")
        assert "registry init" in refused.value.remedy
    assert not (tmp_path / "True.db").exists()
    (tmp_path / "text").write_text("not a database, and long enough to be seen as none" * 50)
    with pytest.raises(RegistryError, match="not a database"):
        Registry(f"sqlite:///{tmp_path / 'text'}")
    with pytest.raises(RegistryUnreachable, match="cannot write"):
        upgrade(f"sqlite:///{tmp_path / 'text' / 'registry.db'}")


def test_a_failed_upgrade_leaves_nothing_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = f"sqlite:///{tmp_path / 'registry.db'}"
    monkeypatch.setattr("host_client.registry.migrate.Trail.add",
                        lambda *_: (_ for _ in ()).throw(RegistryError("stopped")))  # fmt: skip
    with pytest.raises(RegistryError, match="stopped"):
        upgrade(url)
    monkeypatch.undo()
    with Database(url).reading() as connection:
        assert sa.inspect(connection).get_table_names() == []
        connection.engine.dispose()
    assert upgrade(url) == (None, tables.REVISION)


def test_the_file_is_its_owners(home: Path, caplog: pytest.LogCaptureFixture) -> None:
    before = os.umask(0)
    try:
        with Registry(create=True) as registry:
            registry.add_device(new_device())
            files = sorted(home.glob("registry.db*"))
            assert len(files) == 3, "the database and its two files of write-ahead"
            assert {stat.S_IMODE(file.stat().st_mode) for file in files} == {0o600}
    finally:
        os.umask(before)
    assert stat.S_IMODE(home.stat().st_mode) == 0o700
    (home / "registry.db").chmod(0o644)
    with caplog.at_level(logging.WARNING, "latchkey.registry"), Registry():
        assert "others may read" in caplog.text


@pytest.mark.parametrize(
    "url",
    ["mysql://a/b", "sqlite://", "sqlite:///:memory:", "sqlite:///file:x?mode=memory", "nonsense",
     f"postgresql://u:{PASSWORD}@h:port/x", f"oracle://u:{PASSWORD}@h/x", "://", "postgresql:"],
)  # fmt: skip
def test_refuses_urls_that_name_no_registry(url: str) -> None:
    with pytest.raises(RegistryUnreachable) as refused:
        parse_url(url)
    assert PASSWORD not in str(refused.value)


def test_a_far_server_must_prove_who_it_is() -> None:
    assert parse_url("postgresql://db.example/r").query["sslmode"] == "verify-full"
    assert parse_url("postgres://db.example/r?sslmode=require").query["sslmode"] == "require"
    for near in ("localhost", "127.0.0.1", "[::1]", ""):
        assert "sslmode" not in parse_url(f"postgresql://{near}/r").query
    assert "sslmode" not in parse_url("postgresql:///r?host=/var/run/postgresql").query
    assert "sslmode" in parse_url("postgresql:///r?host=db.example").query


def test_no_text_holds_the_password(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    caplog.set_level(logging.DEBUG)
    unreachable = f"postgresql://u:{PASSWORD}@127.0.0.1:9/{PASSWORD}x?password={PASSWORD}"
    monkeypatch.setenv("LATCHKEY_REGISTRY", f"postgresql://u:{PASSWORD}@127.0.0.1:9/x")
    texts = []
    for url in (unreachable, None, f"postgresql://u:{PASSWORD}@127.0.0.1:9/x?nonsense=1"):
        with pytest.raises(RegistryError) as refused:
            Registry(url)
        error: BaseException | None = refused.value
        assert error.__suppress_context__
        texts.append(str(error) + repr(error) + str(error.__cause__))
    name = repr(Database(f"postgresql://u:{PASSWORD}@127.0.0.1:9/x"))
    assert name == "Database('postgresql://u@127.0.0.1:9/x')"
    assert PASSWORD not in "".join(texts[1:]) + caplog.text
    assert f":{PASSWORD}@" not in texts[0]


def test_a_wrong_password_is_told_and_not_shown(cluster: Cluster) -> None:
    url = cluster.url("postgres").replace(cluster.password, PASSWORD)
    with pytest.raises(RegistryUnreachable, match="authentication failed") as refused:
        Registry(url)
    assert PASSWORD not in str(refused.value)


def test_who_waits_too_long_is_told(url: str) -> None:
    with Registry(url) as first, Registry(url, busy_s=0.2) as second:
        with first._database.writing():
            with pytest.raises(RegistryBusy, match="written to by somebody else"):
                second.add_device(new_device())
            assert second.count() == 0, "who reads does not wait"
        second.add_device(new_device())


def test_threads_share_a_registry(registry: Registry) -> None:
    new = [new_device(number) for number in range(12)]
    found: list[str] = []

    def work() -> None:
        found.extend(registry.add_device(device).device_id for device in new)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert sorted(found) == sorted([device.device_id for device in new] * 4)
    assert registry.count() == 12
    assert registry.verify_audit().number == 13


def test_without_its_libraries_it_says_what_to_install() -> None:
    code = (
        "import sys; sys.modules['sqlalchemy'] = None\n"
        "import host_client.registry as r\n"
        "from host_client.errors import MissingExtra\n"
        "try: r.Registry\n"
        "except MissingExtra as error: print(error, '|', error.remedy)"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True,
                          timeout=60, check=False)  # fmt: skip
    assert "sqlalchemy | Install it with: pip install 'latchkey[factory]'" in done.stdout, done


def test_no_statement_of_an_error_is_shown(own_url: str, operator: Operator) -> None:
    with Registry(own_url) as registry:
        registry.enrol(operator.keys)
        run(own_url, "DROP TABLE challenge")
        with pytest.raises(RegistrySchema, match="lacks a table") as refused:
            registry.challenge("x", operator.keys)
        assert "DELETE" not in str(refused.value)
        run(own_url, "ALTER TABLE device RENAME COLUMN model TO made_of")
        with pytest.raises(RegistryError, match="made_of|model") as refused:
            registry.device("x")
        assert "SELECT" not in str(refused.value)


def test_the_migrations_are_part_of_the_package() -> None:
    """What has no `__init__.py`, or is no module, would be left out of the wheel."""
    folder = ROOT / "host_client/registry"
    files = [path for path in folder.rglob("*") if path.is_file() and path.suffix != ".pyc"]
    assert any("versions" in file.parts and file.name.startswith("v0001") for file in files)
    assert not [file for file in files if file.suffix not in (".py", ".md")]
    assert not [f for f in files if f.suffix == ".py" and not (f.parent / "__init__.py").exists()]
