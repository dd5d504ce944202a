"""Weeks that are final, who was sent them, and what colleagues asked for."""

import hashlib
import json
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, delete, select

from storage.rows import every, insert_for, insert_new, insert_one, one, pick, values
from storage.tables.summaries import AskedSummary, KeptSummary, ToldSummary
from storage.types import table

_KEPT = table(KeptSummary)
_TOLD = table(ToldSummary)
_ASKED = table(AskedSummary)


class Damaged(Exception):
    """What is stored is not what was stored: the hash differs."""


@dataclass(frozen=True, slots=True)
class Kept:
    """A final week of a scope, or a correction of it."""

    week: date
    scope: str
    revision: int
    at: datetime
    sha256: str
    body: bytes

    @property
    def json(self) -> Any:
        """What was kept. Raises Damaged."""
        try:
            plain = zlib.decompress(self.body)
        except zlib.error as error:
            raise Damaged(f"{self.week} {self.scope} #{self.revision}") from error
        if hashlib.sha256(plain).hexdigest() != self.sha256:
            raise Damaged(f"{self.week} {self.scope} #{self.revision}")
        return json.loads(plain)


@dataclass(frozen=True, slots=True)
class Told:
    """Somebody was sent a week, and corrections up to `revision`."""

    week: date
    staff: str
    scope: str
    revision: int
    at: datetime


@dataclass(frozen=True, slots=True)
class Asked:
    """Somebody waits for a week in one form."""

    id: int
    staff: str
    week: date
    scope: str
    form: str
    at: datetime
    origin: str
    """Key of what was being handled when it was asked for."""


def hash_of(json_: Mapping[str, Any]) -> str:
    """The hash by which two snapshots are the same."""
    return hashlib.sha256(_plain(json_)).hexdigest()


def keep(
    tx: Connection,
    week: date,
    scope: str,
    json_: Mapping[str, Any],
    at: datetime,
    revision: int = 0,
) -> bool:
    """Keeps a week for ever; False if this revision of it is there already, and stays."""
    plain = _plain(json_)
    row = Kept(week, scope, revision, at, hashlib.sha256(plain).hexdigest(), zlib.compress(plain))
    return insert_new(tx, _KEPT, [values(row)]) > 0


def _plain(json_: Mapping[str, Any]) -> bytes:
    return json.dumps(json_, ensure_ascii=False, separators=(",", ":")).encode()


def get(tx: Connection, week: date, scope: str) -> Kept | None:
    """A final week with its corrections: the newest revision; None while it is not final."""
    query = (
        pick(_KEPT, Kept)
        .where(_KEPT.c.week == week, _KEPT.c.scope == scope)
        .order_by(_KEPT.c.revision.desc())
        .limit(1)
    )
    return one(tx, query, Kept)


def history(tx: Connection, week: date, scope: str) -> Sequence[Kept]:
    """As it became final, then every correction."""
    query = (
        pick(_KEPT, Kept)
        .where(_KEPT.c.week == week, _KEPT.c.scope == scope)
        .order_by(_KEPT.c.revision)
    )
    return every(tx, query, Kept)


def final_scopes(tx: Connection, week: date) -> set[str]:
    """The scopes of which the week is final."""
    query = select(_KEPT.c.scope).where(_KEPT.c.week == week, _KEPT.c.revision == 0)
    return set(tx.execute(query).scalars())


def weeks(tx: Connection, scope: str, most: int) -> Sequence[date]:
    """The newest weeks of a scope that are final, newest first."""
    query = (
        select(_KEPT.c.week)
        .where(_KEPT.c.scope == scope, _KEPT.c.revision == 0)
        .order_by(_KEPT.c.week.desc())
        .limit(most)
    )
    return list(tx.execute(query).scalars())


def tell(tx: Connection, row: Told) -> None:
    """Somebody has been sent a week up to a revision."""
    given = values(row)
    insert = insert_for(tx, _TOLD).values(**given)
    tx.execute(insert.on_conflict_do_update(index_elements=["week", "staff"], set_=given))


def told(tx: Connection, week: date) -> Mapping[str, Told]:
    """Who was sent a week, by colleague, in the order of their ids."""
    query = pick(_TOLD, Told).where(_TOLD.c.week == week).order_by(_TOLD.c.staff)
    rows = every(tx, query, Told)
    return {row.staff: row for row in rows}


def ask(
    tx: Connection, staff: str, week: date, scope: str, form: str, origin: str, at: datetime
) -> None:
    """A colleague waits for a week; the same asked for twice while it is made is one wish."""
    given = {"staff": staff, "week": week, "scope": scope, "form": form}
    same = [_ASKED.c[name] == value for name, value in given.items()]
    if tx.execute(select(_ASKED.c.id).where(*same).limit(1)).first() is None:
        insert_one(tx, _ASKED, {**given, "at": at, "origin": origin})


def asked(tx: Connection, most: int) -> Sequence[Asked]:
    """What colleagues wait for, oldest first."""
    return every(tx, pick(_ASKED, Asked).order_by(_ASKED.c.id).limit(most), Asked)


def answered(tx: Connection, id: int) -> bool:
    """The wish is gone; False if another process was first."""
    return tx.execute(delete(_ASKED).where(_ASKED.c.id == id)).rowcount > 0
