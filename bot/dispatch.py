"""Inbound event → activity → running game | command | keyword → effects, in one transaction.

The dispatcher takes stored events in order per chat, several in one transaction. If one of them
fails, the batch is done again with a savepoint around each, so that a bad one harms nobody else;
after five failures it is set aside with its error.
"""

import asyncio
import logging
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from sqlalchemy import Connection

from bot import prize_buttons, reviewing
from bot.clock import Clock
from bot.crash import crash_point
from bot.due import Due, Moment
from bot.inbox import Inbox
from bot.letters import Origin
from bot.limits import quiet_until
from bot.pressed import pressed
from bot.said import said
from bot.wecom.events_json import from_json
from sop import lottery
from sop.community import Community
from sop.effects import (
    Arrive,
    BecomeContact,
    BeginGame,
    Depart,
    Effect,
    EndContact,
    KeepGame,
    OpenDeck,
    OpenGathering,
    Post,
    PostponeStep,
    Record,
    RestoreStep,
    Resume,
    RunStep,
)
from sop.events import (
    ContactAdded,
    ContactRemoved,
    Event,
    Joined,
    Left,
    Pressed,
    RosterChanged,
    Said,
    TagsEdited,
)
from sop.rounds import NIGHT
from sop.seeds import derive
from storage import inbox, occurrences
from storage.database import Database, is_conflict

log = logging.getLogger(__name__)

BATCH = 50
"""Events to a transaction while nobody waits."""
HURRIED = 10
"""Events to a transaction while callbacks wait for it to end."""
FEW = 6
"""So many waiting callbacks let the dispatcher rest once for as long as its batch took, twice as
many twice as long. WeCom wants an answer within seconds and sends again without one; a member can
wait for the bot a little longer."""
LONGEST_REST = 12
"""Times a batch's own duration; so the dispatcher always goes on."""
TIMED = (BeginGame, KeepGame, OpenDeck, OpenGathering, PostponeStep, RestoreStep, Resume)
"""Effects after which something may be due sooner than the calendar thinks."""


@dataclass(frozen=True, slots=True)
class Handled:
    """What a batch did."""

    events: int
    stale_chats: frozenset[str]
    """Their rosters must be read again."""
    timed: bool
    """The calendar should look again."""


class Dispatcher:
    """Works off the inbox."""

    def __init__(
        self,
        database: Database,
        due: Callable[[], Due],
        clock: Clock,
        inbox: Inbox,
        *,
        stale: Callable[[str], None],
        done: Callable[[], None],
        timed: Callable[[], None] = lambda: None,
    ) -> None:
        """`stale` hears of chats whose roster must be read, `done` of every batch, `timed` of
        those that may have made something due."""
        self._database = database
        self._due = due
        self._clock = clock
        self._inbox = inbox
        self._stale = stale
        self._done = done
        self._timed = timed
        self._turn = asyncio.Lock()

    async def run(self) -> None:
        """Works until cancelled, woken by each commit of the inbox."""
        clock = asyncio.get_running_loop().time
        while True:
            try:
                began = clock()
                while await self.step():
                    rest = min(self._inbox.waiting / FEW, LONGEST_REST)
                    await asyncio.sleep(rest * (clock() - began))
                    began = clock()
            except Exception:
                log.exception("dispatch failed", extra={"action": "dispatch_failed"})
            try:
                # Not wait_for: in Python 3.11 it can swallow a cancellation.
                async with asyncio.timeout(1.0):
                    await self._inbox.arrived.wait()
            except TimeoutError:
                continue
            self._inbox.arrived.clear()

    async def step(self) -> int:
        """Handles one batch. Returns how many events were in it."""
        async with self._turn:
            moment = Moment(self._clock.now(), self._clock.entropy(32))
            limit = HURRIED if self._inbox.waiting else BATCH
            work = partial(_batch, due=self._due(), moment=moment, limit=limit)
            try:
                handled = await self._database.write(partial(work, careful=False))
            except Exception:
                handled = await self._database.write(partial(work, careful=True))
        for chat_id in handled.stale_chats:
            self._stale(chat_id)
        if handled.events:
            self._done()
        if handled.timed:
            self._timed()
        return handled.events


def _batch(tx: Connection, due: Due, moment: Moment, limit: int, careful: bool) -> Handled:
    """Handles the oldest events. Savepoints cost as much as the rest of a simple event's
    statements, so they are there only when `careful`; without them the first failure raises."""
    rows = inbox.take(tx, limit)
    finished = []
    stale: set[str] = set()
    held: set[str] = set()
    timed = False
    for row in rows:
        if row.order_key in held:  # its chat waits until the failed one is done or set aside
            continue
        try:
            event = from_json(row.kind, row.event)
            with tx.begin_nested() if careful else nullcontext():
                seed = derive(moment.seed, f"{row.id}")
                effects = _handle(tx, due, row, event, Moment(moment.now, seed))
        except Exception as error:
            if not careful or is_conflict(error):
                raise
            log.exception("event failed", extra={"action": "event_failed", "event": row.id})
            inbox.fail(tx, row.id, f"{type(error).__name__}: {error}"[:500], moment.now)
            held.add(row.order_key)
            continue
        finished.append(row.id)
        timed = timed or any(isinstance(effect, TIMED) for effect in effects)
        if isinstance(event, Joined | Left | RosterChanged):
            stale.add(event.chat_id)
    inbox.finish(tx, finished, moment.now)
    if rows:
        crash_point("K3")
    return Handled(len(rows), frozenset(stale), timed)


def _handle(
    tx: Connection, due: Due, row: inbox.InboxRow, event: Event, moment: Moment
) -> list[Effect]:
    reply_to = event.reply_to if isinstance(event, Said | Pressed) else None
    # Not the row's number: SQLite gives numbers again once the old rows are purged.
    origin = Origin(f"event/{row.dedup_key}", moment.now, reply_to, row.order_key)
    effects: list[Effect] = []
    for effect in _effects(tx, due, event, moment):
        if isinstance(effect, RunStep):
            effects.extend(_run_step(tx, due, effect, moment))
        else:
            effects.append(effect)
    due.runtime.apply(tx, effects, origin)
    return effects


def _effects(tx: Connection, due: Due, event: Event, moment: Moment) -> list[Effect]:
    match event:
        case Said():
            return said(tx, due, event, moment)
        case Pressed() if event.key.startswith(reviewing.BUTTON):
            return reviewing.pressed(due.facts(tx), due.library, event)
        case Pressed() if event.key.startswith(prize_buttons.BUTTON):
            return prize_buttons.pressed(tx, due, event)
        case Pressed():
            return pressed(due.facts(tx), event, moment.now)
        case Joined():
            return _joined(tx, due, event, moment.now)
        case Left():
            community = due.facts(tx).community_of_chat(event.chat_id)
            return [Depart(community.id, one) for one in event.members] if community else []
        case RosterChanged():
            return [Record("wecom", "群变更", event.chat_id, event.what)]
        case ContactAdded():
            return [
                BecomeContact(event.staff, event.member, event.state),
                Record(event.staff, "添加客户", event.member, f"渠道 {event.state or '未知'}"),
            ]
        case ContactRemoved():
            who = "客户删除了客户经理" if event.by_customer else "客户经理删除了客户"
            return [
                EndContact(event.staff, event.member),
                Record(event.staff, "解除好友", event.member, who),
            ]
        case TagsEdited():
            return [Record(event.staff, "在企业微信改了标签或备注", event.member, "")]


def _joined(tx: Connection, due: Due, event: Joined, now: datetime) -> list[Effect]:
    facts = due.facts(tx)
    community = facts.community_of_chat(event.chat_id)
    if community is None:
        return []
    newcomers = [one for one in event.members if facts.staff(one) is None]
    effects: list[Effect] = [Arrive(community.id, one) for one in newcomers]
    if newcomers:
        hook = lottery.welcome(facts, due.library, community, now)
        effects.append(_greeting(community, len(newcomers), hook, now))
    return effects


def _greeting(community: Community, newcomers: int, hook: str, now: datetime) -> Post:
    """At once by day. Whoever comes at night is greeted in the morning, all of them together."""
    count = "新朋友" if newcomers == 1 else f" {newcomers} 位新朋友"
    morning = quiet_until(NIGHT, community.zone, now)
    once = None
    if morning is not None:
        count = "夜里进群的新朋友"
        once = f"greeting/{community.id}/{morning.isoformat()}"
    text = f"👋 欢迎{count}加入{community.name}！"
    return Post(community.id, f"{text}\n{hook}".strip(), quiet_hours=NIGHT, once=once)


def _run_step(tx: Connection, due: Due, effect: RunStep, moment: Moment) -> list[Effect]:
    planned = due.runtime.planned(effect.occurrence)
    if planned is not None:
        occurrences.plan(tx, [planned], moment.now)  # a step still ahead has no row yet
    row = occurrences.lock(tx, effect.occurrence)
    if row is None or row.status == "done":
        return []
    return due.run_now(tx, row, effect.by, moment)
