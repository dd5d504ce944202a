"""Games and decks."""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlmodel import Field

from storage.types import BigId, Json, Row, UtcDateTime, one_of

_RUNNING = text("status = 'running'")
_OPEN = text("closed_at IS NULL")


class GameSession(Row, table=True):
    """One round. The partial unique index lets a community have one running round."""

    __tablename__ = "game_session"
    __table_args__ = (
        CheckConstraint(one_of("status", ("running", "finished")), name="status"),
        Index(
            "uq_game_session_running",
            "community",
            unique=True,
            sqlite_where=_RUNNING,
            postgresql_where=_RUNNING,
        ),
        Index(
            "ix_game_session_next_at",
            "next_at",
            sqlite_where=_RUNNING,
            postgresql_where=_RUNNING,
        ),
        Index("ix_game_session_community_finished_at", "community", "finished_at"),
    )

    id: int | None = Field(default=None, primary_key=True, sa_type=BigId)
    community: str
    game: str
    options: dict[str, Any] = Field(sa_type=Json)
    rewards: dict[str, Any] | None = Field(default=None, sa_type=Json)
    state: dict[str, Any] = Field(sa_type=Json)
    version: int = 1
    seed: str
    status: str = "running"
    next_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    occurrence: str | None = None
    started_by: str | None = None
    started_at: datetime = Field(sa_type=UtcDateTime)
    finished_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    reason: str = ""
    winners: list[str] = Field(default=[], sa_type=Json)


class Player(Row, table=True):
    """A member took part in a round, counted once."""

    __tablename__ = "player"
    __table_args__ = (Index("ix_player_community_member_at", "community", "member", "at"),)

    session: int = Field(
        primary_key=True, sa_type=BigId, sa_column_args=(ForeignKey("game_session.id"),)
    )
    member: str = Field(primary_key=True)
    community: str
    at: datetime = Field(sa_type=UtcDateTime)


class Deck(Row, table=True):
    """A fixed list of prize cards; `community` is empty for a shared deck."""

    __tablename__ = "deck"
    __table_args__ = (
        UniqueConstraint("campaign", "round", "community"),
        CheckConstraint("size > 0", name="size"),
        CheckConstraint("taken BETWEEN 0 AND size", name="taken"),
        CheckConstraint("sum_fen <= budget_fen", name="within_budget"),
        Index("ix_deck_closes_at", "closes_at", sqlite_where=_OPEN, postgresql_where=_OPEN),
    )

    id: int | None = Field(default=None, primary_key=True, sa_type=BigId)
    campaign: str
    round: str
    community: str
    size: int
    taken: int = 0
    sum_fen: int
    budget_fen: int
    seed: str
    commitment: str
    rules_hash: str
    rules: dict[str, Any] = Field(sa_type=Json)
    payable_after: int
    opened_at: datetime = Field(sa_type=UtcDateTime)
    closes_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    closed_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    close_reason: str = ""


class Card(Row, table=True):
    """One card in drawing order, positions from 0."""

    __tablename__ = "card"
    __table_args__ = (
        CheckConstraint("amount_fen >= 0", name="amount_fen"),
        CheckConstraint("position >= 0", name="position"),
        {"sqlite_with_rowid": False},
    )

    deck: int = Field(primary_key=True, sa_type=BigId, sa_column_args=(ForeignKey("deck.id"),))
    position: int = Field(primary_key=True)
    prize: str
    amount_fen: int


class Draw(Row, table=True):
    """A member took a card: a card goes once, a member draws once from a deck."""

    __tablename__ = "draw"
    __table_args__ = (
        UniqueConstraint("deck", "member"),
        Index("ix_draw_community_drawn_at", "community", "drawn_at"),
        {"sqlite_with_rowid": False},
    )

    deck: int = Field(primary_key=True, sa_type=BigId, sa_column_args=(ForeignKey("deck.id"),))
    position: int = Field(primary_key=True)
    community: str
    member: str
    drawn_at: datetime = Field(sa_type=UtcDateTime)
