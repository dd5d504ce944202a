"""Gatherings and replies."""

import sqlalchemy as sa
from alembic import op

from storage.types import BigId, Json, UtcDateTime

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_OPEN = sa.text("closed_at IS NULL")


def upgrade() -> None:
    """Creates the tables of `storage.tables.gatherings`."""
    op.create_table(
        "gathering",
        sa.Column("id", BigId(), nullable=False),
        sa.Column("community", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("occurrence", sa.String(), nullable=False),
        sa.Column("options", Json(), nullable=False),
        sa.Column("phase", sa.String(), nullable=False),
        sa.Column("seed", sa.String(), nullable=False),
        sa.Column("quiet_hours", sa.String(), nullable=True),
        sa.Column("opened_at", UtcDateTime(), nullable=False),
        sa.Column("next_at", UtcDateTime(), nullable=True),
        sa.Column("closes_at", UtcDateTime(), nullable=False),
        sa.Column("closed_at", UtcDateTime(), nullable=True),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("result", Json(), nullable=False),
        sa.CheckConstraint("closes_at > opened_at", name=op.f("ck_gathering_closes_after_opened")),
        sa.CheckConstraint(
            "(closed_at IS NULL) = (next_at IS NOT NULL)",
            name=op.f("ck_gathering_next_while_open"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_gathering")),
        sa.UniqueConstraint("occurrence", name=op.f("uq_gathering_occurrence")),
    )
    op.create_index("ix_gathering_community_closed_at", "gathering", ["community", "closed_at"])
    op.create_index(
        "ix_gathering_next_at",
        "gathering",
        ["next_at"],
        sqlite_where=_OPEN,
        postgresql_where=_OPEN,
    )
    op.create_table(
        "reply",
        sa.Column("gathering", BigId(), nullable=False),
        sa.Column("member", sa.String(), nullable=False),
        sa.Column("value", Json(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["gathering"], ["gathering.id"], name=op.f("fk_reply_gathering")),
        sa.PrimaryKeyConstraint("gathering", "member", name=op.f("pk_reply")),
    )
