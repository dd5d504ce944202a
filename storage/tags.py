"""Labels on members. Taking one off keeps the row: who labelled whom, why, and until when."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Connection, select, update

from storage.rows import every, insert_one, pick
from storage.tables.people import Membership, Tag
from storage.types import table

_TAG = table(Tag)
_STAY = table(Membership)


@dataclass(frozen=True, slots=True)
class TagRow:
    """A label that a member wears."""

    tag: str
    reason: str
    added_by: str
    added_at: datetime
    source: str
    """rule, step, staff, wecom."""
    expires_on: date | None
    """Local day on which it is taken off."""


def add(
    tx: Connection,
    member: str,
    tag: str,
    by: str,
    reason: str,
    now: datetime,
    *,
    source: str = "staff",
    expires_on: date | None = None,
) -> bool:
    """Labels a member; False if they wear the label already."""
    values = {
        "member": member,
        "tag": tag,
        "added_by": by,
        "reason": reason,
        "added_at": now,
        "source": source,
        "expires_on": expires_on,
    }
    return insert_one(tx, _TAG, values) is not None


def remove(tx: Connection, member: str, tag: str, by: str, now: datetime) -> bool:
    """Takes a label off; False if the member does not wear it."""
    worn = (_TAG.c.member == member, _TAG.c.tag == tag, _TAG.c.removed_at.is_(None))
    off = update(_TAG).where(*worn).values(removed_by=by, removed_at=now)
    return tx.execute(off).rowcount == 1


def of(tx: Connection, member: str) -> list[TagRow]:
    """The labels that a member wears, oldest first."""
    query = pick(_TAG, TagRow).where(_TAG.c.member == member, _TAG.c.removed_at.is_(None))
    return every(tx, query.order_by(_TAG.c.id), TagRow)


def expired(tx: Connection, community: str, day: date) -> list[tuple[str, str, str]]:
    """(member, label, who put it on) of labels on present members of a community that are over on
    a local day, in order."""
    query = (
        select(_TAG.c.member, _TAG.c.tag, _TAG.c.added_by)
        .join(_STAY, _STAY.c.member == _TAG.c.member)
        .where(
            _STAY.c.community == community,
            _STAY.c.left_at.is_(None),
            _TAG.c.expires_on <= day,
            _TAG.c.removed_at.is_(None),
        )
    )
    rows = tx.execute(query.order_by(_TAG.c.member, _TAG.c.tag))
    return [(member, tag, by) for member, tag, by in rows]


def wearing(tx: Connection, community: str, tag: str) -> dict[str, str]:
    """Who put the label on the present members of a community that wear it."""
    query = (
        select(_TAG.c.member, _TAG.c.added_by)
        .join(_STAY, _STAY.c.member == _TAG.c.member)
        .where(
            _STAY.c.community == community,
            _STAY.c.left_at.is_(None),
            _TAG.c.tag == tag,
            _TAG.c.removed_at.is_(None),
        )
    )
    return dict(tx.execute(query).all())


def taken_off(tx: Connection, community: str, tag: str, since: datetime) -> dict[str, set[str]]:
    """Who took the label off the present members of a community since an instant."""
    query = (
        select(_TAG.c.member, _TAG.c.removed_by)
        .join(_STAY, _STAY.c.member == _TAG.c.member)
        .where(
            _STAY.c.community == community,
            _STAY.c.left_at.is_(None),
            _TAG.c.tag == tag,
            _TAG.c.removed_at > since,
        )
    )
    found: dict[str, set[str]] = {}
    for member, by in tx.execute(query):
        found.setdefault(member, set()).add(by)
    return found
