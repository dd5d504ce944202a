"""What members do with decks: each card goes once, each draw of a member is made once.

A draw is one conditional UPDATE and three unique keys, so two members cannot take one card, one
member cannot draw twice under one number, and a page's request draws once, in however many
processes. Card, log entry, award, ledger entry and payout are written in one transaction.
"""

from collections.abc import Collection
from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    Connection,
    Select,
    String,
    bindparam,
    func,
    literal,
    or_,
    select,
    union,
    update,
)

from storage import deck_log, decks, money
from storage.deck_values import (
    AlreadyDrawn,
    AlreadyEntered,
    CardGone,
    CardRow,
    DeckClosed,
    DeckRow,
    DrawRow,
    EntrantRow,
    LogMoved,
    Taking,
)
from storage.merging import every_id
from storage.rows import every, insert_all, insert_one
from storage.tables.play import Card, Deck, Draw, Entrant
from storage.types import table

_DECK = table(Deck)
_CARD = table(Card)
_DRAW = table(Draw)
_ENTRANT = table(Entrant)


def take_card(tx: Connection, wish: Taking, now: datetime) -> CardRow:
    """A member takes the next card, which must be the one at `position`.

    Raises DeckClosed, AlreadyDrawn, CardGone, LogMoved, `money.OverBudget`,
    `money.NoCouponLeft`; then nothing may be committed.
    """
    campaign = _move(tx, wish, now)
    card = decks.card(tx, wish.deck, wish.position)
    insert_all(
        tx,
        _DRAW,
        [
            {
                "deck": wish.deck,
                "position": wish.position,
                "community": wish.community,
                "member": wish.member,
                "drawn_at": now,
                "number": wish.number,
                "day": wish.day,
                "code": wish.code,
                "receipt": wish.link.hash,
                "request": wish.request,
            }
        ],
    )
    deck_log.write(tx, wish.deck, wish.link)
    money.commit_money(tx, campaign, card.amount_fen)
    award = money.Award.of(
        award_key(wish.deck, wish.member, wish.number),
        campaign,
        wish.community,
        wish.member,
        card.prize,
        card.amount_fen,
        wish.payable_on,
        now,
        kind=card.kind,
        points=card.points,
        claim_by=wish.claim_by,
        deck=wish.deck,
    )
    money.write_awards(tx, [award])
    return card


def award_key(deck: int, member: str, number: int) -> str:
    """The key of the award that a draw gives."""
    return f"draw/{deck}/{member}/{number}"


def enter(tx: Connection, deck: int, community: str, member: str, code: str, now: datetime) -> None:
    """A member enters a draw among entrants. Raises AlreadyEntered, DeckClosed."""
    row = decks.lock(tx, deck)
    if row is None or row.mode != "entrants" or not _takes_wishes(row, now):
        raise DeckClosed(f"deck {deck}")
    entrant = {"deck": deck, "member": member, "community": community, "code": code, "at": now}
    if insert_one(tx, _ENTRANT, entrant) is None:
        raise AlreadyEntered(f"{member} has entered deck {deck}")


def of(tx: Connection, deck: int) -> list[DrawRow]:
    """Every draw from a deck, in order."""
    query = _draws().where(_DRAW.c.deck == deck)
    return every(tx, query.order_by(_DRAW.c.position), DrawRow)


def who_drew(tx: Connection, deck: int) -> list[tuple[str, date]]:
    """The member and the local day of every draw from a deck, in no order."""
    query = select(_DRAW.c.member, _DRAW.c.day).where(_DRAW.c.deck == deck)
    return [(member, day) for member, day in tx.execute(query)]


def by_member(tx: Connection, deck: int, member: str) -> list[DrawRow]:
    """What a member has drawn from a deck, in order, under whichever id."""
    return [DrawRow(*row) for row in tx.execute(_MINE, {"of": deck, "by": member})]


def entrants(tx: Connection, deck: int) -> list[EntrantRow]:
    """Who entered, in the order of entering."""
    columns = (_ENTRANT.c.member, _ENTRANT.c.community, _ENTRANT.c.code, _ENTRANT.c.at)
    query = select(*columns).where(_ENTRANT.c.deck == deck)
    return every(tx, query.order_by(_ENTRANT.c.at, _ENTRANT.c.code), EntrantRow)


def entrant_code(tx: Connection, deck: int, member: str) -> str | None:
    """The code under which a member has entered."""
    mine = _ENTRANT.c.member.in_(every_id(literal(member)))
    query = select(_ENTRANT.c.code).where(_ENTRANT.c.deck == deck, mine)
    code: str | None = tx.execute(query.order_by(_ENTRANT.c.at)).scalar()
    return code


def entrant_count(tx: Connection, deck: int) -> int:
    """How many have entered."""
    query = select(func.count()).select_from(_ENTRANT).where(_ENTRANT.c.deck == deck)
    return int(tx.execute(query).scalar_one())


def taken_part(tx: Connection, member: str, campaigns: Collection[str]) -> set[str]:
    """Those of these campaigns in which a member ever drew or entered."""
    wanted = _DECK.c.campaign.in_(list(campaigns))
    drew = select(_DECK.c.campaign).join(_DRAW, _DRAW.c.deck == _DECK.c.id)
    entered = select(_DECK.c.campaign).join(_ENTRANT, _ENTRANT.c.deck == _DECK.c.id)
    both = union(
        drew.where(wanted, _DRAW.c.member.in_(every_id(literal(member)))),
        entered.where(wanted, _ENTRANT.c.member.in_(every_id(literal(member)))),
    )
    return set(tx.execute(both).scalars())


def joined_by(tx: Connection, member: str, limit: int) -> list[DeckRow]:
    """The decks from which a member drew or which they entered, newest first."""
    drew = select(_DRAW.c.deck).where(_DRAW.c.member.in_(every_id(literal(member))))
    entered = select(_ENTRANT.c.deck).where(_ENTRANT.c.member.in_(every_id(literal(member))))
    return decks.some(tx, union(drew, entered), limit)


def _takes_wishes(row: DeckRow, now: datetime) -> bool:
    in_time = row.closes_at is None or row.closes_at > now
    return row.closed_at is None and row.frozen_at is None and in_time


def _move(tx: Connection, wish: Taking, now: datetime) -> str:
    """Moves the deck on by this card and this log entry: its campaign. Raises what hinders it."""
    given = {
        "of": wish.deck,
        "from": wish.position,
        "previous": wish.link.entry["previous"],
        "length": wish.link.entry["number"],
        "hash": wish.link.hash,
        "now": now,
    }
    campaign: str | None = tx.execute(_MOVE, given).scalar()
    mine = by_member(tx, wish.deck, wish.member)
    if any(
        one.number == wish.number or (wish.request and one.request == wish.request) for one in mine
    ):
        raise AlreadyDrawn(f"{wish.member} has made draw {wish.number} from deck {wish.deck}")
    if campaign is not None:
        return campaign
    row = decks.get(tx, wish.deck)
    decided = row is not None and row.mode == "entrants" and row.value and row.closed_at is None
    if row is None or not (decided or (row.mode == "instant" and _takes_wishes(row, now))):
        raise DeckClosed(f"deck {wish.deck}")
    if row.taken != wish.position or row.taken == row.size:
        raise CardGone(f"deck {wish.deck}: card {row.taken} is next, not {wish.position}")
    raise LogMoved(f"deck {wish.deck}: entry {wish.link.entry['number']} does not fit")


def _draws() -> Select[Any]:
    same = (_CARD.c.deck == _DRAW.c.deck) & (_CARD.c.position == _DRAW.c.position)
    of_card = ("prize", "amount_fen", "kind", "points")
    names = DrawRow.__dataclass_fields__
    columns = [(_CARD if name in of_card else _DRAW).c[name] for name in names]
    return select(*columns).join_from(_DRAW, _CARD, same)


# A draw runs these, and a whole group draws in the same minute: built once.
_IDS = every_id(bindparam("by", type_=String())).subquery()
_MINE = (
    _draws()
    .join(_IDS, _DRAW.c.member == _IDS.c.id)
    .where(_DRAW.c.deck == bindparam("of"))
    .order_by(_DRAW.c.number, _DRAW.c.position)
)
_MOVE = (
    update(_DECK)
    .where(
        _DECK.c.id == bindparam("of"),
        _DECK.c.taken == bindparam("from"),
        _DECK.c.taken < _DECK.c.size,
        _DECK.c.head == bindparam("previous"),
        _DECK.c.log_length == bindparam("length"),
        _DECK.c.closed_at.is_(None),
        or_(
            (_DECK.c.mode == "instant")
            & or_(_DECK.c.closes_at.is_(None), _DECK.c.closes_at > bindparam("now")),
            (_DECK.c.mode == "entrants") & (_DECK.c.value != ""),
        ),
    )
    .values(taken=_DECK.c.taken + 1, head=bindparam("hash"), log_length=_DECK.c.log_length + 1)
    .returning(_DECK.c.campaign)
)
