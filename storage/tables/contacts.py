"""Private messages that RMs were handed for members."""

from datetime import datetime

from sqlalchemy import Index, text
from sqlmodel import Field

from storage.types import Row, UtcDateTime


class PrivateMessage(Row, table=True):
    """A member was among those whom a step wrote to."""

    __tablename__ = "private_message"
    __table_args__ = (
        Index("ix_private_message_occurrence", "occurrence"),
        {"sqlite_with_rowid": False},
    )

    member: str = Field(primary_key=True)
    occurrence: str = Field(primary_key=True)
    at: datetime = Field(sa_type=UtcDateTime)
    variant: str = Field(default="", sa_column_kwargs={"server_default": text("''")})
    """Which of the step's texts the member got; empty where there is only one."""
