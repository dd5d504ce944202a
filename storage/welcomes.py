"""First words to new contacts, and what the bank's gate says of people."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, delete, func, select, update

from storage.rows import every, insert_for, insert_new, one, pick, values
from storage.tables.onboarding import GateCheck, Welcome
from storage.tables.people import Membership
from storage.tables.work import Outbox
from storage.types import table

_WELCOME = table(Welcome)
_CHECK = table(GateCheck)
_STAY = table(Membership)
_OUTBOX = table(Outbox)


@dataclass(frozen=True, slots=True)
class WelcomeRow:
    """Somebody who became a contact and can be greeted under a code."""

    code: str
    member: str
    staff: str
    state: str
    at: datetime


@dataclass(frozen=True, slots=True)
class CheckRow:
    """What is known of somebody at the gate."""

    member: str
    verdict: str
    answered_at: datetime | None
    next_at: datetime | None
    attempts: int
    reason: str

    def settled(self, now: datetime, cache: timedelta) -> str:
        """The verdict while it is fresh; empty: the gate must be asked (again)."""
        fresh = self.answered_at is not None and now < self.answered_at + cache
        return self.verdict if fresh else ""


def want(tx: Connection, rows: Iterable[WelcomeRow]) -> None:
    """New contacts with a welcome code, in the transaction that takes in the events."""
    insert_new(tx, _WELCOME, [values(row) for row in rows])


def waiting(tx: Connection, limit: int) -> list[WelcomeRow]:
    """Who waits for first words, the longest first."""
    query = pick(_WELCOME, WelcomeRow).where(_WELCOME.c.status == "waiting")
    return every(tx, query.order_by(_WELCOME.c.at, _WELCOME.c.code).limit(limit), WelcomeRow)


def settle(
    tx: Connection, code: str, status: str, reason: str = "", sent_at: datetime | None = None
) -> bool:
    """How a welcome ended, or that its letter is owed now; False if it was so already."""
    changed = update(_WELCOME).where(_WELCOME.c.code == code, _WELCOME.c.status != status)
    ended = changed.values(status=status, reason=reason, sent_at=sent_at)
    return tx.execute(ended).rowcount == 1


def delivered(tx: Connection) -> list[tuple[WelcomeRow, str, str, str, datetime]]:
    """Owed welcomes whose letter has come to an end: (welcome, the letter's status, its reason,
    its receipt, when)."""
    query = (
        pick(_WELCOME, WelcomeRow)
        .add_columns(_OUTBOX.c.status, _OUTBOX.c.reason, _OUTBOX.c.receipt, _OUTBOX.c.finished_at)
        .join(_OUTBOX, _OUTBOX.c.dedup_key == letter_key(_WELCOME.c.code))
        .where(_WELCOME.c.status == "owed", _OUTBOX.c.status.not_in(["pending", "sending"]))
        .order_by(_WELCOME.c.at, _WELCOME.c.code)
    )
    return [(WelcomeRow(*row[:5]), row[5], row[6], row[7], row[8]) for row in tx.execute(query)]


def letter_key(code: Any) -> Any:
    """The key of the letter that carries a welcome."""
    return "welcome/" + code


def sent_at(tx: Connection, member: str, staff: str) -> datetime | None:
    """When a member was greeted in a colleague's name last."""
    query = select(func.max(_WELCOME.c.sent_at))
    found: datetime | None = tx.execute(
        query.where(_WELCOME.c.member == member, _WELCOME.c.staff == staff)
    ).scalar()
    return found


def purge(tx: Connection, before: datetime) -> int:
    """Forgets welcomes of contacts made before; their codes were good for seconds."""
    return tx.execute(delete(_WELCOME).where(_WELCOME.c.at < before)).rowcount


# --- the gate ------------------------------------------------------------------------------------


def check_of(tx: Connection, member: str) -> CheckRow | None:
    """What is known of a member; None: nobody ever asked."""
    return one(tx, pick(_CHECK, CheckRow).where(_CHECK.c.member == member), CheckRow)


def checks_of(tx: Connection, members: Sequence[str]) -> dict[str, CheckRow]:
    """The same of several."""
    query = pick(_CHECK, CheckRow).where(_CHECK.c.member.in_(members))
    return {row.member: row for row in every(tx, query, CheckRow)}


def ask(tx: Connection, member: str, at: datetime) -> None:
    """The gate shall be asked about a member, or asked anew; sooner wins."""
    insert = insert_for(tx, _CHECK).values(member=member, next_at=at)
    tx.execute(insert.on_conflict_do_nothing())
    later = _CHECK.c.next_at.is_(None) | (_CHECK.c.next_at > at)
    tx.execute(update(_CHECK).where(_CHECK.c.member == member, later).values(next_at=at))


def latest_stay(tx: Connection) -> int:
    """The highest number of a stay."""
    return tx.execute(select(func.max(_STAY.c.id))).scalar() or 0


def ask_newcomers(tx: Connection, after: int, at: datetime) -> int:
    """Everybody present whose stay has a number above `after` and of whom nobody asked yet shall
    be asked. Returns the highest number looked at."""
    highest = latest_stay(tx)
    known = select(_CHECK.c.member).where(_CHECK.c.member == _STAY.c.member).exists()
    query = (
        select(_STAY.c.member)
        .where(_STAY.c.id > after, _STAY.c.id <= highest, _STAY.c.left_at.is_(None), ~known)
        .distinct()
    )
    insert_new(tx, _CHECK, [{"member": who, "next_at": at} for who in tx.execute(query).scalars()])
    return highest


def to_ask(tx: Connection, now: datetime, limit: int) -> list[CheckRow]:
    """Whom to ask about now, the longest waiting first."""
    query = pick(_CHECK, CheckRow).where(_CHECK.c.next_at.is_not(None), _CHECK.c.next_at <= now)
    return every(tx, query.order_by(_CHECK.c.next_at, _CHECK.c.member).limit(limit), CheckRow)


def next_ask(tx: Connection) -> datetime | None:
    """When the gate is to be asked next."""
    query = select(func.min(_CHECK.c.next_at)).where(_CHECK.c.next_at.is_not(None))
    found: datetime | None = tx.execute(query).scalar()
    return found


def answered(
    tx: Connection, member: str, verdict: str, now: datetime, next_at: datetime | None
) -> None:
    """The gate said `yes` or `no`; `next_at`: when to ask again."""
    told = {"verdict": verdict, "answered_at": now, "next_at": next_at, "reason": ""}
    insert = insert_for(tx, _CHECK).values(member=member, attempts=1, **told)
    tx.execute(
        insert.on_conflict_do_update(
            index_elements=["member"], set_={**told, "attempts": _CHECK.c.attempts + 1}
        )
    )


def unanswered(tx: Connection, member: str, reason: str, next_at: datetime) -> None:
    """The gate said nothing of use: what it said before stays."""
    told = {"next_at": next_at, "reason": reason}
    insert = insert_for(tx, _CHECK).values(member=member, attempts=1, **told)
    tx.execute(
        insert.on_conflict_do_update(
            index_elements=["member"], set_={**told, "attempts": _CHECK.c.attempts + 1}
        )
    )
