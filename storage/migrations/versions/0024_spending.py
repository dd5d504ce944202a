"""What every source spent; awards know their deck, payouts their community."""

from collections import defaultdict
from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op

from storage.types import BigId, UtcDateTime

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

_FENS = ("committed_fen", "settled_fen", "returned_fen")
_ENDS = {"paid": 1, "expired": 2, "rejected": 2}


def upgrade() -> None:
    """Two columns and a table, filled from what was won until now."""
    zero = sa.text("0")
    op.add_column("award", sa.Column("deck", BigId(), nullable=False, server_default=zero))
    empty = sa.text("''")
    op.add_column(
        "payout", sa.Column("community", sa.String(), nullable=False, server_default=empty)
    )
    op.create_index("ix_payout_community_finished_at", "payout", ["community", "finished_at"])
    op.create_table(
        "spending",
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("deck", BigId(), nullable=False),
        sa.Column("quarter", UtcDateTime(), nullable=False),
        *(sa.Column(name, BigId(), nullable=False) for name in _FENS),
        sa.PrimaryKeyConstraint("source", "deck", "quarter", name=op.f("pk_spending")),
        sqlite_with_rowid=False,
    )
    _fill(op.get_bind())


def _fill(tx: sa.Connection) -> None:
    award = sa.table(
        "award", *(sa.column(name) for name in ("order_no", "key", "source", "replaces")),
        sa.column("community"), sa.column("deck"), sa.column("amount_fen"),
        sa.column("won_at", UtcDateTime()),
    )  # fmt: skip
    payout = sa.table(
        "payout", *(sa.column(name) for name in ("order_no", "status", "community")),
        sa.column("finished_at", UtcDateTime()),
    )  # fmt: skip
    spending = sa.table(
        "spending", sa.column("source"), sa.column("deck"),
        sa.column("quarter", UtcDateTime()), *(sa.column(name) for name in _FENS),
    )  # fmt: skip
    its = sa.select(award.c.community).where(award.c.order_no == payout.c.order_no)
    tx.execute(sa.update(payout).values(community=its.scalar_subquery()))
    decks: dict[str, int] = {}
    sums: dict[tuple[str, int, datetime], list[int]] = defaultdict(lambda: [0, 0, 0])
    rows = sa.select(
        award.c.order_no, award.c.key, award.c.source, award.c.replaces, award.c.amount_fen,
        award.c.won_at, payout.c.status, payout.c.finished_at,
    ).join_from(award, payout, payout.c.order_no == award.c.order_no)  # fmt: skip
    for number, key, source, replaces, fen, won_at, status, finished_at in tx.execute(
        rows.order_by(award.c.won_at, award.c.order_no)
    ):
        kind, _, rest = key.partition("/")
        # What is given once more comes later than what it replaces.
        deck = int(rest.partition("/")[0]) if kind == "draw" else decks.get(replaces, 0)
        if deck:
            decks[number] = deck
        if fen:
            sums[source, deck, _quarter(won_at)][0] += fen
            if status in _ENDS:
                sums[source, deck, _quarter(finished_at)][_ENDS[status]] += fen
    known = sa.update(award).where(award.c.order_no == sa.bindparam("number"))
    if decks:
        tx.execute(
            known.values(deck=sa.bindparam("its_deck")),
            [{"number": number, "its_deck": deck} for number, deck in decks.items()],
        )
    if sums:
        names = ("source", "deck", "quarter", *_FENS)
        tx.execute(
            sa.insert(spending),
            [dict(zip(names, (*key, *fens), strict=True)) for key, fens in sums.items()],
        )


def _quarter(at: datetime) -> datetime:
    utc = at.astimezone(UTC)
    return utc.replace(minute=utc.minute - utc.minute % 15, second=0, microsecond=0)
