"""Who is whose contact: what makes a member a customer."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import Connection, select, update

from storage.rows import insert_for
from storage.tables.referrals import Relation
from storage.types import table

_RELATION = table(Relation)


def begin(tx: Connection, staff: str, member: str, state: str, at: datetime) -> None:
    """They are contacts from now on; those who are stay so since when they were."""
    values = {"state": state, "since": at, "ended_at": None}
    insert = insert_for(tx, _RELATION).values(staff=staff, member=member, **values)
    tx.execute(
        insert.on_conflict_do_update(
            index_elements=["member", "staff"],
            set_=values,
            where=_RELATION.c.ended_at.is_not(None),
        )
    )


def end(tx: Connection, staff: str, member: str, at: datetime) -> bool:
    """They are contacts no longer; False if they were none."""
    ended = update(_RELATION).where(
        _RELATION.c.staff == staff,
        _RELATION.c.member == member,
        _RELATION.c.ended_at.is_(None),
    )
    return tx.execute(ended.values(ended_at=at)).rowcount == 1


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


def reconcile(
    tx: Connection, staff: str, members: Collection[str], at: datetime
) -> tuple[int, int]:
    """WeCom says whom a colleague has as contacts. Returns how many were new, and how many were
    none any longer."""
    known, wanted = contacts_of(tx, staff), set(members)
    for member in sorted(wanted - known):
        begin(tx, staff, member, "", at)
    for member in sorted(known - wanted):
        end(tx, staff, member, at)
    return len(wanted - known), len(known - wanted)
