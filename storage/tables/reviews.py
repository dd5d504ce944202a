"""Stamps of reviewers: who approved exactly which text of a step."""

from datetime import datetime

from sqlalchemy import CheckConstraint, Index, text
from sqlmodel import Field

from storage.types import BigId, Row, UtcDateTime

_ACTIVE = text("revoked_at IS NULL")


class ReviewStamp(Row, table=True):
    """One approval (审核章). It is bound to content by hash; a revoked one is kept."""

    __tablename__ = "review_stamp"
    __table_args__ = (
        CheckConstraint("(revoked_at IS NULL) = (revoked_by IS NULL)", name="revoked"),
        Index(
            "uq_review_stamp_active",
            "plan",
            "step",
            "hash",
            unique=True,
            sqlite_where=_ACTIVE,
            postgresql_where=_ACTIVE,
        ),
    )

    id: int | None = Field(default=None, primary_key=True, sa_type=BigId)
    plan: str
    step: str
    hash: str
    """SHA-256 in hex over everything that the sheet covers."""
    sheet: str
    """What the reviewer read, so that later edits can be shown against it."""
    stamped_by: str
    stamped_at: datetime = Field(sa_type=UtcDateTime)
    note: str = ""
    revoked_by: str | None = None
    revoked_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    reason: str = ""
    """Why it was revoked."""
