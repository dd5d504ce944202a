"""Assist tasks."""

import sqlalchemy as sa
from alembic import op

from storage.types import UtcDateTime

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Creates the tables of `storage.tables.assist_tasks`."""
    op.create_table(
        "assist_task",
        sa.Column("occurrence", sa.String(), nullable=False),
        sa.Column("community", sa.String(), nullable=False),
        sa.Column("owner", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("way", sa.String(), nullable=False),
        sa.Column("single", sa.Boolean(), nullable=False),
        sa.Column("msgid", sa.String(), nullable=False),
        sa.Column("withdraw", sa.String(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("due_at", UtcDateTime(), nullable=False),
        sa.Column("window_ends_at", UtcDateTime(), nullable=False),
        sa.Column("ends_at", UtcDateTime(), nullable=False),
        sa.Column("asked_at", UtcDateTime(), nullable=True),
        sa.Column("reminded_at", UtcDateTime(), nullable=True),
        sa.Column("reminders", sa.Integer(), nullable=False),
        sa.Column("confirmed_at", UtcDateTime(), nullable=True),
        sa.Column("sent_at", UtcDateTime(), nullable=True),
        sa.Column("on_time", sa.Boolean(), nullable=True),
        sa.Column("capped", sa.Boolean(), nullable=False),
        sa.Column("skipped_reason", sa.String(), nullable=False),
        sa.Column("escalated_at", UtcDateTime(), nullable=True),
        sa.Column("cancelled_at", UtcDateTime(), nullable=True),
        sa.Column("again_at", UtcDateTime(), nullable=True),
        sa.Column("next_at", UtcDateTime(), nullable=True),
        sa.CheckConstraint("way IN ('task', 'card')", name=op.f("ck_assist_task_way")),
        sa.CheckConstraint(
            "status IN ('waiting', 'open', 'sent', 'capped', 'skipped', 'expired', 'cancelled', "
            "'failed')",
            name=op.f("ck_assist_task_status"),
        ),
        sa.CheckConstraint("window_ends_at >= due_at", name=op.f("ck_assist_task_window")),
        sa.PrimaryKeyConstraint("occurrence", name=op.f("pk_assist_task")),
    )
    looked_at = sa.text("next_at IS NOT NULL")
    op.create_index(
        "ix_assist_task_next",
        "assist_task",
        ["next_at"],
        sqlite_where=looked_at,
        postgresql_where=looked_at,
    )
    op.create_index("ix_assist_task_community_due", "assist_task", ["community", "due_at"])
    op.create_table(
        "assist_receiver",
        sa.Column("occurrence", sa.String(), nullable=False),
        sa.Column("member", sa.String(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.CheckConstraint(
            "status IN ('waiting', 'sent', 'not_friend', 'capped', 'unreached')",
            name=op.f("ck_assist_receiver_status"),
        ),
        sa.PrimaryKeyConstraint("occurrence", "member", name=op.f("pk_assist_receiver")),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_assist_receiver_member", "assist_receiver", ["member"])
