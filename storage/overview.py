"""Questions about many communities at once, answered by as few queries as there are questions."""

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import Connection, func, select

from storage.rows import every
from storage.selection import BESIDES
from storage.tables.people import Daily, Member, Membership
from storage.tables.points import PointsWallet
from storage.types import table

_DAILY = table(Daily)
_STAY = table(Membership)
_MEMBER = table(Member)
_WALLET = table(PointsWallet)
_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class ActiveRow:
    """How much a member took part in a community."""

    community: str
    member: str
    name: str
    days: int
    actions: int


@dataclass(frozen=True, slots=True)
class EarnedRow:
    """What a member has earned, with a community where they are present."""

    member: str
    name: str
    community: str
    earned: int


def present(tx: Connection, communities: Collection[str]) -> dict[str, int]:
    """How many members are in each community; nobody is not named."""
    query = (
        select(_STAY.c.community, func.count())
        .where(_STAY.c.community.in_(communities), _STAY.c.left_at.is_(None))
        .group_by(_STAY.c.community)
    )
    return dict(tx.execute(query).all())


def most_active(
    tx: Connection, communities: Collection[str], since: date, limit: int
) -> list[ActiveRow]:
    """Who took part most in one of the communities since a local day, best first."""
    days, actions = func.count(_DAILY.c.day.distinct()), func.sum(_DAILY.c.n)
    query = (
        select(_DAILY.c.community, _DAILY.c.member, days.label("days"), actions.label("actions"))
        .where(
            _DAILY.c.community.in_(communities),
            _DAILY.c.day >= since,
            _DAILY.c.kind.not_in(BESIDES),
        )
        .group_by(_DAILY.c.community, _DAILY.c.member)
        .order_by(days.desc(), actions.desc(), _DAILY.c.community, _DAILY.c.member)
        .limit(limit)
    )
    best = tx.execute(query).all()
    called = names(tx, [one.member for one in best])
    return [
        ActiveRow(community, member, called.get(member, ""), n_days, int(n))
        for community, member, n_days, n in best
    ]


def silent(tx: Connection, communities: Collection[str], before: datetime) -> dict[str, int]:
    """How many present members of each community joined before an instant and have done nothing
    since; none is not named. As `storage.activity.silent` has it."""
    since = (before - timedelta(days=1)).date()  # local days may begin a day before the UTC one
    heard = select(_DAILY.c.community, _DAILY.c.member).where(
        _DAILY.c.community.in_(communities),
        _DAILY.c.day >= since,
        _DAILY.c.last_at >= before,
        _DAILY.c.kind.not_in(BESIDES),
    )
    here = select(_STAY.c.community, _STAY.c.member).where(
        _STAY.c.community.in_(communities),
        _STAY.c.left_at.is_(None),
        _STAY.c.joined_at < before,
    )
    # Two scans: as one statement, with pairs that are not in the other, SQLite takes a minute.
    acted = {(community, member) for community, member in tx.execute(heard.distinct())}
    return Counter(one[0] for one in tx.execute(here) if (one[0], one[1]) not in acted)


def earned_most(
    tx: Connection, communities: Collection[str], limit: int, leaving_out: Collection[str]
) -> list[EarnedRow]:
    """Whoever is present in one of the communities and has earned most points, once each; who
    wants not to be seen, and staff (`leaving_out`), are not among them."""
    here = (
        select(_STAY.c.member, func.min(_STAY.c.community).label("community"))
        .where(_STAY.c.community.in_(communities), _STAY.c.left_at.is_(None))
        .group_by(_STAY.c.member)
        .subquery()
    )
    query = (
        select(_WALLET.c.member, _MEMBER.c.name, here.c.community, _WALLET.c.earned)
        .join_from(_WALLET, here, here.c.member == _WALLET.c.member)
        .join(_MEMBER, _MEMBER.c.id == _WALLET.c.member)
        .where(
            _WALLET.c.hidden.is_(False),
            _WALLET.c.earned > 0,
            _WALLET.c.member.not_in(leaving_out),
        )
        .order_by(_WALLET.c.earned.desc(), _WALLET.c.member)
    )
    return every(tx, query.limit(limit), EarnedRow)


def names(tx: Connection, members: Sequence[str]) -> dict[str, str]:
    """What members are called, by id."""
    found: dict[str, str] = {}
    for start in range(0, len(members), _AT_ONCE):
        some = members[start : start + _AT_ONCE]
        query = select(_MEMBER.c.id, _MEMBER.c.name).where(_MEMBER.c.id.in_(some))
        found |= dict(tx.execute(query).all())
    return found
