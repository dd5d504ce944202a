"""Who is whose contact: what makes a member a customer.

Events carry the instant at which they happened, so that those which arrive late or twice change
nothing that is newer. What WeCom itself says when asked (`reconcile`, `reconcile_member`) has the
last word.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, select, update

from storage import corp_tags, privacy
from storage.rows import every, insert_for, insert_new, one, pick
from storage.tables.people import Member
from storage.tables.referrals import Relation
from storage.types import table

_RELATION = table(Relation)
_MEMBER = table(Member)
_CHUNK = 500

Pair = tuple[str, str]
"""Colleague and customer."""


@dataclass(frozen=True, slots=True)
class Contact:
    """One pair of colleague and customer as WeCom describes it."""

    since: datetime
    state: str = ""
    remark: str = ""
    description: str = ""
    tag_ids: tuple[str, ...] | None = None
    """None: this answer does not tell."""


@dataclass(frozen=True, slots=True)
class RelationRow:
    """A pair, present or past."""

    member: str
    staff: str
    state: str
    since: datetime
    ended_at: datetime | None
    remark: str
    description: str
    tag_ids: list[str] | None
    half: bool


@dataclass(frozen=True, slots=True)
class Changed:
    """Whom a reading found new or gone."""

    began: tuple[Pair, ...] = ()
    ended: tuple[Pair, ...] = ()


def begin(
    tx: Connection, staff: str, member: str, state: str, at: datetime, *, half: bool = False
) -> None:
    """They became contacts, or became so again: a later word counts for an earlier one, and a half
    relation is whole once both sides have added each other."""
    values = {"state": state, "since": at, "ended_at": None, "half": half}
    insert = insert_for(tx, _RELATION).values(staff=staff, member=member, **values)
    newer = _RELATION.c.since < at if half else _RELATION.c.since <= at
    tx.execute(
        insert.on_conflict_do_update(
            index_elements=["member", "staff"],
            set_={name: value for name, value in values.items() if value != ""},
            where=(_RELATION.c.ended_at <= at) | (_RELATION.c.ended_at.is_(None) & newer),
        )
    )


def end(tx: Connection, staff: str, member: str, at: datetime) -> bool:
    """They are contacts no longer; False if they were none, or have become so again since."""
    # A word that comes before the one it answers leaves a mark, so that the late one is nothing.
    past = {"state": "", "since": at, "ended_at": at}
    insert = insert_for(tx, _RELATION).values(staff=staff, member=member, **past)
    new = tx.execute(insert.on_conflict_do_nothing().returning(_RELATION.c.member)).first()
    if new is not None:
        return False
    pair = (_RELATION.c.staff == staff, _RELATION.c.member == member)
    known = _RELATION.c.ended_at.is_(None) & (_RELATION.c.since <= at)
    ended = tx.execute(update(_RELATION).where(*pair, known).values(ended_at=at, half=False))
    tx.execute(update(_RELATION).where(*pair, _RELATION.c.ended_at < at).values(ended_at=at))
    return ended.rowcount == 1


def is_customer(tx: Connection, member: str) -> bool:
    """Whether any colleague has the member as a contact."""
    query = select(_RELATION.c.staff).where(
        _RELATION.c.member == member, _RELATION.c.ended_at.is_(None)
    )
    return tx.execute(query.limit(1)).first() is not None


def contacts_of(tx: Connection, staff: str) -> set[str]:
    """The members whom a colleague has as contacts."""
    query = select(_RELATION.c.member).where(
        _RELATION.c.staff == staff, _RELATION.c.ended_at.is_(None)
    )
    return set(tx.execute(query).scalars())


def of_member(tx: Connection, member: str) -> list[RelationRow]:
    """The colleagues who have the member as a contact, the earliest first."""
    query = pick(_RELATION, RelationRow).where(
        _RELATION.c.member == member, _RELATION.c.ended_at.is_(None)
    )
    return every(tx, query.order_by(_RELATION.c.since, _RELATION.c.staff), RelationRow)


def get(tx: Connection, staff: str, member: str) -> RelationRow | None:
    """A pair, present or past; None if they never met."""
    query = pick(_RELATION, RelationRow).where(
        _RELATION.c.member == member, _RELATION.c.staff == staff
    )
    return one(tx, query, RelationRow)


def name_members(tx: Connection, names: Mapping[str, str], now: datetime) -> None:
    """Names of customers who may be in no group; a name that a group has told stays."""
    rows = [{"id": one, "name": name, "first_seen": now} for one, name in sorted(names.items())]
    for start in range(0, len(rows), _CHUNK):
        insert_new(tx, _MEMBER, rows[start : start + _CHUNK])
    empty = set(tx.execute(select(_MEMBER.c.id).where(_MEMBER.c.name == "")).scalars())
    late = [{"who": one, "called": names[one]} for one in sorted(empty & names.keys())]
    if late := [one for one in late if one["called"]]:
        tx.execute(
            update(_MEMBER)
            .where(_MEMBER.c.id == bindparam("who"))
            .values(name=bindparam("called")),
            late,
        )


def reconcile(tx: Connection, staff: str, found: Mapping[str, Contact], at: datetime) -> Changed:
    """WeCom said at `at` whom a colleague has as contacts. What happened since then stands; half
    relations stand too, because WeCom need not tell of them."""
    query = pick(_RELATION, RelationRow).where(_RELATION.c.staff == staff)
    known = {(row.staff, row.member): row for row in every(tx, query, RelationRow)}
    return _reconcile(tx, known, {(staff, one): found[one] for one in sorted(found)}, at)


def reconcile_member(
    tx: Connection, member: str, found: Mapping[str, Contact], at: datetime
) -> Changed:
    """The same for one customer and everybody who has them."""
    query = pick(_RELATION, RelationRow).where(_RELATION.c.member == member)
    known = {(row.staff, row.member): row for row in every(tx, query, RelationRow)}
    return _reconcile(tx, known, {(one, member): found[one] for one in sorted(found)}, at)


def _reconcile(
    tx: Connection, known: Mapping[Pair, RelationRow], found: Mapping[Pair, Contact], at: datetime
) -> Changed:
    erased = privacy.forgotten(tx, {member for _, member in found.keys() - known.keys()})
    found = {pair: one for pair, one in found.items() if pair[1] not in erased}
    new = [_row(pair, one) for pair, one in found.items() if pair not in known]
    for start in range(0, len(new), _CHUNK):
        insert_new(tx, _RELATION, new[start : start + _CHUNK])
    again, told = [], []
    for pair, row in known.items():
        contact = found.get(pair)
        if contact is None or (row.ended_at is not None and row.ended_at >= at):
            continue
        if row.ended_at is not None:
            again.append(pair)
        if row.ended_at is not None or _differs(row, contact):
            told.append(_row(pair, contact, row))
    gone = [
        pair
        for pair, row in known.items()
        if pair not in found and row.ended_at is None and not row.half and row.since < at
    ]
    _rewrite(tx, told)
    _finish(tx, gone, at)
    began = [(str(one["staff"]), str(one["member"])) for one in new] + again
    for staff, member in (*gone, *began):  # what stood on a card before is no sign of a hand
        corp_tags.part(tx, staff, member)
    corp_tags.told(tx, _retagged(known, found), at)
    return Changed(tuple(sorted(began)), tuple(sorted(gone)))


def _retagged(
    known: Mapping[Pair, RelationRow], found: Mapping[Pair, Contact]
) -> dict[Pair, tuple[str, ...]]:
    """The pairs whose tags are not those that were read last."""
    told = {}
    for pair, contact in found.items():
        before = known[pair].tag_ids if pair in known else None
        if contact.tag_ids is not None and list(contact.tag_ids) != (before or []):
            told[pair] = contact.tag_ids
    return told


def _differs(row: RelationRow, contact: Contact) -> bool:
    tags = None if row.tag_ids is None else tuple(row.tag_ids)
    return (
        row.half
        or row.since != contact.since
        or (row.remark, row.description) != (contact.remark, contact.description)
        or contact.state not in ("", row.state)
        or contact.tag_ids not in (None, tags)
    )


def _row(pair: Pair, contact: Contact, before: RelationRow | None = None) -> dict[str, Any]:
    """A pair as WeCom has it now; what this answer leaves out stays as it was."""
    tags = None if contact.tag_ids is None else list(contact.tag_ids)
    return {
        "staff": pair[0],
        "member": pair[1],
        "state": contact.state or (before.state if before else ""),
        "since": contact.since,
        "ended_at": None,
        "remark": contact.remark,
        "description": contact.description,
        "tag_ids": before.tag_ids if tags is None and before else tags,
        "half": False,
    }


def _rewrite(tx: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
    if not rows:
        return
    of = {"staff": "of_staff", "member": "of_member"}
    changes: dict[str, Any] = {name: bindparam(name) for name in rows[0] if name not in of}
    query = update(_RELATION).where(
        _RELATION.c.staff == bindparam("of_staff"), _RELATION.c.member == bindparam("of_member")
    )
    tx.execute(query.values(changes), [{of.get(k, k): v for k, v in row.items()} for row in rows])


def _finish(tx: Connection, pairs: Sequence[Pair], at: datetime) -> None:
    if not pairs:
        return
    query = update(_RELATION).where(
        _RELATION.c.staff == bindparam("of_staff"), _RELATION.c.member == bindparam("of_member")
    )
    given = [{"of_staff": staff, "of_member": member} for staff, member in pairs]
    tx.execute(query.values(ended_at=at), given)
