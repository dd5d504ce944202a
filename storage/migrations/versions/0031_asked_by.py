"""A summary that a step asked for is known as that step's."""

import sqlalchemy as sa
from alembic import op

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """The key of what asked for it."""
    empty = sa.text("''")
    op.add_column(
        "summary_asked", sa.Column("origin", sa.String(), nullable=False, server_default=empty)
    )
