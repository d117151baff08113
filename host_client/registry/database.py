"""The database under the registry: SQLite by default, PostgreSQL by URL.

Whoever writes waits for whoever is writing (BEGIN IMMEDIATE, an advisory lock): what a
transaction has looked up is still so when it writes, and the audit trail has one end.
"""

from __future__ import annotations

import contextlib
import logging
import os
import stat
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy import exc
from sqlalchemy.engine import URL, Connection, Engine, make_url

from host_client.private_file import PRIVATE, latchkey_home, make_private_folder
from host_client.registry.errors import (
    RegistryBusy,
    RegistryError,
    RegistrySchema,
    RegistryUnreachable,
)
from host_client.registry.schema import REVISION

log = logging.getLogger("latchkey.registry")

VARIABLE = "LATCHKEY_REGISTRY"
BUSY_S = 10  # for another writer to be done
CONNECT_S = 10
_WRITERS = 0x4C61746368  # the advisory lock of those who write ("Latch")
_LOCAL = ("", "localhost", "127.0.0.1", "::1")
_NEW = "There is no registry yet: make it with `latchkey registry init`."
_OLD = "Bring it up to date with `latchkey registry upgrade`; keep a copy of it."
_NEWER = "A newer Latchkey made this registry: install that version, or a newer one."


def default_url() -> str:
    """$LATCHKEY_REGISTRY, or the file registry.db in $LATCHKEY_HOME."""
    path = latchkey_home() / "registry.db"
    return os.environ.get(VARIABLE) or URL.create("sqlite", database=str(path)).render_as_string()


def parse_url(text: str) -> URL:
    """`sqlite:///FILE` or `postgresql://...`. Raises RegistryUnreachable, quoting nothing."""
    try:
        url = make_url(text)
    except (exc.ArgumentError, ValueError):
        raise RegistryUnreachable("the registry's URL cannot be read") from None
    kind = url.drivername.partition("+")[0]
    if kind == "sqlite":
        if not url.database or url.database == ":memory:" or url.database.startswith("file:"):
            raise RegistryUnreachable("the registry's URL names no file: sqlite:///FILE")
        return url.set(drivername="sqlite+pysqlite")
    if kind not in ("postgresql", "postgres"):
        raise RegistryUnreachable("a registry is sqlite:///FILE or postgresql://HOST/DATABASE")
    host = url.host or str(url.query.get("host", ""))
    if host not in _LOCAL and not host.startswith("/") and "sslmode" not in url.query:
        # libpq would go on in the clear if the server, or somebody in between, said so.
        url = url.update_query_dict({"sslmode": "verify-full"})
    return url.set(drivername="postgresql+psycopg")


class Database:
    """Connections to one registry. Its errors are RegistryErrors, and hold no password."""

    def __init__(self, url: str | None = None, *, busy_s: float = BUSY_S) -> None:
        """Opens nothing yet. Raises RegistryUnreachable for a URL that is none."""
        self._url = parse_url(url or default_url())
        self._busy_s = busy_s
        self.is_sqlite = self._url.drivername.startswith("sqlite")
        self._engine = self._make_engine()

    @property
    def name(self) -> str:
        """The database for people: no password, nor any other parameter of the URL."""
        if self.is_sqlite:
            return str(self._url.database)
        user = f"{self._url.username}@" if self._url.username else ""
        port = f":{self._url.port}" if self._url.port else ""
        return f"postgresql://{user}{self._url.host or ''}{port}/{self._url.database or ''}"

    def __repr__(self) -> str:
        return f"Database({self.name!r})"

    def close(self) -> None:
        self._engine.dispose()

    @contextlib.contextmanager
    def reading(self, *, steady: bool = False) -> Iterator[Connection]:
        """A transaction that only reads; `steady`: all its statements see one state."""
        with self._wrapped(), self._engine.connect() as connection, connection.begin():
            if steady and not self.is_sqlite:
                connection.exec_driver_sql("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
            yield connection

    @contextlib.contextmanager
    def writing(self) -> Iterator[Connection]:
        """The only transaction that writes, until it ends. Raises RegistryBusy."""
        with self._wrapped(), self._engine.connect() as connection:
            connection = connection.execution_options(latchkey_writes=True)
            with connection.begin():
                if not self.is_sqlite:
                    wait_ms = int(self._busy_s * 1000)
                    connection.exec_driver_sql(f"SET LOCAL lock_timeout = {wait_ms}")
                    connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_WRITERS})")
                yield connection

    def now_ms(self, connection: Connection) -> int:
        """Unix milliseconds by the server's clock, which all its clients share."""
        if self.is_sqlite:
            return time.time_ns() // 1_000_000
        found = connection.execute(sa.text("SELECT extract(epoch FROM clock_timestamp()) * 1000"))
        return int(found.scalar_one())

    def check_schema(self) -> None:
        """Raises RegistrySchema unless the tables are those of this version."""
        if self.is_sqlite and not Path(str(self._url.database)).exists():
            raise _schema_error(f"{self.name} is not there", _NEW)
        with self.reading() as connection:
            found = revision_of(connection)
        if found == REVISION:
            return
        if found is None:
            raise _schema_error(f"{self.name} holds no registry", _NEW)
        is_older = found.isdecimal() and int(found) < int(REVISION)
        age, remedy = ("an older", _OLD) if is_older else ("a newer", _NEWER)
        message = f"{self.name} is of {age} version (schema {found}, this is {REVISION})"
        raise _schema_error(message, remedy)

    def make_file(self) -> None:
        """For SQLite: the file, empty, for its owner only. Raises RegistryUnreachable."""
        if not self.is_sqlite:
            return
        path = Path(str(self._url.database))
        try:
            make_private_folder(path.parent)
            os.close(os.open(path, os.O_RDWR | os.O_CREAT, PRIVATE))
        except OSError as error:
            raise RegistryUnreachable(f"cannot write {path}: {error.strerror}") from error

    def warn_if_open_to_others(self) -> None:
        """Say so where others may read the file."""
        path = Path(str(self._url.database))
        if self.is_sqlite and os.name == "posix" and path.exists():
            mode = stat.S_IMODE(path.stat().st_mode)
            if mode & 0o077:
                log.warning("others may read %s (mode %o): chmod 600 it", path, mode)

    def _make_engine(self) -> Engine:
        arguments: dict[str, Any] = {"timeout": self._busy_s}
        if not self.is_sqlite:
            arguments = {"connect_timeout": CONNECT_S, "application_name": "latchkey"}
        engine = sa.create_engine(
            self._url, connect_args=arguments, hide_parameters=True, pool_pre_ping=True
        )
        if self.is_sqlite:
            sa.event.listen(engine, "connect", _prepare_sqlite)
            sa.event.listen(engine, "begin", _begin_sqlite)
        return engine

    @contextlib.contextmanager
    def _wrapped(self) -> Iterator[None]:
        try:
            yield
        except exc.SQLAlchemyError as error:
            raise self._told(error) from None  # the chain would show statements and parameters

    def _told(self, error: exc.SQLAlchemyError) -> RegistryError:
        original = getattr(error, "orig", None)
        text = str(original).strip().partition("\n")[0] if original else type(error).__name__
        if self._url.password:
            text = text.replace(str(self._url.password), "...")
        state = getattr(original, "sqlstate", None)
        if "database is locked" in text or state == "55P03" or isinstance(error, exc.TimeoutError):
            return RegistryBusy(f"{self.name} is being written to by somebody else")
        if "no such table" in text or state == "42P01":
            return _schema_error(f"{self.name} lacks a table", _OLD)
        if isinstance(error, exc.OperationalError):
            return RegistryUnreachable(f"{self.name}: {text}")
        return RegistryError(f"{self.name}: {text}")


def revision_of(connection: Connection) -> str | None:
    """Which migration the tables are of; None where there are no tables."""
    if not sa.inspect(connection).has_table("alembic_version"):
        return None
    found = connection.execute(sa.text("SELECT version_num FROM alembic_version")).scalar()
    return None if found is None else str(found)


def _schema_error(message: str, remedy: str) -> RegistrySchema:
    error = RegistrySchema(message)
    error.remedy = remedy
    return error


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    # No transactions behind our back: `_begin_sqlite` says which kind begins.
    connection.isolation_level = None
    cursor = connection.cursor()
    try:
        # WAL: who reads does not wait for who writes. FULL: what is committed is on the disk.
        for pragma in ("foreign_keys = ON", "journal_mode = WAL", "synchronous = FULL",
                       "trusted_schema = OFF"):  # fmt: skip
            cursor.execute(f"PRAGMA {pragma}")
    finally:
        cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    writes = connection.get_execution_options().get("latchkey_writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
