"""Channels, arrivals, the gate, first words, leads."""

import sqlalchemy as sa
from alembic import op

from storage.types import BigId, UtcDateTime

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Creates the tables of `storage.tables.onboarding`, and the outbox's index of welcomes."""
    _create_ways()
    _create_arrivals()
    _create_welcomes()
    _create_gate_checks()
    _create_leads()
    welcome = sa.text("status = 'pending' AND channel = 'welcome'")
    op.create_index(
        "ix_outbox_welcome", "outbox", ["id"], sqlite_where=welcome, postgresql_where=welcome
    )


def _create_ways() -> None:
    op.create_table(
        "channel_way",
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("community", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("spec", sa.String(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("config_id", sa.String(), nullable=False),
        sa.Column("qr_code", sa.String(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("due_at", UtcDateTime(), nullable=True),
        sa.Column("made_at", UtcDateTime(), nullable=True),
        sa.Column("error", sa.String(), nullable=False),
        sa.CheckConstraint(
            "kind IN ('contact', 'group', 'template')", name=op.f("ck_channel_way_kind")
        ),
        sa.CheckConstraint(
            "status IN ('wanted', 'made', 'failed', 'stopping', 'stopped')",
            name=op.f("ck_channel_way_status"),
        ),
        sa.PrimaryKeyConstraint("channel", "kind", "community", name=op.f("pk_channel_way")),
        sqlite_with_rowid=False,
    )


def _create_arrivals() -> None:
    op.create_table(
        "arrival",
        sa.Column("id", BigId(), nullable=False),
        sa.Column("member", sa.String(), nullable=False),
        sa.Column("staff", sa.String(), nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("gate", sa.String(), nullable=False),
        sa.Column("gate_at", UtcDateTime(), nullable=True),
        sa.Column("welcomed_at", UtcDateTime(), nullable=True),
        sa.Column("invited_at", UtcDateTime(), nullable=True),
        sa.Column("asked_in_at", UtcDateTime(), nullable=True),
        sa.Column("joined_at", UtcDateTime(), nullable=True),
        sa.Column("community", sa.String(), nullable=False),
        sa.Column("nudged_at", UtcDateTime(), nullable=True),
        sa.Column("told_at", UtcDateTime(), nullable=True),
        sa.Column("ended_at", UtcDateTime(), nullable=True),
        sa.CheckConstraint(
            "gate IN ('none', 'waiting', 'yes', 'no')", name=op.f("ck_arrival_gate")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_arrival")),
    )
    still_there = sa.text("ended_at IS NULL")
    op.create_index(
        "uq_arrival_open",
        "arrival",
        ["member", "staff"],
        unique=True,
        sqlite_where=still_there,
        postgresql_where=still_there,
    )
    untold = sa.text("told_at IS NULL AND ended_at IS NULL")
    op.create_index(
        "ix_arrival_untold", "arrival", ["at"], sqlite_where=untold, postgresql_where=untold
    )
    op.create_index("ix_arrival_member", "arrival", ["member"])
    op.create_index("ix_arrival_staff_at", "arrival", ["staff", "at"])
    op.create_index("ix_arrival_at", "arrival", ["at"])


def _create_welcomes() -> None:
    op.create_table(
        "welcome",
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("member", sa.String(), nullable=False),
        sa.Column("staff", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("sent_at", UtcDateTime(), nullable=True),
        sa.CheckConstraint(
            "status IN ('waiting', 'owed', 'sent', 'none', 'late', 'failed')",
            name=op.f("ck_welcome_status"),
        ),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_welcome")),
        sqlite_with_rowid=False,
    )
    unsettled = sa.text("status IN ('waiting', 'owed')")
    op.create_index(
        "ix_welcome_at", "welcome", ["at"], sqlite_where=unsettled, postgresql_where=unsettled
    )
    op.create_index("ix_welcome_member", "welcome", ["member"])


def _create_gate_checks() -> None:
    op.create_table(
        "gate_check",
        sa.Column("member", sa.String(), nullable=False),
        sa.Column("verdict", sa.String(), nullable=False),
        sa.Column("answered_at", UtcDateTime(), nullable=True),
        sa.Column("next_at", UtcDateTime(), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.CheckConstraint("verdict IN ('', 'yes', 'no')", name=op.f("ck_gate_check_verdict")),
        sa.PrimaryKeyConstraint("member", name=op.f("pk_gate_check")),
        sqlite_with_rowid=False,
    )
    to_ask = sa.text("next_at IS NOT NULL")
    op.create_index(
        "ix_gate_check_next_at",
        "gate_check",
        ["next_at"],
        sqlite_where=to_ask,
        postgresql_where=to_ask,
    )


def _create_leads() -> None:
    op.create_table(
        "lead",
        sa.Column("id", BigId(), nullable=False),
        sa.Column("list", sa.String(), nullable=False),
        sa.Column("line", sa.Integer(), nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("phone", sa.String(), nullable=False),
        sa.Column("phone_hash", sa.String(), nullable=False),
        sa.Column("masked", sa.String(), nullable=False),
        sa.Column("priority", sa.Integer(), nullable=False),
        sa.Column("staff", sa.String(), nullable=False),
        sa.Column("community", sa.String(), nullable=False),
        sa.Column("variant", sa.String(), nullable=False),
        sa.Column("benefit", sa.String(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("note", sa.String(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("done_at", UtcDateTime(), nullable=True),
        sa.Column("member", sa.String(), nullable=True),
        sa.CheckConstraint(
            "status IN ('waiting', 'unanswered', 'added', 'refused')", name=op.f("ck_lead_status")
        ),
        sa.CheckConstraint("priority BETWEEN 1 AND 3", name=op.f("ck_lead_priority")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lead")),
        sa.UniqueConstraint("list", "line", name=op.f("uq_lead_list_line")),
        sa.UniqueConstraint("phone_hash", name=op.f("uq_lead_phone_hash")),
    )
    undone = sa.text("status IN ('waiting', 'unanswered')")
    op.create_index(
        "ix_lead_staff", "lead", ["staff"], sqlite_where=undone, postgresql_where=undone
    )
    op.create_index("ix_lead_channel", "lead", ["channel"])
    op.create_index("ix_lead_member", "lead", ["member"])
