"""Points."""

import sqlalchemy as sa
from alembic import op

from storage.types import BigId, UtcDateTime

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Creates the tables of `storage.tables.points`."""
    op.create_table(
        "points_wallet",
        sa.Column("member", sa.String(), nullable=False),
        sa.Column("balance", BigId(), nullable=False),
        sa.Column("earned", BigId(), nullable=False),
        sa.Column("hidden", sa.Boolean(), nullable=False),
        sa.CheckConstraint("balance >= 0", name=op.f("ck_points_wallet_balance")),
        sa.CheckConstraint("balance <= earned", name=op.f("ck_points_wallet_earned")),
        sa.PrimaryKeyConstraint("member", name=op.f("pk_points_wallet")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "points_entry",
        sa.Column("id", BigId(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("member", sa.String(), nullable=False),
        sa.Column("community", sa.String(), nullable=False),
        sa.Column("points", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("given_by", sa.String(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("expires_on", sa.Date(), nullable=True),
        sa.CheckConstraint("points <> 0", name=op.f("ck_points_entry_points")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_points_entry")),
        sa.UniqueConstraint("key", name=op.f("uq_points_entry_key")),
    )
    op.create_index("ix_points_entry_member_day", "points_entry", ["member", "day"])
    lapses = sa.text("expires_on IS NOT NULL")
    op.create_index(
        "ix_points_entry_expires_on",
        "points_entry",
        ["expires_on"],
        sqlite_where=lapses,
        postgresql_where=lapses,
    )
    op.create_index("ix_points_entry_given_by_day", "points_entry", ["given_by", "day"])
    _create_redemptions()


def _create_redemptions() -> None:
    op.create_table(
        "points_item",
        sa.Column("program", sa.String(), nullable=False),
        sa.Column("item", sa.String(), nullable=False),
        sa.Column("taken", sa.Integer(), nullable=False),
        sa.CheckConstraint("taken >= 0", name=op.f("ck_points_item_taken")),
        sa.PrimaryKeyConstraint("program", "item", name=op.f("pk_points_item")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "redemption",
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("program", sa.String(), nullable=False),
        sa.Column("item", sa.String(), nullable=False),
        sa.Column("community", sa.String(), nullable=False),
        sa.Column("member", sa.String(), nullable=False),
        sa.Column("points", sa.Integer(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_redemption")),
        sqlite_with_rowid=False,
    )
    op.create_index(
        "ix_redemption_member_program_item", "redemption", ["member", "program", "item"]
    )
