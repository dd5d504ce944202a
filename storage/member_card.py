"""What a card or a table tells of members beside what others ask too."""

from collections.abc import Collection
from datetime import date, datetime

from sqlalchemy import Connection, func, select

from storage.selection import BESIDES
from storage.tables.people import Daily, Membership, Tag
from storage.types import table

_DAILY = table(Daily)
_STAY = table(Membership)
_TAG = table(Tag)


def actions(
    tx: Connection, member: str, communities: Collection[str], first: date
) -> dict[date, int]:
    """How often the member did something since a local day, by day."""
    query = (
        select(_DAILY.c.day, func.sum(_DAILY.c.n))
        .where(
            _DAILY.c.community.in_(communities),
            _DAILY.c.member == member,
            _DAILY.c.day >= first,
            _DAILY.c.kind.not_in(BESIDES),
        )
        .group_by(_DAILY.c.day)
    )
    return {day: int(n) for day, n in tx.execute(query)}


def last_action(
    tx: Connection, member: str, communities: Collection[str], first: date
) -> datetime | None:
    """When the member last did something; None for who did nothing since a local day."""
    query = select(func.max(_DAILY.c.last_at)).where(
        _DAILY.c.community.in_(communities),
        _DAILY.c.member == member,
        _DAILY.c.day >= first,
        _DAILY.c.kind.not_in(BESIDES),
    )
    at: datetime | None = tx.execute(query).scalar()
    return at


def labels(tx: Connection, community: str) -> dict[str, list[str]]:
    """What the present members of a community wear, oldest first."""
    here = select(_STAY.c.member).where(_STAY.c.community == community, _STAY.c.left_at.is_(None))
    query = select(_TAG.c.member, _TAG.c.tag).where(
        _TAG.c.removed_at.is_(None), _TAG.c.member.in_(here)
    )
    found: dict[str, list[str]] = {}
    for member, tag in tx.execute(query.order_by(_TAG.c.id)):
        found.setdefault(member, []).append(tag)
    return found
