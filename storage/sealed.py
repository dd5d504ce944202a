"""Which fields are stored sealed, and sealing them anew with another key."""

from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import Connection, func, select, update

from storage.rows import for_change
from storage.tables import METADATA


@dataclass(frozen=True, slots=True)
class Sealed:
    """A column whose values are sealed, bound to their table, column and `row`."""

    table: str
    column: str
    row: tuple[str, ...]
    """Columns that never change and name the row."""
    blind: str = ""
    """The column with the keyed hash of the same value, if there is one."""


SEALED = (Sealed("lead", "phone", ("list", "line"), "phone_hash"),)

Anew = Callable[[str, Sealed, tuple[object, ...]], tuple[str, str]]
"""(sealed value, field, row) → (sealed anew, its keyed hash). Raises what makes it impossible."""


def reseal(tx: Connection, field: Sealed, fresh: str, anew: Anew, limit: int) -> int:
    """Seals at most `limit` values of a field that do not begin with `fresh` anew. Returns how
    many."""
    place = METADATA.tables[field.table]
    keys = list(place.primary_key.columns)
    sealed = place.c[field.column]
    old = (sealed != "") & ~sealed.startswith(fresh, autoescape=True)
    rows = [place.c[one] for one in field.row]
    query = select(*keys, *rows, sealed).where(old).order_by(*keys).limit(limit)
    found = tx.execute(for_change(tx, query)).all()
    for row in found:
        key, names, value = row[: len(keys)], tuple(row[len(keys) : -1]), row[-1]
        again, blind = anew(value, field, names)
        new = {field.column: again} | ({field.blind: blind} if field.blind else {})
        mine = [column == one for column, one in zip(keys, key, strict=True)]
        tx.execute(update(place).where(*mine).values(new))
    return len(found)


def stale(tx: Connection, fresh: str) -> int:
    """How many values are sealed, but not with the key that `fresh` names."""
    number = 0
    for field in SEALED:
        place = METADATA.tables[field.table]
        sealed = place.c[field.column]
        old = (sealed != "") & ~sealed.startswith(fresh, autoescape=True)
        number += tx.execute(select(func.count()).select_from(place).where(old)).scalar_one()
    return number
