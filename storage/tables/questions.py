"""Questions of banks: how often each community was asked them, and what came back."""

from datetime import datetime

from sqlalchemy import CheckConstraint
from sqlmodel import Field

from storage.types import Row, UtcDateTime


class AskedQuestion(Row, table=True):
    """A question that a community has been asked; counts only, nobody's name."""

    __tablename__ = "asked_question"
    __table_args__ = (
        CheckConstraint('"right" >= 0 AND answers >= "right"', name="right"),
        {"sqlite_with_rowid": False},
    )

    community: str = Field(primary_key=True)
    bank: str = Field(primary_key=True)
    question: str = Field(primary_key=True)
    asked: int = 0
    answers: int = 0
    right: int = 0
    asked_at: datetime = Field(sa_type=UtcDateTime)
