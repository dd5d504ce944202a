"""Opt-outs, notices, requests, erasures."""

import sqlalchemy as sa
from alembic import op

from storage.types import BigId, Json, UtcDateTime

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Creates the tables of `storage.tables.privacy`."""
    for name in ("opt_out", "noticed"):
        op.create_table(
            name,
            sa.Column("member", sa.String(), nullable=False),
            sa.Column("at", UtcDateTime(), nullable=False),
            sa.PrimaryKeyConstraint("member", name=op.f(f"pk_{name}")),
            sqlite_with_rowid=False,
        )
    op.create_table(
        "erasure_request",
        sa.Column("member", sa.String(), nullable=False),
        sa.Column("community", sa.String(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("member", name=op.f("pk_erasure_request")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "erasure",
        sa.Column("id", BigId(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("member_hash", sa.String(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("counts", Json(), nullable=False),
        sa.Column("proof", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_erasure")),
    )
    op.create_index("ix_erasure_member_hash", "erasure", ["member_hash"])
