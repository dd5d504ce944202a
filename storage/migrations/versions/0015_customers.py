"""Customers and customer groups as WeCom has them."""

import sqlalchemy as sa
from alembic import op

from storage.types import BigId, Json, UtcDateTime

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Creates the tables of `storage.tables.customers`; relations say more."""
    for column in (
        sa.Column("remark", sa.String(), nullable=False, server_default=sa.text("''")),
        sa.Column("description", sa.String(), nullable=False, server_default=sa.text("''")),
        sa.Column("tag_ids", Json(), nullable=True),
        sa.Column("half", sa.Boolean(), nullable=False, server_default=sa.text("false")),
    ):
        op.add_column("relation", column)
    op.create_table(
        "group_state",
        sa.Column("chat_id", sa.String(), nullable=False),
        sa.Column("community", sa.String(), nullable=False),
        sa.Column("owner", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("version", sa.String(), nullable=False),
        sa.Column("members", sa.Integer(), nullable=False),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column("read_at", UtcDateTime(), nullable=True),
        sa.Column("dismissed_at", UtcDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("chat_id", name=op.f("pk_group_state")),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_group_state_community", "group_state", ["community"])
    _create_repairs()
    _create_archive()


def _create_repairs() -> None:
    op.create_table(
        "repair",
        sa.Column("id", BigId(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("member", sa.String(), nullable=False),
        sa.Column("detail", sa.String(), nullable=False),
        sa.CheckConstraint(
            "kind IN ('join', 'leave', 'group_name', 'group_owner', 'dismissed', 'contact', "
            "'contact_end')",
            name=op.f("ck_repair_kind"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_repair")),
    )
    op.create_index("ix_repair_at", "repair", ["at"])
    op.create_index("ix_repair_member", "repair", ["member"])
    op.create_table(
        "alias",
        sa.Column("old", sa.String(), nullable=False),
        sa.Column("member", sa.String(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("old", name=op.f("pk_alias")),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_alias_member", "alias", ["member"])


def _create_archive() -> None:
    op.create_table(
        "archive_cursor",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("seq", BigId(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_archive_cursor")),
    )
    op.create_table(
        "archive_consent",
        sa.Column("member", sa.String(), nullable=False),
        sa.Column("agreed", sa.Boolean(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("member", name=op.f("pk_archive_consent")),
        sqlite_with_rowid=False,
    )
