"""Opt-outs, notices, requests, erasures."""

from datetime import datetime

from sqlmodel import Field

from storage.types import BigId, Json, Row, UtcDateTime


class OptOut(Row, table=True):
    """A member does not want to be counted, tagged by rules or chosen; the row goes when they
    come back."""

    __tablename__ = "opt_out"
    __table_args__ = ({"sqlite_with_rowid": False},)

    member: str = Field(primary_key=True)
    at: datetime = Field(sa_type=UtcDateTime)


class Noticed(Row, table=True):
    """A member was shown the notice on personal data, once."""

    __tablename__ = "noticed"
    __table_args__ = ({"sqlite_with_rowid": False},)

    member: str = Field(primary_key=True)
    at: datetime = Field(sa_type=UtcDateTime)


class Erasure(Row, table=True):
    """Proof that a member was erased, without saying whom: who knows the id can find it."""

    __tablename__ = "erasure"

    id: int | None = Field(default=None, primary_key=True, sa_type=BigId)
    at: datetime = Field(sa_type=UtcDateTime)
    member_hash: str = Field(index=True)
    """SHA-256 over a salt and the member's id (`storage.privacy.hash_of`)."""
    by: str
    reason: str
    counts: dict[str, int] = Field(sa_type=Json)
    """What was done: rows by `table: deed`."""
    proof: str
    """SHA-256 over all of the above and the proof before it."""


class ErasureRequest(Row, table=True):
    """A member asked to be erased and still waits for it; the row goes with the rest."""

    __tablename__ = "erasure_request"
    __table_args__ = ({"sqlite_with_rowid": False},)

    member: str = Field(primary_key=True)
    community: str
    """Where they asked."""
    at: datetime = Field(sa_type=UtcDateTime)
