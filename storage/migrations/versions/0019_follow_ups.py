"""Follow-ups in full."""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.types import TypeEngine

from storage.types import UtcDateTime

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

_OPEN = sa.text("done_at IS NULL")
_FILLED: dict[str, tuple[TypeEngine[Any], str]] = {
    "planned_for": (UtcDateTime(), "due_at"),
    "priority": (sa.Integer(), "2"),
    "script": (sa.String(), "''"),
    "source": (sa.String(), "'step'"),
    "status": (sa.String(), "CASE WHEN done_at IS NULL THEN 'open' ELSE 'done' END"),
    "result": (sa.String(), "''"),
}
"""New columns that must have a value, and the one of the rows that are there."""
_CHECKS = {
    "ck_follow_up_priority": "priority BETWEEN 1 AND 3",
    "ck_follow_up_status": "status IN ('open', 'done', 'dropped')",
    "ck_follow_up_open_until_done": "(status = 'open') = (done_at IS NULL)",
}


def upgrade() -> None:
    """Adds what happens to a follow-up between its making and its end; SQLite's new copy of the
    table gives no number twice."""
    op.drop_index("ix_follow_up_staff", "follow_up")
    op.drop_index("ix_follow_up_community_due_at", "follow_up")
    for name, (kind, _) in _FILLED.items():
        op.add_column("follow_up", sa.Column(name, kind, nullable=True))
    values = ", ".join(f"{name} = {value}" for name, (_, value) in _FILLED.items())
    op.execute(f"UPDATE follow_up SET {values}")  # noqa: S608 - literals from above
    with op.batch_alter_table("follow_up", table_kwargs={"sqlite_autoincrement": True}) as batch:
        for name, (kind, _) in _FILLED.items():
            batch.alter_column(name, existing_type=kind, nullable=False)
        batch.add_column(sa.Column("remind_at", UtcDateTime(), nullable=True))
        batch.add_column(sa.Column("handed_from", sa.String(), nullable=True))
        batch.add_column(sa.Column("escalated_at", UtcDateTime(), nullable=True))
        for name, condition in _CHECKS.items():
            batch.create_check_constraint(op.f(name), condition)
    _index("ix_follow_up_staff", "staff")
    _index("ix_follow_up_remind_at", "remind_at")
    op.create_index("ix_follow_up_community_planned_for", "follow_up", ["community", "planned_for"])
    op.create_index("ix_follow_up_member", "follow_up", ["member"])


def _index(name: str, column: str) -> None:
    """Only rows of what is not done."""
    op.create_index(name, "follow_up", [column], sqlite_where=_OPEN, postgresql_where=_OPEN)
