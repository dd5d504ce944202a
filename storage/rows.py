"""What every query module does alike: rows to dataclasses, insert-or-ignore, upsert."""

from collections.abc import Mapping, Sequence
from dataclasses import fields
from functools import cache
from typing import TYPE_CHECKING, Any, TypeVar

from sqlalchemy import Column, Connection, Executable, Select, Table, select
from sqlalchemy.dialects import postgresql, sqlite

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

R = TypeVar("R", bound="DataclassInstance")
Insert = sqlite.Insert | postgresql.Insert


@cache
def pick(table: Table, row: type[R]) -> Select[Any]:
    """SELECT of the columns that a row class names, in its order."""
    return select(*columns(table, row))


def columns(table: Table, row: type[R]) -> list[Column[Any]]:
    """The columns that a row class names, in its order."""
    return [table.c[field.name] for field in fields(row)]


def values(row: "DataclassInstance") -> dict[str, Any]:
    """A value's fields as a row; unlike `dataclasses.asdict` it copies nothing."""
    return {name: getattr(row, name) for name in row.__dataclass_fields__}


def every(tx: Connection, query: Executable, row: type[R]) -> list[R]:
    """All rows of a query as values."""
    return [row(*found) for found in tx.execute(query)]


def one(tx: Connection, query: Executable, row: type[R]) -> R | None:
    """The first row of a query as a value, or None."""
    found = tx.execute(query).first()
    return None if found is None else row(*found)


def insert_for(tx: Connection, table: Table) -> Insert:
    """An INSERT that knows ON CONFLICT, in the words of the connection's database."""
    return postgresql.insert(table) if is_postgres(tx) else sqlite.insert(table)


def insert_new(tx: Connection, table: Table, rows: Sequence[Mapping[str, Any]]) -> int:
    """Inserts the rows whose unique keys are free; returns how many those were."""
    if not rows:
        return 0
    if is_postgres(tx):
        # The driver does not count the rows of an executemany: let the database name them.
        (key, *_) = table.primary_key.columns
        statement = _insert_new("postgresql", table).returning(key)
        return len(tx.execute(statement, [dict(row) for row in rows]).all())
    return tx.execute(_insert_new("sqlite", table), [dict(row) for row in rows]).rowcount


def insert_one(tx: Connection, table: Table, values: Mapping[str, Any]) -> Any | None:
    """Inserts a row if its unique keys are free: its primary key, or None if they are not."""
    (key, *_) = table.primary_key.columns
    statement = insert_for(tx, table).values(dict(values)).on_conflict_do_nothing()
    return tx.execute(statement.returning(key)).scalar()


def for_change(tx: Connection, query: Select[Any], *, skip_locked: bool = False) -> Select[Any]:
    """The query with a lock on its rows until commit; a read-only transaction gets no lock.

    SQLite has no row locks and needs none: its one writer is alone.
    """
    if tx.get_execution_options().get("postgresql_readonly"):
        return query
    return query.with_for_update(skip_locked=skip_locked)


def is_postgres(tx: Connection) -> bool:
    """Whether the connection speaks to PostgreSQL."""
    return tx.dialect.name == "postgresql"


@cache
def _insert_new(dialect: str, table: Table) -> Insert:
    insert = postgresql.insert if dialect == "postgresql" else sqlite.insert
    return insert(table).on_conflict_do_nothing()
