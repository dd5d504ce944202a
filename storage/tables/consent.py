"""What members agreed to, and took back."""

from datetime import datetime

from sqlalchemy import Index
from sqlmodel import Field

from storage.types import BigId, Row, UtcDateTime


class Consent(Row, table=True):
    """A member's word about one version of the terms; the latest row counts."""

    __tablename__ = "consent"
    __table_args__ = (Index("ix_consent_member", "member", "id"),)

    id: int | None = Field(default=None, primary_key=True, sa_type=BigId)
    member: str
    version: str
    """First digits of the SHA-256 of the terms that were read."""
    given: bool
    at: datetime = Field(sa_type=UtcDateTime)
