"""Private messages to members."""

import sqlalchemy as sa
from alembic import op

from storage.types import UtcDateTime

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Creates the table of `storage.tables.contacts`."""
    op.create_table(
        "private_message",
        sa.Column("member", sa.String(), nullable=False),
        sa.Column("occurrence", sa.String(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("member", "occurrence", name=op.f("pk_private_message")),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_private_message_occurrence", "private_message", ["occurrence"])
