"""What the weekly summary asks for: which variant was carried out, and what was paid when."""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Occurrences and private messages keep their variant: the plan's file may change."""
    for table in ("occurrence", "private_message"):
        variant = sa.Column("variant", sa.String(), nullable=False, server_default=sa.text("''"))
        op.add_column(table, variant)
    op.create_index("ix_payout_status_finished_at", "payout", ["status", "finished_at"])
