"""The message archive: until where it was read, and whose messages may be counted."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import Connection, select

from storage.rows import insert_for
from storage.tables.customers import ArchiveConsent, ArchiveCursor
from storage.types import table

_CONSENT = table(ArchiveConsent)
_CURSOR = table(ArchiveCursor)


def agree(tx: Connection, member: str, agreed: bool, at: datetime) -> None:
    """A member's word about the archive. One that is older than the last known is nothing."""
    word = {"agreed": agreed, "at": at}
    insert = insert_for(tx, _CONSENT).values(member=member, **word)
    tx.execute(
        insert.on_conflict_do_update(
            index_elements=["member"], set_=word, where=_CONSENT.c.at <= at
        )
    )


def asked(tx: Connection, members: Collection[str]) -> dict[str, bool]:
    """Who of these has said whether they agree, and what."""
    query = select(_CONSENT.c.member, _CONSENT.c.agreed).where(_CONSENT.c.member.in_(members))
    return dict(tx.execute(query).all())


def cursor(tx: Connection) -> int:
    """The number of the last record that was taken; 0: none yet."""
    return tx.execute(select(_CURSOR.c.seq)).scalar() or 0


def move_cursor(tx: Connection, seq: int, at: datetime) -> None:
    """Everything up to this record was taken, in this transaction."""
    word = {"seq": seq, "at": at}
    insert = insert_for(tx, _CURSOR).values(id=1, **word)
    tx.execute(insert.on_conflict_do_update(index_elements=["id"], set_=word))
