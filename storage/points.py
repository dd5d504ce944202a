"""Points: one wallet a member, an append-only list of entries, a redemption list with stock.

Every entry has a key, so what is repeated gives or takes once. Taking is one conditional UPDATE,
so no two can take the same points, in however many processes. What is spent comes from the
points that lapse soonest.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, Select, case, func, select, update

from storage.rows import every, insert_all, insert_for, insert_new, insert_one, one, pick
from storage.tables.people import Member, Membership
from storage.tables.points import PointsEntry, PointsItem, PointsWallet, Redemption
from storage.types import table

_WALLET = table(PointsWallet)
_ENTRY = table(PointsEntry)
_ITEM = table(PointsItem)
_REDEEMED = table(Redemption)
_STAY = table(Membership)
_MEMBER = table(Member)

UNDO = "undo"
"""Kind of an entry that takes back what was never meant: it counts as never earned."""


class NotEnough(Exception):
    """The member has fewer points than this takes; nothing was written."""


class SoldOut(Exception):
    """All of the item are gone; nothing was written."""


@dataclass(frozen=True, slots=True)
class WalletRow:
    """What a member has."""

    member: str
    balance: int
    earned: int
    hidden: bool


@dataclass(frozen=True, slots=True)
class EntryRow:
    """Points given (positive) or taken (negative)."""

    key: str
    member: str
    community: str
    points: int
    kind: str
    reason: str
    given_by: str
    day: date
    at: datetime
    expires_on: date | None


@dataclass(frozen=True, slots=True)
class RankRow:
    """A member's place in a community's ranking; equals share a place."""

    place: int
    member: str
    name: str
    earned: int


@dataclass(frozen=True, slots=True)
class LapseRow:
    """Points of a member that nobody spent by their last day."""

    member: str
    points: int
    day: date


def give(
    tx: Connection,
    member: str,
    community: str,
    points: int,
    kind: str,
    reason: str,
    key: str,
    now: datetime,
    *,
    day: date | None = None,
    expires_on: date | None = None,
    given_by: str = "",
) -> bool:
    """A member gets points. False if the key is known: then nothing was written.

    `day` is the community's local date (default: the UTC one), `expires_on` the last day on
    which the points can be spent.
    """
    if points <= 0:
        raise ValueError(f"{points} points cannot be given")
    entry = _entry(member, community, points, kind, reason, key, now)
    entry |= {"day": day or now.date(), "expires_on": expires_on, "given_by": given_by}
    if insert_one(tx, _ENTRY, entry) is None:
        return False
    new = insert_for(tx, _WALLET).values(member=member, balance=points, earned=points)
    tx.execute(
        new.on_conflict_do_update(
            index_elements=["member"],
            set_={"balance": _WALLET.c.balance + points, "earned": _WALLET.c.earned + points},
        )
    )
    return True


def spend(
    tx: Connection,
    member: str,
    community: str,
    points: int,
    kind: str,
    reason: str,
    key: str,
    now: datetime,
    *,
    day: date | None = None,
    given_by: str = "",
) -> bool:
    """Takes points from a member. False if the key is known. Raises NotEnough. Nothing was
    written in either case."""
    if points <= 0:
        raise ValueError(f"{points} points cannot be taken")
    if known(tx, key):
        return False
    less = {"balance": _WALLET.c.balance - points}
    if kind == UNDO:
        less["earned"] = _WALLET.c.earned - points
    taken = (
        update(_WALLET).where(_WALLET.c.member == member, _WALLET.c.balance >= points).values(less)
    )
    if tx.execute(taken).rowcount != 1:
        raise NotEnough(f"{member} has fewer than {points} points")
    entry = _entry(member, community, -points, kind, reason, key, now)
    insert_all(tx, _ENTRY, [entry | {"day": day or now.date(), "given_by": given_by}])
    return True


def known(tx: Connection, key: str) -> bool:
    """Whether an entry with this key was written."""
    return tx.execute(select(_ENTRY.c.id).where(_ENTRY.c.key == key)).first() is not None


def wallet(tx: Connection, member: str) -> WalletRow:
    """What a member has; an empty one if never given anything."""
    found = one(tx, pick(_WALLET, WalletRow).where(_WALLET.c.member == member), WalletRow)
    return found or WalletRow(member, 0, 0, False)


def balance(tx: Connection, member: str) -> int:
    """Points that a member can spend."""
    return wallet(tx, member).balance


def hide(tx: Connection, member: str, hidden: bool) -> None:
    """Whether the member wants to be left out of the ranking."""
    new = insert_for(tx, _WALLET).values(member=member, balance=0, earned=0, hidden=hidden)
    tx.execute(new.on_conflict_do_update(index_elements=["member"], set_={"hidden": hidden}))


def history(tx: Connection, member: str, limit: int) -> list[EntryRow]:
    """A member's entries, newest first."""
    query = pick(_ENTRY, EntryRow).where(_ENTRY.c.member == member)
    return every(tx, query.order_by(_ENTRY.c.id.desc()).limit(limit), EntryRow)


def earned_on(tx: Connection, member: str, day: date) -> dict[str, int]:
    """Points that a member was given on a local day, by kind."""
    query = (
        select(_ENTRY.c.kind, func.sum(_ENTRY.c.points))
        .where(_ENTRY.c.member == member, _ENTRY.c.day == day, _ENTRY.c.points > 0)
        .group_by(_ENTRY.c.kind)
    )
    return {kind: int(points) for kind, points in tx.execute(query)}


def given_by(tx: Connection, staff: str, day: date) -> int:
    """Points that a colleague gave on a local day, without those taken back."""
    query = select(func.sum(_ENTRY.c.points)).where(_ENTRY.c.given_by == staff, _ENTRY.c.day == day)
    return int(tx.execute(query).scalar() or 0)


def ranking(
    tx: Connection, community: str, limit: int, leaving_out: Collection[str]
) -> list[RankRow]:
    """The best of a community: present members who earned something and want to be seen, staff
    (`leaving_out`) not among them."""
    query = _ranking(community, leaving_out).order_by(_WALLET.c.earned.desc(), _WALLET.c.member)
    return every(tx, query.limit(limit), RankRow)


def place(
    tx: Connection, community: str, member: str, leaving_out: Collection[str]
) -> RankRow | None:
    """A member's own place in the ranking; None for who is not in it."""
    ranked = _ranking(community, leaving_out).subquery()
    return one(tx, select(*ranked.c).where(ranked.c.member == member), RankRow)


def lapsing(tx: Connection, community: str, after: date, until: date) -> list[LapseRow]:
    """What lapses of the points given in a community whose last day is in (after, until]: what
    nobody spent, by day and member.

    Spending took what lapses soonest first, so of everything given up to a day only what
    exceeds all that was ever taken is still there.
    """
    days = select(_ENTRY.c.expires_on).where(
        _ENTRY.c.community == community,
        _ENTRY.c.expires_on > after,
        _ENTRY.c.expires_on <= until,
    )
    found = []
    lapsed: dict[str, int] = {}
    for day in tx.execute(days.distinct().order_by(_ENTRY.c.expires_on)).scalars().all():
        for member, points in tx.execute(_left_over(community, day)):
            left = int(points) - lapsed.get(member, 0)
            if left > 0:
                found.append(LapseRow(member, left, day))
                lapsed[member] = int(points)
    return found


def expiring(tx: Connection, member: str, until: date) -> list[LapseRow]:
    """What a member loses by their last days up to `until`, if nothing is spent before."""
    query = (
        select(_ENTRY.c.expires_on, func.sum(_ENTRY.c.points))
        .where(_ENTRY.c.member == member, _ENTRY.c.expires_on <= until)
        .group_by(_ENTRY.c.expires_on)
        .order_by(_ENTRY.c.expires_on)
    )
    gone = select(func.coalesce(func.sum(_ENTRY.c.points), 0)).where(
        _ENTRY.c.member == member, _ENTRY.c.points < 0
    )
    spent = -int(tx.execute(gone).scalar_one())
    found = []
    for day, points in tx.execute(query).all():
        left = max(int(points) - spent, 0)
        spent = max(spent - int(points), 0)
        if left:
            found.append(LapseRow(member, left, day))
    return found


def taken(tx: Connection, program: str) -> dict[str, int]:
    """How many of a redemption list's items are gone, by item."""
    query = select(_ITEM.c.item, _ITEM.c.taken).where(_ITEM.c.program == program)
    return dict(tx.execute(query).all())


def redemptions(tx: Connection, member: str, program: str, item: str) -> list[datetime]:
    """When a member redeemed an item, newest first."""
    query = select(_REDEEMED.c.at).where(
        _REDEEMED.c.member == member, _REDEEMED.c.program == program, _REDEEMED.c.item == item
    )
    return [*tx.execute(query.order_by(_REDEEMED.c.at.desc(), _REDEEMED.c.key)).scalars()]


def redeem(
    tx: Connection,
    *,
    key: str,
    program: str,
    item: str,
    stock: int,
    community: str,
    member: str,
    points: int,
    reason: str,
    day: date,
    now: datetime,
) -> bool:
    """Takes one of `stock` items and its price. False if the key is known. Raises SoldOut,
    NotEnough; the caller's transaction must not commit then."""
    if known(tx, key):
        return False
    insert_new(tx, _ITEM, [{"program": program, "item": item, "taken": 0}])
    one_less = (
        update(_ITEM)
        .where(_ITEM.c.program == program, _ITEM.c.item == item, _ITEM.c.taken < stock)
        .values(taken=_ITEM.c.taken + 1)
    )
    if tx.execute(one_less).rowcount != 1:
        raise SoldOut(f"{program}: no {item} left of {stock}")
    spend(tx, member, community, points, "redeem", reason, key, now, day=day)
    row = {"key": key, "program": program, "item": item, "community": community}
    insert_all(tx, _REDEEMED, [row | {"member": member, "points": points, "at": now}])
    return True


def _entry(
    member: str, community: str, points: int, kind: str, reason: str, key: str, now: datetime
) -> dict[str, Any]:
    return {
        "key": key,
        "member": member,
        "community": community,
        "points": points,
        "kind": kind,
        "reason": reason,
        "at": now,
    }


def _ranking(community: str, leaving_out: Collection[str]) -> Select[Any]:
    rank = func.rank().over(order_by=_WALLET.c.earned.desc()).label("place")
    present = (
        (_STAY.c.member == _WALLET.c.member)
        & (_STAY.c.community == community)
        & _STAY.c.left_at.is_(None)
    )
    return (
        select(rank, _WALLET.c.member, _MEMBER.c.name, _WALLET.c.earned)
        .join_from(_WALLET, _STAY, present)
        .join(_MEMBER, _MEMBER.c.id == _WALLET.c.member)
        .where(
            _WALLET.c.hidden.is_(False),
            _WALLET.c.earned > 0,
            _WALLET.c.member.not_in(leaving_out),
        )
    )


def _left_over(community: str, day: date) -> Select[Any]:
    """What members who were given points in a community that lapse with `day` have left of
    everything that lapses by then, wherever it was given."""
    counts = (_ENTRY.c.points < 0) | (_ENTRY.c.expires_on <= day)
    left = func.sum(case((counts, _ENTRY.c.points), else_=0))
    concerned = select(_ENTRY.c.member).where(
        _ENTRY.c.expires_on == day, _ENTRY.c.community == community
    )
    return (
        select(_ENTRY.c.member, left)
        .where(_ENTRY.c.member.in_(concerned))
        .group_by(_ENTRY.c.member)
        .having(left > 0)
        .order_by(_ENTRY.c.member)
    )
