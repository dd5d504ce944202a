"""Points: what each member has, every entry that made it so, and what was redeemed."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, Index, text
from sqlmodel import Field

from storage.types import BigId, Row, UtcDateTime

_LAPSES = text("expires_on IS NOT NULL")


class PointsWallet(Row, table=True):
    """What a member has, in all communities together; the entries add up to `balance`."""

    __tablename__ = "points_wallet"
    __table_args__ = (
        CheckConstraint("balance >= 0", name="balance"),
        CheckConstraint("balance <= earned", name="earned"),
        {"sqlite_with_rowid": False},
    )

    member: str = Field(primary_key=True)
    balance: int = Field(default=0, sa_type=BigId)
    earned: int = Field(default=0, sa_type=BigId)
    """Everything ever given and not taken back: levels and ranking follow it."""
    hidden: bool = False
    """The member does not want to be seen in the ranking."""


class PointsEntry(Row, table=True):
    """Points given (positive) or taken (negative). Rows are only ever added."""

    __tablename__ = "points_entry"
    __table_args__ = (
        CheckConstraint("points <> 0", name="points"),
        Index("ix_points_entry_member_day", "member", "day"),
        Index(
            "ix_points_entry_expires_on",
            "expires_on",
            sqlite_where=_LAPSES,
            postgresql_where=_LAPSES,
        ),
        Index("ix_points_entry_given_by_day", "given_by", "day"),
    )

    id: int | None = Field(default=None, primary_key=True, sa_type=BigId)
    key: str = Field(unique=True)
    member: str
    community: str
    points: int
    kind: str
    reason: str
    given_by: str = ""
    """The colleague who did it; empty for the program's own rules."""
    day: date
    """Local date of the community."""
    at: datetime = Field(sa_type=UtcDateTime)
    expires_on: date | None = None
    """The last local day on which they can be spent; None: for ever."""


class PointsItem(Row, table=True):
    """How many of a redemption list's item are gone."""

    __tablename__ = "points_item"
    __table_args__ = (
        CheckConstraint("taken >= 0", name="taken"),
        {"sqlite_with_rowid": False},
    )

    program: str = Field(primary_key=True)
    item: str = Field(primary_key=True)
    taken: int = 0


class Redemption(Row, table=True):
    """One item that a member redeemed."""

    __tablename__ = "redemption"
    __table_args__ = (
        Index("ix_redemption_member_program_item", "member", "program", "item"),
        {"sqlite_with_rowid": False},
    )

    key: str = Field(primary_key=True)
    program: str
    item: str
    community: str
    member: str
    points: int
    at: datetime = Field(sa_type=UtcDateTime)
