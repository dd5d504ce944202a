"""Decks: fixed lists of prize cards. What members do with them is in `storage.draws`."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, SelectBase, bindparam, func, or_, select, update

from storage import money
from storage.deck_log import append
from storage.deck_values import AlreadyOpened, CardGone, CardRow, DeckRow, Link
from storage.rows import every, for_change, insert_all, insert_one, one, pick, values
from storage.tables.play import Card, Deck
from storage.types import table

_DECK = table(Deck)
_CARD = table(Card)


def open_deck(
    tx: Connection,
    *,
    campaign: str,
    round: str,
    community: str | None,
    cards: Sequence[CardRow],
    seed: str,
    commitment: str,
    rules_hash: str,
    rules: dict[str, Any],
    budget_fen: int,
    payable_after: int,
    closes_at: datetime | None,
    now: datetime,
    mode: str = "instant",
    public_value: str = "",
) -> int:
    """Fixes a deck: `cards` in drawing order, `rules` the campaign as it was published. Returns
    its id.

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
            "sum_fen": sum(one.amount_fen for one in cards),
            "budget_fen": budget_fen,
            "seed": seed,
            "commitment": commitment,
            "rules_hash": rules_hash,
            "rules": rules,
            "payable_after": payable_after,
            "opened_at": now,
            "closes_at": closes_at,
            "mode": mode,
            "public_value": public_value,
            "head": commitment,
            "next_at": closes_at,
        },
    )
    if deck is None:
        raise AlreadyOpened(f"{campaign}/{round}/{community or ''}")
    insert_all(tx, _CARD, [{"deck": deck, **values(one)} for one in cards])
    money.raise_budget(tx, campaign, budget_fen, now)
    return int(deck)


def deck(tx: Connection, campaign: str, round: str, community: str | None) -> DeckRow | None:
    """A deck by its name, open or closed."""
    given = {"of": campaign, "in_round": round, "in_community": community or ""}
    return one(tx, _BY_NAME, DeckRow, given)


def get(tx: Connection, deck: int) -> DeckRow | None:
    """A deck by its id, open or closed."""
    return one(tx, _BY_ID, DeckRow, {"of": deck})


def lock(tx: Connection, deck: int) -> DeckRow | None:
    """A deck by its id, held against other processes until commit."""
    return one(tx, for_change(tx, _BY_ID), DeckRow, {"of": deck})


def listing(tx: Connection, campaign: str | None = None) -> list[DeckRow]:
    """Decks of a campaign or of all, newest first."""
    query = _decks().order_by(_DECK.c.id.desc())
    if campaign is not None:
        query = query.where(_DECK.c.campaign == campaign)
    return every(tx, query, DeckRow)


def some(tx: Connection, ids: SelectBase, limit: int) -> list[DeckRow]:
    """The newest of the decks that a query names."""
    query = _decks().where(_DECK.c.id.in_(ids)).order_by(_DECK.c.id.desc())
    return every(tx, query.limit(limit), DeckRow)


def open_decks(tx: Connection, community: str, now: datetime) -> list[DeckRow]:
    """Decks that a community may draw from or enter, its own and shared ones, newest first; held
    against other processes until commit."""
    given = {"community": community, "now": now}
    return [DeckRow(*found) for found in tx.execute(for_change(tx, _OPEN_TO), given)]


def unfinished(tx: Connection) -> list[DeckRow]:
    """Decks that are not closed, newest first; held against other processes until commit."""
    query = _decks().where(_DECK.c.closed_at.is_(None)).order_by(_DECK.c.id.desc())
    return every(tx, for_change(tx, query), DeckRow)


def seed(tx: Connection, deck: int) -> str:
    """A deck's secret, in hex."""
    secret: str = tx.execute(select(_DECK.c.seed).where(_DECK.c.id == deck)).scalar_one()
    return secret


def rules(tx: Connection, deck: int) -> dict[str, Any]:
    """The campaign as it was published when the deck was opened, which its commitment is for."""
    published: dict[str, Any] = tx.execute(
        select(_DECK.c.rules).where(_DECK.c.id == deck)
    ).scalar_one()
    return published


def rules_in_force(tx: Connection, deck: int) -> dict[str, Any]:
    """The same, with amendments in the members' favour."""
    published, amended = tx.execute(_RULES, {"of": deck}).one()
    in_force: dict[str, Any] = amended or published
    return in_force


def card(tx: Connection, deck: int, position: int) -> CardRow:
    """The card at a position. Raises CardGone if the deck has none there."""
    found = one(tx, _ONE_CARD, CardRow, {"of": deck, "at": position})
    if found is None:
        raise CardGone(f"deck {deck} has no card {position}")
    return found


def cards(tx: Connection, deck: int) -> list[CardRow]:
    """Every card of a deck, in drawing order."""
    query = pick(_CARD, CardRow).where(_CARD.c.deck == deck).order_by(_CARD.c.position)
    return every(tx, query, CardRow)


def close_deck(tx: Connection, deck: int, reason: str, link: Link, now: datetime) -> bool:
    """No more draws; what nobody drew leaves the campaign's budget. False if it is closed
    already. Raises LogMoved."""
    row = lock(tx, deck)
    if row is None or row.closed_at is not None:
        return False
    append(tx, deck, link, closed_at=now, close_reason=reason, next_at=None)
    drawn_fen = tx.execute(_DRAWN, {"of": deck, "taken": row.taken}).scalar_one()
    money.release(tx, row.campaign, row.budget_fen - drawn_fen, now)
    return True


def amend(
    tx: Connection, deck: int, rules: dict[str, Any], closes_at: datetime | None, link: Link
) -> None:
    """Other rules are in force from here on; those first published stay as they are. Raises
    LogMoved."""
    append(tx, deck, link, amended=rules, closes_at=closes_at, next_at=closes_at)


def refuse(tx: Connection, deck: int, hash: str) -> None:
    """Remembers an edit that was not taken over."""
    tx.execute(update(_DECK).where(_DECK.c.id == deck).values(refused=hash))


def freeze(tx: Connection, deck: int, link: Link, remind_at: datetime, now: datetime) -> None:
    """Nobody can enter any more. Raises LogMoved."""
    append(tx, deck, link, frozen_at=now, next_at=remind_at)


def remind(tx: Connection, deck: int, remind_at: datetime) -> None:
    """When the deck wants to be woken next."""
    tx.execute(update(_DECK).where(_DECK.c.id == deck).values(next_at=remind_at))


def decide(tx: Connection, deck: int, value: str, link: Link) -> None:
    """The public value is known. Raises LogMoved."""
    append(tx, deck, link, value=value)


def due(tx: Connection, now: datetime) -> list[int]:
    """Ids of open decks that want to be woken, the longest waiting first."""
    query = (
        select(_DECK.c.id)
        .where(_DECK.c.closed_at.is_(None), _DECK.c.next_at <= now)
        .order_by(_DECK.c.next_at, _DECK.c.id)
    )
    return list(tx.execute(query).scalars())


def next_due(tx: Connection) -> datetime | None:
    """When the next deck wants to be woken; past instants mean now."""
    query = select(func.min(_DECK.c.next_at)).where(_DECK.c.closed_at.is_(None))
    at: datetime | None = tx.execute(query).scalar()
    return at


def _decks() -> Select[Any]:
    shared_as_none = func.nullif(_DECK.c.community, "")
    return select(
        *(
            shared_as_none if name == "community" else _DECK.c[name]
            for name in DeckRow.__dataclass_fields__
        )
    )


# A draw runs these, and a whole group draws in the same minute: built once.
_BY_ID = _decks().where(_DECK.c.id == bindparam("of"))
_BY_NAME = _decks().where(
    _DECK.c.campaign == bindparam("of"),
    _DECK.c.round == bindparam("in_round"),
    _DECK.c.community == bindparam("in_community"),
)
_RULES = select(_DECK.c.rules, _DECK.c.amended).where(_DECK.c.id == bindparam("of"))
_OPEN_TO = (
    _decks()
    .where(
        _DECK.c.community.in_((bindparam("community"), "")),
        _DECK.c.closed_at.is_(None),
        _DECK.c.frozen_at.is_(None),
        or_(_DECK.c.closes_at.is_(None), _DECK.c.closes_at > bindparam("now")),
    )
    .order_by(_DECK.c.opened_at.desc(), _DECK.c.id.desc())
)
_ONE_CARD = pick(_CARD, CardRow).where(
    _CARD.c.deck == bindparam("of"), _CARD.c.position == bindparam("at")
)
_DRAWN = select(func.coalesce(func.sum(_CARD.c.amount_fen), 0)).where(
    _CARD.c.deck == bindparam("of"), _CARD.c.position < bindparam("taken")
)
