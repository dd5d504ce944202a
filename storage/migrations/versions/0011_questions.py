"""Questions."""

import sqlalchemy as sa
from alembic import op

from storage.types import UtcDateTime

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Creates the tables of `storage.tables.questions`."""
    op.create_table(
        "asked_question",
        sa.Column("community", sa.String(), nullable=False),
        sa.Column("bank", sa.String(), nullable=False),
        sa.Column("question", sa.String(), nullable=False),
        sa.Column("asked", sa.Integer(), nullable=False),
        sa.Column("answers", sa.Integer(), nullable=False),
        sa.Column("right", sa.Integer(), nullable=False),
        sa.Column("asked_at", UtcDateTime(), nullable=False),
        sa.CheckConstraint(
            '"right" >= 0 AND answers >= "right"', name=op.f("ck_asked_question_right")
        ),
        sa.PrimaryKeyConstraint("community", "bank", "question", name=op.f("pk_asked_question")),
        sqlite_with_rowid=False,
    )
