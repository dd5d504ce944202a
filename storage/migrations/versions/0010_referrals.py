"""Relations, invitations, referrals."""

import sqlalchemy as sa
from alembic import op

from storage.types import BigId, Json, UtcDateTime

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Creates the tables of `storage.tables.referrals`."""
    op.create_table(
        "relation",
        sa.Column("member", sa.String(), nullable=False),
        sa.Column("staff", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("since", UtcDateTime(), nullable=False),
        sa.Column("ended_at", UtcDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("member", "staff", name=op.f("pk_relation")),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_relation_staff", "relation", ["staff"])
    op.create_table(
        "invitation",
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("community", sa.String(), nullable=False),
        sa.Column("member", sa.String(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("config_id", sa.String(), nullable=False),
        sa.Column("qr_code", sa.String(), nullable=False),
        sa.Column("reply_to", Json(), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("due_at", UtcDateTime(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.CheckConstraint(
            "status IN ('wanted', 'ready', 'failed')", name=op.f("ck_invitation_status")
        ),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_invitation")),
        sa.UniqueConstraint("community", "member", name=op.f("uq_invitation_community_member")),
        sqlite_with_rowid=False,
    )
    wanted = sa.text("status = 'wanted'")
    op.create_index(
        "ix_invitation_due_at",
        "invitation",
        ["due_at"],
        sqlite_where=wanted,
        postgresql_where=wanted,
    )
    _create_referrals()


def _create_referrals() -> None:
    op.create_table(
        "referral",
        sa.Column("id", BigId(), nullable=False),
        sa.Column("community", sa.String(), nullable=False),
        sa.Column("inviter", sa.String(), nullable=False),
        sa.Column("invited", sa.String(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("joined_at", UtcDateTime(), nullable=False),
        sa.Column("settled_at", UtcDateTime(), nullable=True),
        sa.CheckConstraint(
            "status IN ('waiting', 'held', 'credited', 'refused')",
            name=op.f("ck_referral_status"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_referral")),
        sa.UniqueConstraint("community", "invited", name=op.f("uq_referral_community_invited")),
    )
    op.create_index("ix_referral_inviter_joined_at", "referral", ["inviter", "joined_at"])
    op.create_index("ix_referral_invited", "referral", ["invited"])
    op.create_index("ix_referral_community_status", "referral", ["community", "status"])
