"""Bringing a registry's tables to this version, with Alembic."""

from __future__ import annotations

from alembic import command
from alembic.config import Config

from host_client.registry.audit import Trail
from host_client.registry.database import Database, revision_of
from host_client.registry.schema import REVISION


def configuration() -> Config:
    """Alembic's configuration; the migrations lie in this package."""
    config = Config()
    config.set_main_option("script_location", "host_client.registry:migrations")
    return config


def upgrade(url: str | None = None, *, actor: str = "") -> tuple[str | None, str]:
    """Make the tables, or bring them up to date, all or nothing: (schema before, after).

    Does nothing to a registry that is up to date. Raises RegistryError: RegistrySchema for
    one of a newer version.
    """
    database = Database(url)
    try:
        database.make_file()
        with database.writing() as connection:
            before = revision_of(connection)
            if before == REVISION:
                return before, before
            if before is not None and not (before.isdecimal() and int(before) < int(REVISION)):
                database.check_schema()  # says what is wrong
            config = configuration()
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
            Trail(database, actor).add(connection, "upgraded", "", {"from": before, "to": REVISION})
        return before, REVISION
    finally:
        database.close()
