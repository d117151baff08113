"""Run by Alembic, on the connection that `database.upgrade` hands over, in its transaction."""

from __future__ import annotations

from alembic import context

from host_client.registry.schema import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    transactional_ddl=True,
)
context.run_migrations()
