"""Content lists: what each community has had."""

from datetime import datetime

from sqlalchemy import Index
from sqlmodel import Field

from storage.types import Row, UtcDateTime


class UsedItem(Row, table=True):
    """An item of a content list that a community has had."""

    __tablename__ = "used_item"
    __table_args__ = (
        Index("ix_used_item_used_at", "community", "list", "used_at"),
        {"sqlite_with_rowid": False},
    )

    community: str = Field(primary_key=True)
    list: str = Field(primary_key=True)
    item: str = Field(primary_key=True)
    occurrence: str
    used_at: datetime = Field(sa_type=UtcDateTime)
