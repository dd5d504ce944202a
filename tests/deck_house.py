"""Decks and draws for tests of what stands on them: the rows alone, no core."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection

from storage import decks, draws
from storage.deck_values import CardRow, Link, Taking

PAYABLE = date(2026, 11, 30)
CLAIM_BY = date(2026, 12, 23)


def open_deck(
    tx: Connection,
    now: datetime,
    cards: Sequence[tuple[str, int]],
    **more: Any,
) -> int:
    """A deck of cash cards of the campaign `friday` in `c1`, unless told otherwise."""
    total = sum(fen for _, fen in cards)
    given: Mapping[str, Any] = {
        "campaign": "friday",
        "round": "2026-11-27",
        "community": "c1",
        "seed": "5eed",
        "commitment": "c0ffee",
        "rules_hash": "ab",
        "rules": {"campaign": "friday", "keyword": "抽奖"},
        "budget_fen": total,
        "payable_after": 5,
        "closes_at": None,
        **more,
    }
    rows = [CardRow(place, prize, fen) for place, (prize, fen) in enumerate(cards)]
    return decks.open_deck(tx, cards=rows, now=now, **given)


def link(tx: Connection, deck: int, **more: Any) -> Link:
    """The next link of a deck's log. Its hash says its number, which is enough to tell links
    apart."""
    row = decks.get(tx, deck)
    head, number = ("", 0) if row is None else (row.head, row.log_length)
    return Link({"previous": head, "number": number, **more}, f"h{number + 1}")


def wish(
    tx: Connection, deck: int, position: int, member: str, now: datetime, **more: Any
) -> Taking:
    """The wish of a member of `c1` for the card at a position, as the first draw."""
    given: Mapping[str, Any] = {
        "number": 1,
        "community": "c1",
        "payable_on": PAYABLE,
        "claim_by": CLAIM_BY,
        "day": now.date(),
        "code": f"code-{member}",
        "link": link(tx, deck),
        **more,
    }
    return Taking(deck=deck, position=position, member=member, **given)


def take(
    tx: Connection, deck: int, position: int, member: str, now: datetime, **more: Any
) -> CardRow:
    """The draw itself."""
    return draws.take_card(tx, wish(tx, deck, position, member, now, **more), now)


def close(tx: Connection, deck: int, reason: str, now: datetime) -> bool:
    """No more draws."""
    return decks.close_deck(tx, deck, reason, link(tx, deck), now)
