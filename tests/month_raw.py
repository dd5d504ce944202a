"""The rows of a SQLite file in DuckDB, which knows nothing of our code: every table, as it is.

By way of CSV, because DuckDB's extension that reads SQLite files must be downloaded.
"""

import csv
import sqlite3
from contextlib import closing
from datetime import date, datetime
from pathlib import Path
from types import MappingProxyType
from typing import Any

import duckdb

from storage.tables import METADATA
from storage.types import BigId, UtcDateTime

_TYPES = MappingProxyType({int: "BIGINT", bool: "BOOLEAN", date: "DATE"})
_NULL = "\\N"
ROLLUPS = frozenset({"daily", "spending"})


def raw(file: Path, folder: Path) -> duckdb.DuckDBPyConnection:
    """All tables but the rollups, which the second opinion must not see."""
    duck = duckdb.connect()
    duck.execute("SET threads = 1")
    with closing(sqlite3.connect(file)) as lite:
        for table in METADATA.sorted_tables:
            if table.name in ROLLUPS:
                continue
            names = [column.name for column in table.columns]
            shown = ", ".join(f'"{name}"' for name in names)
            rows = lite.execute(f"SELECT {shown} FROM {table.name}")
            path = folder / f"{table.name}.csv"
            with path.open("w", newline="", encoding="utf-8") as out:
                writer = csv.writer(out)
                writer.writerow(names)
                writer.writerows([_NULL if x is None else x for x in row] for row in rows)
            columns = {column.name: _type(column.type) for column in table.columns}
            # An instant is text such as "2026-11-22 16:00:00.000000+00:00", always of UTC.
            picked = ", ".join(
                f'CAST(left("{name}", 26) AS TIMESTAMP) AS "{name}"'
                if kind == "TIMESTAMP"
                else f'"{name}"'
                for name, kind in columns.items()
            )
            read = {k: "VARCHAR" if v == "TIMESTAMP" else v for k, v in columns.items()}
            duck.execute(
                f"CREATE TABLE \"{table.name}\" AS SELECT {picked} FROM read_csv('{path}', "
                f"header=true, nullstr='{_NULL}', quote='\"', escape='\"', columns={read})"
            )
    return duck


def instant(at: datetime) -> str:
    """For a query: UTC without its zone."""
    return f"{at:%Y-%m-%d %H:%M:%S.%f}"


def _type(column: Any) -> str:
    if isinstance(column, UtcDateTime):
        return "TIMESTAMP"
    if isinstance(column, BigId):
        return "BIGINT"
    return _TYPES.get(column.python_type, "VARCHAR")
