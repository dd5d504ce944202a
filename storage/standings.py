"""Where members stand in their communities, and how they moved."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache

from sqlalchemy import Connection, case, func, select
from sqlalchemy.dialects import postgresql, sqlite

from storage.rows import Insert, every, insert_all, insert_for, is_postgres, one, pick, values
from storage.selection import BESIDES
from storage.tables.people import Daily
from storage.tables.standings import RightAnswer, Standing, StandingChange
from storage.types import table

_STANDING = table(Standing)
_CHANGE = table(StandingChange)
_DAILY = table(Daily)
_RIGHT = table(RightAnswer)


@dataclass(frozen=True, slots=True)
class StandingRow:
    """As `sop.standing_ports.Kept` explains it."""

    community: str
    member: str
    stage: str
    stage_since: date
    r: int
    f: int
    m: int
    value: str
    joined_on: date
    last_on: date | None
    days: int
    weight: int
    day: date


def keep(tx: Connection, row: StandingRow, stage_before: str, value_before: str) -> None:
    """Where a member stands from now on; a move from another stage or value group is written
    down (empty: from none)."""
    moves = (("stage", stage_before, row.stage), ("value", value_before, row.value))
    changes = [
        {
            "community": row.community,
            "member": row.member,
            "day": row.day,
            "what": what,
            "before": before,
            "after": after,
        }
        for what, before, after in moves
        if before != after
    ]
    insert_all(tx, _CHANGE, changes)
    tx.execute(_upsert(is_postgres(tx)), values(row))


@cache
def _upsert(postgres: bool) -> Insert:
    """Built once: a first night writes everybody."""
    new = postgresql.insert(_STANDING) if postgres else sqlite.insert(_STANDING)
    keys = ["community", "member"]
    changed = {one.name: new.excluded[one.name] for one in _STANDING.c if one.name not in keys}
    return new.on_conflict_do_update(index_elements=keys, set_=changed)


def of(tx: Connection, community: str, member: str) -> StandingRow | None:
    """Where a member stands; None before the first night."""
    query = pick(_STANDING, StandingRow).where(
        _STANDING.c.community == community, _STANDING.c.member == member
    )
    return one(tx, query, StandingRow)


def kept(tx: Connection, community: str) -> list[StandingRow]:
    """Everybody's, by member; those who left are among them."""
    query = pick(_STANDING, StandingRow).where(_STANDING.c.community == community)
    return every(tx, query.order_by(_STANDING.c.member), StandingRow)


def deeds(
    tx: Connection,
    community: str,
    first: date,
    last: date,
    weights: Mapping[str, int],
    cap: int,
    members: Collection[str] | None = None,
) -> dict[str, tuple[date, int, int]]:
    """(last day, days, weight) of what members did on local days, both included. Each action
    weighs as `weights` says, by kind; of a kind `cap` count on a day at most."""
    n = case((_DAILY.c.n > cap, cap), else_=_DAILY.c.n)
    query = select(
        _DAILY.c.member,
        func.max(_DAILY.c.day),
        func.count(_DAILY.c.day.distinct()),
        func.sum(n * case(weights, value=_DAILY.c.kind, else_=0)),
    ).where(
        _DAILY.c.community == community,
        _DAILY.c.day.between(first, last),
        _DAILY.c.kind.not_in(BESIDES),
    )
    if members is not None:
        query = query.where(_DAILY.c.member.in_(members))
    rows = tx.execute(query.group_by(_DAILY.c.member))
    return {member: (last_on, days, int(weight)) for member, last_on, days, weight in rows}


def answered_right(tx: Connection, community: str, member: str, day: date) -> None:
    """A member answered a question rightly on a local day."""
    insert = insert_for(tx, _RIGHT).values(community=community, day=day, member=member, n=1)
    keys = ["community", "day", "member"]
    tx.execute(insert.on_conflict_do_update(index_elements=keys, set_={"n": _RIGHT.c.n + 1}))


def moves(tx: Connection, first: date, last: date) -> list[tuple[str, str, str, str, int]]:
    """How many members of each community went from where to where on local days, both included:
    (community, what, before, after, how many); `what` is stage or value."""
    columns = (_CHANGE.c.community, _CHANGE.c.what, _CHANGE.c.before, _CHANGE.c.after)
    query = (
        select(*columns, func.count())
        .where(_CHANGE.c.day.between(first, last))
        .group_by(*columns)
        .order_by(*columns)
    )
    return [tuple(row) for row in tx.execute(query)]
