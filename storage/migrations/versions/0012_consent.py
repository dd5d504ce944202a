"""Consent."""

import sqlalchemy as sa
from alembic import op

from storage.types import BigId, UtcDateTime

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Creates the table of `storage.tables.consent`."""
    op.create_table(
        "consent",
        sa.Column("id", BigId(), nullable=False),
        sa.Column("member", sa.String(), nullable=False),
        sa.Column("version", sa.String(), nullable=False),
        sa.Column("given", sa.Boolean(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consent")),
    )
    op.create_index("ix_consent_member", "consent", ["member", "id"])
