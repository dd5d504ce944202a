"""Practice rounds of colleagues."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete

from storage.rows import insert_for, one, pick, values
from storage.tables.practices import Practice
from storage.types import table

_PRACTICE = table(Practice)


@dataclass(frozen=True, slots=True)
class PracticeRow:
    """One round, as `storage.tables.practices` explains it."""

    staff: str
    game: str
    options: dict[str, Any]
    state: dict[str, Any]
    seed: str
    began_at: datetime
    clock_at: datetime
    next_at: datetime | None
    prompt: str
    prompt_at: datetime
    kept_at: datetime


def keep(tx: Connection, row: PracticeRow) -> None:
    """A colleague's round stands like this from now on; another one of theirs is forgotten."""
    given = values(row)
    insert = insert_for(tx, _PRACTICE).values(**given)
    tx.execute(insert.on_conflict_do_update(index_elements=["staff"], set_=given))


def of(tx: Connection, staff: str) -> PracticeRow | None:
    """The round that a colleague practises."""
    return one(tx, pick(_PRACTICE, PracticeRow).where(_PRACTICE.c.staff == staff), PracticeRow)


def end(tx: Connection, staff: str) -> None:
    """Nothing stays of it."""
    tx.execute(delete(_PRACTICE).where(_PRACTICE.c.staff == staff))
