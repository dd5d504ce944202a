"""Communities, members and their stays."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, Select, bindparam, func, select, update

from storage import onboarding
from storage.rows import every, insert_for, insert_new, insert_one, one
from storage.tables.people import Community, Member, Membership
from storage.types import table

_COMMUNITY = table(Community)
_MEMBER = table(Member)
PSEUDONYM = "qy-"
"""How the names begin under which records of erased members stay."""
_STAY = table(Membership)


@dataclass(frozen=True, slots=True)
class CommunityRow:
    """A community as configuration names it, and whether it is paused."""

    id: str
    name: str
    chat_id: str
    owner: str
    mode: str
    labels: list[str]
    zone: str
    paused: bool = False


@dataclass(frozen=True, slots=True)
class MembershipRow:
    """A member's stay in a community."""

    member: str
    name: str
    community: str
    joined_at: datetime
    left_at: datetime | None
    via: str


def sync_communities(tx: Connection, rows: Iterable[CommunityRow], now: datetime) -> None:
    """Makes the table say what configuration says. A pause is kept; a community that is no
    longer configured stays with its history, but is not listed."""
    tx.execute(update(_COMMUNITY).values(active=False))
    for row in rows:
        values = {
            "name": row.name,
            "chat_id": row.chat_id,
            "owner": row.owner,
            "mode": row.mode,
            "labels": row.labels,
            "zone": row.zone,
            "active": True,
            "updated_at": now,
        }
        insert = insert_for(tx, _COMMUNITY).values(id=row.id, **values)
        tx.execute(insert.on_conflict_do_update(index_elements=["id"], set_=values))


def communities(tx: Connection) -> list[CommunityRow]:
    """The configured communities, by id."""
    query = select(
        *(_COMMUNITY.c[name] for name in ("id", "name", "chat_id", "owner", "mode", "labels")),
        _COMMUNITY.c.zone,
        _COMMUNITY.c.paused,
    )
    return every(tx, query.where(_COMMUNITY.c.active).order_by(_COMMUNITY.c.id), CommunityRow)


def paused(tx: Connection) -> set[str]:
    """Ids of the paused communities."""
    return set(tx.execute(_PAUSED).scalars())


def pause(tx: Connection, community: str) -> bool:
    """Planned steps rest. False if they rested already."""
    return _set_paused(tx, community, True)


def resume(tx: Connection, community: str) -> bool:
    """Planned steps run again. False if they ran already."""
    return _set_paused(tx, community, False)


def _set_paused(tx: Connection, community: str, wanted: bool) -> bool:
    change = update(_COMMUNITY).where(
        _COMMUNITY.c.id == community, _COMMUNITY.c.paused.is_(not wanted)
    )
    return tx.execute(change.values(paused=wanted)).rowcount == 1


def arrive(tx: Connection, community: str, member: str, name: str, via: str, at: datetime) -> bool:
    """A member is present from now on; True if they were not before. An empty name is none."""
    insert_new(tx, _MEMBER, [{"id": member, "name": name, "first_seen": at}])
    if name:
        rename(tx, member, name)
    stay = {"community": community, "member": member, "joined_at": at, "via": via}
    if insert_one(tx, _STAY, stay) is None:
        return False
    onboarding.joined(tx, community, member, at)
    return True


def depart(tx: Connection, community: str, member: str, at: datetime) -> bool:
    """A member is present no longer; False if they were not present."""
    present = (_STAY.c.community == community, _STAY.c.member == member, _STAY.c.left_at.is_(None))
    joined_at = tx.execute(select(_STAY.c.joined_at).where(*present)).scalar()
    if joined_at is None:
        return False
    # Callbacks may arrive out of order: nobody leaves before having come.
    tx.execute(update(_STAY).where(*present).values(left_at=max(at, joined_at)))
    return True


def rename(tx: Connection, member: str, name: str) -> None:
    """A member's name as shown in chat."""
    tx.execute(_RENAME, {"who": member, "called": name})


def name(tx: Connection, member: str) -> str:
    """A member's name; empty when it is not known."""
    return tx.execute(select(_MEMBER.c.name).where(_MEMBER.c.id == member)).scalar() or ""


def membership(tx: Connection, community: str, member: str) -> MembershipRow | None:
    """The present stay, else the latest; None if never there."""
    return one(tx, _LATEST_STAY, MembershipRow, {"in_community": community, "of_member": member})


def present(tx: Connection, community: str) -> list[MembershipRow]:
    """Who is in a community, first comers first."""
    query = stays().where(_STAY.c.community == community, _STAY.c.left_at.is_(None))
    return every(tx, query.order_by(_STAY.c.joined_at, _STAY.c.id), MembershipRow)


def names(tx: Connection, community: str) -> dict[str, str]:
    """The names of those who are in a community, by id; a large group is read after each join."""
    return dict(tx.execute(_NAMES, {"in_community": community}).all())


def communities_of(tx: Connection, member: str) -> set[str]:
    """Where a member is present."""
    query = select(_STAY.c.community).where(_STAY.c.member == member, _STAY.c.left_at.is_(None))
    return set(tx.execute(query).scalars())


def joined_between(
    tx: Connection, community: str, start: datetime, end: datetime
) -> list[MembershipRow]:
    """Present members whose stay began in [start, end), first comers first."""
    query = stays().where(
        _STAY.c.community == community,
        _STAY.c.left_at.is_(None),
        _STAY.c.joined_at >= start,
        _STAY.c.joined_at < end,
    )
    return every(tx, query.order_by(_STAY.c.joined_at, _STAY.c.id), MembershipRow)


def find(
    tx: Connection, communities: Collection[str], name: str, limit: int
) -> list[MembershipRow]:
    """Present members whose name contains `name`, by name."""
    # Names first: there are few of a name and many stays, whatever the database thinks.
    called = select(_MEMBER.c.id).where(_MEMBER.c.name.contains(name, autoescape=True))
    query = stays().where(
        _STAY.c.member.in_(called),
        _STAY.c.community.in_(communities),
        _STAY.c.left_at.is_(None),
    )
    in_order = query.order_by(_MEMBER.c.name, _MEMBER.c.id, _STAY.c.id).limit(limit)
    return every(tx, in_order, MembershipRow)


def listed(
    tx: Connection,
    community: str | None,
    name: str | None,
    among: Collection[str] | None,
    limit: int,
) -> list[tuple[str, str, str]]:
    """(id, name, communities where present) of members, by id; `among` these alone."""
    query = select(_MEMBER.c.id, _MEMBER.c.name).where(_MEMBER.c.id.not_like(f"{PSEUDONYM}%"))
    if community is not None:
        here = select(_STAY.c.member).where(
            _STAY.c.community == community, _STAY.c.left_at.is_(None)
        )
        query = query.where(_MEMBER.c.id.in_(here))
    if name is not None:
        query = query.where(_MEMBER.c.name.contains(name, autoescape=True))
    if among is not None:
        query = query.where(_MEMBER.c.id.in_(among))
    rows = tx.execute(query.order_by(_MEMBER.c.id).limit(limit)).all()
    return [(id, called, "、".join(sorted(communities_of(tx, id)))) for id, called in rows]


def count_present(tx: Connection, community: str) -> int:
    """How many members are in a community."""
    query = select(func.count()).where(_STAY.c.community == community, _STAY.c.left_at.is_(None))
    return tx.execute(query).scalar_one()


def stays() -> Select[tuple[str, str, str, datetime, datetime, str]]:
    return select(
        _STAY.c.member,
        _MEMBER.c.name,
        _STAY.c.community,
        _STAY.c.joined_at,
        _STAY.c.left_at,
        _STAY.c.via,
    ).join_from(_STAY, _MEMBER, _MEMBER.c.id == _STAY.c.member)


# Asked for every message that comes in, so built once.
_NAMES = (
    select(_STAY.c.member, _MEMBER.c.name)
    .join_from(_STAY, _MEMBER, _MEMBER.c.id == _STAY.c.member)
    .where(_STAY.c.community == bindparam("in_community"), _STAY.c.left_at.is_(None))
)
_PAUSED = select(_COMMUNITY.c.id).where(_COMMUNITY.c.paused)
_RENAME = (
    update(_MEMBER)
    .where(_MEMBER.c.id == bindparam("who"), _MEMBER.c.name != bindparam("called"))
    .values(name=bindparam("called"))
)
_LATEST_STAY = (
    stays()
    .where(
        _STAY.c.community == bindparam("in_community"),
        _STAY.c.member == bindparam("of_member"),
    )
    .order_by(_STAY.c.left_at.is_not(None), _STAY.c.id.desc())
)
