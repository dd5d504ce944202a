"""Labels as WeCom has them: the company's tags, which of them stand on whom, what is owed.

A label belongs to a member; at WeCom a tag belongs to a pair of colleague and customer. A label
of ours goes to every pair; one that a colleague puts on by hand there becomes a label here.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Connection, delete, select, update

from storage import tags
from storage.rows import every, insert_for, insert_new, pick, values
from storage.tables.people import Tag
from storage.tables.referrals import Relation
from storage.tables.standings import CorpTag, TagMark, TagPush
from storage.types import table

_CORP = table(CorpTag)
_MARK = table(TagMark)
_PUSH = table(TagPush)
_RELATION = table(Relation)
_TAG = table(Tag)
_CHUNK = 500
Pair = tuple[str, str]
"""Colleague and customer."""
LAG = timedelta(seconds=10)
"""An answer may be so much older than it looks: WeCom applies changes late."""
BY_HAND = "在企业微信里手动添加"


@dataclass(frozen=True, slots=True)
class CorpTagRow:
    """A tag of the company."""

    id: str
    group_id: str
    group_name: str
    name: str
    own: bool
    deleted: bool = False


@dataclass(frozen=True, slots=True)
class PushRow:
    """What a pair is owed."""

    member: str
    staff: str
    tag: str
    add: bool
    owed_at: datetime
    status: str
    attempts: int
    next_at: datetime
    reason: str


# the company's tags


def corp_tags(tx: Connection) -> list[CorpTagRow]:
    """Every tag that WeCom still has, by group, name and id."""
    query = pick(_CORP, CorpTagRow).where(~_CORP.c.deleted, _CORP.c.name != "")
    return every(tx, query.order_by(_CORP.c.group_name, _CORP.c.name, _CORP.c.id), CorpTagRow)


def keep_corp_tags(tx: Connection, rows: Iterable[CorpTagRow]) -> set[str]:
    """WeCom's whole list as it was just read: what is not in it is deleted there. Whose a tag is
    stays known. Returns the ids that are new."""
    found = {row.id: row for row in rows}
    known = {row.id: row for row in every(tx, pick(_CORP, CorpTagRow), CorpTagRow)}
    for row in found.values():
        before = known.get(row.id)
        own = row.own or (before is not None and before.own)
        _keep(tx, CorpTagRow(row.id, row.group_id, row.group_name, row.name, own), before)
    gone = [one for one, row in known.items() if one not in found and not row.deleted]
    tx.execute(update(_CORP).where(_CORP.c.id.in_(gone)).values(deleted=True))
    return {one for one in found if one not in known or not known[one].name}


def made(tx: Connection, rows: Iterable[CorpTagRow]) -> None:
    """Tags that we made."""
    for row in rows:
        _keep(tx, row, None)


def _keep(tx: Connection, row: CorpTagRow, before: CorpTagRow | None) -> None:
    if row == before:
        return
    given = values(row)
    insert = insert_for(tx, _CORP).values(**given)
    tx.execute(insert.on_conflict_do_update(index_elements=["id"], set_=given))


# what is owed


def owe(tx: Connection, member: str, tag: str, now: datetime, *, add: bool) -> None:
    """A label was put on or taken off here: every colleague who has the customer is to have it
    so at WeCom. A change that is not made there yet is overtaken."""
    marked = _marked(tx, member, tag)
    pending = {row.staff: row.add for row in pushes_of(tx, member) if row.tag == tag}
    pairs = _colleagues(tx, member) if add else marked | pending.keys()
    for staff in sorted(pairs):
        if add and staff in marked and staff not in pending:
            continue
        _owe(tx, member, staff, tag, add, now)


def owe_pair(
    tx: Connection, member: str, staff: str, wanted: Collection[str], now: datetime
) -> None:
    """A colleague has the customer since now: the customer's labels among `wanted` are to stand
    there too. What stands already, or is owed, is left alone."""
    marks = _marks(tx, [member]).get((staff, member), {})
    there = {tag for tag, (stands, _) in marks.items() if stands}
    waiting = (row for row in pushes_of(tx, member) if row.status == "waiting")
    there |= {row.tag for row in waiting if row.staff == staff}
    for worn in tags.of(tx, member):
        if worn.tag in wanted and worn.tag not in there and worn.source != "wecom":
            _owe(tx, member, staff, worn.tag, True, now)


def _owe(tx: Connection, member: str, staff: str, tag: str, add: bool, now: datetime) -> None:
    given = {
        "add": add,
        "owed_at": now,
        "status": "waiting",
        "attempts": 0,
        "next_at": now,
        "reason": "",
    }
    keys = {"member": member, "staff": staff, "tag": tag}
    insert = insert_for(tx, _PUSH).values(**keys, **given)
    tx.execute(insert.on_conflict_do_update(index_elements=list(keys), set_=given))


def due(tx: Connection, now: datetime, limit: int) -> list[PushRow]:
    """What is to be done now, pair by pair, the longest waiting first."""
    query = pick(_PUSH, PushRow).where(_PUSH.c.status == "waiting", _PUSH.c.next_at <= now)
    ordered = query.order_by(_PUSH.c.next_at, _PUSH.c.member, _PUSH.c.staff, _PUSH.c.tag)
    return every(tx, ordered.limit(limit), PushRow)


def pushes_of(tx: Connection, member: str) -> list[PushRow]:
    """What a member's pairs are owed, failed and dropped changes too, by colleague and label."""
    query = pick(_PUSH, PushRow).where(_PUSH.c.member == member)
    return every(tx, query.order_by(_PUSH.c.staff, _PUSH.c.tag), PushRow)


def done(tx: Connection, rows: Sequence[PushRow], ids: Mapping[str, str], now: datetime) -> None:
    """WeCom has made these changes of one pair, `ids` being the tags of their labels; one that was
    overtaken meanwhile is still owed."""
    for row in rows:
        _mark(tx, row.member, row.staff, row.tag, row.add, now)
        tx.execute(delete(_PUSH).where(*_same(row)))
    pair = (_RELATION.c.member == rows[0].member, _RELATION.c.staff == rows[0].staff)
    before = tx.execute(select(_RELATION.c.tag_ids).where(*pair)).scalar()
    if before is not None:
        on = {ids[row.tag] for row in rows if row.add and row.tag in ids}
        off = {ids[row.tag] for row in rows if not row.add and row.tag in ids}
        after = sorted((set(before) | on) - off)
        tx.execute(update(_RELATION).where(*pair).values(tag_ids=after))


def put_off(tx: Connection, rows: Sequence[PushRow], until: datetime, reason: str) -> None:
    """They are tried again then."""
    for row in rows:
        later = update(_PUSH).where(*_same(row))
        tx.execute(later.values(attempts=row.attempts + 1, next_at=until, reason=reason))


def give_up(tx: Connection, rows: Sequence[PushRow], status: str, reason: str) -> None:
    """They are tried no more: failed (a person must change something) or dropped."""
    for row in rows:
        tx.execute(update(_PUSH).where(*_same(row)).values(status=status, reason=reason))


def _same(row: PushRow) -> tuple[ColumnElement[bool], ...]:
    return (
        _PUSH.c.member == row.member,
        _PUSH.c.staff == row.staff,
        _PUSH.c.tag == row.tag,
        _PUSH.c.add.is_(row.add),
        _PUSH.c.owed_at == row.owed_at,
    )


# what WeCom says


def told(tx: Connection, found: Mapping[Pair, Collection[str]], at: datetime) -> None:
    """WeCom said at an instant which tags (by id) colleagues' customers wear, by (staff, member).
    What is new there, and not ours on its way, a person has put on; what is gone, a person has
    taken off: the label follows once no colleague's card of the customer shows it any more."""
    names = _names(tx, {one for ids in found.values() for one in ids})
    members = sorted({member for _, member in found})
    marks = _marks(tx, members)
    ours = {(row.staff, row.member, row.tag) for row in _pushes(tx, members)}
    for (staff, member), ids in sorted(found.items()):
        theirs = marks.get((staff, member), {})
        unsure = {tag for tag, (_, since) in theirs.items() if since > at - LAG}
        unsure |= {tag for one, other, tag in ours if (one, other) == (staff, member)}
        known = {tag for tag, (stands, _) in theirs.items() if stands}
        there = {names[one] for one in ids if names.get(one)}
        for tag in sorted(there - known - unsure):
            _mark(tx, member, staff, tag, True, at)
            tags.add(tx, member, tag, staff, BY_HAND, at, source="wecom")
        for tag in sorted(known - there - unsure):
            _mark(tx, member, staff, tag, False, at)
            if not _marked(tx, member, tag):
                tags.remove(tx, member, tag, staff, at)


def _names(tx: Connection, ids: Collection[str]) -> dict[str, str]:
    """Names of tags. One that we have not heard of is written down without a name, so that the
    list is read again."""
    query = select(_CORP.c.id, _CORP.c.name).where(~_CORP.c.deleted)
    known: dict[str, str] = dict(tx.execute(query.where(_CORP.c.id.in_(ids))).all())
    unheard = sorted(set(ids) - known.keys())
    insert_new(tx, _CORP, [values(CorpTagRow(one, "", "", "", False)) for one in unheard])
    return known


def unheard_of(tx: Connection) -> bool:
    """Whether a tag stands on somebody that is not in the list."""
    query = select(_CORP.c.id).where(_CORP.c.name == "", ~_CORP.c.deleted)
    return tx.execute(query.limit(1)).first() is not None


def pairs_with(tx: Connection, tag_ids: Collection[str]) -> dict[Pair, list[str]]:
    """Tag ids of present pairs (staff, member) on which any of these tags stands, as WeCom told it
    last."""
    query = select(_RELATION.c.staff, _RELATION.c.member, _RELATION.c.tag_ids).where(
        _RELATION.c.ended_at.is_(None), _RELATION.c.tag_ids.is_not(None)
    )
    wanted = set(tag_ids)
    return {
        (staff, member): ids
        for staff, member, ids in tx.execute(query)
        if not wanted.isdisjoint(ids)
    }


def part(tx: Connection, staff: str, member: str) -> None:
    """They are contacts no longer: nothing stands there, and nothing is owed."""
    for one in (_MARK, _PUSH):
        tx.execute(delete(one).where(one.c.member == member, one.c.staff == staff))


def unowed(tx: Connection, wanted: Collection[str]) -> list[tuple[str, str]]:
    """(member, staff) of pairs where one of these labels ought to stand, and nobody has been told:
    people who became contacts, or labels that are newly shared."""
    push = select(_PUSH.c.tag).where(
        _PUSH.c.member == _TAG.c.member,
        _PUSH.c.staff == _RELATION.c.staff,
        _PUSH.c.tag == _TAG.c.tag,
    )
    mark = select(_MARK.c.tag).where(
        _MARK.c.member == _TAG.c.member,
        _MARK.c.staff == _RELATION.c.staff,
        _MARK.c.tag == _TAG.c.tag,
        _MARK.c.stands,
    )
    query = (
        select(_TAG.c.member, _RELATION.c.staff)
        .join(_RELATION, _RELATION.c.member == _TAG.c.member)
        .where(
            _TAG.c.tag.in_(wanted),
            _TAG.c.removed_at.is_(None),
            _TAG.c.source != "wecom",
            _RELATION.c.ended_at.is_(None),
            ~push.exists(),
            ~mark.exists(),
        )
        .distinct()
        .order_by(_TAG.c.member, _RELATION.c.staff)
    )
    return [(member, staff) for member, staff in tx.execute(query)]


def _mark(tx: Connection, member: str, staff: str, tag: str, stands: bool, at: datetime) -> None:
    given = {"stands": stands, "at": at}
    keys = {"member": member, "staff": staff, "tag": tag}
    insert = insert_for(tx, _MARK).values(**keys, **given)
    tx.execute(insert.on_conflict_do_update(index_elements=list(keys), set_=given))


def _marks(tx: Connection, members: Sequence[str]) -> dict[Pair, dict[str, tuple[bool, datetime]]]:
    found: dict[Pair, dict[str, tuple[bool, datetime]]] = {}
    for start in range(0, len(members), _CHUNK):
        query = select(_MARK).where(_MARK.c.member.in_(members[start : start + _CHUNK]))
        for member, staff, tag, stands, at in tx.execute(query):
            found.setdefault((staff, member), {})[tag] = (stands, at)
    return found


def _pushes(tx: Connection, members: Sequence[str]) -> Iterator[PushRow]:
    for start in range(0, len(members), _CHUNK):
        query = pick(_PUSH, PushRow).where(_PUSH.c.member.in_(members[start : start + _CHUNK]))
        yield from every(tx, query, PushRow)


def _marked(tx: Connection, member: str, tag: str) -> set[str]:
    """The colleagues on whose card of the customer a label stands."""
    query = select(_MARK.c.staff).where(
        _MARK.c.member == member, _MARK.c.tag == tag, _MARK.c.stands
    )
    return set(tx.execute(query).scalars())


def _colleagues(tx: Connection, member: str) -> set[str]:
    query = select(_RELATION.c.staff).where(
        _RELATION.c.member == member, _RELATION.c.ended_at.is_(None)
    )
    return set(tx.execute(query).scalars())
