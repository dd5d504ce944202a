"""Weekly summaries that are final."""

import sqlalchemy as sa
from alembic import op

from storage.types import BigId, UtcDateTime

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Creates the tables of `storage.tables.summaries`."""
    op.create_table(
        "summary",
        sa.Column("week", sa.Date(), nullable=False),
        sa.Column("scope", sa.String(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("week", "scope", "revision", name=op.f("pk_summary")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "summary_told",
        sa.Column("week", sa.Date(), nullable=False),
        sa.Column("staff", sa.String(), nullable=False),
        sa.Column("scope", sa.String(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("week", "staff", name=op.f("pk_summary_told")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "summary_asked",
        sa.Column("id", BigId(), nullable=False),
        sa.Column("staff", sa.String(), nullable=False),
        sa.Column("week", sa.Date(), nullable=False),
        sa.Column("scope", sa.String(), nullable=False),
        sa.Column("form", sa.String(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_summary_asked")),
        sqlite_autoincrement=True,
    )
