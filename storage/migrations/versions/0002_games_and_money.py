"""Games, decks and money."""

import sqlalchemy as sa
from alembic import op

from storage.types import BigId, Json, UtcDateTime

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Creates the tables of `storage.tables.play` and `storage.tables.money`."""
    _award()
    _budget()
    _deck()
    _game_session()
    _card()
    _draw()
    _ledger()
    _payout()
    _player()
    _append_only_ledger()


def _award() -> None:
    op.create_table(
        "award",
        sa.Column("order_no", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("community", sa.String(), nullable=False),
        sa.Column("member", sa.String(), nullable=False),
        sa.Column("prize", sa.String(), nullable=False),
        sa.Column("amount_fen", sa.Integer(), nullable=False),
        sa.Column("payable_on", sa.Date(), nullable=False),
        sa.Column("won_at", UtcDateTime(), nullable=False),
        sa.CheckConstraint("amount_fen >= 0", name=op.f("ck_award_amount_fen")),
        sa.PrimaryKeyConstraint("order_no", name=op.f("pk_award")),
        sa.UniqueConstraint("key", name=op.f("uq_award_key")),
    )
    op.create_index("ix_award_community_won_at", "award", ["community", "won_at"], unique=False)
    op.create_index("ix_award_member_won_at", "award", ["member", "won_at"], unique=False)


def _budget() -> None:
    op.create_table(
        "budget",
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("budget_fen", BigId(), nullable=False),
        sa.Column("committed_fen", BigId(), nullable=False),
        sa.Column("settled_fen", BigId(), nullable=False),
        sa.Column("returned_fen", BigId(), nullable=False),
        sa.CheckConstraint(
            "committed_fen - returned_fen <= budget_fen", name=op.f("ck_budget_within_budget")
        ),
        sa.CheckConstraint(
            "settled_fen + returned_fen <= committed_fen", name=op.f("ck_budget_settled")
        ),
        sa.CheckConstraint(
            "settled_fen >= 0 AND returned_fen >= 0", name=op.f("ck_budget_positive")
        ),
        sa.PrimaryKeyConstraint("source", name=op.f("pk_budget")),
    )


def _deck() -> None:
    op.create_table(
        "deck",
        sa.Column("id", BigId(), nullable=False),
        sa.Column("campaign", sa.String(), nullable=False),
        sa.Column("round", sa.String(), nullable=False),
        sa.Column("community", sa.String(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("taken", sa.Integer(), nullable=False),
        sa.Column("sum_fen", sa.Integer(), nullable=False),
        sa.Column("budget_fen", sa.Integer(), nullable=False),
        sa.Column("seed", sa.String(), nullable=False),
        sa.Column("commitment", sa.String(), nullable=False),
        sa.Column("rules_hash", sa.String(), nullable=False),
        sa.Column("rules", Json(), nullable=False),
        sa.Column("payable_after", sa.Integer(), nullable=False),
        sa.Column("opened_at", UtcDateTime(), nullable=False),
        sa.Column("closes_at", UtcDateTime(), nullable=True),
        sa.Column("closed_at", UtcDateTime(), nullable=True),
        sa.Column("close_reason", sa.String(), nullable=False),
        sa.CheckConstraint("size > 0", name=op.f("ck_deck_size")),
        sa.CheckConstraint("sum_fen <= budget_fen", name=op.f("ck_deck_within_budget")),
        sa.CheckConstraint("taken BETWEEN 0 AND size", name=op.f("ck_deck_taken")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deck")),
        sa.UniqueConstraint(
            "campaign", "round", "community", name=op.f("uq_deck_campaign_round_community")
        ),
    )
    op.create_index(
        "ix_deck_closes_at",
        "deck",
        ["closes_at"],
        unique=False,
        sqlite_where=sa.text("closed_at IS NULL"),
        postgresql_where=sa.text("closed_at IS NULL"),
    )


def _game_session() -> None:
    op.create_table(
        "game_session",
        sa.Column("id", BigId(), nullable=False),
        sa.Column("community", sa.String(), nullable=False),
        sa.Column("game", sa.String(), nullable=False),
        sa.Column("options", Json(), nullable=False),
        sa.Column("rewards", Json(), nullable=True),
        sa.Column("state", Json(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("seed", sa.String(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("next_at", UtcDateTime(), nullable=True),
        sa.Column("occurrence", sa.String(), nullable=True),
        sa.Column("started_by", sa.String(), nullable=True),
        sa.Column("started_at", UtcDateTime(), nullable=False),
        sa.Column("finished_at", UtcDateTime(), nullable=True),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("winners", Json(), nullable=False),
        sa.CheckConstraint(
            "status IN ('running', 'finished')", name=op.f("ck_game_session_status")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_game_session")),
    )
    op.create_index(
        "ix_game_session_community_finished_at",
        "game_session",
        ["community", "finished_at"],
        unique=False,
    )
    op.create_index(
        "ix_game_session_next_at",
        "game_session",
        ["next_at"],
        unique=False,
        sqlite_where=sa.text("status = 'running'"),
        postgresql_where=sa.text("status = 'running'"),
    )
    op.create_index(
        "uq_game_session_running",
        "game_session",
        ["community"],
        unique=True,
        sqlite_where=sa.text("status = 'running'"),
        postgresql_where=sa.text("status = 'running'"),
    )


def _card() -> None:
    op.create_table(
        "card",
        sa.Column("deck", BigId(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("prize", sa.String(), nullable=False),
        sa.Column("amount_fen", sa.Integer(), nullable=False),
        sa.CheckConstraint("amount_fen >= 0", name=op.f("ck_card_amount_fen")),
        sa.CheckConstraint("position >= 0", name=op.f("ck_card_position")),
        sa.ForeignKeyConstraint(["deck"], ["deck.id"], name=op.f("fk_card_deck")),
        sa.PrimaryKeyConstraint("deck", "position", name=op.f("pk_card")),
        sqlite_with_rowid=False,
    )


def _draw() -> None:
    op.create_table(
        "draw",
        sa.Column("deck", BigId(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("community", sa.String(), nullable=False),
        sa.Column("member", sa.String(), nullable=False),
        sa.Column("drawn_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["deck"], ["deck.id"], name=op.f("fk_draw_deck")),
        sa.PrimaryKeyConstraint("deck", "position", name=op.f("pk_draw")),
        sa.UniqueConstraint("deck", "member", name=op.f("uq_draw_deck_member")),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_draw_community_drawn_at", "draw", ["community", "drawn_at"], unique=False)


def _ledger() -> None:
    op.create_table(
        "ledger",
        sa.Column("order_no", sa.String(), nullable=False),
        sa.Column("event", sa.String(), nullable=False),
        sa.Column("debit", sa.String(), nullable=False),
        sa.Column("credit", sa.String(), nullable=False),
        sa.Column("amount_fen", sa.Integer(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.CheckConstraint("event IN ('award', 'paid', 'expired')", name=op.f("ck_ledger_event")),
        sa.CheckConstraint("amount_fen >= 0", name=op.f("ck_ledger_amount_fen")),
        sa.CheckConstraint("debit <> credit", name=op.f("ck_ledger_accounts")),
        sa.ForeignKeyConstraint(["order_no"], ["award.order_no"], name=op.f("fk_ledger_order_no")),
        sa.PrimaryKeyConstraint("order_no", "event", name=op.f("pk_ledger")),
        sqlite_with_rowid=False,
    )


def _payout() -> None:
    op.create_table(
        "payout",
        sa.Column("order_no", sa.String(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("amount_fen", sa.Integer(), nullable=False),
        sa.Column("payable_on", sa.Date(), nullable=False),
        sa.Column("approved_by", sa.String(), nullable=True),
        sa.Column("approved_at", UtcDateTime(), nullable=True),
        sa.Column("submitted_at", UtcDateTime(), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("finished_at", UtcDateTime(), nullable=True),
        sa.Column("receipt", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("updated_at", UtcDateTime(), nullable=False),
        sa.CheckConstraint(
            "status IN ('held', 'due', 'approved', 'submitted', 'unknown', 'paid', 'failed', "
            "'expired')",
            name=op.f("ck_payout_status"),
        ),
        sa.CheckConstraint("amount_fen >= 0", name=op.f("ck_payout_amount_fen")),
        sa.ForeignKeyConstraint(["order_no"], ["award.order_no"], name=op.f("fk_payout_order_no")),
        sa.PrimaryKeyConstraint("order_no", name=op.f("pk_payout")),
    )
    op.create_index("ix_payout_status_payable_on", "payout", ["status", "payable_on"], unique=False)


def _player() -> None:
    op.create_table(
        "player",
        sa.Column("session", BigId(), nullable=False),
        sa.Column("member", sa.String(), nullable=False),
        sa.Column("community", sa.String(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["session"], ["game_session.id"], name=op.f("fk_player_session")),
        sa.PrimaryKeyConstraint("session", "member", name=op.f("pk_player")),
    )
    op.create_index(
        "ix_player_community_member_at", "player", ["community", "member", "at"], unique=False
    )


def _append_only_ledger() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            "CREATE FUNCTION ledger_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$ "
            "BEGIN RAISE EXCEPTION 'ledger is append-only'; END $$"
        )
        op.execute(
            "CREATE TRIGGER ledger_append_only BEFORE UPDATE OR DELETE ON ledger "
            "FOR EACH ROW EXECUTE FUNCTION ledger_is_append_only()"
        )
        return
    for verb in ("UPDATE", "DELETE"):
        op.execute(
            f"CREATE TRIGGER ledger_no_{verb.lower()} BEFORE {verb} ON ledger "
            "BEGIN SELECT RAISE(ABORT, 'ledger is append-only'); END"
        )
