"""What every source spent, by quarters of an hour: kept in the transaction that awards, pays or
returns the money, so that a summary need not add up all that was ever won.

`rebuild` makes it anew from awards and payouts, which are never forgotten.
"""

from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import cache

from sqlalchemy import Connection, bindparam, delete, select
from sqlalchemy.dialects import postgresql, sqlite

from storage.rows import Insert, insert_all, is_postgres
from storage.tables.money import Award, Payout, Spending
from storage.types import table

_AWARD = table(Award)
_PAYOUT = table(Payout)
_SPENDING = table(Spending)
_QUARTER_MINUTES = 15
_ENDS = {"paid": "settled_fen", "expired": "returned_fen", "rejected": "returned_fen"}
_KEY = ("source", "deck", "quarter")
_SUMS = ("committed_fen", "settled_fen", "returned_fen")

Key = tuple[str, int, datetime]
Fens = tuple[int, int, int]
"""Committed, settled, returned."""


def quarter_of(at: datetime) -> datetime:
    """The beginning of its quarter of an hour, UTC."""
    utc = at.astimezone(UTC)
    minute = utc.minute - utc.minute % _QUARTER_MINUTES
    return utc.replace(minute=minute, second=0, microsecond=0)


def add(
    tx: Connection,
    source: str,
    deck: int,
    at: datetime,
    *,
    committed_fen: int = 0,
    settled_fen: int = 0,
    returned_fen: int = 0,
) -> None:
    """Adds what a source's deck (0: none) spent at an instant."""
    fens = (committed_fen, settled_fen, returned_fen)
    if any(fens):
        tx.execute(_adding(is_postgres(tx)), _row((source, deck, quarter_of(at)), fens))


def differing(tx: Connection) -> int:
    """How many quarters of an hour are not what awards and payouts add up to."""
    right, kept = _added_up(tx), _kept(tx)
    return sum(right.get(key) != kept.get(key) for key in {*right, *kept})


def rebuild(tx: Connection) -> int:
    """Makes all of it anew. Returns how many rows it has."""
    rows = [_row(key, fens) for key, fens in _added_up(tx).items()]
    tx.execute(delete(_SPENDING))
    insert_all(tx, _SPENDING, rows)
    return len(rows)


def _row(key: Key, fens: Fens) -> dict[str, object]:
    return dict(zip((*_KEY, *_SUMS), (*key, *fens), strict=True))


def _kept(tx: Connection) -> dict[Key, Fens]:
    rows = tx.execute(select(*(_SPENDING.c[name] for name in (*_KEY, *_SUMS)))).all()
    return {(source, deck, quarter): tuple(fens) for source, deck, quarter, *fens in rows}


def _added_up(tx: Connection) -> dict[Key, Fens]:
    """What it must be."""
    sums: dict[Key, list[int]] = defaultdict(lambda: [0] * len(_SUMS))
    for source, deck, fen, column, at in _events(tx):
        sums[source, deck, quarter_of(at)][_SUMS.index(column)] += fen
    return {key: (fens[0], fens[1], fens[2]) for key, fens in sums.items()}


def _events(tx: Connection) -> Iterator[tuple[str, int, int, str, datetime]]:
    """Source, deck, fen, the column that they are counted in, and when."""
    query = select(
        _AWARD.c.source, _AWARD.c.deck, _AWARD.c.amount_fen, _AWARD.c.won_at,
        _PAYOUT.c.status, _PAYOUT.c.finished_at,
    ).join_from(_AWARD, _PAYOUT, _PAYOUT.c.order_no == _AWARD.c.order_no).where(
        _AWARD.c.amount_fen > 0
    )  # fmt: skip
    for source, deck, fen, won_at, status, finished_at in tx.execute(query):
        yield source, deck, fen, "committed_fen", won_at
        if status in _ENDS and finished_at is not None:
            yield source, deck, fen, _ENDS[status], finished_at


@cache
def _adding(postgres: bool) -> Insert:
    """Every prize passes through it, so it is built once."""
    new: Insert = (postgresql if postgres else sqlite).insert(_SPENDING)
    new = new.values({name: bindparam(name) for name in (*_KEY, *_SUMS)})
    grown = {name: _SPENDING.c[name] + new.excluded[name] for name in _SUMS}
    return new.on_conflict_do_update(index_elements=_KEY, set_=grown)
