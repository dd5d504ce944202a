"""What RMs are asked to send, and what became of it.

waiting ──WeCom took the task──► open ──► sent | capped | expired
   └──refused──► open, by hand (way `card`)      skipped, cancelled: a person decided

`next_at` is when somebody must look again; a settled row has none. `withdraw` names tasks that
WeCom still holds although nobody wants them any more.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, and_, case, delete, exists, func, or_, select, update
from sqlalchemy.sql import ColumnElement

from storage.rows import every, for_change, insert_all, insert_for, one, pick
from storage.tables.assist_tasks import AssistReceiver, AssistTask
from storage.tables.people import Membership
from storage.tables.work import Outbox
from storage.types import table

CHANNEL = "group_task"
"""The channel whose letters become tasks; the receipt is WeCom's msgid."""

_TASK = table(AssistTask)
_RECEIVER = table(AssistReceiver)
_OUTBOX = table(Outbox)
_STAY = table(Membership)


@dataclass(frozen=True, slots=True)
class NewTask:
    """An occurrence whose RM shall send it."""

    occurrence: str
    community: str
    owner: str
    title: str
    way: str
    """task: WeCom's group-send; card: by hand, from a script."""
    single: bool
    """To customers one by one; else into the group."""
    due_at: datetime
    window_ends_at: datetime
    """Until then it counts as on time."""
    ends_at: datetime
    """Then it is withdrawn."""


@dataclass(frozen=True, slots=True)
class TaskRow:
    """An occurrence that its RM sends."""

    occurrence: str
    community: str
    owner: str
    title: str
    way: str
    single: bool
    msgid: str
    withdraw: str
    """msgids, with spaces between, of tasks that are to be cancelled."""
    status: str
    due_at: datetime
    window_ends_at: datetime
    ends_at: datetime
    asked_at: datetime | None
    """When the RM was asked."""
    reminded_at: datetime | None
    reminders: int
    confirmed_at: datetime | None
    sent_at: datetime | None
    on_time: bool | None
    capped: bool
    skipped_reason: str
    escalated_at: datetime | None
    cancelled_at: datetime | None
    again_at: datetime | None
    """A task that was put off is made anew then."""
    next_at: datetime | None


@dataclass(frozen=True, slots=True)
class Tally:
    """Numbers of the tasks that were due in a span. Those a person skipped or put off for good
    are not due; what was sent above WeCom's cap counts as capped, not as sent."""

    due: int
    reminded: int
    """The RM was asked, of those that were due."""
    confirmed: int
    sent: int
    on_time: int
    late: int
    capped: int
    skipped: int
    expired: int
    escalated: int


def add(tx: Connection, new: NewTask, members: Sequence[str], now: datetime) -> None:
    """The RM is to be asked. An occurrence that is carried out once more begins anew; a task of
    before, if WeCom still holds it, is to be cancelled."""
    first = {name: getattr(new, name) for name in new.__dataclass_fields__}
    fresh = {
        **first,
        "msgid": "",
        "withdraw": "",
        "status": "waiting",
        "asked_at": None,
        "reminded_at": None,
        "reminders": 0,
        "confirmed_at": None,
        "sent_at": None,
        "on_time": None,
        "capped": False,
        "skipped_reason": "",
        "escalated_at": None,
        "cancelled_at": None,
        "again_at": None,
        "next_at": now,
    }
    insert = insert_for(tx, _TASK).values(fresh)
    held = _held()
    anew = {name: value for name, value in fresh.items() if name != "occurrence"}
    tx.execute(
        insert.on_conflict_do_update(index_elements=["occurrence"], set_={**anew, "withdraw": held})
    )
    tx.execute(delete(_RECEIVER).where(_RECEIVER.c.occurrence == new.occurrence))
    rows = [{"occurrence": new.occurrence, "member": each} for each in members]
    insert_all(tx, _RECEIVER, [{**row, "status": "waiting"} for row in rows])


def get(tx: Connection, occurrence: str) -> TaskRow | None:
    """What is known of an occurrence; None where its RM was not asked."""
    return one(tx, pick(_TASK, TaskRow).where(_TASK.c.occurrence == occurrence), TaskRow)


def lock(tx: Connection, occurrence: str) -> TaskRow | None:
    """The same, held against other processes until commit."""
    query = pick(_TASK, TaskRow).where(_TASK.c.occurrence == occurrence)
    return one(tx, for_change(tx, query), TaskRow)


def between(
    tx: Connection, communities: Collection[str], from_: datetime, until: datetime
) -> dict[str, TaskRow]:
    """The tasks of communities that are due in [from_, until), by occurrence."""
    query = pick(_TASK, TaskRow).where(*_span(communities, from_, until))
    return {row.occurrence: row for row in every(tx, query, TaskRow)}


def due(tx: Connection, now: datetime, limit: int) -> list[TaskRow]:
    """What is to be looked at now, the oldest first. A task whose letter is still on its way is
    left alone."""
    query = pick(_TASK, TaskRow).where(_TASK.c.next_at <= now, ~_on_its_way())
    return every(tx, query.order_by(_TASK.c.next_at, _TASK.c.occurrence).limit(limit), TaskRow)


def open_tasks(tx: Connection) -> list[TaskRow]:
    """Tasks that WeCom holds and that nobody has confirmed, oldest first."""
    waits = (_TASK.c.next_at.is_not(None), _TASK.c.status == "open", _TASK.c.way == "task")
    query = pick(_TASK, TaskRow).where(*waits)
    return every(tx, query.order_by(_TASK.c.due_at, _TASK.c.occurrence), TaskRow)


def unanswered(tx: Connection, now: datetime) -> list[TaskRow]:
    """What the RM was asked and did not confirm within the window, as far as no manager was told,
    by RM and time."""
    task = _TASK.c
    query = pick(_TASK, TaskRow).where(
        task.next_at.is_not(None),
        task.status.in_(("open", "expired")),
        task.asked_at.is_not(None),
        task.escalated_at.is_(None),
        task.window_ends_at <= now,
    )
    return every(tx, query.order_by(task.owner, task.due_at, task.occurrence), TaskRow)


def next_due(tx: Connection) -> datetime | None:
    """When somebody must look again; past instants mean now."""
    query = select(func.min(_TASK.c.next_at)).where(~_on_its_way())
    at: datetime | None = tx.execute(query).scalar()
    return at


def change(tx: Connection, occurrence: str, statuses: Collection[str], **values: Any) -> bool:
    """Changes a task that is in one of these states. False if it is in another."""
    mine = (_TASK.c.occurrence == occurrence, _TASK.c.status.in_(sorted(statuses)))
    return tx.execute(update(_TASK).where(*mine).values(**values)).rowcount == 1


def give_up(tx: Connection, occurrence: str, statuses: Collection[str], **values: Any) -> bool:
    """The same for a task that nobody wants any more: what WeCom holds of it is to be cancelled."""
    return change(tx, occurrence, statuses, withdraw=_held(), msgid="", **values)


def known_msgids(tx: Connection, since: datetime) -> set[str]:
    """Every task of WeCom's that a letter made since then, as far as we know."""
    letter = _OUTBOX.c
    query = select(letter.receipt).where(letter.channel == CHANNEL, letter.created_at >= since)
    return {str(receipt) for receipt in tx.execute(query).scalars() if receipt}


def receivers(tx: Connection, occurrence: str) -> dict[str, str]:
    """The members whom a task writes to, with what became of each."""
    query = select(_RECEIVER.c.member, _RECEIVER.c.status).where(
        _RECEIVER.c.occurrence == occurrence
    )
    return dict(tx.execute(query.order_by(_RECEIVER.c.member)).all())


def settle_receivers(tx: Connection, occurrence: str, statuses: Mapping[str, str]) -> None:
    """What became of members: sent, not_friend, capped, unreached."""
    for status in sorted(set(statuses.values())):
        members = sorted(member for member, of in statuses.items() if of == status)
        tx.execute(
            update(_RECEIVER)
            .where(_RECEIVER.c.occurrence == occurrence, _RECEIVER.c.member.in_(members))
            .values(status=status)
        )


def being_written(tx: Connection, community: str) -> dict[str, datetime]:
    """Present members whom an unsettled task is about to write to, with when it was due."""
    query = (
        select(_RECEIVER.c.member, func.max(_TASK.c.due_at))
        .join(_TASK, _TASK.c.occurrence == _RECEIVER.c.occurrence)
        .join(_STAY, _STAY.c.member == _RECEIVER.c.member)
        .where(
            _TASK.c.status.in_(("waiting", "open")),
            _STAY.c.community == community,
            _STAY.c.left_at.is_(None),
        )
        .group_by(_RECEIVER.c.member)
    )
    return dict(tx.execute(query).all())


def tally(tx: Connection, communities: Collection[str], from_: datetime, until: datetime) -> Tally:
    """The numbers of the tasks that were due in [from_, until)."""
    task = _TASK.c
    called_off = task.status.in_(("skipped", "cancelled", "failed"))
    counted = [
        ~called_off,
        and_(~called_off, task.asked_at.is_not(None)),
        task.confirmed_at.is_not(None),
        task.status == "sent",
        task.on_time.is_(True),
        task.on_time.is_(False),
        task.capped.is_(True),
        task.status == "skipped",
        task.status == "expired",
        task.escalated_at.is_not(None),
    ]
    numbers = [func.coalesce(func.sum(case((one, 1), else_=0)), 0) for one in counted]
    row = tx.execute(select(*numbers).where(*_span(communities, from_, until))).one()
    return Tally(*(int(number) for number in row))


def _span(
    communities: Collection[str], from_: datetime, until: datetime
) -> tuple[ColumnElement[bool], ...]:
    task = _TASK.c
    return (task.community.in_(sorted(communities)), task.due_at >= from_, task.due_at < until)


def _held() -> ColumnElement[str]:
    """What WeCom holds of a task, as `withdraw` has it."""
    return func.trim(_TASK.c.withdraw + " " + _TASK.c.msgid)


def _on_its_way() -> ColumnElement[bool]:
    """Whether the letter that makes the task at WeCom is still unsettled."""
    letter = _OUTBOX.c
    mine: list[ColumnElement[bool]] = [
        letter.occurrence == _TASK.c.occurrence,
        letter.channel == CHANNEL,
        or_(letter.status == "pending", letter.status == "sending"),
    ]
    return exists().where(*mine)
