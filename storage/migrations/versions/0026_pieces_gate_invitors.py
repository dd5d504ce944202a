"""Pieces of games that an RM posts by hand; rewards that wait for the gate; who invited whom."""

import sqlalchemy as sa
from alembic import op

from storage.types import BigId, UtcDateTime

revision = "0026"
down_revision = "0024"
branch_labels = None
depends_on = None

_STATUSES = "status IN ('kept', 'handed', 'sent', 'skipped')"


def upgrade() -> None:
    """Creates the table of `storage.tables.pieces`, and a column each for payouts and stays."""
    op.create_table(
        "game_piece",
        sa.Column("id", BigId(), nullable=False),
        sa.Column("session", BigId(), nullable=False),
        sa.Column("community", sa.String(), nullable=False),
        sa.Column("owner", sa.String(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("made_at", UtcDateTime(), nullable=False),
        sa.Column("until", UtcDateTime(), nullable=True),
        sa.Column("settled_at", UtcDateTime(), nullable=True),
        sa.CheckConstraint(_STATUSES, name=op.f("ck_game_piece_status")),
        sa.ForeignKeyConstraint(
            ["session"], ["game_session.id"], name=op.f("fk_game_piece_session_game_session")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_game_piece")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_game_piece_session", "game_piece", ["session"])
    op.create_index("ix_game_piece_community_made_at", "game_piece", ["community", "made_at"])
    no = sa.text("false")
    op.add_column(
        "payout", sa.Column("awaits_gate", sa.Boolean(), nullable=False, server_default=no)
    )
    nobody = sa.text("''")
    op.add_column(
        "membership", sa.Column("invitor", sa.String(), nullable=False, server_default=nobody)
    )
