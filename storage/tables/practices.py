"""Colleagues who practise hosting a game: kept while they practise, and no longer."""

from datetime import datetime
from typing import Any

from sqlmodel import Field

from storage.types import Json, Row, UtcDateTime


class Practice(Row, table=True):
    """One colleague's practice round, on a clock of its own."""

    __tablename__ = "practice"
    __table_args__ = ({"sqlite_with_rowid": False},)

    staff: str = Field(primary_key=True)
    game: str
    options: dict[str, Any] = Field(sa_type=Json)
    state: dict[str, Any] = Field(sa_type=Json)
    seed: str
    began_at: datetime = Field(sa_type=UtcDateTime)
    clock_at: datetime = Field(sa_type=UtcDateTime)
    """How late it is in the round."""
    next_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    """When the round wants to act, on its own clock."""
    prompt: str
    """What the members were asked last, and since when."""
    prompt_at: datetime = Field(sa_type=UtcDateTime)
    kept_at: datetime = Field(sa_type=UtcDateTime)
    """When the colleague last said something."""
