"""Customer groups as WeCom has them, and the differences that readings mended."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, select, update

from storage import people
from storage.rows import every, insert_all, insert_for, insert_new, one, pick, values
from storage.tables.customers import GroupState, Repair
from storage.tables.people import Member, Membership
from storage.types import table

_GROUP = table(GroupState)
_REPAIR = table(Repair)
_STAY = table(Membership)
_MEMBER = table(Member)
_CHUNK = 500


@dataclass(frozen=True, slots=True)
class GroupRow:
    """A customer group as it was read last."""

    chat_id: str
    community: str
    """Empty: not configured."""
    owner: str
    name: str
    version: str
    members: int
    status: int
    read_at: datetime | None
    dismissed_at: datetime | None


@dataclass(frozen=True, slots=True)
class Mended:
    """A difference that a reading found."""

    kind: str
    """join, leave, group_name, group_owner, dismissed, contact, contact_end."""
    subject: str
    member: str = ""
    detail: str = ""


def group(tx: Connection, chat_id: str) -> GroupRow | None:
    """What is known of a group; None if nothing is."""
    return one(tx, pick(_GROUP, GroupRow).where(_GROUP.c.chat_id == chat_id), GroupRow)


def groups(tx: Connection) -> list[GroupRow]:
    """Every known group, by its id."""
    return every(tx, pick(_GROUP, GroupRow).order_by(_GROUP.c.chat_id), GroupRow)


def owner_of(tx: Connection, community: str) -> str:
    """The userid of the group's owner as WeCom has it; empty while it was never read. The sender
    of a group's 企业群发 is this one, whatever configuration says."""
    query = select(_GROUP.c.owner).where(
        _GROUP.c.community == community, _GROUP.c.dismissed_at.is_(None)
    )
    return tx.execute(query).scalar() or ""


def keep(tx: Connection, row: GroupRow) -> None:
    """What a reading found. Of several groups with one community's name the latest is its own."""
    if row.community:
        former = update(_GROUP).where(
            _GROUP.c.community == row.community, _GROUP.c.chat_id != row.chat_id
        )
        tx.execute(former.values(community=""))
    new = values(row)
    insert = insert_for(tx, _GROUP).values(new)
    tx.execute(insert.on_conflict_do_update(index_elements=["chat_id"], set_=new))


def advance(tx: Connection, chat_id: str, last: str, version: str) -> bool:
    """A callback leads from one version of the member list to the next. False unless we had the
    one or have the other already: then the group must be read again."""
    ours = update(_GROUP).where(_GROUP.c.chat_id == chat_id, _GROUP.c.version.in_((last, version)))
    return tx.execute(ours.values(version=version)).rowcount == 1


def dismiss(tx: Connection, chat_id: str, community: str, at: datetime) -> bool:
    """The group exists no more. False if that was known."""
    insert_new(tx, _GROUP, [{"chat_id": chat_id, "community": community}])
    alive = update(_GROUP).where(_GROUP.c.chat_id == chat_id, _GROUP.c.dismissed_at.is_(None))
    return tx.execute(alive.values(dismissed_at=at)).rowcount == 1


def unheard_of(tx: Connection, chats: Collection[str]) -> set[str]:
    """Those of which nothing is known."""
    known = set(tx.execute(select(_GROUP.c.chat_id)).scalars())
    return set(chats) - known


def discover(tx: Connection, chats: Collection[str]) -> set[str]:
    """Notes groups that configuration does not know. Returns those never heard of before."""
    new = unheard_of(tx, chats)
    insert_new(tx, _GROUP, [{"chat_id": one} for one in sorted(new)])
    return new


def set_status(tx: Connection, statuses: Mapping[str, int]) -> dict[str, int]:
    """WeCom's word about the owners of configured groups. Returns the changes."""
    rows = tx.execute(
        select(_GROUP.c.chat_id, _GROUP.c.status).where(
            _GROUP.c.chat_id.in_(statuses.keys()), _GROUP.c.community != ""
        )
    ).all()
    changed = {chat: statuses[chat] for chat, status in rows if statuses[chat] != status}
    for chat, status in changed.items():
        tx.execute(update(_GROUP).where(_GROUP.c.chat_id == chat).values(status=status))
    return changed


def joined_at(tx: Connection, community: str) -> dict[str, datetime]:
    """Since when present members are there."""
    query = select(_STAY.c.member, _STAY.c.joined_at).where(
        _STAY.c.community == community, _STAY.c.left_at.is_(None)
    )
    return dict(tx.execute(query).all())


def arrive(
    tx: Connection, community: str, newcomers: Mapping[str, tuple[str, datetime]], via: str
) -> None:
    """Members (name, since when) are present who were not: a whole group at once."""
    if not newcomers:
        return
    insert_new(
        tx,
        _MEMBER,
        [{"id": one, "name": name, "first_seen": at} for one, (name, at) in newcomers.items()],
    )
    for start in range(0, len(newcomers), _CHUNK):
        ids = list(newcomers)[start : start + _CHUNK]
        known = tx.execute(select(_MEMBER.c.id, _MEMBER.c.name).where(_MEMBER.c.id.in_(ids)))
        for known_id, name in known.all():
            if newcomers[known_id][0] and newcomers[known_id][0] != name:
                people.rename(tx, known_id, newcomers[known_id][0])
    insert_new(
        tx,
        _STAY,
        [
            {"community": community, "member": one, "joined_at": at, "via": via}
            for one, (_, at) in newcomers.items()
        ],
    )


def correct_joined_at(tx: Connection, community: str, instants: Mapping[str, datetime]) -> None:
    """WeCom's own word about when present members came."""
    for member, at in instants.items():
        tx.execute(
            update(_STAY)
            .where(
                _STAY.c.community == community,
                _STAY.c.member == member,
                _STAY.c.left_at.is_(None),
            )
            .values(joined_at=at)
        )


def invitors(tx: Connection, community: str) -> dict[str, str]:
    """The colleagues who invited present members, by member, as far as WeCom told."""
    query = select(_STAY.c.member, _STAY.c.invitor).where(
        _STAY.c.community == community, _STAY.c.left_at.is_(None), _STAY.c.invitor != ""
    )
    return dict(tx.execute(query).all())


def invited_by(tx: Connection, community: str, invitors: Mapping[str, str]) -> None:
    """WeCom's word about who invited present members."""
    for member, invitor in invitors.items():
        present = (_STAY.c.member == member, _STAY.c.left_at.is_(None))
        here = update(_STAY).where(_STAY.c.community == community, *present)
        tx.execute(here.values(invitor=invitor))


def invitor_of(tx: Connection, community: str, member: str) -> str:
    """The colleague who invited a present member; empty: nobody known."""
    query = select(_STAY.c.invitor).where(
        _STAY.c.community == community, _STAY.c.member == member, _STAY.c.left_at.is_(None)
    )
    return tx.execute(query).scalar() or ""


def mended(tx: Connection, found: Iterable[Mended], at: datetime) -> None:
    """Keeps what a reading found: each stands for a callback that was lost."""
    insert_all(tx, _REPAIR, [values(one) | {"at": at} for one in found])


def repairs(tx: Connection) -> dict[str, int]:
    """How many differences were ever mended, by kind."""
    query = select(_REPAIR.c.kind, func.count()).group_by(_REPAIR.c.kind)
    return {kind: int(count) for kind, count in tx.execute(query)}
