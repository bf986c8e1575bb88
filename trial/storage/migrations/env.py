"""Alembic's entry: runs on the connection that `trial.storage.schema` hands over."""

from __future__ import annotations

from alembic import context

from trial.storage.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,
    transaction_per_migration=False,
    version_table="schema_version",
)
with context.begin_transaction():
    context.run_migrations()
