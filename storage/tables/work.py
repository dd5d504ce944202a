"""What came in, what is owed, what is planned: inbox, outbox, occurrences, audit."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, Index, text
from sqlmodel import Field

from storage.types import BigId, Json, Row, UtcDateTime, one_of

INBOX_STATUSES = ("pending", "done", "dead")
OUTBOX_STATUSES = ("pending", "sending", "sent", "unknown", "dead", "expired", "dropped")
OCCURRENCE_STATUSES = ("planned", "done", "skipped", "asked", "failed")

_WAITING = text("status = 'pending'")
_OPEN = text("status IN ('pending', 'sending')")
_SENDING = text("status = 'sending'")
_PLANNED = text("status = 'planned'")


class Inbox(Row, table=True):
    """An inbound event that WeCom was told we have."""

    __tablename__ = "inbox"
    __table_args__ = (
        CheckConstraint(one_of("status", INBOX_STATUSES), name="status"),
        Index("ix_inbox_pending", "id", sqlite_where=_WAITING, postgresql_where=_WAITING),
        Index(
            "ix_inbox_pending_order",
            "order_key",
            "id",
            sqlite_where=_WAITING,
            postgresql_where=_WAITING,
        ),
        Index("ix_inbox_received_at", "received_at"),
    )

    id: int | None = Field(default=None, primary_key=True, sa_type=BigId)
    dedup_key: str = Field(unique=True)
    order_key: str
    kind: str
    event: dict[str, Any] = Field(sa_type=Json)
    status: str = "pending"
    attempts: int = 0
    error: str = ""
    received_at: datetime = Field(sa_type=UtcDateTime)
    finished_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class Outbox(Row, table=True):
    """A message that is owed."""

    __tablename__ = "outbox"
    __table_args__ = (
        CheckConstraint(one_of("status", OUTBOX_STATUSES), name="status"),
        Index(
            "ix_outbox_channel", "channel", "id", sqlite_where=_WAITING, postgresql_where=_WAITING
        ),
        Index("ix_outbox_due", "not_before", sqlite_where=_WAITING, postgresql_where=_WAITING),
        Index("ix_outbox_head", "order_key", "id", sqlite_where=_OPEN, postgresql_where=_OPEN),
        Index("ix_outbox_lease", "lease_until", sqlite_where=_SENDING, postgresql_where=_SENDING),
        Index("ix_outbox_occurrence", "occurrence"),
        {"sqlite_autoincrement": True},
    )

    id: int | None = Field(default=None, primary_key=True, sa_type=BigId)
    dedup_key: str = Field(unique=True)
    channel: str
    target: dict[str, str] = Field(sa_type=Json)
    body: dict[str, Any] = Field(sa_type=Json)
    order_key: str
    status: str = "pending"
    not_before: datetime = Field(sa_type=UtcDateTime)
    expires_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    quiet_hours: str | None = None
    zone: str | None = None
    occurrence: str | None = None
    attempts: int = 0
    lease_until: datetime | None = Field(default=None, sa_type=UtcDateTime)
    reason: str = ""
    receipt: str = ""
    created_at: datetime = Field(sa_type=UtcDateTime)
    finished_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class Sending(Row, table=True):
    """One message that counted in a rate window; the log survives restarts."""

    __tablename__ = "sending"
    __table_args__ = (Index("ix_sending_key_at", "key", "at"), Index("ix_sending_at", "at"))

    id: int | None = Field(default=None, primary_key=True, sa_type=BigId)
    key: str
    at: datetime = Field(sa_type=UtcDateTime)


class Occurrence(Row, table=True):
    """One step on one date for one community, in one of its phases."""

    __tablename__ = "occurrence"
    __table_args__ = (
        CheckConstraint(one_of("status", OCCURRENCE_STATUSES), name="status"),
        CheckConstraint("window_ends_at >= due_at", name="window"),
        Index("ix_occurrence_due", "due_at", sqlite_where=_PLANNED, postgresql_where=_PLANNED),
        Index("ix_occurrence_community_day", "community", "day"),
    )

    key: str = Field(primary_key=True)
    identity: str
    plan: str
    step: str
    day: date
    community: str
    phase: str
    planned_for: datetime = Field(sa_type=UtcDateTime)
    due_at: datetime = Field(sa_type=UtcDateTime)
    window_ends_at: datetime = Field(sa_type=UtcDateTime)
    status: str = "planned"
    reason: str = ""
    changed_by: str | None = None
    listed_at: datetime = Field(sa_type=UtcDateTime)
    ran_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    confirmed_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    confirmed_by: str | None = None
    variant: str = Field(default="", sa_column_kwargs={"server_default": text("''")})
    """What a step with variants did here; empty for one to members, who each have their own."""


class Watermark(Row, table=True):
    """Until when something has been looked at."""

    __tablename__ = "watermark"

    name: str = Field(primary_key=True)
    at: datetime = Field(sa_type=UtcDateTime)


class Audit(Row, table=True):
    """Who did what to what, and the effects that take it back."""

    __tablename__ = "audit"
    __table_args__ = (Index("ix_audit_actor_id", "actor", "id"), {"sqlite_autoincrement": True})

    id: int | None = Field(default=None, primary_key=True, sa_type=BigId)
    at: datetime = Field(sa_type=UtcDateTime)
    actor: str
    action: str
    subject: str
    detail: str
    undo: list[dict[str, Any]] = Field(sa_type=Json)
    undoable: bool
    undone_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
