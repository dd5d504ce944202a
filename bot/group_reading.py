"""One reading of a customer group: what WeCom answered, and what it changes in our rows."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from types import MappingProxyType

from sqlalchemy import Connection

from bot.http import NoAnswer
from bot.wecom.api import Json
from sop.community import Community, Staff
from sop.customer_groups import dismissed, new_owner
from sop.effects import Effect, Record
from storage import customers, people, privacy
from storage.customers import GroupRow, Mended

EXTERNAL = 2
UNDERWAY = timedelta(seconds=10)
"""Who joined so shortly before may have a callback on its way: none was lost."""
_EXACT = timedelta(seconds=1)
"""WeCom tells instants in whole seconds."""


@dataclass(frozen=True, slots=True)
class Present:
    """Somebody in a group, as WeCom knows them."""

    name: str
    joined_at: datetime | None
    state: str
    """Of the join way by which they came; empty for any other way."""
    invitor: str
    """The colleague who invited them; empty for anybody else (wecom-protocol.md D.4)."""


@dataclass(frozen=True, slots=True)
class Group:
    """A group as WeCom describes it."""

    name: str
    owner: str
    version: str
    size: int
    """With the colleagues in it."""
    people: Mapping[str, Present]
    """Customers by id."""


@dataclass(frozen=True, slots=True)
class Reading:
    """A group that was read, and how that came about."""

    place: Community
    group: Group
    announced: bool
    """A callback told of a change: what a routine reading finds, none told of."""


def read_group(
    group: Json, is_staff: Callable[[str], bool], aliases: Mapping[str, str] = MappingProxyType({})
) -> Group:
    """A person with two ids (`aliases`: old id → the one that counts) is there once.

    Raises NoAnswer for an answer without anybody: a group has at least its owner, and nobody
    shall be taken as gone.
    """
    everybody = group.get("member_list")
    if not everybody:
        raise NoAnswer("企业微信的答复里没有成员名单")
    found: dict[str, Present] = {}
    for one in everybody:
        userid = str(one.get("userid", ""))
        if one.get("type") != EXTERNAL or not userid or is_staff(userid):
            continue
        # One person has one name in all groups; the nickname differs from group to group.
        name = str(one.get("name") or one.get("group_nickname") or "")
        joined = one.get("join_time")
        at = datetime.fromtimestamp(joined, UTC) if isinstance(joined, int) else None
        invitor = str((one.get("invitor") or {}).get("userid") or "")
        found[aliases.get(userid, userid)] = Present(name, at, str(one.get("state") or ""), invitor)
    return Group(
        str(group.get("name") or ""),
        str(group.get("owner") or ""),
        str(group.get("member_version") or ""),
        len(everybody),
        found,
    )


def settle(
    tx: Connection, reading: Reading, staff: Mapping[str, Staff], now: datetime
) -> list[Effect]:
    """Makes our rows say what was read. Returns what people are to be told."""
    place, group = reading.place, reading.group
    before = customers.group(tx, place.chat_id)
    first = before is None or before.read_at is None
    mended = _people(tx, place, group.people, now)
    effects: list[Effect] = []
    known = place.owner if before is None or not before.owner else before.owner
    if group.owner and group.owner != known:
        effects += new_owner(place, staff, group.owner, known)
        mended += _lost(reading, "group_owner", f"{known} → {group.owner}")
    if before is not None and before.name and group.name != before.name:
        effects.append(Record("wecom", "群改名", place.id, f"{before.name} → {group.name}"))
        mended += _lost(reading, "group_name", f"{before.name} → {group.name}")
    if not first:
        customers.mended(tx, mended, now)
    customers.keep(
        tx,
        GroupRow(
            chat_id=place.chat_id,
            community=place.id,
            owner=group.owner or known,
            name=group.name,
            version=group.version,
            members=group.size,
            status=0 if before is None else before.status,
            read_at=now,
            dismissed_at=None,
        ),
    )
    return effects


def close(
    tx: Connection, place: Community, staff: Mapping[str, Staff], at: datetime, *, lost: bool
) -> Sequence[Effect]:
    """The group was dismissed: said once. `lost`: no callback told of it."""
    if not customers.dismiss(tx, place.chat_id, place.id, at):
        return []
    if lost:
        customers.mended(tx, [Mended("dismissed", place.chat_id)], at)
    return dismissed(place, staff)


def _lost(reading: Reading, kind: str, detail: str) -> list[Mended]:
    return [] if reading.announced else [Mended(kind, reading.place.chat_id, detail=detail)]


def _people(
    tx: Connection, place: Community, found: Mapping[str, Present], now: datetime
) -> list[Mended]:
    """Who came and who went without a callback that said so."""
    present = people.names(tx, place.id)
    since = customers.joined_at(tx, place.id)
    mended: list[Mended] = []
    corrections: dict[str, datetime] = {}
    newcomers: dict[str, tuple[str, datetime]] = {}
    erased = privacy.forgotten(tx, found.keys() - present.keys())
    for member, one in found.items():
        if member in erased:
            continue
        if member not in present:
            at = one.joined_at or now
            newcomers[member] = one.name, at
            if now - at > UNDERWAY:
                mended.append(Mended("join", place.chat_id, member))
            continue
        if one.name and one.name != present[member]:
            people.rename(tx, member, one.name)
        if one.joined_at is not None and abs(since[member] - one.joined_at) >= _EXACT:
            corrections[member] = one.joined_at
    customers.arrive(tx, place.id, newcomers, "roster")
    customers.correct_joined_at(tx, place.id, corrections)
    known = customers.invitors(tx, place.id)
    told = {one: each.invitor for one, each in found.items() if each.invitor and one not in erased}
    customers.invited_by(tx, place.id, dict(told.items() - known.items()))
    for member in sorted(present.keys() - found.keys()):
        people.depart(tx, place.id, member, now)
        mended.append(Mended("leave", place.chat_id, member))
    return mended
