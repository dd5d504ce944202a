"""Games that run beside others."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

_RUNNING = sa.text("status = 'running'")
_LOUD = sa.text("status = 'running' AND beside IS NULL")


def upgrade() -> None:
    """One running round for a community, and one of each quiet game beside it."""
    op.add_column("game_session", sa.Column("beside", sa.String(), nullable=True))
    op.drop_index("uq_game_session_running", table_name="game_session")
    op.create_index(
        "uq_game_session_running",
        "game_session",
        ["community"],
        unique=True,
        sqlite_where=_LOUD,
        postgresql_where=_LOUD,
    )
    op.create_index(
        "uq_game_session_beside",
        "game_session",
        ["community", "beside"],
        unique=True,
        sqlite_where=_RUNNING,
        postgresql_where=_RUNNING,
    )
