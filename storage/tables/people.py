"""Communities, members, what members do, labels and follow-ups."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlmodel import Field

from storage.types import BigId, Json, Row, UtcDateTime

_PRESENT = text("left_at IS NULL")
_WORN = text("removed_at IS NULL")
_UNDONE = text("done_at IS NULL")


class Community(Row, table=True):
    """A group chat as configuration names it; only `paused` is changed at run time."""

    __tablename__ = "community"

    id: str = Field(primary_key=True)
    name: str
    chat_id: str
    owner: str
    mode: str
    labels: list[str] = Field(sa_type=Json)
    zone: str
    active: bool = True
    paused: bool = False
    updated_at: datetime = Field(sa_type=UtcDateTime)


class Member(Row, table=True):
    """A customer, once for all communities."""

    __tablename__ = "member"

    id: str = Field(primary_key=True)
    name: str
    first_seen: datetime = Field(sa_type=UtcDateTime)


class Membership(Row, table=True):
    """One stay of a member in a community; a return is a new row."""

    __tablename__ = "membership"
    __table_args__ = (
        CheckConstraint("left_at IS NULL OR left_at >= joined_at", name="left_after_joined"),
        Index(
            "uq_membership_present",
            "community",
            "member",
            unique=True,
            sqlite_where=_PRESENT,
            postgresql_where=_PRESENT,
        ),
        Index("ix_membership_community_member", "community", "member"),
        Index("ix_membership_member", "member"),
        Index("ix_membership_community_joined_at", "community", "joined_at"),
        Index("ix_membership_community_left_at", "community", "left_at"),
    )

    id: int | None = Field(default=None, primary_key=True, sa_type=BigId)
    community: str
    member: str = Field(sa_column_args=(ForeignKey("member.id"),))
    joined_at: datetime = Field(sa_type=UtcDateTime)
    left_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    via: str = ""
    invitor: str = Field(default="", sa_column_kwargs={"server_default": text("''")})
    """The colleague who invited them, as WeCom knows it; empty: nobody known."""


class Activity(Row, table=True):
    """One counted action. `day` is the community's local date."""

    __tablename__ = "activity"
    __table_args__ = (Index("ix_activity_community_day", "community", "day"),)

    id: int | None = Field(default=None, primary_key=True, sa_type=BigId)
    community: str
    member: str
    kind: str
    at: datetime = Field(sa_type=UtcDateTime)
    day: date


class Daily(Row, table=True):
    """Actions of a member on a local day, by kind: the rollup that summaries read."""

    __tablename__ = "daily"
    __table_args__ = (
        CheckConstraint("n > 0", name="n"),
        {"sqlite_with_rowid": False},
    )

    community: str = Field(primary_key=True)
    day: date = Field(primary_key=True)
    member: str = Field(primary_key=True)
    kind: str = Field(primary_key=True)
    n: int
    last_at: datetime = Field(sa_type=UtcDateTime)


class Tag(Row, table=True):
    """A label on a member, with its reason; taking it off keeps the row."""

    __tablename__ = "tag"
    __table_args__ = (
        Index(
            "uq_tag_worn",
            "member",
            "tag",
            unique=True,
            sqlite_where=_WORN,
            postgresql_where=_WORN,
        ),
        Index("ix_tag_tag", "tag", sqlite_where=_WORN, postgresql_where=_WORN),
    )

    id: int | None = Field(default=None, primary_key=True, sa_type=BigId)
    member: str
    tag: str
    added_by: str
    reason: str
    added_at: datetime = Field(sa_type=UtcDateTime)
    removed_by: str | None = None
    removed_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    source: str = Field(default="staff", sa_column_kwargs={"server_default": "staff"})
    """rule, step, staff, wecom: who put it on, in one word."""
    expires_on: date | None = None
    """Local day on which it is taken off."""


class FollowUp(Row, table=True):
    """A task for an RM about one member. Its number is typed by people, and never given again."""

    __tablename__ = "follow_up"
    __table_args__ = (
        CheckConstraint("priority BETWEEN 1 AND 3", name="priority"),
        CheckConstraint("status IN ('open', 'done', 'dropped')", name="status"),
        CheckConstraint("(status = 'open') = (done_at IS NULL)", name="open_until_done"),
        Index("ix_follow_up_staff", "staff", sqlite_where=_UNDONE, postgresql_where=_UNDONE),
        Index(
            "ix_follow_up_remind_at", "remind_at", sqlite_where=_UNDONE, postgresql_where=_UNDONE
        ),
        Index("ix_follow_up_community_planned_for", "community", "planned_for"),
        Index("ix_follow_up_member", "member"),
        {"sqlite_autoincrement": True},
    )

    id: int | None = Field(default=None, primary_key=True, sa_type=BigId)
    key: str = Field(unique=True)
    community: str
    member: str
    staff: str
    reason: str
    due_at: datetime = Field(sa_type=UtcDateTime)
    created_at: datetime = Field(sa_type=UtcDateTime)
    done_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    """When it was done or dropped."""
    done_by: str | None = None
    planned_for: datetime = Field(sa_type=UtcDateTime)
    """When it was due before anybody put it off: what the summary counts by."""
    priority: int = 2
    script: str = ""
    source: str = "step"
    """rule, step, command, link, silence."""
    status: str = "open"
    result: str = ""
    remind_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    """When the RM is to be reminded of what was put off."""
    handed_from: str | None = None
    escalated_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    """When managers were told first that it is long overdue."""
