"""Members' consent to the activity terms: every word of theirs is kept, the latest counts."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select

from storage.rows import every, insert_one, one, pick
from storage.tables.consent import Consent
from storage.types import table

_CONSENT = table(Consent)


@dataclass(frozen=True, slots=True)
class ConsentRow:
    """What a member said about one version of the terms, and when."""

    version: str
    given: bool
    at: datetime


def say(tx: Connection, member: str, version: str, given: bool, now: datetime) -> None:
    """Adds the member's word; repeating the last one adds nothing."""
    last = latest(tx, member)
    if last is None or (last.version, last.given) != (version, given):
        row = {"member": member, "version": version, "given": given, "at": now}
        insert_one(tx, _CONSENT, row)


def latest(tx: Connection, member: str) -> ConsentRow | None:
    """The word that counts; None from who never said anything."""
    query = pick(_CONSENT, ConsentRow).where(_CONSENT.c.member == member)
    return one(tx, query.order_by(_CONSENT.c.id.desc()).limit(1), ConsentRow)


def history(tx: Connection, member: str) -> list[ConsentRow]:
    """Everything that the member said, oldest first."""
    columns = (_CONSENT.c.version, _CONSENT.c.given, _CONSENT.c.at)
    query = select(*columns).where(_CONSENT.c.member == member).order_by(_CONSENT.c.id)
    return every(tx, query, ConsentRow)
