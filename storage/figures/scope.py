"""One week of some communities: the borders that every query of the summary shares."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import TypeVar
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Connection, Select, and_, select

from storage.types import Row, table

K = TypeVar("K")
V = TypeVar("V")

DAYS = 7
PACKED = "\x1f"
"""Keeps ids apart that the database packs into one string; no id of WeCom's has it."""


@dataclass(frozen=True, slots=True)
class Scope:
    """Which rows count."""

    tx: Connection
    communities: tuple[str, ...]
    monday: date
    zone: ZoneInfo
    staff: tuple[str, ...]
    """Left out wherever persons are counted."""

    @property
    def start(self) -> datetime:
        """Monday 00:00, aware UTC."""
        return self.midnight(0)

    @property
    def end(self) -> datetime:
        """Sunday 24:00, aware UTC; the week ends before it."""
        return self.midnight(DAYS)

    def day(self, offset: int) -> date:
        """The local date `offset` days after Monday."""
        return self.monday + timedelta(days=offset)

    def midnight(self, offset: int) -> datetime:
        """The beginning of that date, aware UTC."""
        return datetime.combine(self.day(offset), time(), self.zone).astimezone(UTC)

    def here(self, model: type[Row]) -> ColumnElement[bool]:
        """Rows of these communities."""
        return table(model).c.community.in_(self.communities)

    def members(self, model: type[Row]) -> ColumnElement[bool]:
        """Rows of these communities about members."""
        return and_(self.here(model), table(model).c.member.not_in(self.staff))

    def during(self, model: type[Row], column: str) -> ColumnElement[bool]:
        """Rows whose instant lies in the week."""
        instant = table(model).c[column]
        return and_(instant >= self.start, instant < self.end)

    def persons(self, model: type[Row], *conditions: ColumnElement[bool]) -> set[str]:
        """The distinct members with such a row."""
        member = table(model).c.member
        return self.set(select(member).distinct().where(self.members(model), *conditions))

    def set(self, query: Select[str]) -> "set[str]":
        """One column as a set."""
        return set(self.tx.execute(query).scalars())

    def pairs(self, query: Select[K, V]) -> dict[K, V]:
        """Two columns as a mapping."""
        return {key: value for key, value in self.tx.execute(query)}  # noqa: C416


def unpacked(ids: str | None) -> set[str]:
    """Ids that the database packed into one string."""
    return set(ids.split(PACKED)) if ids else set()
