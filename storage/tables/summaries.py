"""Weekly summaries that are final: what was told of a week stays as it was told."""

from datetime import date, datetime

from sqlalchemy import LargeBinary, text
from sqlmodel import Field

from storage.types import BigId, Row, UtcDateTime


class KeptSummary(Row, table=True):
    """One week of one scope, as it became final, and each correction of it: never changed."""

    __tablename__ = "summary"
    __table_args__ = ({"sqlite_with_rowid": False},)

    week: date = Field(primary_key=True)
    """Its Monday."""
    scope: str = Field(primary_key=True)
    """`all`, `rm:lijing`, `label:wealth`, `community:wealth-01`."""
    revision: int = Field(primary_key=True)
    """0: as it became final; then one for each correction."""
    at: datetime = Field(sa_type=UtcDateTime)
    sha256: str
    """Of the JSON below, as it was before packing."""
    body: bytes = Field(sa_type=LargeBinary)
    """JSON in UTF-8, packed by zlib."""


class ToldSummary(Row, table=True):
    """Who was sent the summary of a week, and up to which correction."""

    __tablename__ = "summary_told"
    __table_args__ = ({"sqlite_with_rowid": False},)

    week: date = Field(primary_key=True)
    staff: str = Field(primary_key=True)
    scope: str
    revision: int
    at: datetime = Field(sa_type=UtcDateTime)


class AskedSummary(Row, table=True):
    """What a colleague asked for and has not been sent yet; gone once it is on its way."""

    __tablename__ = "summary_asked"
    __table_args__ = ({"sqlite_autoincrement": True},)

    id: int | None = Field(default=None, primary_key=True, sa_type=BigId)
    staff: str
    week: date
    scope: str
    form: str
    """`card`, `more` (link and picture beside a card that was read already), `xlsx`, `png`."""
    at: datetime = Field(sa_type=UtcDateTime)
    origin: str = Field(default="", sa_column_kwargs={"server_default": text("''")})
    """Key of what was being handled: the letters' keys begin with it."""
