"""Stamps of reviewers."""

import sqlalchemy as sa
from alembic import op

from storage.types import BigId, UtcDateTime

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_ACTIVE = sa.text("revoked_at IS NULL")


def upgrade() -> None:
    """Creates the table of `storage.tables.reviews`."""
    op.create_table(
        "review_stamp",
        sa.Column("id", BigId(), nullable=False),
        sa.Column("plan", sa.String(), nullable=False),
        sa.Column("step", sa.String(), nullable=False),
        sa.Column("hash", sa.String(), nullable=False),
        sa.Column("sheet", sa.String(), nullable=False),
        sa.Column("stamped_by", sa.String(), nullable=False),
        sa.Column("stamped_at", UtcDateTime(), nullable=False),
        sa.Column("note", sa.String(), nullable=False),
        sa.Column("revoked_by", sa.String(), nullable=True),
        sa.Column("revoked_at", UtcDateTime(), nullable=True),
        sa.Column("reason", sa.String(), nullable=False),
        sa.CheckConstraint(
            "(revoked_at IS NULL) = (revoked_by IS NULL)", name=op.f("ck_review_stamp_revoked")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_review_stamp")),
    )
    op.create_index(
        "uq_review_stamp_active",
        "review_stamp",
        ["plan", "step", "hash"],
        unique=True,
        sqlite_where=_ACTIVE,
        postgresql_where=_ACTIVE,
    )
