"""Gatherings and what members replied."""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlmodel import Field

from storage.types import BigId, Json, Row, UtcDateTime

_OPEN = text("closed_at IS NULL")


class Gathering(Row, table=True):
    """An open call in one community. It keeps its rules though the plan's file changes; an
    occurrence opens one at most."""

    __tablename__ = "gathering"
    __table_args__ = (
        CheckConstraint("closes_at > opened_at", name="closes_after_opened"),
        CheckConstraint("(closed_at IS NULL) = (next_at IS NOT NULL)", name="next_while_open"),
        Index("ix_gathering_community_closed_at", "community", "closed_at"),
        Index("ix_gathering_next_at", "next_at", sqlite_where=_OPEN, postgresql_where=_OPEN),
    )

    id: int | None = Field(default=None, primary_key=True, sa_type=BigId)
    community: str
    kind: str
    occurrence: str = Field(unique=True)
    options: dict[str, Any] = Field(sa_type=Json)
    phase: str
    seed: str
    quiet_hours: str | None = None
    opened_at: datetime = Field(sa_type=UtcDateTime)
    next_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    closes_at: datetime = Field(sa_type=UtcDateTime)
    closed_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    reason: str = ""
    result: dict[str, Any] = Field(default={}, sa_type=Json)


class Reply(Row, table=True):
    """What one member replied, as it stands; erased a while after the gathering has closed."""

    __tablename__ = "reply"

    gathering: int = Field(
        primary_key=True, sa_type=BigId, sa_column_args=(ForeignKey("gathering.id"),)
    )
    member: str = Field(primary_key=True)
    value: dict[str, Any] = Field(sa_type=Json)
    at: datetime = Field(sa_type=UtcDateTime)
