"""What every query module does alike: rows to dataclasses, insert-or-ignore, upsert."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from functools import cache, lru_cache
from itertools import repeat
from typing import TYPE_CHECKING, Any, TypeVar

from sqlalchemy import BindParameter, Column, Connection, Dialect, Executable, Select, Table, select
from sqlalchemy.dialects import postgresql, sqlite

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

R = TypeVar("R", bound="DataclassInstance")
Insert = sqlite.Insert | postgresql.Insert
Here = str | BindParameter[str]
"""A community, or the place of one in a statement that is carried out for many."""


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


def one(
    tx: Connection, query: Executable, row: type[R], given: Mapping[str, Any] | None = None
) -> R | None:
    """The first row of a query as a value, or None. `given` are a prepared query's parameters."""
    found = tx.execute(query, given).first()
    return None if found is None else row(*found)


def insert_for(tx: Connection, table: Table) -> Insert:
    """An INSERT that knows ON CONFLICT, in the words of the connection's database."""
    return postgresql.insert(table) if is_postgres(tx) else sqlite.insert(table)


def insert_all(tx: Connection, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Inserts rows that name the same columns, in one statement."""
    if not rows:
        return
    if is_postgres(tx):
        tx.execute(postgresql.insert(table), [dict(row) for row in rows])
    else:
        _insert_fast(tx, table, rows, or_ignore=False)


def insert_new(tx: Connection, table: Table, rows: Sequence[Mapping[str, Any]]) -> int:
    """Inserts the rows whose unique keys are free; returns how many those were."""
    if not rows:
        return 0
    if is_postgres(tx):
        # The driver does not count the rows of an executemany: let the database name them.
        (key, *_) = table.primary_key.columns
        statement = postgresql.insert(table).on_conflict_do_nothing().returning(key)
        return len(tx.execute(statement, [dict(row) for row in rows]).all())
    return _insert_fast(tx, table, rows, or_ignore=True)


def insert_one(tx: Connection, table: Table, values: Mapping[str, Any]) -> Any | None:
    """Inserts a row if its unique keys are free: its primary key, or None if they are not."""
    (key, *_) = table.primary_key.columns
    statement = insert_for(tx, table).values(dict(values)).on_conflict_do_nothing()
    return tx.execute(statement.returning(key)).scalar()


def for_change(tx: Connection, query: Select[Any], *, skip_locked: bool = False) -> Select[Any]:
    """The query with a lock on its rows until commit; a read-only transaction gets no lock.

    SQLite has no row locks and needs none: its one writer is alone.
    """
    if not is_postgres(tx) or tx.get_execution_options().get("postgresql_readonly"):
        return query
    return query.with_for_update(skip_locked=skip_locked)


def is_postgres(tx: Connection) -> bool:
    """Whether the connection speaks to PostgreSQL."""
    return tx.dialect.name == "postgresql"


def _insert_fast(
    tx: Connection, table: Table, rows: Sequence[Mapping[str, Any]], or_ignore: bool
) -> int:
    """SQLite's executemany on tuples made a column at a time. Core makes a dictionary of each
    row and looks every value up in it, which costs more than SQLite itself."""
    given = tuple(rows[0])
    prepared = _prepare(tx.dialect, table, given, or_ignore)
    columns: list[Iterable[Any]] = []
    for name, process, default in prepared.columns:
        if name not in rows[0]:
            columns.append(repeat(default))
        elif process is None:
            columns.append([row[name] for row in rows])
        else:
            columns.append([process(row[name]) for row in rows])
    return tx.exec_driver_sql(prepared.sql, list(zip(*columns, strict=False))).rowcount


@dataclass(frozen=True, slots=True)
class _Prepared:
    sql: str
    columns: tuple[tuple[str, Callable[[Any], Any] | None, Any], ...]
    """Name, conversion, and value where the rows give none."""


@lru_cache(maxsize=256)
def _prepare(dialect: Dialect, table: Table, given: tuple[str, ...], or_ignore: bool) -> _Prepared:
    """The statement for these columns and for those that have a plain default."""
    defaults = {
        column.name: column.default.arg  # type: ignore[attr-defined]
        for column in table.columns
        if column.default is not None and column.name not in given
    }
    columns = []
    for name in (*given, *defaults):
        process = table.c[name].type.dialect_impl(dialect).bind_processor(dialect)
        default = defaults.get(name)
        columns.append((name, process, process(default) if process else default))
    names = ", ".join(name for name, _, _ in columns)
    marks = ", ".join("?" for _ in columns)
    ending = " ON CONFLICT DO NOTHING" if or_ignore else ""
    sql = f"INSERT INTO {table.name} ({names}) VALUES ({marks}){ending}"  # noqa: S608
    return _Prepared(sql, tuple(columns))
