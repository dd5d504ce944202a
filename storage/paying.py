"""The payer's desk: how often money was sent for, where this database lives, and whether it is
an older copy that must first be compared with the payer."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select, text, update

from storage.rows import insert_new, is_postgres, one, pick
from storage.tables.money import Paying
from storage.types import table

_PAYING = table(Paying)

RECONCILE = "reconcile"

_HOME = text(
    "SELECT (SELECT system_identifier FROM pg_control_system()) || '/' ||"
    " (SELECT timeline_id FROM pg_control_checkpoint()) || '/' ||"
    " (SELECT oid FROM pg_class WHERE oid = 'paying'::regclass)"
)


@dataclass(frozen=True, slots=True)
class PayingRow:
    """The desk as it stands."""

    submitted: int
    """Times that an order was sent to the payer."""
    home: str
    """Where the database lived when it was last looked at; see `home`."""
    mode: str
    """`normal`, or `reconcile`: nothing is paid, everything is asked about."""
    since: datetime | None
    reason: str


def state(tx: Connection) -> PayingRow:
    """The desk as it stands."""
    return one(tx, pick(_PAYING, PayingRow), PayingRow) or PayingRow(0, "", "normal", None, "")


def sent(tx: Connection) -> int:
    """Counts an order that is about to be sent; how many those are by now."""
    _present(tx)
    tx.execute(update(_PAYING).values(submitted=_PAYING.c.submitted + 1))
    count: int = tx.execute(select(_PAYING.c.submitted)).scalar_one()
    return count


def home(tx: Connection) -> str:
    """Where this database lives. A PostgreSQL that was restored has another cluster, timeline or
    table number than the one that wrote the rows; a SQLite file cannot tell (empty): there the
    count beside the file tells (`bot.restored`)."""
    if not is_postgres(tx):
        return ""
    found: str = tx.execute(_HOME).scalar_one()
    return found


def settle_at(tx: Connection, home: str) -> None:
    """Remembers where the database lives."""
    _present(tx)
    tx.execute(update(_PAYING).values(home=home))


def enter(tx: Connection, reason: str, now: datetime) -> None:
    """Nothing is paid from here on until everything was asked about."""
    _present(tx)
    tx.execute(update(_PAYING).values(mode=RECONCILE, since=now, reason=reason))


def leave(tx: Connection) -> bool:
    """Paying goes on. False if it had not stopped."""
    ends = update(_PAYING).where(_PAYING.c.mode == RECONCILE)
    return tx.execute(ends.values(mode="normal", since=None, reason="")).rowcount == 1


def _present(tx: Connection) -> None:
    insert_new(tx, _PAYING, [{"id": 1}])
