"""Used items of content lists."""

import sqlalchemy as sa
from alembic import op

from storage.types import UtcDateTime

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Creates the tables of `storage.tables.lists`."""
    op.create_table(
        "used_item",
        sa.Column("community", sa.String(), nullable=False),
        sa.Column("list", sa.String(), nullable=False),
        sa.Column("item", sa.String(), nullable=False),
        sa.Column("occurrence", sa.String(), nullable=False),
        sa.Column("used_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("community", "list", "item", name=op.f("pk_used_item")),
        sqlite_with_rowid=False,
    )
    op.create_index(
        "ix_used_item_used_at", "used_item", ["community", "list", "used_at"], unique=False
    )
