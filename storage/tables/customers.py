"""Customer groups as WeCom has them, what reconciliation mended, the message archive, and persons
whose id has changed."""

from datetime import datetime

from sqlalchemy import CheckConstraint, Index
from sqlmodel import Field

from storage.types import BigId, Row, UtcDateTime, one_of

REPAIR_KINDS = (
    "join",
    "leave",
    "group_name",
    "group_owner",
    "dismissed",
    "contact",
    "contact_end",
)


class GroupState(Row, table=True):
    """A customer group as it was read last, configured or not."""

    __tablename__ = "group_state"
    __table_args__ = (Index("ix_group_state_community", "community"), {"sqlite_with_rowid": False})

    chat_id: str = Field(primary_key=True)
    community: str = ""
    """Empty: configuration does not know the group."""
    owner: str = ""
    """userid; empty until the group was read."""
    name: str = ""
    version: str = ""
    """WeCom's `member_version`; empty until it is known."""
    members: int = 0
    """Customers and colleagues in the group."""
    status: int = 0
    """WeCom's: 0 usual, 1 the owner has left the company, 2 being passed on, 3 passed on."""
    read_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    dismissed_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class Repair(Row, table=True):
    """A difference that a reading of WeCom found and mended: a callback was lost."""

    __tablename__ = "repair"
    __table_args__ = (
        CheckConstraint(one_of("kind", REPAIR_KINDS), name="kind"),
        Index("ix_repair_at", "at"),
        Index("ix_repair_member", "member"),
    )

    id: int | None = Field(default=None, primary_key=True, sa_type=BigId)
    at: datetime = Field(sa_type=UtcDateTime)
    kind: str
    subject: str
    """The group or the colleague."""
    member: str = ""
    """Whom it was about; empty for a group's name, owner or end."""
    detail: str = ""
    """Before and after, of a group's name or owner."""


class Alias(Row, table=True):
    """One person had two ids: what was kept under the old one belongs to the member, except for
    draws and money, whose records stay as they were published and paid."""

    __tablename__ = "alias"
    __table_args__ = (Index("ix_alias_member", "member"), {"sqlite_with_rowid": False})

    old: str = Field(primary_key=True)
    member: str
    by: str
    reason: str
    at: datetime = Field(sa_type=UtcDateTime)


class ArchiveCursor(Row, table=True):
    """Until where the message archive has been read: one row."""

    __tablename__ = "archive_cursor"

    id: int = Field(default=1, primary_key=True)
    seq: int = Field(sa_type=BigId)
    at: datetime = Field(sa_type=UtcDateTime)


class ArchiveConsent(Row, table=True):
    """Whether a member agreed that messages are archived; the latest word counts."""

    __tablename__ = "archive_consent"
    __table_args__ = ({"sqlite_with_rowid": False},)

    member: str = Field(primary_key=True)
    agreed: bool
    at: datetime = Field(sa_type=UtcDateTime)
