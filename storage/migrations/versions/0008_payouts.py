"""Payouts: kinds of prizes, a chained ledger, coupon codes, reconciliation."""

from typing import Any

import sqlalchemy as sa
from alembic import op

from storage.ledger import FIRST, Entry, chained
from storage.types import BigId, Json, UtcDateTime

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

_FREE = sa.text("order_no IS NULL")
_LEDGER = sa.table(
    "ledger",
    sa.column("source"),
    sa.column("number"),
    sa.column("event"),
    sa.column("order_no"),
    sa.column("debit"),
    sa.column("credit"),
    sa.column("amount_fen"),
    sa.column("at", UtcDateTime()),
    sa.column("hash"),
)


def upgrade() -> None:
    """Creates and changes the tables of `storage.tables.money`."""
    _awards_and_budgets()
    _ledger()
    _payout()
    _coupon()
    _paying()


def _awards_and_budgets() -> None:
    text = sa.String()
    for column in (
        sa.Column("kind", text, nullable=False, server_default=sa.text("'cash'")),
        sa.Column("points", sa.Integer(), nullable=False, server_default=sa.text("0")),
        sa.Column("claim_by", sa.Date(), nullable=True),
        sa.Column("replaces", text, nullable=True),
    ):
        op.add_column("award", column)
    op.create_index("ix_award_source_won_at", "award", ["source", "won_at"])
    op.add_column("budget", sa.Column("head", text, nullable=False, server_default=sa.text("''")))
    op.add_column(
        "budget",
        sa.Column("entries", sa.Integer(), nullable=False, server_default=sa.text("0")),
    )


def _ledger() -> None:
    """Written anew: what was there is chained, each source's budget as its first entry."""
    entries = _written_so_far()
    op.drop_table("ledger")
    op.create_table(
        "ledger",
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("event", sa.String(), nullable=False),
        sa.Column("order_no", sa.String(), nullable=True),
        sa.Column("debit", sa.String(), nullable=False),
        sa.Column("credit", sa.String(), nullable=False),
        sa.Column("amount_fen", BigId(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("hash", sa.String(), nullable=False),
        sa.CheckConstraint(
            "event IN ('fund', 'release', 'award', 'paid', 'expired', 'rejected')",
            name=op.f("ck_ledger_event"),
        ),
        sa.CheckConstraint("amount_fen >= 0", name=op.f("ck_ledger_amount_fen")),
        sa.CheckConstraint("debit <> credit", name=op.f("ck_ledger_accounts")),
        sa.CheckConstraint(
            "(order_no IS NULL) = (event IN ('fund', 'release'))",
            name=op.f("ck_ledger_order_no"),
        ),
        sa.ForeignKeyConstraint(["order_no"], ["award.order_no"], name=op.f("fk_ledger_order_no")),
        sa.ForeignKeyConstraint(["source"], ["budget.source"], name=op.f("fk_ledger_source")),
        sa.PrimaryKeyConstraint("source", "number", name=op.f("pk_ledger")),
        sa.UniqueConstraint("order_no", "event", name=op.f("uq_ledger_order_no_event")),
        sqlite_with_rowid=False,
    )
    for source, rows in entries.items():
        links = chained(source, 0, FIRST, rows)
        op.bulk_insert(_LEDGER, links)
        head = sa.text("UPDATE budget SET head = :head, entries = :entries WHERE source = :source")
        op.get_bind().execute(
            head, {"head": links[-1]["hash"], "entries": len(links), "source": source}
        )
    _append_only()


def _written_so_far() -> dict[str, list[Entry]]:
    bind = op.get_bind()
    at = sa.column("at", UtcDateTime())
    query = (
        sa.text(
            "SELECT award.source, ledger.event, ledger.order_no, ledger.debit, ledger.credit,"
            " ledger.amount_fen, ledger.at FROM ledger JOIN award USING (order_no)"
            " ORDER BY ledger.at, ledger.order_no, ledger.event"
        )
    ).columns(
        sa.column("source"),
        sa.column("event"),
        sa.column("order_no"),
        sa.column("debit"),
        sa.column("credit"),
        sa.column("amount_fen"),
        at,
    )
    found: dict[str, list[Entry]] = {}
    for source, *entry in bind.execute(query):
        found.setdefault(source, []).append(Entry(*entry))
    opened = sa.text("SELECT campaign, MIN(opened_at) FROM deck GROUP BY campaign").columns(
        sa.column("campaign"), sa.column("opened_at", UtcDateTime())
    )
    first: dict[str, Any] = {source: rows[0].at for source, rows in found.items()}
    first |= dict(bind.execute(opened).all())
    funded: dict[str, list[Entry]] = {}
    for source, fen in bind.execute(sa.text("SELECT source, budget_fen FROM budget")):
        if source in first:  # every budget has had a deck or an award
            fund = Entry("fund", None, "bank", f"budget/{source}", fen, first[source])
            funded[source] = [fund, *found.get(source, [])]
    return funded


def _append_only() -> None:
    if op.get_bind().dialect.name == "postgresql":
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


def _payout() -> None:
    """Written anew, because SQLite cannot change the words that a status may be."""
    columns: tuple[sa.Column[Any], ...] = (
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
    )
    before = sa.table("payout", *(sa.column(one.name, one.type) for one in columns))
    rows = [dict(row._mapping) for row in op.get_bind().execute(sa.select(before))]
    op.drop_table("payout")
    now = op.create_table(
        "payout",
        *columns,
        sa.Column("flags", sa.String(), nullable=False),
        sa.Column("requested_by", sa.String(), nullable=True),
        sa.Column("asked", sa.Integer(), nullable=False),
        sa.Column("next_at", UtcDateTime(), nullable=True),
        sa.Column("code", sa.String(), nullable=True),
        sa.Column("confirm", sa.String(), nullable=False),
        sa.CheckConstraint(
            "status IN ('held', 'due', 'approved', 'submitted', 'unknown', 'paid', 'failed', "
            "'expired', 'rejected')",
            name=op.f("ck_payout_status"),
        ),
        sa.CheckConstraint("amount_fen >= 0", name=op.f("ck_payout_amount_fen")),
        sa.ForeignKeyConstraint(["order_no"], ["award.order_no"], name=op.f("fk_payout_order_no")),
        sa.PrimaryKeyConstraint("order_no", name=op.f("pk_payout")),
        sa.UniqueConstraint("code", name=op.f("uq_payout_code")),
    )
    op.create_index("ix_payout_status_payable_on", "payout", ["status", "payable_on"])
    op.create_index("ix_payout_status_next_at", "payout", ["status", "next_at"])
    waiting = ("submitted", "unknown")
    op.bulk_insert(
        now,
        [
            {
                **row,
                "flags": "",
                "requested_by": None,
                "asked": 0,
                "next_at": row["updated_at"] if row["status"] in waiting else None,
                "code": None,
                "confirm": "",
            }
            for row in rows
        ],
    )


def _coupon() -> None:
    op.create_table(
        "coupon",
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("prize", sa.String(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("order_no", sa.String(), nullable=True),
        sa.Column("imported_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["order_no"], ["award.order_no"], name=op.f("fk_coupon_order_no")),
        sa.PrimaryKeyConstraint("source", "prize", "code", name=op.f("pk_coupon")),
        sa.UniqueConstraint("order_no", name=op.f("uq_coupon_order_no")),
        sqlite_with_rowid=False,
    )
    op.create_index(
        "ix_coupon_free",
        "coupon",
        ["source", "prize", "number"],
        sqlite_where=_FREE,
        postgresql_where=_FREE,
    )


def _paying() -> None:
    op.create_table(
        "paying",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("submitted", BigId(), nullable=False),
        sa.Column("home", sa.String(), nullable=False),
        sa.Column("mode", sa.String(), nullable=False),
        sa.Column("since", UtcDateTime(), nullable=True),
        sa.Column("reason", sa.String(), nullable=False),
        sa.CheckConstraint("mode IN ('normal', 'reconcile')", name=op.f("ck_paying_mode")),
        sa.CheckConstraint("id = 1", name=op.f("ck_paying_one")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_paying")),
    )
    op.create_table(
        "reconciliation",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("payer", sa.String(), nullable=False),
        sa.Column("checked_at", UtcDateTime(), nullable=False),
        sa.Column("ours", sa.Integer(), nullable=False),
        sa.Column("ours_fen", BigId(), nullable=False),
        sa.Column("theirs", sa.Integer(), nullable=False),
        sa.Column("theirs_fen", BigId(), nullable=False),
        sa.Column("differences", Json(), nullable=False),
        sa.PrimaryKeyConstraint("day", name=op.f("pk_reconciliation")),
    )
