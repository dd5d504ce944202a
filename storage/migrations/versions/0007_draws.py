"""Draws: kinds of prizes, chances, entrants, and the log of a deck."""

import sqlalchemy as sa
from alembic import op

from storage.types import BigId, Json, UtcDateTime

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Brings decks, cards and draws to `storage.tables.play`; creates entrants and logs."""
    _deck()
    _card()
    _draw()
    _entrant()
    _deck_log()
    _deck_request()


def _add(table: str, column: str) -> None:
    """A column with its check, which Alembic cannot add to a table of SQLite in one statement."""
    op.execute(f"ALTER TABLE {table} ADD COLUMN {column}")


def _deck() -> None:
    _add(
        "deck",
        "mode VARCHAR DEFAULT 'instant' NOT NULL "
        "CONSTRAINT ck_deck_mode CHECK (mode IN ('instant', 'entrants'))",
    )
    for name in ("public_value", "value", "head", "refused"):
        op.add_column(
            "deck", sa.Column(name, sa.String(), nullable=False, server_default=sa.text("''"))
        )
    length = sa.Column("log_length", sa.Integer(), nullable=False, server_default="0")
    op.add_column("deck", length)
    op.add_column("deck", sa.Column("amended", Json(), nullable=True))
    op.add_column("deck", sa.Column("frozen_at", UtcDateTime(), nullable=True))
    op.add_column("deck", sa.Column("next_at", UtcDateTime(), nullable=True))
    op.execute("UPDATE deck SET head = commitment, next_at = closes_at WHERE closed_at IS NULL")
    op.execute("UPDATE deck SET head = commitment WHERE closed_at IS NOT NULL")
    op.drop_index("ix_deck_closes_at", table_name="deck")
    is_open = sa.text("closed_at IS NULL")
    op.create_index(
        "ix_deck_next_at", "deck", ["next_at"], sqlite_where=is_open, postgresql_where=is_open
    )


def _card() -> None:
    _add(
        "card",
        "kind VARCHAR DEFAULT 'cash' NOT NULL "
        "CONSTRAINT ck_card_kind CHECK (kind IN ('cash', 'coupon', 'gift', 'points'))",
    )
    _add(
        "card",
        "points INTEGER DEFAULT 0 NOT NULL CONSTRAINT ck_card_points CHECK (points >= 0)",
    )


def _draw() -> None:
    """Made anew: a member may draw more than once, so the old unique key must go."""
    op.drop_index("ix_draw_community_drawn_at", table_name="draw")
    op.rename_table("draw", "draw_before")
    if op.get_bind().dialect.name == "postgresql":
        for name in ("pk_draw", "uq_draw_deck_member", "fk_draw_deck"):
            op.execute(f"ALTER TABLE draw_before DROP CONSTRAINT {name}")
    op.create_table(
        "draw",
        sa.Column("deck", BigId(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("community", sa.String(), nullable=False),
        sa.Column("member", sa.String(), nullable=False),
        sa.Column("drawn_at", UtcDateTime(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("receipt", sa.String(), nullable=False),
        sa.Column("request", sa.String(), nullable=True),
        sa.CheckConstraint("number >= 1", name=op.f("ck_draw_number")),
        sa.ForeignKeyConstraint(["deck"], ["deck.id"], name=op.f("fk_draw_deck")),
        sa.PrimaryKeyConstraint("deck", "position", name=op.f("pk_draw")),
        sa.UniqueConstraint("deck", "member", "number", name=op.f("uq_draw_deck_member_number")),
        sa.UniqueConstraint("deck", "member", "request", name=op.f("uq_draw_deck_member_request")),
        sqlite_with_rowid=False,
    )
    op.execute(
        "INSERT INTO draw (deck, position, community, member, drawn_at, number, day, code, receipt)"
        " SELECT deck, position, community, member, drawn_at, 1, date(drawn_at), '', ''"
        " FROM draw_before"
    )
    op.drop_table("draw_before")
    op.create_index("ix_draw_community_drawn_at", "draw", ["community", "drawn_at"])
    op.create_index("ix_draw_member", "draw", ["member"])


def _entrant() -> None:
    op.create_table(
        "entrant",
        sa.Column("deck", BigId(), nullable=False),
        sa.Column("member", sa.String(), nullable=False),
        sa.Column("community", sa.String(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["deck"], ["deck.id"], name=op.f("fk_entrant_deck")),
        sa.PrimaryKeyConstraint("deck", "member", name=op.f("pk_entrant")),
        sa.UniqueConstraint("deck", "code", name=op.f("uq_entrant_deck_code")),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_entrant_member", "entrant", ["member"])


def _deck_log() -> None:
    op.create_table(
        "deck_log",
        sa.Column("deck", BigId(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("entry", Json(), nullable=False),
        sa.Column("hash", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["deck"], ["deck.id"], name=op.f("fk_deck_log_deck")),
        sa.PrimaryKeyConstraint("deck", "number", name=op.f("pk_deck_log")),
        sqlite_with_rowid=False,
    )
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            "CREATE FUNCTION deck_log_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$ "
            "BEGIN RAISE EXCEPTION 'deck_log is append-only'; END $$"
        )
        op.execute(
            "CREATE TRIGGER deck_log_append_only BEFORE UPDATE OR DELETE ON deck_log "
            "FOR EACH ROW EXECUTE FUNCTION deck_log_is_append_only()"
        )
        return
    for verb in ("UPDATE", "DELETE"):
        op.execute(
            f"CREATE TRIGGER deck_log_no_{verb.lower()} BEFORE {verb} ON deck_log "
            "BEGIN SELECT RAISE(ABORT, 'deck_log is append-only'); END"
        )


def _deck_request() -> None:
    op.create_table(
        "deck_request",
        sa.Column("id", BigId(), nullable=False),
        sa.Column("verb", sa.String(), nullable=False),
        sa.Column("campaign", sa.String(), nullable=False),
        sa.Column("community", sa.String(), nullable=False),
        sa.Column("seconds", sa.Integer(), nullable=False),
        sa.Column("deck", sa.Integer(), nullable=True),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("asked_by", sa.String(), nullable=False),
        sa.Column("asked_at", UtcDateTime(), nullable=False),
        sa.Column("done_at", UtcDateTime(), nullable=True),
        sa.Column("outcome", sa.String(), nullable=False),
        sa.CheckConstraint("verb IN ('open', 'close')", name=op.f("ck_deck_request_verb")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deck_request")),
    )
    undone = sa.text("done_at IS NULL")
    op.create_index(
        "ix_deck_request_id", "deck_request", ["id"], sqlite_where=undone, postgresql_where=undone
    )
