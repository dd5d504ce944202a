"""Games and decks."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlmodel import Field

from storage.types import BigId, Json, Row, UtcDateTime, one_of

DECK_MODES = ("instant", "entrants")
PRIZE_KINDS = ("cash", "coupon", "gift", "points")

_EMPTY = {"server_default": text("''")}
_RUNNING = text("status = 'running'")
_LOUD = text("status = 'running' AND beside IS NULL")
_OPEN = text("closed_at IS NULL")
_UNDONE = text("done_at IS NULL")


class GameSession(Row, table=True):
    """One round. Partial unique indexes let a community have one running round that wants its
    attention, and of each quiet game one beside it (`beside` is then the game's name)."""

    __tablename__ = "game_session"
    __table_args__ = (
        CheckConstraint(one_of("status", ("running", "finished")), name="status"),
        Index(
            "uq_game_session_running",
            "community",
            unique=True,
            sqlite_where=_LOUD,
            postgresql_where=_LOUD,
        ),
        Index(
            "uq_game_session_beside",
            "community",
            "beside",
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
    beside: str | None = None
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
        CheckConstraint(one_of("mode", DECK_MODES), name="mode"),
        Index("ix_deck_next_at", "next_at", sqlite_where=_OPEN, postgresql_where=_OPEN),
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
    """The campaign as it was published; never changed."""
    payable_after: int
    opened_at: datetime = Field(sa_type=UtcDateTime)
    closes_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    closed_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    close_reason: str = ""
    mode: str = Field(default="instant", sa_column_kwargs={"server_default": "instant"})
    public_value: str = Field(default="", sa_column_kwargs=_EMPTY)
    """Which value will decide among entrants, as announced."""
    value: str = Field(default="", sa_column_kwargs=_EMPTY)
    """What it turned out to be."""
    head: str = Field(default="", sa_column_kwargs=_EMPTY)
    """Hash of the last log entry; the commitment while there is none."""
    log_length: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    amended: dict[str, Any] | None = Field(default=None, sa_type=Json)
    """The rules in force after an amendment."""
    refused: str = Field(default="", sa_column_kwargs=_EMPTY)
    """Hash of the last edit that was not taken over, so that people are told of it once."""
    frozen_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    next_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    """When the deck wants to be woken."""


class Card(Row, table=True):
    """One card in drawing order, positions from 0."""

    __tablename__ = "card"
    __table_args__ = (
        CheckConstraint("amount_fen >= 0", name="amount_fen"),
        CheckConstraint("position >= 0", name="position"),
        CheckConstraint(one_of("kind", PRIZE_KINDS), name="kind"),
        CheckConstraint("points >= 0", name="points"),
        {"sqlite_with_rowid": False},
    )

    deck: int = Field(primary_key=True, sa_type=BigId, sa_column_args=(ForeignKey("deck.id"),))
    position: int = Field(primary_key=True)
    prize: str
    amount_fen: int
    kind: str = Field(default="cash", sa_column_kwargs={"server_default": "cash"})
    points: int = Field(default=0, sa_column_kwargs={"server_default": "0"})


class Draw(Row, table=True):
    """A member took a card: a card goes once, a member's n-th draw from a deck is one, and a
    request of a page draws once."""

    __tablename__ = "draw"
    __table_args__ = (
        UniqueConstraint("deck", "member", "number"),
        UniqueConstraint("deck", "member", "request"),
        CheckConstraint("number >= 1", name="number"),
        Index("ix_draw_community_drawn_at", "community", "drawn_at"),
        Index("ix_draw_member", "member"),
        {"sqlite_with_rowid": False},
    )

    deck: int = Field(primary_key=True, sa_type=BigId, sa_column_args=(ForeignKey("deck.id"),))
    position: int = Field(primary_key=True)
    community: str
    member: str
    drawn_at: datetime = Field(sa_type=UtcDateTime)
    number: int
    """From 1, counted for each member."""
    day: date
    """The community's local date: chances a day are counted by it."""
    code: str
    """What stands for the member in what is published (凭证)."""
    receipt: str
    """Hash of the draw's log entry."""
    request: str | None = None
    """Idempotency key of the member page; none for a message."""


class Entrant(Row, table=True):
    """A member has entered a draw that a public value will decide."""

    __tablename__ = "entrant"
    __table_args__ = (
        UniqueConstraint("deck", "code"),
        Index("ix_entrant_member", "member"),
        {"sqlite_with_rowid": False},
    )

    deck: int = Field(primary_key=True, sa_type=BigId, sa_column_args=(ForeignKey("deck.id"),))
    member: str = Field(primary_key=True)
    community: str
    code: str
    at: datetime = Field(sa_type=UtcDateTime)


class DeckLog(Row, table=True):
    """The hash-chained log of a deck, append-only (triggers refuse UPDATE and DELETE)."""

    __tablename__ = "deck_log"
    __table_args__ = ({"sqlite_with_rowid": False},)

    deck: int = Field(primary_key=True, sa_type=BigId, sa_column_args=(ForeignKey("deck.id"),))
    number: int = Field(primary_key=True)
    entry: dict[str, Any] = Field(sa_type=Json)
    hash: str


class DeckRequest(Row, table=True):
    """A colleague asked at the terminal to open or end a round; the running bot does it."""

    __tablename__ = "deck_request"
    __table_args__ = (
        CheckConstraint(one_of("verb", ("open", "close")), name="verb"),
        Index("ix_deck_request_id", "id", sqlite_where=_UNDONE, postgresql_where=_UNDONE),
    )

    id: int | None = Field(default=None, primary_key=True, sa_type=BigId)
    verb: str
    campaign: str
    """What is opened; empty for closing."""
    community: str
    """Where; empty for a shared deck."""
    seconds: int
    """How long it stays open; 0: as its file says."""
    deck: int | None = None
    """What is closed."""
    reason: str
    asked_by: str
    asked_at: datetime = Field(sa_type=UtcDateTime)
    done_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    outcome: str = ""
