"""Alembic's entry: it is given an open connection by `storage.migrations.upgrade`."""

from alembic import context

from storage.tables import METADATA

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=METADATA,
    # SQLite cannot alter a table: Alembic copies it instead.
    render_as_batch=True,
)
context.run_migrations()
