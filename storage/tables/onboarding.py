"""How customers come: the ways of channels, who came by them, the gate, first words, leads."""

from datetime import datetime

from sqlalchemy import CheckConstraint, Index, UniqueConstraint, text
from sqlmodel import Field

from storage.types import BigId, Row, UtcDateTime, one_of

WAY_KINDS = ("contact", "group", "template")
WAY_STATUSES = ("wanted", "made", "failed", "stopping", "stopped")
GATES = ("none", "waiting", "yes", "no")
WELCOME_STATUSES = ("waiting", "owed", "sent", "none", "late", "failed")
LEAD_STATUSES = ("waiting", "unanswered", "added", "refused")

_OPEN = text("ended_at IS NULL")
_UNTOLD = text("told_at IS NULL AND ended_at IS NULL")
_UNSETTLED = text("status IN ('waiting', 'owed')")
_TO_ASK = text("next_at IS NOT NULL")
_UNDONE = text("status IN ('waiting', 'unanswered')")


class ChannelWay(Row, table=True):
    """Something that a channel has at WeCom: a contact way, a way into a group, a template of the
    words with which a group greets newcomers."""

    __tablename__ = "channel_way"
    __table_args__ = (
        CheckConstraint(one_of("kind", WAY_KINDS), name="kind"),
        CheckConstraint(one_of("status", WAY_STATUSES), name="status"),
        {"sqlite_with_rowid": False},
    )

    channel: str = Field(primary_key=True)
    kind: str = Field(primary_key=True)
    community: str = Field(default="", primary_key=True)
    """Into which; empty for what belongs to no single community."""
    state: str = ""
    """What WeCom gives with everybody who comes by it: the channel's name."""
    spec: str
    """Hash of what WeCom was told: another one and it must be told again."""
    status: str = "wanted"
    config_id: str = ""
    qr_code: str = ""
    """Address of the picture."""
    attempts: int = 0
    due_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    """When WeCom is to be asked (again); None: there is nothing to ask."""
    made_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    error: str = ""


class Arrival(Row, table=True):
    """A colleague and a customer became contacts, or somebody came into a group by a channel."""

    __tablename__ = "arrival"
    __table_args__ = (
        CheckConstraint(one_of("gate", GATES), name="gate"),
        Index(
            "uq_arrival_open",
            "member",
            "staff",
            unique=True,
            sqlite_where=_OPEN,
            postgresql_where=_OPEN,
        ),
        Index("ix_arrival_untold", "at", sqlite_where=_UNTOLD, postgresql_where=_UNTOLD),
        Index("ix_arrival_member", "member"),
        Index("ix_arrival_staff_at", "staff", "at"),
        Index("ix_arrival_at", "at"),
    )

    id: int | None = Field(default=None, primary_key=True, sa_type=BigId)
    member: str
    staff: str
    """Empty: nobody, for who came straight into a group."""
    channel: str = ""
    at: datetime = Field(sa_type=UtcDateTime)
    gate: str = "none"
    """Whether the bank knows the customer; `none`: nobody asks."""
    gate_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    welcomed_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    invited_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    asked_in_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    """The customer said the keyword."""
    joined_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    community: str = ""
    """Where they joined."""
    nudged_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    """The colleague was reminded."""
    told_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    """The colleague was told what comes next."""
    ended_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    """They are contacts no longer."""


class Welcome(Row, table=True):
    """First words that WeCom takes within 20 seconds, under a code that is good once."""

    __tablename__ = "welcome"
    __table_args__ = (
        CheckConstraint(one_of("status", WELCOME_STATUSES), name="status"),
        Index("ix_welcome_at", "at", sqlite_where=_UNSETTLED, postgresql_where=_UNSETTLED),
        Index("ix_welcome_member", "member"),
        {"sqlite_with_rowid": False},
    )

    code: str = Field(primary_key=True)
    member: str
    staff: str
    state: str
    at: datetime = Field(sa_type=UtcDateTime)
    """When they became contacts, by WeCom's clock."""
    status: str = "waiting"
    reason: str = ""
    sent_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class GateCheck(Row, table=True):
    """What the bank says of somebody: a customer of its own or not."""

    __tablename__ = "gate_check"
    __table_args__ = (
        CheckConstraint("verdict IN ('', 'yes', 'no')", name="verdict"),
        Index("ix_gate_check_next_at", "next_at", sqlite_where=_TO_ASK, postgresql_where=_TO_ASK),
        {"sqlite_with_rowid": False},
    )

    member: str = Field(primary_key=True)
    verdict: str = ""
    """Empty: not known yet."""
    answered_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    next_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    """When to ask (again); None: nobody needs to."""
    attempts: int = 0
    reason: str = ""
    """Why it is not known."""


class Lead(Row, table=True):
    """Somebody on a list whom a colleague is to add as a contact."""

    __tablename__ = "lead"
    __table_args__ = (
        CheckConstraint(one_of("status", LEAD_STATUSES), name="status"),
        CheckConstraint("priority BETWEEN 1 AND 3", name="priority"),
        UniqueConstraint("list", "line"),
        UniqueConstraint("phone_hash"),
        Index("ix_lead_staff", "staff", sqlite_where=_UNDONE, postgresql_where=_UNDONE),
        Index("ix_lead_channel", "channel"),
        Index("ix_lead_member", "member"),
    )

    id: int | None = Field(default=None, primary_key=True, sa_type=BigId)
    list: str
    """The name of the import."""
    line: int
    """Row of the file; with `list` the place that the sealed phone is bound to."""
    channel: str
    name: str
    phone: str
    """Sealed (`bot.vault`)."""
    phone_hash: str
    """Keyed, so that the same number is found again."""
    masked: str
    """`138****5678`."""
    priority: int
    """1 goes first."""
    staff: str
    community: str = ""
    variant: str = ""
    benefit: str = ""
    status: str = "waiting"
    note: str = ""
    created_at: datetime = Field(sa_type=UtcDateTime)
    done_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    member: str | None = None
