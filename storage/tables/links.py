"""Tracked links, and who followed them."""

from datetime import date, datetime

from sqlalchemy import Index, text
from sqlmodel import Field

from storage.types import BigId, Row, UtcDateTime

_PERSONAL = text("member IS NOT NULL")


class Link(Row, table=True):
    """An address that a step gave to a community, or to one member of it."""

    __tablename__ = "link"
    __table_args__ = (
        Index("ix_link_occurrence", "occurrence"),
        Index(
            "ix_link_community_made_at",
            "community",
            "made_at",
            sqlite_where=_PERSONAL,
            postgresql_where=_PERSONAL,
        ),
        Index("ix_link_member", "member", sqlite_where=_PERSONAL, postgresql_where=_PERSONAL),
        {"sqlite_with_rowid": False},
    )

    token: str = Field(primary_key=True)
    url: str
    """Where it leads; the only place an address is ever read from."""
    community: str
    member: str | None = None
    """Whose it is; None: the whole community's."""
    occurrence: str
    name: str
    """What the step calls it."""
    intent: str = ""
    """`high`: who follows it once is sure to want to know more."""
    made_at: datetime = Field(sa_type=UtcDateTime)
    expires_at: datetime = Field(sa_type=UtcDateTime)


class Click(Row, table=True):
    """A link was opened."""

    __tablename__ = "click"
    __table_args__ = (
        Index("ix_click_community_at", "community", "at"),
        Index("ix_click_link_at", "link", "at"),
        Index("ix_click_member", "member", sqlite_where=_PERSONAL, postgresql_where=_PERSONAL),
    )

    id: int | None = Field(default=None, primary_key=True, sa_type=BigId)
    link: str
    community: str
    member: str | None = None
    """Who it was, where that is known and the member wants to be counted."""
    at: datetime = Field(sa_type=UtcDateTime)
    day: date
    """Local date of the community."""
    counted: bool
    why: str = ""
    """Why it does not count, in Chinese; empty where it does."""
