"""Statements are compiled once for all the databases that a process opens, not for each anew.

A database opened by a test costs little; compiling what is asked of it costs the most of a short
test. SQLAlchemy keeps compiled statements by dialect, so engines that want the same dialect with
the same options get the same one. What is compiled is what a service compiles in its first day.
"""

from collections.abc import Hashable
from typing import Any

from sqlalchemy import Engine
from sqlalchemy.dialects import registry
from sqlalchemy.dialects.postgresql.asyncpg import PGDialect_asyncpg
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite
from sqlalchemy.engine import Dialect
from sqlalchemy.util import LRUCache

_STATEMENTS: LRUCache[Any, Any] = LRUCache(5000)


class _Shared(Dialect):
    """One dialect for all engines that are made with the same options."""

    _made: dict[Hashable, "_Shared"]

    def __init_subclass__(cls) -> None:
        cls._made = {}

    def __new__(cls, **options: Any) -> "_Shared":
        return cls._made.setdefault(frozenset(options.items()), super().__new__(cls))

    def __init__(self, **options: Any) -> None:
        if not vars(self):
            super().__init__(**options)

    @classmethod
    def engine_created(cls, engine: Engine) -> None:
        engine.update_execution_options(compiled_cache=_STATEMENTS)


class SharedSqlite(_Shared, SQLiteDialect_pysqlite):
    supports_statement_cache = True


class SharedPostgres(_Shared, PGDialect_asyncpg):
    supports_statement_cache = True


def compile_once() -> None:
    """Every database that this process opens from now on shares what is compiled."""
    registry.register("sqlite.pysqlite", __name__, SharedSqlite.__name__)
    registry.register("postgresql.asyncpg", __name__, SharedPostgres.__name__)
