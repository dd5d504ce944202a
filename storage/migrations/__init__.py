"""The schema's history, run by the program itself: `upgrade` brings a database up to date."""

from pathlib import Path

from sqlalchemy import Connection, inspect, text

HEAD = "0031"
"""The newest version; a test compares it with the files in `versions`."""

_LOCK = 0x71756E79756E
"""PostgreSQL advisory lock of a migration: the letters `qunyun`."""


def upgrade(connection: Connection) -> None:
    """Migrates to HEAD inside the caller's transaction: all of it, or nothing."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
    if current(connection) == HEAD:
        return
    # Alembic costs a start-up 0.2 s, and nearly every start finds nothing to do.
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def current(connection: Connection) -> str | None:
    """The version that the database is at; None for an empty one."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    version: str | None = connection.execute(
        text("SELECT version_num FROM alembic_version")
    ).scalar()
    return version
