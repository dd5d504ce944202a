"""Which channels are urgent is the channels' own matter: the index no longer names one."""

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0026"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Waiting letters of a channel are found by any channel's name."""
    op.drop_index("ix_outbox_welcome", "outbox")
    waiting = sa.text("status = 'pending'")
    op.create_index(
        "ix_outbox_channel",
        "outbox",
        ["channel", "id"],
        sqlite_where=waiting,
        postgresql_where=waiting,
    )
