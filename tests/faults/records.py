"""Reads the bot's database as an outsider: plain SQL, no code of the bot.

`pass_time` does what a wait of some minutes would do to the rows whose only content is a wait,
so that the tests need not sleep through leases of a minute and questions of two.
"""

import sqlite3
from collections.abc import Collection, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Protocol

import asyncpg

Row = dict[str, Any]

TABLES = (
    "inbox",
    "outbox",
    "occurrence",
    "membership",
    "activity",
    "deck",
    "deck_log",
    "card",
    "draw",
    "award",
    "ledger",
    "payout",
    "budget",
)


class Records(Protocol):
    """One database of the bot."""

    url: str

    async def select(self, query: str) -> list[Row]:
        """The rows of a query."""

    async def execute(self, *statements: str) -> None:
        """Changes rows, in one transaction."""

    async def damage(self) -> list[str]:
        """What the database itself finds wrong with its file."""


@dataclass(frozen=True, slots=True)
class SqliteRecords:
    """A SQLite file, opened anew for each question so that no lock of ours outlives it."""

    path: Path

    @property
    def url(self) -> str:
        return f"sqlite:///{self.path}"

    async def select(self, query: str) -> list[Row]:
        with closing(self._connect()) as connection:
            connection.row_factory = sqlite3.Row
            return [dict(row) for row in connection.execute(query)]

    async def execute(self, *statements: str) -> None:
        with closing(self._connect()) as connection, connection:
            connection.execute("BEGIN IMMEDIATE")
            for statement in statements:
                connection.execute(statement)

    async def damage(self) -> list[str]:
        with closing(self._connect()) as connection:
            (verdict,) = connection.execute("PRAGMA integrity_check").fetchone()
            strays = connection.execute("PRAGMA foreign_key_check").fetchall()
        found = [] if verdict == "ok" else [f"integrity_check: {verdict}"]
        return found + [f"foreign key: {stray}" for stray in strays]

    def _connect(self) -> sqlite3.Connection:
        connection = sqlite3.connect(self.path, timeout=10)
        # The bot alone folds its log into the file: two at that work is a bug of old SQLite.
        connection.execute("PRAGMA wal_autocheckpoint=0")
        return connection


@dataclass(frozen=True, slots=True)
class PostgresRecords:
    """A PostgreSQL database."""

    url: str

    async def select(self, query: str) -> list[Row]:
        connection = await asyncpg.connect(self.url)
        try:
            return [dict(row) for row in await connection.fetch(query)]
        finally:
            await connection.close()

    async def execute(self, *statements: str) -> None:
        connection = await asyncpg.connect(self.url)
        try:
            while not await self._done(connection, statements):
                pass
        finally:
            await connection.close()

    async def _done(self, connection: asyncpg.Connection, statements: Sequence[str]) -> bool:
        """False if the bot was in the way, as it may be of any other process."""
        try:
            async with connection.transaction():
                for statement in statements:
                    await connection.execute(statement)
        except asyncpg.DeadlockDetectedError:
            return False
        return True

    async def damage(self) -> list[str]:
        return []


async def snapshot(records: Records, tables: Collection[str] = TABLES) -> dict[str, list[Row]]:
    """Every row of these tables."""
    return {table: await records.select(f"SELECT * FROM {table}") for table in tables}


def sql(instant: datetime) -> str:
    """An instant as both databases read it."""
    return f"'{instant.astimezone(UTC).isoformat(' ', 'microseconds')}'"


async def set_watermark(records: Records, at: datetime) -> None:
    """As if the calendar had last been looked at then."""
    await records.execute(f"INSERT INTO watermark (name, at) VALUES ('calendar', {sql(at)})")


async def pass_time(records: Records, now: datetime) -> None:
    """Ends every lease, delay and pause before the next question: some minutes have gone by."""
    past = sql(now - timedelta(minutes=5))
    await records.execute(
        f"UPDATE outbox SET lease_until = {past} WHERE status = 'sending'",
        f"UPDATE outbox SET not_before = {past} WHERE status = 'pending' AND attempts > 0",
        f"UPDATE payout SET next_at = {past} WHERE status IN ('submitted', 'unknown')",
    )
