"""Corp tags and what WeCom is owed of them; where members stand."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, Index, text
from sqlmodel import Field

from storage.types import BigId, Row, UtcDateTime, one_of

PUSH_STATUSES = ("waiting", "failed", "dropped")
STAGES = ("newcomer", "growing", "established", "drifting", "sleeping", "left")
VALUES = ("", "potential", "active", "valuable", "drifting", "sleeping")

_WAITING = text("status = 'waiting'")
_SCORES = "r BETWEEN 0 AND 5 AND f BETWEEN 0 AND 5 AND m BETWEEN 0 AND 5"


class CorpTag(Row, table=True):
    """A tag of the company at WeCom, as it was read there or made by us."""

    __tablename__ = "corp_tag"
    __table_args__ = (Index("ix_corp_tag_name", "name"), {"sqlite_with_rowid": False})

    id: str = Field(primary_key=True)
    group_id: str
    group_name: str
    name: str
    own: bool
    """Made by us: no other may be changed (81011)."""
    deleted: bool = False


class TagMark(Row, table=True):
    """Whether a label stands at WeCom on a customer of a colleague, as far as we know."""

    __tablename__ = "tag_mark"
    __table_args__ = ({"sqlite_with_rowid": False},)

    member: str = Field(primary_key=True)
    staff: str = Field(primary_key=True)
    tag: str = Field(primary_key=True)
    stands: bool
    at: datetime = Field(sa_type=UtcDateTime)
    """Since when we know: an older answer of WeCom's says nothing."""


class TagPush(Row, table=True):
    """A label is to be put on a colleague's customer at WeCom, or taken off there; the latest
    word counts. Once it is done the row goes: the mark says it."""

    __tablename__ = "tag_push"
    __table_args__ = (
        CheckConstraint(one_of("status", PUSH_STATUSES), name="status"),
        Index("ix_tag_push_next_at", "next_at", sqlite_where=_WAITING, postgresql_where=_WAITING),
        {"sqlite_with_rowid": False},
    )

    member: str = Field(primary_key=True)
    staff: str = Field(primary_key=True)
    tag: str = Field(primary_key=True)
    add: bool
    owed_at: datetime = Field(sa_type=UtcDateTime)
    status: str = "waiting"
    attempts: int = 0
    next_at: datetime = Field(sa_type=UtcDateTime)
    reason: str = ""
    """Why it failed or was dropped, in Chinese."""


class RemarkWrite(Row, table=True):
    """A remark and a description that a colleague's customer is to have at WeCom."""

    __tablename__ = "remark_write"
    __table_args__ = (
        CheckConstraint(one_of("status", PUSH_STATUSES), name="status"),
        Index(
            "ix_remark_write_next_at", "next_at", sqlite_where=_WAITING, postgresql_where=_WAITING
        ),
        {"sqlite_with_rowid": False},
    )

    member: str = Field(primary_key=True)
    staff: str = Field(primary_key=True)
    remark: str | None = None
    """None: stays as it is."""
    description: str | None = None
    owed_at: datetime = Field(sa_type=UtcDateTime)
    status: str = "waiting"
    attempts: int = 0
    next_at: datetime = Field(sa_type=UtcDateTime)
    reason: str = ""


class RightAnswer(Row, table=True):
    """Questions that a member answered rightly on a local day."""

    __tablename__ = "right_answer"
    __table_args__ = (
        CheckConstraint("n > 0", name="n"),
        {"sqlite_with_rowid": False},
    )

    community: str = Field(primary_key=True)
    day: date = Field(primary_key=True)
    member: str = Field(primary_key=True)
    n: int


class Standing(Row, table=True):
    """Where a member stands in a community, as of a night."""

    __tablename__ = "standing"
    __table_args__ = (
        CheckConstraint(one_of("stage", STAGES), name="stage"),
        CheckConstraint(one_of("value", VALUES), name="value"),
        CheckConstraint(
            "r BETWEEN 0 AND 5 AND f BETWEEN 0 AND 5 AND m BETWEEN 0 AND 5", name="rfm"
        ),
        Index("ix_standing_community_stage", "community", "stage"),
        Index("ix_standing_member", "member"),
        {"sqlite_with_rowid": False},
    )

    community: str = Field(primary_key=True)
    member: str = Field(primary_key=True)
    stage: str
    stage_since: date
    r: int
    f: int
    m: int
    value: str
    joined_on: date
    last_on: date | None = None
    days: int
    weight: int
    day: date


class StandingChange(Row, table=True):
    """A member moved from one stage, or value group, to another."""

    __tablename__ = "standing_change"
    __table_args__ = (
        CheckConstraint(one_of("what", ("stage", "value")), name="what"),
        Index("ix_standing_change_community_day", "community", "day"),
        Index("ix_standing_change_member", "member"),
    )

    id: int | None = Field(default=None, primary_key=True, sa_type=BigId)
    community: str
    member: str
    day: date
    what: str
    before: str
    """Empty for who had none."""
    after: str
