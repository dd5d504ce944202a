"""Which items of a content list a community has had."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, select

from storage.rows import every, insert_new, pick
from storage.tables.lists import UsedItem
from storage.types import table

_USED = table(UsedItem)


@dataclass(frozen=True, slots=True)
class UsedRow:
    """An item that a community has had."""

    community: str
    list: str
    item: str
    occurrence: str
    used_at: datetime


def use(
    tx: Connection, community: str, list: str, item: str, occurrence: str, now: datetime
) -> None:
    """Remembers that the community had the item; having had it before changes nothing."""
    row = {
        "community": community,
        "list": list,
        "item": item,
        "occurrence": occurrence,
        "used_at": now,
    }
    insert_new(tx, _USED, [row])


def give_back(tx: Connection, occurrence: str) -> None:
    """The RM decided against it: the community has not had what this occurrence used."""
    tx.execute(delete(_USED).where(_USED.c.occurrence == occurrence))


def used(tx: Connection, community: str, list: str) -> list[str]:
    """Ids of the items that the community has had, oldest first."""
    query = (
        select(_USED.c.item)
        .where(_USED.c.community == community, _USED.c.list == list)
        .order_by(_USED.c.used_at, _USED.c.item)
    )
    return [*tx.execute(query).scalars()]


def everything(tx: Connection) -> list[UsedRow]:
    """Every item that every community has had."""
    return every(tx, pick(_USED, UsedRow), UsedRow)
