"""To whom private messages went, so that nobody is written to too often."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, delete, func, select

from storage.rows import insert_new
from storage.tables.contacts import PrivateMessage
from storage.tables.people import Membership
from storage.types import table

_SENT = table(PrivateMessage)
_STAY = table(Membership)


def add(
    tx: Connection, members: Sequence[str], occurrence: str, now: datetime, variant: str = ""
) -> None:
    """The members are among those whom an occurrence writes to, in one of its variants if it has
    any; known ones stay as they are."""
    common = {"occurrence": occurrence, "at": now, "variant": variant}
    rows = [{"member": one, **common} for one in members]
    insert_new(tx, _SENT, rows)


def withdraw(tx: Connection, occurrence: str) -> None:
    """The RM decided against it: nobody was written to."""
    tx.execute(delete(_SENT).where(_SENT.c.occurrence == occurrence))


def last(tx: Connection, community: str) -> dict[str, datetime]:
    """When each present member of a community was last written to, by whichever community's RM;
    those who never were are left out."""
    query = (
        select(_SENT.c.member, func.max(_SENT.c.at))
        .join(_STAY, _STAY.c.member == _SENT.c.member)
        .where(_STAY.c.community == community, _STAY.c.left_at.is_(None))
        .group_by(_SENT.c.member)
    )
    return dict(tx.execute(query).all())


def times(tx: Connection, community: str, since: datetime) -> dict[str, int]:
    """How often each present member of a community was written to since an instant, by whichever
    community's RM; those who were not are left out."""
    query = (
        select(_SENT.c.member, func.count())
        .join(_STAY, _STAY.c.member == _SENT.c.member)
        .where(
            _STAY.c.community == community,
            _STAY.c.left_at.is_(None),
            _SENT.c.at >= since,
        )
        .group_by(_SENT.c.member)
    )
    return dict(tx.execute(query).all())
