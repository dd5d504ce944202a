"""Corp tags, standings."""

import sqlalchemy as sa
from alembic import op

from storage.types import BigId, UtcDateTime

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

_STATUS = "status IN ('waiting', 'failed', 'dropped')"


def upgrade() -> None:
    """Creates the tables of `storage.tables.standings`, and two columns of labels."""
    op.add_column("tag", sa.Column("source", sa.String(), nullable=False, server_default="staff"))
    op.add_column("tag", sa.Column("expires_on", sa.Date(), nullable=True))
    _tags()
    _owed()
    _standings()


def _tags() -> None:
    op.create_table(
        "corp_tag",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("group_id", sa.String(), nullable=False),
        sa.Column("group_name", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("own", sa.Boolean(), nullable=False),
        sa.Column("deleted", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_corp_tag")),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_corp_tag_name", "corp_tag", ["name"])
    op.create_table(
        "tag_mark",
        sa.Column("member", sa.String(), nullable=False),
        sa.Column("staff", sa.String(), nullable=False),
        sa.Column("tag", sa.String(), nullable=False),
        sa.Column("stands", sa.Boolean(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("member", "staff", "tag", name=op.f("pk_tag_mark")),
        sqlite_with_rowid=False,
    )


def _owed() -> None:
    waiting = sa.text("status = 'waiting'")
    op.create_table(
        "tag_push",
        sa.Column("member", sa.String(), nullable=False),
        sa.Column("staff", sa.String(), nullable=False),
        sa.Column("tag", sa.String(), nullable=False),
        sa.Column("add", sa.Boolean(), nullable=False),
        sa.Column("owed_at", UtcDateTime(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_at", UtcDateTime(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.CheckConstraint(_STATUS, name=op.f("ck_tag_push_status")),
        sa.PrimaryKeyConstraint("member", "staff", "tag", name=op.f("pk_tag_push")),
        sqlite_with_rowid=False,
    )
    op.create_index(
        "ix_tag_push_next_at",
        "tag_push",
        ["next_at"],
        sqlite_where=waiting,
        postgresql_where=waiting,
    )
    op.create_table(
        "remark_write",
        sa.Column("member", sa.String(), nullable=False),
        sa.Column("staff", sa.String(), nullable=False),
        sa.Column("remark", sa.String(), nullable=True),
        sa.Column("description", sa.String(), nullable=True),
        sa.Column("owed_at", UtcDateTime(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_at", UtcDateTime(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.CheckConstraint(_STATUS, name=op.f("ck_remark_write_status")),
        sa.PrimaryKeyConstraint("member", "staff", name=op.f("pk_remark_write")),
        sqlite_with_rowid=False,
    )
    op.create_index(
        "ix_remark_write_next_at",
        "remark_write",
        ["next_at"],
        sqlite_where=waiting,
        postgresql_where=waiting,
    )


def _standings() -> None:
    op.create_table(
        "right_answer",
        sa.Column("community", sa.String(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("member", sa.String(), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.CheckConstraint("n > 0", name=op.f("ck_right_answer_n")),
        sa.PrimaryKeyConstraint("community", "day", "member", name=op.f("pk_right_answer")),
        sqlite_with_rowid=False,
    )
    stages = "'newcomer', 'growing', 'established', 'drifting', 'sleeping', 'left'"
    values = "'', 'potential', 'active', 'valuable', 'drifting', 'sleeping'"
    scores = "r BETWEEN 0 AND 5 AND f BETWEEN 0 AND 5 AND m BETWEEN 0 AND 5"
    op.create_table(
        "standing",
        sa.Column("community", sa.String(), nullable=False),
        sa.Column("member", sa.String(), nullable=False),
        sa.Column("stage", sa.String(), nullable=False),
        sa.Column("stage_since", sa.Date(), nullable=False),
        sa.Column("r", sa.Integer(), nullable=False),
        sa.Column("f", sa.Integer(), nullable=False),
        sa.Column("m", sa.Integer(), nullable=False),
        sa.Column("value", sa.String(), nullable=False),
        sa.Column("joined_on", sa.Date(), nullable=False),
        sa.Column("last_on", sa.Date(), nullable=True),
        sa.Column("days", sa.Integer(), nullable=False),
        sa.Column("weight", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.CheckConstraint(f"stage IN ({stages})", name=op.f("ck_standing_stage")),
        sa.CheckConstraint(f"value IN ({values})", name=op.f("ck_standing_value")),
        sa.CheckConstraint(scores, name=op.f("ck_standing_rfm")),
        sa.PrimaryKeyConstraint("community", "member", name=op.f("pk_standing")),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_standing_community_stage", "standing", ["community", "stage"])
    op.create_index("ix_standing_member", "standing", ["member"])
    op.create_table(
        "standing_change",
        sa.Column("id", BigId(), nullable=False),
        sa.Column("community", sa.String(), nullable=False),
        sa.Column("member", sa.String(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("what", sa.String(), nullable=False),
        sa.Column("before", sa.String(), nullable=False),
        sa.Column("after", sa.String(), nullable=False),
        sa.CheckConstraint("what IN ('stage', 'value')", name=op.f("ck_standing_change_what")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_standing_change")),
    )
    op.create_index("ix_standing_change_community_day", "standing_change", ["community", "day"])
    op.create_index("ix_standing_change_member", "standing_change", ["member"])
