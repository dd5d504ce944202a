"""What RMs are asked to send in customer groups, and what WeCom says became of it."""

from datetime import datetime

from sqlalchemy import CheckConstraint, Index, text
from sqlmodel import Field

from storage.types import Row, UtcDateTime, one_of

ASSIST_WAYS = ("task", "card")
ASSIST_STATUSES = (
    "waiting",
    "open",
    "sent",
    "capped",
    "skipped",
    "expired",
    "cancelled",
    "failed",
)
RECEIVER_STATUSES = ("waiting", "sent", "not_friend", "capped", "unreached")

_LOOKED_AT = text("next_at IS NOT NULL")


class AssistTask(Row, table=True):
    """One occurrence that its RM sends, by a group-send task of WeCom or by hand."""

    __tablename__ = "assist_task"
    __table_args__ = (
        CheckConstraint(one_of("way", ASSIST_WAYS), name="way"),
        CheckConstraint(one_of("status", ASSIST_STATUSES), name="status"),
        CheckConstraint("window_ends_at >= due_at", name="window"),
        Index(
            "ix_assist_task_next", "next_at", sqlite_where=_LOOKED_AT, postgresql_where=_LOOKED_AT
        ),
        Index("ix_assist_task_community_due", "community", "due_at"),
    )

    occurrence: str = Field(primary_key=True)
    community: str
    owner: str
    title: str
    way: str
    single: bool = False
    msgid: str = ""
    withdraw: str = ""
    status: str = "waiting"
    due_at: datetime = Field(sa_type=UtcDateTime)
    window_ends_at: datetime = Field(sa_type=UtcDateTime)
    ends_at: datetime = Field(sa_type=UtcDateTime)
    asked_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    reminded_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    reminders: int = 0
    confirmed_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    sent_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    on_time: bool | None = None
    capped: bool = False
    skipped_reason: str = ""
    escalated_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    cancelled_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    again_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    next_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class AssistReceiver(Row, table=True):
    """A customer whom a task writes to privately."""

    __tablename__ = "assist_receiver"
    __table_args__ = (
        CheckConstraint(one_of("status", RECEIVER_STATUSES), name="status"),
        Index("ix_assist_receiver_member", "member"),
        {"sqlite_with_rowid": False},
    )

    occurrence: str = Field(primary_key=True)
    member: str = Field(primary_key=True)
    status: str = "waiting"
