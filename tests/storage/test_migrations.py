"""The migrated schema is the declared one."""

from pathlib import Path

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, inspect

from storage import migrations
from storage.database import Database
from storage.tables import METADATA


def differences(tx: Connection) -> list[object]:
    context = MigrationContext.configure(tx, opts={"compare_server_default": True})
    return list(compare_metadata(context, METADATA))


def checks(tx: Connection) -> dict[str, set[str | None]]:
    inspector = inspect(tx)
    return {
        name: {check["name"] for check in inspector.get_check_constraints(name)}
        for name in METADATA.tables
    }


async def test_migrated_schema_is_the_declared_one(database: Database) -> None:
    assert await database.read(differences) == []


async def test_migrated_checks_are_the_declared_ones(database: Database) -> None:
    from sqlalchemy import CheckConstraint

    declared = {
        name: {str(one.name) for one in declared.constraints if isinstance(one, CheckConstraint)}
        for name, declared in METADATA.tables.items()
    }
    assert await database.read(checks) == declared


async def test_head_is_the_newest_migration(database: Database) -> None:
    folder = str(Path(migrations.__file__).parent)
    assert ScriptDirectory(folder).get_heads() == [migrations.HEAD]
    assert await database.read(migrations.current) == migrations.HEAD


async def test_upgrade_of_a_current_database_changes_nothing(database: Database) -> None:
    await database.write(migrations.upgrade)
    assert await database.read(migrations.current) == migrations.HEAD
