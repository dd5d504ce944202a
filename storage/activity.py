"""Counted actions of members, with daily rollups kept in the same transaction.

Everything that is asked here is answered from the rollups, so that an answer does not grow with
history (performance study, section 6: 42 times faster at 10 million rows).
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache

from sqlalchemy import Connection, bindparam, case, func, select
from sqlalchemy.dialects import postgresql, sqlite

from storage.rows import Insert, insert_all, is_postgres, values
from storage.tables.people import Activity, Daily, Member, Membership
from storage.types import table

_ACTIVITY = table(Activity)
_DAILY = table(Daily)
_STAY = table(Membership)
_MEMBER = table(Member)
_BESIDES = ("join", "leave")
"""Counted, but no sign that a member takes part."""
AT_ONCE = 16
"""Days of a streak that are asked for with one query: most are shorter."""


@dataclass(frozen=True, slots=True)
class Action:
    """One action: message, answer, checkin, draw, click, join, leave."""

    community: str
    member: str
    kind: str
    at: datetime
    day: date
    """Local date of the community."""


def count(tx: Connection, actions: Iterable[Action]) -> None:
    """Adds actions and their rollups."""
    every = list(actions)
    if not every:
        return
    insert_all(tx, _ACTIVITY, [values(one) for one in every])
    tx.execute(_upsert(is_postgres(tx)), _rolled_up(every))


def add_days(tx: Connection, rows: Sequence[Mapping[str, object]]) -> None:
    """Adds whole rollups to what is there."""
    if rows:
        tx.execute(_upsert(is_postgres(tx)), [dict(row) for row in rows])


@cache
def _upsert(postgres: bool) -> Insert:
    """Built once: making the statement costs three times as much as running it."""
    new = postgresql.insert(_DAILY) if postgres else sqlite.insert(_DAILY)
    later = case(
        (new.excluded.last_at > _DAILY.c.last_at, new.excluded.last_at),
        else_=_DAILY.c.last_at,
    )
    return new.on_conflict_do_update(
        index_elements=list(_DAILY.primary_key.columns),
        set_={"n": _DAILY.c.n + new.excluded.n, "last_at": later},
    )


def checked_in(tx: Connection, community: str, member: str, day: date) -> bool:
    """Whether a member has checked in on a local day."""
    given = {"in_community": community, "on_day": day, "by_member": member}
    return tx.execute(_CHECKED_IN, given).first() is not None


def streak(tx: Connection, community: str, member: str, day: date, longest: int) -> int:
    """Days in a row with a check-in, up to and including a local day; counted to `longest`."""
    days = 0
    while days < longest:
        asked = [day - timedelta(days=one) for one in range(days, min(days + AT_ONCE, longest))]
        given = {"in_community": community, "on_days": asked, "by_member": member}
        found = set(tx.execute(_CHECKED_IN_ON, given).scalars())
        for one in asked:
            if one not in found:
                return days
            days += 1
    return days


def check_in_days(tx: Connection, community: str, member: str, since: date) -> int:
    """On how many local days a member checked in, `since` included."""
    query = select(func.count()).where(
        _DAILY.c.community == community,
        _DAILY.c.member == member,
        _DAILY.c.kind == "checkin",
        _DAILY.c.day >= since,
    )
    return int(tx.execute(query).scalar_one())


def days_checked_in(
    tx: Connection, community: str, member: str, first: date, last: date
) -> list[date]:
    """The local days from `first` to `last` on which a member checked in."""
    query = select(_DAILY.c.day).where(
        _DAILY.c.community == community,
        _DAILY.c.day.between(first, last),
        _DAILY.c.member == member,
        _DAILY.c.kind == "checkin",
    )
    return list(tx.execute(query.order_by(_DAILY.c.day)).scalars())


def check_ins(tx: Connection, community: str, day: date) -> list[tuple[str, str]]:
    """Present members who checked in on a local day, with their names, the earliest first."""
    query = (
        select(_DAILY.c.member, _MEMBER.c.name)
        .join_from(_DAILY, _MEMBER, _MEMBER.c.id == _DAILY.c.member)
        .join(
            _STAY,
            (_STAY.c.member == _DAILY.c.member)
            & (_STAY.c.community == _DAILY.c.community)
            & _STAY.c.left_at.is_(None),
        )
        .where(
            _DAILY.c.community == community,
            _DAILY.c.day == day,
            _DAILY.c.kind == "checkin",
        )
        .order_by(_DAILY.c.last_at, _DAILY.c.member)
    )
    return [(member, name) for member, name in tx.execute(query)]


def last_action(tx: Connection, community: str) -> dict[str, datetime]:
    """When each member last did something."""
    query = (
        select(_DAILY.c.member, func.max(_DAILY.c.last_at))
        .where(_DAILY.c.community == community, _DAILY.c.kind.not_in(_BESIDES))
        .group_by(_DAILY.c.member)
    )
    return dict(tx.execute(query).all())


def silent(tx: Connection, community: str, before: datetime) -> list[str]:
    """Present members who joined before an instant and have done nothing since, first comers
    first."""
    since = (before - timedelta(days=1)).date()  # local days may begin a day before the UTC one
    heard = select(_DAILY.c.member).where(
        _DAILY.c.community == community,
        _DAILY.c.day >= since,
        _DAILY.c.last_at >= before,
        _DAILY.c.kind.not_in(_BESIDES),
    )
    query = select(_STAY.c.member).where(
        _STAY.c.community == community,
        _STAY.c.left_at.is_(None),
        _STAY.c.joined_at < before,
        _STAY.c.member.not_in(heard),
    )
    return list(tx.execute(query.order_by(_STAY.c.joined_at, _STAY.c.id)).scalars())


def active(
    tx: Connection, community: str, since: date, limit: int | None
) -> list[tuple[str, int, int]]:
    """Who took part since a local day: (member, active days, actions), best first; without a
    limit, all."""
    days = func.count(_DAILY.c.day.distinct())
    actions = func.sum(_DAILY.c.n)
    query = (
        select(_DAILY.c.member, days, actions)
        .where(
            _DAILY.c.community == community,
            _DAILY.c.day >= since,
            _DAILY.c.kind.not_in(_BESIDES),
        )
        .group_by(_DAILY.c.member)
        .order_by(days.desc(), actions.desc(), _DAILY.c.member)
        .limit(limit)
    )
    return [(member, n_days, int(n)) for member, n_days, n in tx.execute(query)]


def _rolled_up(actions: list[Action]) -> list[dict[str, object]]:
    """One row for each community, day, member and kind: PostgreSQL refuses to touch a row twice
    in one upsert."""
    n: Counter[tuple[str, date, str, str]] = Counter()
    last_at: dict[tuple[str, date, str, str], datetime] = {}
    for one in actions:
        key = (one.community, one.day, one.member, one.kind)
        n[key] += 1
        last_at[key] = max(one.at, last_at.get(key, one.at))
    return [
        {
            "community": community,
            "day": day,
            "member": member,
            "kind": kind,
            "n": n[community, day, member, kind],
            "last_at": at,
        }
        for (community, day, member, kind), at in last_at.items()
    ]


# Asked again and again, so built once.
_CHECKED_IN = select(_DAILY.c.n).where(
    _DAILY.c.community == bindparam("in_community"),
    _DAILY.c.day == bindparam("on_day"),
    _DAILY.c.member == bindparam("by_member"),
    _DAILY.c.kind == "checkin",
)
_CHECKED_IN_ON = select(_DAILY.c.day).where(
    _DAILY.c.community == bindparam("in_community"),
    _DAILY.c.day.in_(bindparam("on_days", expanding=True)),
    _DAILY.c.member == bindparam("by_member"),
    _DAILY.c.kind == "checkin",
)
