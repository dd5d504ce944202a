"""Who is whose customer, personal invitations, and who came by one."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, Index, UniqueConstraint, text
from sqlmodel import Field

from storage.types import BigId, Json, Row, UtcDateTime, one_of

INVITATION_STATUSES = ("wanted", "ready", "failed")
REFERRAL_STATUSES = ("waiting", "held", "credited", "refused")

_EMPTY = {"server_default": text("''")}
_WANTED = text("status = 'wanted'")


class Relation(Row, table=True):
    """A member and a colleague are contacts, which makes the member a customer."""

    __tablename__ = "relation"
    __table_args__ = (
        Index("ix_relation_staff", "staff"),
        {"sqlite_with_rowid": False},
    )

    member: str = Field(primary_key=True)
    staff: str = Field(primary_key=True)
    state: str = ""
    """Of the way by which they met, as WeCom tells it."""
    since: datetime = Field(sa_type=UtcDateTime)
    ended_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    remark: str = Field(default="", sa_column_kwargs=_EMPTY)
    """What the colleague calls the customer."""
    description: str = Field(default="", sa_column_kwargs=_EMPTY)
    tag_ids: list[str] | None = Field(default=None, sa_type=Json)
    """Corp tags that the colleague has put on the customer, as last read; None: never read."""
    half: bool = Field(default=False, sa_column_kwargs={"server_default": text("false")})
    """The customer has added the colleague, who has not added them back: WeCom may tell nothing
    of such a pair (84061)."""


class Invitation(Row, table=True):
    """A member's own way into a community; made at WeCom once, used as often as they like."""

    __tablename__ = "invitation"
    __table_args__ = (
        CheckConstraint(one_of("status", INVITATION_STATUSES), name="status"),
        UniqueConstraint("community", "member"),
        Index("ix_invitation_due_at", "due_at", sqlite_where=_WANTED, postgresql_where=_WANTED),
        {"sqlite_with_rowid": False},
    )

    code: str = Field(primary_key=True)
    """The `state` that WeCom gives with everyone who comes by it."""
    community: str
    member: str
    status: str = "wanted"
    config_id: str = ""
    qr_code: str = ""
    """Address of the picture."""
    reply_to: dict[str, object] | None = Field(default=None, sa_type=Json)
    """The conversation that waits for it."""
    attempts: int = 0
    reason: str = ""
    due_at: datetime = Field(sa_type=UtcDateTime)
    """When WeCom is to be asked (again)."""
    created_at: datetime = Field(sa_type=UtcDateTime)


class Referral(Row, table=True):
    """A person who came by an invitation; everyone comes for the first time once."""

    __tablename__ = "referral"
    __table_args__ = (
        CheckConstraint(one_of("status", REFERRAL_STATUSES), name="status"),
        UniqueConstraint("community", "invited"),
        Index("ix_referral_inviter_joined_at", "inviter", "joined_at"),
        Index("ix_referral_invited", "invited"),
        Index("ix_referral_community_status", "community", "status"),
    )

    id: int | None = Field(default=None, primary_key=True, sa_type=BigId)
    community: str
    inviter: str
    invited: str
    code: str
    status: str
    reason: str = ""
    """Why it is held or does not count."""
    day: date
    """Local date of joining."""
    joined_at: datetime = Field(sa_type=UtcDateTime)
    settled_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
