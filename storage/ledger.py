"""The ledger: double entry, append-only, and each source's entries a chain of hashes.

    bank ──fund──► budget/<source> ──award──► owed ──paid──► paid
    bank ◄─release──     ▲                     │
                         └─expired, rejected───┘

An entry's hash is the SHA-256, in hex, of its canonical JSON (keys sorted, no blanks, UTF-8):
`amount_fen`, `at` (`2026-11-23T11:30:00.000000Z`), `credit`, `debit`, `event`, `number` (from 0),
`order_no` (null for fund and release), `previous` (the hash before it; empty for the first) and
`source`. The budget's row holds the chain's end, so neither a changed, a removed nor a cut-off
entry goes unseen by `db check`.
"""

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, bindparam, func, select, update

from storage.rows import insert_all
from storage.tables.money import Budget, Ledger
from storage.types import table

FIRST = ""
"""What the first entry of a chain follows."""

_BUDGET = table(Budget)
_LEDGER = table(Ledger)


class Forked(Exception):
    """Another transaction has added to the chain since it was read; run this one again."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One movement of money."""

    event: str
    order_no: str | None
    debit: str
    credit: str
    amount_fen: int
    at: datetime


def fund(source: str, amount_fen: int, at: datetime) -> Entry:
    """The bank gives a source money; a negative amount is what it takes back."""
    if amount_fen < 0:
        return Entry("release", None, f"budget/{source}", "bank", -amount_fen, at)
    return Entry("fund", None, "bank", f"budget/{source}", amount_fen, at)


def append(tx: Connection, source: str, entries: Sequence[Entry]) -> None:
    """Adds entries to a source's chain. The budget's row must be there. Raises Forked."""
    if not entries:
        return
    head, number = tx.execute(_END, {"of": source}).one()
    links = chained(source, number, head, entries)
    insert_all(tx, _LEDGER, links)
    new = {"of": source, "was": number, "new_head": links[-1]["hash"]}
    if tx.execute(_GROW, {**new, "new_entries": number + len(links)}).rowcount != 1:
        raise Forked(source)


def chained(
    source: str, number: int, previous: str, entries: Iterable[Entry]
) -> list[dict[str, Any]]:
    """Entries as rows that follow `previous`, the first of them with `number`."""
    rows = []
    for entry in entries:
        previous = link(source, number, previous, entry)
        rows.append(
            {
                "source": source,
                "number": number,
                "event": entry.event,
                "order_no": entry.order_no,
                "debit": entry.debit,
                "credit": entry.credit,
                "amount_fen": entry.amount_fen,
                "at": entry.at,
                "hash": previous,
            }
        )
        number += 1
    return rows


def link(source: str, number: int, previous: str, entry: Entry) -> str:
    """The hash of an entry at its place in a chain."""
    content = {
        "amount_fen": entry.amount_fen,
        "at": f"{entry.at.astimezone(UTC):%Y-%m-%dT%H:%M:%S.%fZ}",
        "credit": entry.credit,
        "debit": entry.debit,
        "event": entry.event,
        "number": number,
        "order_no": entry.order_no,
        "previous": previous,
        "source": source,
    }
    text = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def broken(tx: Connection) -> list[str]:
    """Where a chain does not hold, in Chinese; empty when every entry is as it was written."""
    found = []
    ends = {
        source: (head, entries)
        for source, head, entries in tx.execute(
            select(_BUDGET.c.source, _BUDGET.c.head, _BUDGET.c.entries).order_by(_BUDGET.c.source)
        )
    }
    reached = dict.fromkeys(ends, (FIRST, 0))
    wrong: set[str] = set()
    columns = [_LEDGER.c[name] for name in ("source", "number", "hash", *Entry.__slots__)]
    for source, number, hash, *rest in tx.execute(
        select(*columns).order_by(_LEDGER.c.source, _LEDGER.c.number)
    ):
        if source in wrong:
            continue
        previous, expected = reached.get(source, (FIRST, 0))
        if number != expected or link(source, number, previous, Entry(*rest)) != hash:
            wrong.add(source)
            found.append(f"账本 {source} 从第 {expected + 1} 条起被改动过：哈希链断开")
        reached[source] = (hash, number + 1)
    for source, end in ends.items():
        if source not in wrong and reached[source] != end:
            count = reached[source][1]
            found.append(f"账本 {source} 有 {count} 条，预算记的是 {end[1]} 条或另一个末端")
    return found


def balances(tx: Connection) -> dict[str, int]:
    """Every account's balance in fen, by name: what came in less what went out."""
    totals: dict[str, int] = {}
    for column, sign in ((_LEDGER.c.credit, 1), (_LEDGER.c.debit, -1)):
        for account, fen in tx.execute(
            select(column, func.sum(_LEDGER.c.amount_fen)).group_by(column)
        ):
            totals[account] = totals.get(account, 0) + sign * int(fen)
    return dict(sorted(totals.items()))


# Every prize passes through these, so they are built once.
_END = select(_BUDGET.c.head, _BUDGET.c.entries).where(_BUDGET.c.source == bindparam("of"))
_GROW = (
    update(_BUDGET)
    .where(_BUDGET.c.source == bindparam("of"), _BUDGET.c.entries == bindparam("was"))
    .values(head=bindparam("new_head"), entries=bindparam("new_entries"))
)
