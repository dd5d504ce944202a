"""Tracked links."""

import sqlalchemy as sa
from alembic import op

from storage.types import BigId, UtcDateTime

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Creates the tables of `storage.tables.links`."""
    op.create_table(
        "link",
        sa.Column("token", sa.String(), nullable=False),
        sa.Column("url", sa.String(), nullable=False),
        sa.Column("community", sa.String(), nullable=False),
        sa.Column("member", sa.String(), nullable=True),
        sa.Column("occurrence", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("intent", sa.String(), nullable=False),
        sa.Column("made_at", UtcDateTime(), nullable=False),
        sa.Column("expires_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("token", name=op.f("pk_link")),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_link_occurrence", "link", ["occurrence"])
    _index_personal("ix_link_community_made_at", "link", ["community", "made_at"])
    _index_personal("ix_link_member", "link", ["member"])
    op.create_table(
        "click",
        sa.Column("id", BigId(), nullable=False),
        sa.Column("link", sa.String(), nullable=False),
        sa.Column("community", sa.String(), nullable=False),
        sa.Column("member", sa.String(), nullable=True),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("counted", sa.Boolean(), nullable=False),
        sa.Column("why", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_click")),
    )
    op.create_index("ix_click_community_at", "click", ["community", "at"])
    op.create_index("ix_click_link_at", "click", ["link", "at"])
    _index_personal("ix_click_member", "click", ["member"])


def _index_personal(name: str, table: str, columns: list[str]) -> None:
    """Only rows of a known member."""
    where = sa.text("member IS NOT NULL")
    op.create_index(name, table, columns, sqlite_where=where, postgresql_where=where)
