"""Reads the books as an outsider: plain SQL, nothing of `storage`'s queries."""

from datetime import date
from typing import Any

from sqlalchemy import Connection, text


def coupons(tx: Connection) -> list[tuple[Any, ...]]:
    """(source, code, order number) of every code."""
    return sorted(
        map(tuple, tx.execute(text("SELECT source, code, order_no FROM coupon"))),
        key=lambda row: row[:2],
    )


def prizes(tx: Connection) -> list[tuple[Any, ...]]:
    """Every award with its payout's state, by order number."""
    rows = tx.execute(
        text(
            "SELECT a.order_no, a.source, a.member, a.prize, a.kind, a.amount_fen, a.points,"
            " p.status, p.payable_on, a.claim_by, p.amount_fen FROM award a"
            " LEFT JOIN payout p ON p.order_no = a.order_no ORDER BY a.order_no"
        )
    ).all()
    assert all(row[5] == row[10] for row in rows)
    return [(*row[:8], date.fromisoformat(row[8]), _day(row[9])) for row in rows]


def decks(tx: Connection) -> list[tuple[Any, ...]]:
    """(deck, cards taken, entries of the log, closed, frozen) of every deck."""
    rows = tx.execute(
        text("SELECT id, taken, log_length, closed_at, frozen_at FROM deck ORDER BY id")
    )
    return [(*row[:3], row[3] is not None, row[4] is not None) for row in rows]


def draws(tx: Connection) -> list[tuple[Any, ...]]:
    """(deck, position, member, number, day, request) of every draw."""
    rows = tx.execute(
        text(
            "SELECT deck, position, member, number, day, request FROM draw ORDER BY deck, position"
        )
    )
    return [(*row[:4], _day(row[4]), row[5]) for row in rows]


def entrants(tx: Connection) -> list[tuple[Any, ...]]:
    """(deck, member) of every entrant."""
    rows = tx.execute(text("SELECT deck, member FROM entrant ORDER BY deck, member"))
    return [(deck, member) for deck, member in rows]


def wallets(tx: Connection) -> dict[str, int]:
    """What each member has."""
    rows = tx.execute(text("SELECT member, balance FROM points_wallet"))
    return {row[0]: row[1] for row in rows}


def entries(tx: Connection) -> list[tuple[Any, ...]]:
    """(key, member, points, kind, last day) of every entry of points, by key."""
    rows = tx.execute(
        text("SELECT key, member, points, kind, expires_on FROM points_entry ORDER BY key")
    )
    return [(*row[:4], _day(row[4])) for row in rows]


def _day(value: str | None) -> date | None:
    return None if value is None else date.fromisoformat(value)
