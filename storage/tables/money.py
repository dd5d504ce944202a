"""Budgets, awards, the ledger, payouts and coupon codes. Amounts are integers of fen."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlmodel import Field

from storage.types import BigId, Json, Row, UtcDateTime, one_of

KINDS = ("cash", "coupon", "gift", "points")
PAYOUT_STATUSES = (
    "held",
    "due",
    "approved",
    "submitted",
    "unknown",
    "paid",
    "failed",
    "expired",
    "rejected",
)
LEDGER_EVENTS = ("fund", "release", "award", "paid", "expired", "rejected")

_FREE = text("order_no IS NULL")


class Budget(Row, table=True):
    """What a source may cost and has cost. A source is a campaign's id, `pool/<id>` or
    `points/<id>`. `head` and `entries` are the end of the source's chain in the ledger."""

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
    head: str = Field(default="", sa_column_kwargs={"server_default": text("''")})
    entries: int = Field(default=0, sa_column_kwargs={"server_default": text("0")})


class Award(Row, table=True):
    """The prize that one member won. `order_no` follows from `key` and never changes."""

    __tablename__ = "award"
    __table_args__ = (
        CheckConstraint("amount_fen >= 0", name="amount_fen"),
        Index("ix_award_member_won_at", "member", "won_at"),
        Index("ix_award_community_won_at", "community", "won_at"),
        Index("ix_award_source_won_at", "source", "won_at"),
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
    kind: str = Field(default="cash", sa_column_kwargs={"server_default": text("'cash'")})
    points: int = Field(default=0, sa_column_kwargs={"server_default": text("0")})
    claim_by: date | None = None
    replaces: str | None = None
    deck: int = Field(default=0, sa_type=BigId, sa_column_kwargs={"server_default": text("0")})


class Spending(Row, table=True):
    """What a source spent in a quarter of an hour, from one deck (0: from none): the rollup of
    awards and payouts that the weekly summary adds up. Every zone of today begins its days at a
    quarter of an hour."""

    __tablename__ = "spending"
    __table_args__ = ({"sqlite_with_rowid": False},)

    source: str = Field(primary_key=True)
    deck: int = Field(primary_key=True, sa_type=BigId)
    quarter: datetime = Field(primary_key=True, sa_type=UtcDateTime)
    committed_fen: int = Field(default=0, sa_type=BigId)
    settled_fen: int = Field(default=0, sa_type=BigId)
    returned_fen: int = Field(default=0, sa_type=BigId)


class Ledger(Row, table=True):
    """Double entry, append-only (triggers refuse UPDATE and DELETE): one row moves an amount
    from one account to another, so that no entry can be out of balance. The rows of a source are
    a chain: `hash` covers the row and the hash before it (`storage.ledger`)."""

    __tablename__ = "ledger"
    __table_args__ = (
        CheckConstraint(one_of("event", LEDGER_EVENTS), name="event"),
        CheckConstraint("amount_fen >= 0", name="amount_fen"),
        CheckConstraint("debit <> credit", name="accounts"),
        CheckConstraint("(order_no IS NULL) = (event IN ('fund', 'release'))", name="order_no"),
        UniqueConstraint("order_no", "event"),
        {"sqlite_with_rowid": False},
    )

    source: str = Field(primary_key=True, sa_column_args=(ForeignKey("budget.source"),))
    number: int = Field(primary_key=True)
    event: str
    order_no: str | None = Field(default=None, sa_column_args=(ForeignKey("award.order_no"),))
    debit: str
    credit: str
    amount_fen: int = Field(sa_type=BigId)
    at: datetime = Field(sa_type=UtcDateTime)
    hash: str


class Payout(Row, table=True):
    """An award's way to its member."""

    __tablename__ = "payout"
    __table_args__ = (
        CheckConstraint(one_of("status", PAYOUT_STATUSES), name="status"),
        CheckConstraint("amount_fen >= 0", name="amount_fen"),
        Index("ix_payout_status_payable_on", "status", "payable_on"),
        Index("ix_payout_status_next_at", "status", "next_at"),
        Index("ix_payout_status_finished_at", "status", "finished_at"),
        Index("ix_payout_community_finished_at", "community", "finished_at"),
    )

    order_no: str = Field(primary_key=True, sa_column_args=(ForeignKey("award.order_no"),))
    community: str = Field(default="", sa_column_kwargs={"server_default": text("''")})
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
    flags: str = ""
    requested_by: str | None = None
    asked: int = 0
    next_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    code: str | None = Field(default=None, unique=True)
    confirm: str = ""
    awaits_gate: bool = Field(default=False, sa_column_kwargs={"server_default": text("false")})
    """Won while the bank had not said whether the member is its customer."""


class Coupon(Row, table=True):
    """A coupon code that the bank has given us to give away; `order_no` is whose it became."""

    __tablename__ = "coupon"
    __table_args__ = (
        UniqueConstraint("order_no"),
        Index(
            "ix_coupon_free",
            "source",
            "prize",
            "number",
            sqlite_where=_FREE,
            postgresql_where=_FREE,
        ),
        {"sqlite_with_rowid": False},
    )

    source: str = Field(primary_key=True)
    prize: str = Field(primary_key=True)
    code: str = Field(primary_key=True)
    number: int
    order_no: str | None = Field(default=None, sa_column_args=(ForeignKey("award.order_no"),))
    imported_at: datetime = Field(sa_type=UtcDateTime)


class Paying(Row, table=True):
    """The payer's desk, one row: how often money was sent for, and whether a restored backup is
    being compared with the payer (`mode` is `reconcile`) before anything is paid again."""

    __tablename__ = "paying"
    __table_args__ = (
        CheckConstraint(one_of("mode", ("normal", "reconcile")), name="mode"),
        CheckConstraint("id = 1", name="one"),
    )

    id: int = Field(default=1, primary_key=True)
    submitted: int = Field(default=0, sa_type=BigId)
    home: str = ""
    mode: str = "normal"
    since: datetime | None = Field(default=None, sa_type=UtcDateTime)
    reason: str = ""


class Reconciliation(Row, table=True):
    """A day's payments compared with what the payer says of them."""

    __tablename__ = "reconciliation"

    day: date = Field(primary_key=True)
    payer: str
    checked_at: datetime = Field(sa_type=UtcDateTime)
    ours: int
    ours_fen: int = Field(sa_type=BigId)
    theirs: int
    theirs_fen: int = Field(sa_type=BigId)
    differences: list[Any] = Field(default=[], sa_type=Json)
