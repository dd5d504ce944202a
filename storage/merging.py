"""One person, two ids: everything kept under the old one moves to the other, and an alias tells
ever after.

What is published or paid keeps its id, or it could no longer be verified: draws, entries, awards
and what follows from them. Which tables move follows from the schema, so that a new table about
members is never forgotten.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    CompoundSelect,
    Connection,
    Table,
    UniqueConstraint,
    and_,
    case,
    delete,
    exists,
    func,
    select,
    union_all,
    update,
)

from storage.activity import add_days
from storage.rows import insert_for
from storage.tables import METADATA
from storage.tables.customers import Alias
from storage.types import table

NAMES_A_MEMBER = ("member", "inviter", "invited")
"""What columns that hold a member's id are called."""
STAYS = frozenset({"draw", "entrant", "award", "alias"})
"""Published or paid under the old id."""
_APART = frozenset({"membership", "tag", "daily", "points_wallet"})
"""Added together, not just renamed."""

_ALIAS = table(Alias)


class Unmergeable(Exception):
    """These two cannot be made one; the text says why, in Chinese."""


@dataclass(frozen=True, slots=True)
class Merged:
    """What moved, and what stays under the old id."""

    moved: Mapping[str, int]
    """Rows by table; none of a table that had none."""
    stays: Mapping[str, int]


def aliases(tx: Connection) -> dict[str, str]:
    """The id that counts, by the old one; nearly always empty."""
    return dict(tx.execute(select(_ALIAS.c.old, _ALIAS.c.member)).all())


def id_that_counts(member: ColumnElement[str]) -> ColumnElement[str]:
    """In a query about draws or awards, which keep the old id: whose they are today."""
    known = select(_ALIAS.c.member).where(_ALIAS.c.old == member)
    return func.coalesce(known.scalar_subquery(), member)


def every_id(member: ColumnElement[str]) -> CompoundSelect[str]:
    """A member's own id and their old ones: for asking for their draws."""
    old = select(_ALIAS.c.old).where(_ALIAS.c.member == member)
    return union_all(select(member.label("id")), old)


def merge(tx: Connection, old: str, member: str, by: str, reason: str, now: datetime) -> Merged:
    """From now on the old id is the member's. Raises Unmergeable."""
    _check(tx, old, member)
    tx.execute(update(_ALIAS).where(_ALIAS.c.member == old).values(member=member))
    made = {"old": old, "member": member, "by": by, "reason": reason, "at": now}
    tx.execute(insert_for(tx, _ALIAS).values(made))
    moved = {
        "membership": _stays(tx, old, member),
        "tag": _tags(tx, old, member, now),
        "daily": _daily(tx, old, member),
        "points_wallet": _wallet(tx, old, member),
    }
    _prefer_present_relations(tx, old, member)
    stays = {}
    for found in METADATA.sorted_tables:
        for name in NAMES_A_MEMBER:
            if name not in found.columns or found.name in _APART:
                continue
            if found.name in STAYS:
                stays[found.name] = _count(tx, found, name, old)
            else:
                key = found.name if name == "member" else f"{found.name}.{name}"
                moved[key] = _rename(tx, found, name, old, member)
    return Merged(
        {name: n for name, n in sorted(moved.items()) if n},
        {name: n for name, n in sorted(stays.items()) if n and name != "alias"},
    )


def _check(tx: Connection, old: str, member: str) -> None:
    if old == member:
        raise Unmergeable("两个编号是同一个。")
    known = METADATA.tables["member"]
    for one in (old, member):
        if tx.execute(select(known.c.id).where(known.c.id == one)).first() is None:
            raise Unmergeable(f"没有编号是 {one} 的成员。")
    for one in (old, member):
        other = tx.execute(select(_ALIAS.c.member).where(_ALIAS.c.old == one)).scalar()
        if other is not None:
            raise Unmergeable(f"{one} 已经合并到 {other} 了。")


def _count(tx: Connection, found: Table, name: str, member: str) -> int:
    query = select(func.count()).select_from(found).where(found.c[name] == member)
    return int(tx.execute(query).scalar_one())


def _rename(tx: Connection, found: Table, name: str, old: str, member: str) -> int:
    """Gives the rows to the member; where a unique key says that the member has one already, that
    one stands."""
    clashes = [_has_own(found, name, others, member) for others in _keys(found, name)]
    free = and_(found.c[name] == old, *[~one for one in clashes])
    moved = tx.execute(update(found).where(free).values({name: member})).rowcount
    tx.execute(delete(found).where(found.c[name] == old))
    return moved


def _keys(found: Table, name: str) -> list[list[str]]:
    """The other columns of every unique key that the column is part of."""
    keys = [
        [one.name for one in found.primary_key.columns],
        *[
            [one.name for one in key.columns]
            for key in found.constraints
            if isinstance(key, UniqueConstraint)
        ],
        *[[one.name for one in index.columns] for index in found.indexes if index.unique],
    ]
    return [[one for one in key if one != name] for key in keys if name in key]


def _has_own(found: Table, name: str, others: list[str], member: str) -> ColumnElement[bool]:
    own = found.alias()
    same = [own.c[one] == found.c[one] for one in others]
    return exists().where(own.c[name] == member, *same)


def _stays(tx: Connection, old: str, member: str) -> int:
    """Past stays move; of two present ones in one community the earlier is the person's."""
    stay = METADATA.tables["membership"]
    present = select(stay.c.community, stay.c.id, stay.c.joined_at).where(stay.c.left_at.is_(None))
    own = {place: (id, at) for place, id, at in tx.execute(present.where(stay.c.member == member))}
    for place, id, at in tx.execute(present.where(stay.c.member == old)).all():
        if place in own:
            known, since = own[place]
            tx.execute(delete(stay).where(stay.c.id == id))
            earlier = update(stay).where(stay.c.id == known)
            tx.execute(earlier.values(joined_at=min(since, at)))
    return _renamed(tx, stay, old, member)


def _tags(tx: Connection, old: str, member: str, now: datetime) -> int:
    """A label that both wear is worn once."""
    tag = METADATA.tables["tag"]
    worn = select(tag.c.tag).where(tag.c.member == member, tag.c.removed_at.is_(None))
    twice = update(tag).where(
        tag.c.member == old, tag.c.removed_at.is_(None), tag.c.tag.in_(worn.scalar_subquery())
    )
    tx.execute(twice.values(removed_at=now, removed_by="merge"))
    return _renamed(tx, tag, old, member)


def _daily(tx: Connection, old: str, member: str) -> int:
    """What both did on one day is added up."""
    daily = METADATA.tables["daily"]
    rows = tx.execute(select(daily).where(daily.c.member == old)).mappings().all()
    add_days(tx, [dict(row) | {"member": member} for row in rows])
    tx.execute(delete(daily).where(daily.c.member == old))
    return len(rows)


def _wallet(tx: Connection, old: str, member: str) -> int:
    """The entries move by themselves; what they add up to moves here."""
    wallet = METADATA.tables["points_wallet"]
    row = tx.execute(select(wallet).where(wallet.c.member == old)).mappings().first()
    if row is None:
        return 0
    given: dict[str, Any] = dict(row) | {"member": member}
    insert = insert_for(tx, wallet).values(given)
    tx.execute(
        insert.on_conflict_do_update(
            index_elements=["member"],
            set_={
                "balance": wallet.c.balance + row["balance"],
                "earned": wallet.c.earned + row["earned"],
                "hidden": case((wallet.c.hidden, True), else_=bool(row["hidden"])),
            },
        )
    )
    tx.execute(delete(wallet).where(wallet.c.member == old))
    return 1


def _prefer_present_relations(tx: Connection, old: str, member: str) -> None:
    """A past contact of the one gives way to a present contact of the other."""
    relation = METADATA.tables["relation"]
    present = select(relation.c.staff).where(
        relation.c.member == old, relation.c.ended_at.is_(None)
    )
    past = delete(relation).where(
        relation.c.member == member,
        relation.c.ended_at.is_not(None),
        relation.c.staff.in_(present.scalar_subquery()),
    )
    tx.execute(past)


def _renamed(tx: Connection, found: Table, old: str, member: str) -> int:
    query = update(found).where(found.c.member == old).values(member=member)
    return tx.execute(query).rowcount
