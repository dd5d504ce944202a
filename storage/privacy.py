"""Who opted out of being counted, who was shown the notice on personal data, who asked to be
erased."""

import hashlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, func, select

from storage.activity import Action
from storage.rows import every, insert_new, pick
from storage.tables.people import Member, Membership, Tag
from storage.tables.privacy import Erasure, ErasureRequest, Noticed, OptOut
from storage.types import table

OPT_OUT = table(OptOut)
_NOTICED = table(Noticed)
_REQUEST = table(ErasureRequest)
_TAG = table(Tag)
_MEMBER = table(Member)
_STAY = table(Membership)
_ERASURE = table(Erasure)
ALWAYS_COUNTED = frozenset({"checkin", "join", "leave"})


@dataclass(frozen=True, slots=True)
class RequestRow:
    """Somebody who asked to be erased."""

    member: str
    community: str
    at: datetime


def opt_out(tx: Connection, member: str, now: datetime) -> None:
    """The member is counted no longer; saying it again changes nothing."""
    insert_new(tx, OPT_OUT, [{"member": member, "at": now}])


def opt_in(tx: Connection, member: str) -> None:
    """The member is counted again."""
    tx.execute(delete(OPT_OUT).where(OPT_OUT.c.member == member))


def opted_out_at(tx: Connection, member: str) -> datetime | None:
    """Since when a member is not counted; None: they are."""
    query = select(OPT_OUT.c.at).where(OPT_OUT.c.member == member)
    at: datetime | None = tx.execute(query).scalar()
    return at


def opted_out(tx: Connection) -> set[str]:
    """Everybody who is not counted."""
    return set(tx.execute(select(OPT_OUT.c.member)).scalars())


def countable(tx: Connection, actions: Sequence[Action]) -> Sequence[Action]:
    """The actions without those of members who opted out. Who checks in asks for exactly that to
    be remembered, and coming and going is the group's own headcount: these stay."""
    members = {one.member for one in actions if one.kind not in ALWAYS_COUNTED}
    query = select(OPT_OUT.c.member).where(OPT_OUT.c.member.in_(members))
    out = set(tx.execute(query).scalars()) if members else set()
    return [one for one in actions if one.kind in ALWAYS_COUNTED or one.member not in out]


def notice(tx: Connection, members: Collection[str], now: datetime) -> None:
    """These were shown the notice."""
    insert_new(tx, _NOTICED, [{"member": one, "at": now} for one in members])


def noticed(tx: Connection, members: Collection[str]) -> set[str]:
    """Which of these were shown the notice."""
    query = select(_NOTICED.c.member).where(_NOTICED.c.member.in_(members))
    return set(tx.execute(query).scalars())


def ask_erasure(tx: Connection, member: str, community: str, now: datetime) -> None:
    """The member asks to be erased; asking again changes nothing."""
    insert_new(tx, _REQUEST, [{"member": member, "community": community, "at": now}])


def ask_again(tx: Connection, erased: Collection[str], now: datetime) -> None:
    """Those whom a restored backup has brought back, known by their hashes, wait to be erased."""
    if not erased:
        return
    stay = (_STAY.c.member == _MEMBER.c.id) & _STAY.c.left_at.is_(None)
    query = (
        select(_MEMBER.c.id, func.coalesce(func.min(_STAY.c.community), ""))
        .join_from(_MEMBER, _STAY, stay, isouter=True)
        .group_by(_MEMBER.c.id)
    )
    for member, community in tx.execute(query).all():
        if hash_of(member) in erased:
            ask_erasure(tx, member, community, now)


def take_back_erasure(tx: Connection, member: str) -> None:
    """The member asks no longer."""
    tx.execute(delete(_REQUEST).where(_REQUEST.c.member == member))


def erasure_asked_at(tx: Connection, member: str) -> datetime | None:
    """Since when a member waits to be erased."""
    query = select(_REQUEST.c.at).where(_REQUEST.c.member == member)
    at: datetime | None = tx.execute(query).scalar()
    return at


def requests(tx: Connection) -> list[RequestRow]:
    """Everybody who waits to be erased, longest first."""
    query = pick(_REQUEST, RequestRow).order_by(_REQUEST.c.at, _REQUEST.c.member)
    return every(tx, query, RequestRow)


def forgotten(tx: Connection, members: Collection[str]) -> set[str]:
    """Which of these were erased and have not come back by a deed of their own: what WeCom lists
    of them is not written down again."""
    erased = set(tx.execute(select(_ERASURE.c.member_hash).distinct()).scalars())
    if not erased:
        return set()
    gone = sorted(one for one in members if hash_of(one) in erased)
    back = select(_MEMBER.c.id).where(_MEMBER.c.id.in_(gone))
    return set(gone) - set(tx.execute(back).scalars())


def hash_of(member: str) -> str:
    """What stands for a member in proofs of erasure: whoever knows the id can find them."""
    return hashlib.sha256(f"qunyun erased {member}".encode()).hexdigest()


def rule_tags(tx: Connection, member: str) -> list[tuple[str, str]]:
    """(label, rule) of what rules put on a member, oldest first."""
    query = select(_TAG.c.tag, _TAG.c.added_by).where(
        _TAG.c.member == member,
        _TAG.c.removed_at.is_(None),
        _TAG.c.added_by.startswith("rule:", autoescape=True),
    )
    return [(tag, by) for tag, by in tx.execute(query.order_by(_TAG.c.id))]
