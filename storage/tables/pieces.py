"""What an RM posts of a running game, piece by piece."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlmodel import Field

from storage.types import BigId, Row, UtcDateTime, one_of

PIECE_STATUSES = ("kept", "handed", "sent", "skipped")


class GamePiece(Row, table=True):
    """One piece of a round in a customer group. What is `kept` goes with the next piece, and only
    then its text is here; `until` is when nobody wants it any more."""

    __tablename__ = "game_piece"
    __table_args__ = (
        CheckConstraint(one_of("status", PIECE_STATUSES), name="status"),
        Index("ix_game_piece_session", "session"),
        Index("ix_game_piece_community_made_at", "community", "made_at"),
        {"sqlite_autoincrement": True},
    )

    id: int | None = Field(default=None, primary_key=True, sa_type=BigId)
    session: int = Field(sa_type=BigId, sa_column_args=(ForeignKey("game_session.id"),))
    community: str
    owner: str
    status: str
    text: str = ""
    made_at: datetime = Field(sa_type=UtcDateTime)
    until: datetime | None = Field(default=None, sa_type=UtcDateTime)
    settled_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
