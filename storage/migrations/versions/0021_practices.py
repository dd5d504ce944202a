"""Practice rounds."""

import sqlalchemy as sa
from alembic import op

from storage.types import Json, UtcDateTime

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Creates the table of `storage.tables.practices`."""
    op.create_table(
        "practice",
        sa.Column("staff", sa.String(), nullable=False),
        sa.Column("game", sa.String(), nullable=False),
        sa.Column("options", Json(), nullable=False),
        sa.Column("state", Json(), nullable=False),
        sa.Column("seed", sa.String(), nullable=False),
        sa.Column("began_at", UtcDateTime(), nullable=False),
        sa.Column("clock_at", UtcDateTime(), nullable=False),
        sa.Column("next_at", UtcDateTime(), nullable=True),
        sa.Column("prompt", sa.String(), nullable=False),
        sa.Column("prompt_at", UtcDateTime(), nullable=False),
        sa.Column("kept_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("staff", name=op.f("pk_practice")),
        sqlite_with_rowid=False,
    )
