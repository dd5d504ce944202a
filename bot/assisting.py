"""Watches what RMs are asked to send: learns from WeCom what was confirmed, reminds, withdraws what
nobody confirmed, and tells the managers.

WeCom is asked outside of any transaction; what it says is written only where the task is still as
it was. A reminder is written down before it is given, so that there is never one too many. Where
a skip and the RM's own confirmation cross, what WeCom says has happened wins.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

from sqlalchemy import Connection

from bot.assist_lost import find_lost
from bot.clock import Clock
from bot.crash import crash_point
from bot.due import Due
from bot.facts_assist import assist_task
from bot.http import NoAnswer, NotSent
from bot.letters import Origin
from bot.wecom.errors import WecomError
from bot.wecom.group_send import CAPPED, NOT_A_FRIEND, SENT, GroupSend
from sop import assist
from sop.assist_ports import AssistTask
from sop.effects import (
    AssistAgain,
    AssistByHand,
    AssistCapped,
    AssistEscalated,
    AssistExpired,
    AssistOpened,
    AssistReminded,
    AssistSent,
    AssistWithdrawn,
    Effect,
    Tell,
)
from storage import assist_tasks, outbox
from storage.assist_tasks import TaskRow
from storage.database import Database
from storage.outbox import OutboxRow

log = logging.getLogger(__name__)

AT_ONCE = 200
REST = timedelta(minutes=1)
"""How long WeCom is left alone after a call without an answer, and how long an unknown answer may
take to show in WeCom's own list."""
_EVERY = ((timedelta(minutes=15), timedelta(minutes=1)), (timedelta(hours=2), timedelta(minutes=5)))
"""Up to this age of a task it is looked at this often."""
_SELDOM = timedelta(minutes=15)
_UNWANTED = ("skipped", "cancelled", "expired")


class Assisting:
    """One per process; its own memory is only when WeCom was last asked."""

    name = "assisting"

    def __init__(
        self,
        database: Database,
        send: GroupSend,
        due: Callable[[], Due],
        clock: Clock,
        done: Callable[[], None] = lambda: None,
    ) -> None:
        self._database = database
        self._send = send
        self._due = due
        self._clock = clock
        self._done = done
        self._turn = asyncio.Lock()
        self._looked: dict[str, datetime] = {}
        self._rests_until: datetime | None = None

    async def next_due(self) -> datetime | None:
        """The next reminder, withdrawal or word to a manager. The looks in between, for a
        confirmation, nobody waits for."""
        return await self._database.read(assist_tasks.next_due)

    async def step(self) -> int:
        """Does what is due, and looks for confirmations. Returns how much was settled."""
        async with self._turn:
            now = self._clock.now()
            rows = await self._database.read(lambda tx: assist_tasks.due(tx, now, AT_ONCE))
            settled = 0
            for row in rows:
                if not self._rests(now):
                    settled += await self._tried(row, self._attend(row, now))
            settled += await self._poll(now)
            settled += await self._escalate(now)
        if settled:
            self._done()
        return settled

    async def _tried(self, row: TaskRow, work: Awaitable[int]) -> int:
        """What WeCom or the network did is no reason to leave the others; later is early enough."""
        try:
            return await work
        except (WecomError, NotSent, NoAnswer) as error:
            log.warning(
                "group-send task %s: %s", row.occurrence, error, extra={"action": "assist_failed"}
            )
            later = self._clock.now() + REST
            await self._change(row, next_at=later)
            if not isinstance(error, WecomError):
                self._rests_until = later
            return 0

    def _rests(self, now: datetime) -> bool:
        """Whether WeCom gave no answer a moment ago."""
        return self._rests_until is not None and now < self._rests_until

    async def _attend(self, row: TaskRow, now: datetime) -> int:
        """One task whose time has come."""
        if row.community not in {one.id for one in self._due().settings.communities}:
            return await self._fail(row)
        for msgid in row.withdraw.split():
            return await self._withdraw(row, msgid, now)
        if row.status == "waiting":
            return await self._hear_of_letter(row, now)
        if row.way == "task" and row.status in _UNWANTED and row.cancelled_at is None:
            settled = await self._drop_late(row, now)
            if settled:
                return settled
        if row.status == "cancelled" and row.again_at is not None and row.again_at <= now:
            if await self._letter(row) is None:  # its words are lost
                return await self._fail(row)
            return await self._apply(row, now, AssistAgain(row.occurrence))
        if row.status == "open":
            return await self._watch(row, now)
        return await self._look_later(row)

    async def _hear_of_letter(self, row: TaskRow, now: datetime) -> int:
        """What became of the letter that makes the task."""
        letter = await self._letter(row)
        if letter is None:
            return await self._fail(row)
        if letter.status == "sent":
            return await self._apply(row, now, AssistOpened(row.occurrence, letter.receipt))
        if letter.status == "unknown":
            return await self._clear_up(row, letter, now)
        if letter.status in ("expired", "dropped"):
            return await self._apply(row, now, AssistExpired(row.occurrence, _step_of(row)))
        return await self._apply(row, now, AssistByHand(row.occurrence, letter.reason))

    async def _clear_up(self, row: TaskRow, letter: OutboxRow, now: datetime) -> int:
        """Nobody knows whether WeCom made the task: it is looked for before another is made."""
        at = (letter.finished_at or now) + REST
        if now < at:
            await self._change(row, next_at=at)
            return 0
        msgid = await find_lost(self._database, self._send, row, letter, now)

        def work(tx: Connection) -> None:
            if msgid is None:
                outbox.retry(tx, letter.id, now)
            elif outbox.found(tx, letter.id, msgid, now):
                opened = AssistOpened(row.occurrence, msgid)
                self._due().runtime.apply(tx, [opened], _origin(row, "found", now))

        await self._database.write(work)
        return 1

    async def _drop_late(self, row: TaskRow, now: datetime) -> int:
        """The letter was on its way when the RM decided against it: the task that it made, if it
        made one, is withdrawn too."""
        letter = await self._letter(row)
        if letter is None or letter.status not in ("sent", "unknown"):
            await self._change(row, cancelled_at=now)
            return 0
        msgid: str | None = letter.receipt
        if letter.status == "unknown":
            msgid = await find_lost(self._database, self._send, row, letter, now)
        if not msgid:
            await self._change(row, cancelled_at=now)
            return 0
        return await self._withdraw(row, msgid, now)

    async def _watch(self, row: TaskRow, now: datetime) -> int:
        """An open task: confirmed, too late, to be reminded of, or simply to be looked at again."""
        if row.way == "task" and (settled := await self._look(row, row.msgid, now)):
            return settled
        if row.ends_at <= now:
            return await self._end(row, now)
        task = assist_task(row)
        at = assist.next_reminder(task)
        if at is not None and at <= now:
            settled = await self._apply(row, now, AssistReminded(row.occurrence))
            if row.way == "task" and settled:
                await self._send.remind(row.msgid)
            return settled
        return await self._look_later(row)

    async def _end(self, row: TaskRow, now: datetime) -> int:
        """Withdrawn before it is called expired, so that nobody confirms it after that."""
        if row.way == "task":
            await self._cancel(row.msgid)
            if settled := await self._look(row, row.msgid, now):
                return settled
            await self._change(row, msgid="", cancelled_at=now)
        return await self._apply(row, now, AssistExpired(row.occurrence, _step_of(row)))

    async def _withdraw(self, row: TaskRow, msgid: str, now: datetime) -> int:
        """Cancels what nobody wants any more; the RM may have confirmed it a moment ago."""
        await self._cancel(msgid)
        if settled := await self._look(row, msgid, now):
            return settled
        return await self._apply(row, now, AssistWithdrawn(row.occurrence, msgid))

    async def _cancel(self, msgid: str) -> None:
        """A task that WeCom does not let go is no reason to hold on to it."""
        try:
            await self._send.cancel(msgid)
        except WecomError as error:
            log.warning("task not cancelled: %s", error, extra={"action": "assist_not_cancelled"})
        crash_point("K25")

    async def _poll(self, now: datetime) -> int:
        """Looks at the open tasks, ever less often."""
        rows = await self._database.read(assist_tasks.open_tasks)
        self._looked = {row.msgid: self._looked.get(row.msgid, now) for row in rows}
        settled = 0
        for row in rows:
            if self._rests(now):
                break
            age = now - (row.asked_at or now)
            often = next((every for until, every in _EVERY if age < until), _SELDOM)
            if now - self._looked[row.msgid] >= often:
                self._looked[row.msgid] = now
                settled += await self._tried_poll(row, now)
        return settled

    async def _tried_poll(self, row: TaskRow, now: datetime) -> int:
        try:
            return await self._look(row, row.msgid, now)
        except (WecomError, NotSent, NoAnswer) as error:
            log.warning("no news of tasks: %s", error, extra={"action": "assist_unheard"})
            self._rests_until = now + REST
            return 0

    async def _look(self, row: TaskRow, msgid: str, now: datetime) -> int:
        """Asks WeCom about a task: 1 if its sender has confirmed it."""
        self._looked[msgid] = now
        at = await self._send.confirmed_at(msgid, row.owner)
        if at is None:
            return 0
        statuses = await self._send.results(msgid, row.owner)
        got = _with(statuses, SENT)
        if not got and CAPPED in statuses.values():
            return await self._apply(row, now, AssistCapped(row.occurrence, at))
        if not row.single:
            return await self._apply(row, now, AssistSent(row.occurrence, at))
        strangers, over = _with(statuses, NOT_A_FRIEND), _with(statuses, CAPPED)
        sent = AssistSent(row.occurrence, at, got, strangers, over)
        return await self._apply(row, now, sent)

    async def _escalate(self, now: datetime) -> int:
        """One message for each manager about everything that went by unconfirmed."""
        if not await self._database.read(lambda tx: self._gone_by(tx, now)):
            return 0

        def work(tx: Connection) -> int:
            due = self._due()
            tasks = self._gone_by(tx, now)
            places = {one.id: one for one in due.settings.communities}
            text = assist.escalation(tasks, places, due.settings.staff)
            effects: list[Effect] = [Tell(one.id, text) for one in due.facts(tx).managers()]
            effects += [AssistEscalated(task.occurrence) for task in tasks]
            due.runtime.apply(tx, effects, Origin(f"assist/escalated@{now.isoformat()}", now))
            return len(tasks)

        return await self._database.write(work)

    def _gone_by(self, tx: Connection, now: datetime) -> list[AssistTask]:
        """What the managers are to be told now."""
        known = {one.id for one in self._due().settings.communities}
        tasks = [assist_task(row) for row in assist_tasks.unanswered(tx, now)]
        dues = [(task, assist.escalates_at(task)) for task in tasks if task.community in known]
        return [task for task, at in dues if at is not None and at <= now]

    async def _apply(self, row: TaskRow, now: datetime, effect: Effect) -> int:
        origin = _origin(row, type(effect).__name__, now)
        crash_point("K24")
        await self._database.write(
            lambda tx: self._due().runtime.apply(tx, [effect], origin),
        )
        return 1

    async def _letter(self, row: TaskRow) -> OutboxRow | None:
        return await self._database.read(
            lambda tx: outbox.latest(tx, row.occurrence, assist_tasks.CHANNEL)
        )

    async def _look_later(self, row: TaskRow) -> int:
        """Nothing to do now."""
        await self._change(row, next_at=assist.next_look(assist_task(row)))
        return 0

    async def _fail(self, row: TaskRow) -> int:
        """There is nobody left to ask."""
        await self._change(row, status="failed", next_at=None)
        return 1

    async def _change(self, row: TaskRow, **values: object) -> None:
        await self._database.write(
            lambda tx: assist_tasks.change(tx, row.occurrence, (row.status,), **values)
        )


def _origin(row: TaskRow, what: str, now: datetime) -> Origin:
    return Origin(f"assist/{row.occurrence}/{what}@{now.isoformat()}", now)


def _step_of(row: TaskRow) -> str:
    """How the RM names the step: its id."""
    return row.occurrence.split("/")[1]


def _with(statuses: dict[str, int], status: int) -> tuple[str, ...]:
    return tuple(sorted(one for one, of in statuses.items() if of == status))
