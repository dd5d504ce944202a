"""Who did what to what, and how to take it back. Rows are only added and marked undone."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert, update

from storage.rows import every, one, pick
from storage.tables.work import Audit
from storage.types import table

_AUDIT = table(Audit)


@dataclass(frozen=True, slots=True)
class AuditRow:
    """One deed."""

    id: int
    at: datetime
    actor: str
    action: str
    subject: str
    detail: str
    undo: list[dict[str, Any]]
    """Effects as JSON that take the deed back; empty when nothing does."""
    undone_at: datetime | None


def append(
    tx: Connection,
    *,
    actor: str,
    action: str,
    subject: str,
    detail: str,
    undo: Sequence[dict[str, Any]],
    now: datetime,
) -> int:
    """Writes a deed down and returns its id."""
    row = {
        "at": now,
        "actor": actor,
        "action": action,
        "subject": subject,
        "detail": detail,
        "undo": list(undo),
        "undoable": bool(undo),
    }
    return int(tx.execute(insert(_AUDIT).values(row).returning(_AUDIT.c.id)).scalar_one())


def note(tx: Connection, actor: str, action: str, subject: str, detail: str, now: datetime) -> None:
    """Writes down a deed that nothing takes back."""
    append(tx, actor=actor, action=action, subject=subject, detail=detail, undo=(), now=now)


def last_undoable(tx: Connection, actor: str) -> AuditRow | None:
    """The actor's latest deed that can be taken back and has not been."""
    query = pick(_AUDIT, AuditRow).where(
        _AUDIT.c.actor == actor, _AUDIT.c.undoable, _AUDIT.c.undone_at.is_(None)
    )
    return one(tx, query.order_by(_AUDIT.c.id.desc()).limit(1), AuditRow)


def mark_undone(tx: Connection, id: int, now: datetime) -> bool:
    """A deed has been taken back; False if it was already."""
    still = (_AUDIT.c.id == id, _AUDIT.c.undone_at.is_(None))
    return tx.execute(update(_AUDIT).where(*still).values(undone_at=now)).rowcount == 1


def deeds(tx: Connection, actor: str, action: str, since: datetime) -> list[AuditRow]:
    """What one person did of one kind since an instant, newest first."""
    query = pick(_AUDIT, AuditRow).where(
        _AUDIT.c.actor == actor, _AUDIT.c.action == action, _AUDIT.c.at > since
    )
    return every(tx, query.order_by(_AUDIT.c.id.desc()), AuditRow)


def listing(tx: Connection, actor: str | None = None, limit: int = 100) -> list[AuditRow]:
    """Deeds, newest first."""
    query = pick(_AUDIT, AuditRow).order_by(_AUDIT.c.id.desc()).limit(limit)
    if actor is not None:
        query = query.where(_AUDIT.c.actor == actor)
    return every(tx, query, AuditRow)
