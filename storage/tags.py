"""Labels on members. Taking one off keeps the row: who labelled whom, why, and until when."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, update

from storage.rows import every, insert_one, pick
from storage.tables.people import Tag
from storage.types import table

_TAG = table(Tag)


@dataclass(frozen=True, slots=True)
class TagRow:
    """A label that a member wears."""

    tag: str
    reason: str
    added_by: str
    added_at: datetime


def add(tx: Connection, member: str, tag: str, by: str, reason: str, now: datetime) -> bool:
    """Labels a member; False if they wear the label already."""
    values = {"member": member, "tag": tag, "added_by": by, "reason": reason, "added_at": now}
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
