"""Decks: fixed lists of prize cards, drawn from the top, each card once, each member once.

A draw is one conditional UPDATE and two unique keys, so two members cannot take one card and one
member cannot take two, in however many processes. Card, award, ledger entry and payout are
written in one transaction.
"""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, Select, bindparam, func, or_, select, update

from storage import money
from storage.deck_values import (
    AlreadyDrawn,
    AlreadyOpened,
    CardGone,
    CardRow,
    DeckClosed,
    DeckRow,
    DrawOutcome,
    DrawRow,
    Drew,
)
from storage.rows import every, for_change, insert_all, insert_one, one
from storage.tables.play import Card, Deck, Draw
from storage.types import table

__all__ = [
    "AlreadyDrawn",
    "AlreadyOpened",
    "CardGone",
    "CardRow",
    "DeckClosed",
    "DeckRow",
    "DrawOutcome",
    "DrawRow",
    "Drew",
    "card",
    "cards",
    "close_deck",
    "deck",
    "draw_many",
    "drawn",
    "draws",
    "due_to_close",
    "get",
    "listing",
    "lock",
    "next_close",
    "open_deck",
    "open_decks",
    "rules",
    "seed",
    "take_card",
]

_DECK = table(Deck)
_CARD = table(Card)
_DRAW = table(Draw)


def open_deck(
    tx: Connection,
    *,
    campaign: str,
    round: str,
    community: str | None,
    cards: Sequence[tuple[str, int]],
    seed: str,
    commitment: str,
    rules_hash: str,
    rules: dict[str, Any],
    budget_fen: int,
    payable_after: int,
    closes_at: datetime | None,
    now: datetime,
) -> int:
    """Fixes a deck: `cards` are (prize, fen) in drawing order, `rules` the campaign as it was
    published. Returns its id.

    The deck's budget is added to the campaign's. Raises AlreadyOpened; the database refuses
    cards that cost more than the budget (IntegrityError).
    """
    deck = insert_one(
        tx,
        _DECK,
        {
            "campaign": campaign,
            "round": round,
            "community": community or "",
            "size": len(cards),
            "sum_fen": sum(amount_fen for _, amount_fen in cards),
            "budget_fen": budget_fen,
            "seed": seed,
            "commitment": commitment,
            "rules_hash": rules_hash,
            "rules": rules,
            "payable_after": payable_after,
            "opened_at": now,
            "closes_at": closes_at,
        },
    )
    if deck is None:
        raise AlreadyOpened(f"{campaign}/{round}/{community or ''}")
    insert_all(
        tx,
        _CARD,
        [
            {"deck": deck, "position": position, "prize": prize, "amount_fen": amount_fen}
            for position, (prize, amount_fen) in enumerate(cards)
        ],
    )
    money.raise_budget(tx, campaign, budget_fen)
    return int(deck)


def deck(tx: Connection, campaign: str, round: str, community: str | None) -> DeckRow | None:
    """A deck by its name, open or closed."""
    query = _decks().where(
        _DECK.c.campaign == campaign,
        _DECK.c.round == round,
        _DECK.c.community == (community or ""),
    )
    return one(tx, query, DeckRow)


def get(tx: Connection, deck: int) -> DeckRow | None:
    """A deck by its id, open or closed."""
    return one(tx, _decks().where(_DECK.c.id == deck), DeckRow)


def lock(tx: Connection, deck: int) -> DeckRow | None:
    """A deck by its id, held against other processes until commit."""
    return one(tx, for_change(tx, _BY_ID), DeckRow, {"of": deck})


def listing(tx: Connection, campaign: str | None = None) -> list[DeckRow]:
    """Decks of a campaign or of all, newest first."""
    query = _decks().order_by(_DECK.c.id.desc())
    if campaign is not None:
        query = query.where(_DECK.c.campaign == campaign)
    return every(tx, query, DeckRow)


def open_decks(tx: Connection, community: str, now: datetime) -> list[DeckRow]:
    """Decks that a community may draw from, its own and shared ones, newest first; held against
    other processes until commit."""
    query = _decks().where(
        _DECK.c.community.in_((community, "")),
        _DECK.c.closed_at.is_(None),
        or_(_DECK.c.closes_at.is_(None), _DECK.c.closes_at > now),
    )
    newest = query.order_by(_DECK.c.opened_at.desc(), _DECK.c.id.desc())
    return every(tx, for_change(tx, newest), DeckRow)


def seed(tx: Connection, deck: int) -> str:
    """A deck's secret, in hex."""
    secret: str = tx.execute(select(_DECK.c.seed).where(_DECK.c.id == deck)).scalar_one()
    return secret


def rules(tx: Connection, deck: int) -> dict[str, Any]:
    """The campaign as it was published when the deck was opened."""
    published: dict[str, Any] = tx.execute(
        select(_DECK.c.rules).where(_DECK.c.id == deck)
    ).scalar_one()
    return published


def card(tx: Connection, deck: int, position: int) -> CardRow:
    """The card at a position. Raises CardGone if the deck has none there."""
    found = one(tx, _cards(deck).where(_CARD.c.position == position), CardRow)
    if found is None:
        raise CardGone(f"deck {deck} has no card {position}")
    return found


def cards(tx: Connection, deck: int) -> list[CardRow]:
    """Every card of a deck, in drawing order."""
    return every(tx, _cards(deck).order_by(_CARD.c.position), CardRow)


def draws(tx: Connection, deck: int) -> list[DrawRow]:
    """Every draw from a deck, in order."""
    return every(tx, _draws(deck).order_by(_DRAW.c.position), DrawRow)


def drawn(tx: Connection, deck: int, member: str) -> DrawRow | None:
    """What a member drew from a deck."""
    return one(tx, _draws(deck).where(_DRAW.c.member == member), DrawRow)


def take_card(
    tx: Connection,
    deck: int,
    position: int,
    community: str,
    member: str,
    payable_on: date,
    now: datetime,
) -> CardRow:
    """A member takes the next card, which must be the one at `position`.

    Raises DeckClosed, AlreadyDrawn, CardGone, `money.OverBudget`; then nothing was written.
    """
    row = lock(tx, deck)
    if row is not None and row.taken != position and drawn(tx, deck, member) is None:
        raise CardGone(f"deck {deck}: card {row.taken} is next, not {position}")
    (outcome,) = _draw(tx, row, [member], community, payable_on, now)
    if outcome.result is Drew.ALREADY:
        raise AlreadyDrawn(f"{member} has drawn from deck {deck}")
    if outcome.result is Drew.EMPTY:
        raise CardGone(f"deck {deck} is empty")
    if outcome.result is Drew.CLOSED or outcome.card is None:
        raise DeckClosed(f"deck {deck}")
    return outcome.card


def draw_many(
    tx: Connection,
    deck: int,
    members: Sequence[str],
    community: str,
    payable_on: date,
    now: datetime,
) -> list[DrawOutcome]:
    """Each member takes the next card, in their order: one outcome for each."""
    return _draw(tx, lock(tx, deck), members, community, payable_on, now)


def close_deck(tx: Connection, deck: int, reason: str, now: datetime) -> bool:
    """No more draws. False if it is closed already."""
    closed = (
        update(_DECK)
        .where(_DECK.c.id == deck, _DECK.c.closed_at.is_(None))
        .values(closed_at=now, close_reason=reason)
    )
    return tx.execute(closed).rowcount == 1


def due_to_close(tx: Connection, now: datetime) -> list[DeckRow]:
    """Open decks whose time is over, longest over first."""
    query = _decks().where(_DECK.c.closed_at.is_(None), _DECK.c.closes_at <= now)
    over = query.order_by(_DECK.c.closes_at, _DECK.c.id)
    return every(tx, for_change(tx, over, skip_locked=True), DeckRow)


def next_close(tx: Connection) -> datetime | None:
    """When the next deck's time is over; past instants mean now."""
    query = select(func.min(_DECK.c.closes_at)).where(_DECK.c.closed_at.is_(None))
    at: datetime | None = tx.execute(query).scalar()
    return at


def _draw(
    tx: Connection,
    row: DeckRow | None,
    members: Sequence[str],
    community: str,
    payable_on: date,
    now: datetime,
) -> list[DrawOutcome]:
    if row is None:
        return [DrawOutcome(member, Drew.CLOSED) for member in members]
    before = _drawn_by(tx, row.id, members)
    wishing = [member for member in dict.fromkeys(members) if member not in before]
    is_open = row.closed_at is None and (row.closes_at is None or row.closes_at > now)
    takers = wishing[: row.size - row.taken] if is_open else []
    won = dict(zip(takers, _take(tx, row, takers, community, payable_on, now), strict=True))
    refused = Drew.EMPTY if is_open else Drew.CLOSED
    outcomes = []
    for member in members:
        if member in won:
            outcomes.append(DrawOutcome(member, Drew.WON, won[member]))
            before[member] = won.pop(member)
        elif member in before:
            outcomes.append(DrawOutcome(member, Drew.ALREADY, before[member]))
        else:
            outcomes.append(DrawOutcome(member, refused))
    return outcomes


def _take(
    tx: Connection,
    row: DeckRow,
    takers: Sequence[str],
    community: str,
    payable_on: date,
    now: datetime,
) -> list[CardRow]:
    """The next cards go to these members, with everything that follows from it."""
    if not takers:
        return []
    end = row.taken + len(takers)
    if tx.execute(_MOVE, {"of": row.id, "from": row.taken, "to": end}).rowcount != 1:
        raise CardGone(f"deck {row.id}: card {row.taken} was taken by another process")
    found = tx.execute(_NEXT_CARDS, {"of": row.id, "from": row.taken, "to": end})
    cards = [CardRow(*card) for card in found]
    insert_all(
        tx,
        _DRAW,
        [
            {
                "deck": row.id,
                "position": card.position,
                "community": community,
                "member": member,
                "drawn_at": now,
            }
            for member, card in zip(takers, cards, strict=True)
        ],
    )
    money.commit_money(tx, row.campaign, sum(card.amount_fen for card in cards))
    awards = [
        money.Award.of(
            f"draw/{row.id}/{member}",
            row.campaign,
            community,
            member,
            card.prize,
            card.amount_fen,
            payable_on,
            now,
        )
        for member, card in zip(takers, cards, strict=True)
    ]
    money.write_awards(tx, awards)
    return cards


def _drawn_by(tx: Connection, deck: int, members: Sequence[str]) -> dict[str, CardRow]:
    """The cards that some of these members have drawn already."""
    before = tx.execute(_DREW, {"of": deck, "among": members}).scalars().all()
    rows = [drawn(tx, deck, member) for member in before]
    return {
        row.member: CardRow(row.position, row.prize, row.amount_fen)
        for row in rows
        if row is not None
    }


def _decks() -> Select[Any]:
    shared_as_none = func.nullif(_DECK.c.community, "")
    return select(
        *(
            shared_as_none if name == "community" else _DECK.c[name]
            for name in DeckRow.__dataclass_fields__
        )
    )


def _cards(deck: int) -> Select[Any]:
    columns = (_CARD.c.position, _CARD.c.prize, _CARD.c.amount_fen)
    return select(*columns).where(_CARD.c.deck == deck)


def _draws(deck: int) -> Select[Any]:
    same = (_CARD.c.deck == _DRAW.c.deck) & (_CARD.c.position == _DRAW.c.position)
    return (
        select(
            _DRAW.c.position,
            _CARD.c.prize,
            _CARD.c.amount_fen,
            _DRAW.c.community,
            _DRAW.c.member,
            _DRAW.c.drawn_at,
        )
        .join_from(_DRAW, _CARD, same)
        .where(_DRAW.c.deck == deck)
    )


# A draw runs these, and a whole group draws in the same minute: built once.
_BY_ID = _decks().where(_DECK.c.id == bindparam("of"))
_DREW = select(_DRAW.c.member).where(
    _DRAW.c.deck == bindparam("of"), _DRAW.c.member.in_(bindparam("among", expanding=True))
)
_MOVE = (
    update(_DECK)
    .where(
        _DECK.c.id == bindparam("of"),
        _DECK.c.taken == bindparam("from"),
        _DECK.c.closed_at.is_(None),
    )
    .values(taken=bindparam("to"))
)
_NEXT_CARDS = (
    select(_CARD.c.position, _CARD.c.prize, _CARD.c.amount_fen)
    .where(
        _CARD.c.deck == bindparam("of"),
        _CARD.c.position >= bindparam("from"),
        _CARD.c.position < bindparam("to"),
    )
    .order_by(_CARD.c.position)
)
