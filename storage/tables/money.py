"""Budgets, awards, the ledger and payouts. Every amount is an integer of fen."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlmodel import Field

from storage.types import BigId, Row, UtcDateTime, one_of

PAYOUT_STATUSES = (
    "held",
    "due",
    "approved",
    "submitted",
    "unknown",
    "paid",
    "failed",
    "expired",
)
LEDGER_EVENTS = ("award", "paid", "expired")


class Budget(Row, table=True):
    """What a source may cost and has cost. A source is a campaign's id or `pool/<id>`."""

    __tablename__ = "budget"
    __table_args__ = (
        CheckConstraint("committed_fen - returned_fen <= budget_fen", name="within_budget"),
        CheckConstraint("settled_fen + returned_fen <= committed_fen", name="settled"),
        CheckConstraint("settled_fen >= 0 AND returned_fen >= 0", name="positive"),
    )

    source: str = Field(primary_key=True)
    budget_fen: int = Field(sa_type=BigId)
    committed_fen: int = Field(default=0, sa_type=BigId)
    settled_fen: int = Field(default=0, sa_type=BigId)
    returned_fen: int = Field(default=0, sa_type=BigId)


class Award(Row, table=True):
    """The prize that one member won. `order_no` follows from `key` and never changes."""

    __tablename__ = "award"
    __table_args__ = (
        CheckConstraint("amount_fen >= 0", name="amount_fen"),
        Index("ix_award_member_won_at", "member", "won_at"),
        Index("ix_award_community_won_at", "community", "won_at"),
    )

    order_no: str = Field(primary_key=True)
    key: str = Field(unique=True)
    source: str
    community: str
    member: str
    prize: str
    amount_fen: int
    payable_on: date
    won_at: datetime = Field(sa_type=UtcDateTime)


class Ledger(Row, table=True):
    """Double entry, append-only (triggers refuse UPDATE and DELETE): one row moves an amount
    from one account to another, so that no entry can be out of balance."""

    __tablename__ = "ledger"
    __table_args__ = (
        CheckConstraint(one_of("event", LEDGER_EVENTS), name="event"),
        CheckConstraint("amount_fen >= 0", name="amount_fen"),
        CheckConstraint("debit <> credit", name="accounts"),
        {"sqlite_with_rowid": False},
    )

    order_no: str = Field(primary_key=True, sa_column_args=(ForeignKey("award.order_no"),))
    event: str = Field(primary_key=True)
    debit: str
    credit: str
    amount_fen: int
    at: datetime = Field(sa_type=UtcDateTime)


class Payout(Row, table=True):
    """An award's way to its member."""

    __tablename__ = "payout"
    __table_args__ = (
        CheckConstraint(one_of("status", PAYOUT_STATUSES), name="status"),
        CheckConstraint("amount_fen >= 0", name="amount_fen"),
        Index("ix_payout_status_payable_on", "status", "payable_on"),
    )

    order_no: str = Field(primary_key=True, sa_column_args=(ForeignKey("award.order_no"),))
    status: str = "held"
    amount_fen: int
    payable_on: date
    approved_by: str | None = None
    approved_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    submitted_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    attempts: int = 0
    finished_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    receipt: str = ""
    reason: str = ""
    updated_at: datetime = Field(sa_type=UtcDateTime)
