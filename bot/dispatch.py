"""Inbound event → activity → running game | command | keyword → effects, in one transaction.

The dispatcher takes stored events in order per chat, several in one transaction. If one of them
fails, the batch is done again with a savepoint around each, so that a bad one harms nobody else;
after five failures it is set aside with its error.
"""

import asyncio
import logging
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass, field
from functools import partial

from sqlalchemy import Connection

from bot import (
    beside,
    follow_buttons,
    member_buttons,
    member_card,
    piece_buttons,
    prize_buttons,
    reviewing,
    summary_buttons,
    weekly_letters,
)
from bot.chat_events import chat_changed, must_read
from bot.clock import Clock
from bot.crash import crash_point
from bot.due import Due, Moment
from bot.flood import Flood, Verdict
from bot.inbox import Inbox
from bot.letters import Origin
from bot.merging import under_one_id
from bot.overheard import overheard
from bot.pressed import pressed
from bot.said import counted, said
from bot.wecom.events_json import from_json
from sop import onboarding
from sop.effects import (
    BecomeContact,
    BeginGame,
    Effect,
    EndContact,
    KeepGame,
    OpenDeck,
    OpenGathering,
    PartCustomer,
    PostponeStep,
    Record,
    Reply,
    RestoreStep,
    Resume,
    RunStep,
)
from sop.events import (
    ArchiveAgreed,
    ContactAdded,
    ContactRemoved,
    Event,
    Joined,
    Left,
    Pressed,
    RosterChanged,
    Said,
    TagsEdited,
    TransferFailed,
    Wrote,
)
from sop.ports import Facts
from sop.seeds import derive
from storage import archive_consent, inbox, merging, occurrences
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
_NOT_PASSED_ON = {
    "customer_refused": "客户拒绝",
    "customer_limit_exceed": "接手的同事客户数已满",
}
"""WeCom's words for why a customer was not passed on."""
TIMED = (BeginGame, KeepGame, OpenDeck, OpenGathering, PostponeStep, RestoreStep, Resume)
"""Effects after which something may be due sooner than the calendar thinks."""


@dataclass(frozen=True, slots=True)
class Handled:
    """What a batch did."""

    events: int
    stale_chats: frozenset[str]
    """Their rosters must be read again."""
    unsure_members: frozenset[str]
    """Whose contact they are must be asked again."""
    timed: bool
    """The calendar should look again."""
    last_chat: str
    """Whose turn it was last, when there are more chats than places."""
    waiting: list[beside.Waiting] = field(default_factory=list)
    """Questions that are to be answered beside the writers first."""


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
        unsure: Callable[[str], None] = lambda member: None,
        done: Callable[[], None],
        timed: Callable[[], None] = lambda: None,
    ) -> None:
        """`stale` hears of chats whose roster must be read, `unsure` of members whose contacts must
        be, `done` of every batch, `timed` of
        those that may have made something due."""
        self._database = database
        self._due = due
        self._clock = clock
        self._inbox = inbox
        self._stale = stale
        self._unsure = unsure
        self._done = done
        self._timed = timed
        self._turn = asyncio.Lock()
        self._flood = Flood()
        self._after = ""

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
            due = self._due()
            moment = Moment(self._clock.now(), self._clock.entropy(32))
            handled, before = await self._written(due, moment, {}), 0
            if handled.waiting:
                self._tell(handled)
                before = handled.events - len(handled.waiting)
                found = await beside.answers(self._database, due, handled.waiting, moment)
                handled = await self._written(due, moment, found)
        self._tell(handled)
        return before + handled.events

    async def _written(self, due: Due, moment: Moment, answers: beside.Answers) -> Handled:
        """Handles a batch, carefully if it fails."""
        limit = HURRIED if self._inbox.waiting else BATCH
        work = partial(
            _batch,
            due=due,
            moment=moment,
            limit=limit,
            after=self._after,
            flood=self._flood,
            answers=answers,
        )
        try:
            handled = await self._database.write(partial(work, careful=False))
        except Exception:
            handled = await self._database.write(partial(work, careful=True))
        if not handled.waiting:
            self._after = handled.last_chat
        return handled

    def _tell(self, handled: Handled) -> None:
        """Says what a batch has left for others to do."""
        for chat_id in handled.stale_chats:
            self._stale(chat_id)
        for member in handled.unsure_members:
            self._unsure(member)
        if handled.events:
            self._done()
        if handled.timed:
            self._timed()


def _batch(
    tx: Connection,
    due: Due,
    moment: Moment,
    limit: int,
    after: str,
    flood: Flood,
    answers: beside.Answers,
    careful: bool,
) -> Handled:
    """Handles the oldest events. Savepoints cost as much as the rest of a simple event's
    statements, so they are there only when `careful`; without them the first failure raises."""
    rows = inbox.take(tx, limit, after)
    aliases = merging.aliases(tx) if rows else {}
    finished = []
    stale: set[str] = set()
    unsure: set[str] = set()
    held: set[str] = set()
    waiting: list[beside.Waiting] = []
    timed = False
    for row in rows:
        if row.order_key in held:  # its chat waits until the failed one is done or set aside
            continue
        try:
            event = under_one_id(from_json(row.kind, row.event), aliases)
            if row.id not in answers and isinstance(event, Said) and beside.reads_much(due, event):
                waiting.append(beside.Waiting(row.id, event))
                held.add(row.order_key)
                continue
            with tx.begin_nested() if careful else nullcontext():
                seed = derive(moment.seed, f"{row.id}")
                then = Moment(moment.now, seed)
                effects = _handle(tx, due, row, event, then, flood, answers.get(row.id))
        except Exception as error:
            if not careful or is_conflict(error):
                raise
            log.exception("event failed", extra={"action": "event_failed", "event": row.id})
            inbox.fail(tx, row.id, f"{type(error).__name__}: {error}"[:500], moment.now)
            held.add(row.order_key)
            continue
        finished.append(row.id)
        timed = timed or any(isinstance(effect, TIMED) for effect in effects)
        if isinstance(event, Joined | Left | RosterChanged) and must_read(tx, event):
            stale.add(event.chat_id)
        if isinstance(event, ContactAdded | ContactRemoved | TagsEdited):
            unsure.add(event.member)
    inbox.finish(tx, finished, moment.now)
    if rows:
        crash_point("K3")
    last = inbox.last_in_turn(rows, after)
    return Handled(len(rows), frozenset(stale), frozenset(unsure), timed, last, waiting)


def _handle(
    tx: Connection,
    due: Due,
    row: inbox.InboxRow,
    event: Event,
    moment: Moment,
    flood: Flood,
    answer: list[Effect] | None,
) -> list[Effect]:
    """`answer`: what was found out beside the writers."""
    reply_to = event.reply_to if isinstance(event, Said | Pressed) else None
    if isinstance(event, Said) and event.overheard:
        reply_to = None
    # Not the row's number: SQLite gives numbers again once the old rows are purged.
    origin = Origin(f"event/{row.dedup_key}", moment.now, reply_to, row.order_key)
    effects: list[Effect] = []
    wanted = _flooding(tx, due, event, row.dedup_key, flood)
    if wanted is None:
        wanted = _effects(tx, due, event, moment) if answer is None else answer
    for effect in wanted:
        if isinstance(effect, RunStep):
            effects.extend(_run_step(tx, due, effect, moment))
        else:
            effects.append(effect)
    due.runtime.apply(tx, effects, origin)
    return effects


def _flooding(
    tx: Connection, due: Due, event: Event, key: str, flood: Flood
) -> list[Effect] | None:
    """What is left of a message that is one too many; None: it is to be answered."""
    if not isinstance(event, Said) or event.overheard:
        return None
    facts = due.facts(tx)
    if facts.is_staff(event.sender):
        return None
    verdict, notice = flood.judge(event, key)
    if verdict is Verdict.ANSWER:
        return None
    home = facts.community_of_chat(event.chat_id) if event.chat_id else None
    effects: list[Effect] = [Reply(notice)] if verdict is Verdict.NOTICE else []
    if home is None:
        return effects
    return [*counted(facts.member(home.id, event.sender), home, event.sender), *effects]


def _effects(tx: Connection, due: Due, event: Event, moment: Moment) -> list[Effect]:
    match event:
        case Said(overheard=True):
            return overheard(due.facts(tx), due, event)
        case Said():
            return said(tx, due, event, moment)
        case Pressed() if event.key.startswith(reviewing.BUTTON):
            return reviewing.pressed(due.facts(tx), due.library, event)
        case Pressed() if event.key.startswith(follow_buttons.BUTTON):
            return follow_buttons.pressed(due.facts(tx), due, event, moment.now)
        case Pressed() if event.key.startswith(piece_buttons.BUTTON):
            return piece_buttons.pressed(tx, due, event)
        case Pressed() if event.key.startswith(prize_buttons.BUTTON):
            return prize_buttons.pressed(tx, due, event)
        case Pressed() if event.key.startswith(member_card.BUTTON):
            return member_buttons.pressed(tx, due, event, moment)
        case Pressed() if event.key.startswith(weekly_letters.BUTTON):
            return summary_buttons.pressed(due, event)
        case Pressed():
            return pressed(due.facts(tx), event, moment.now)
        case Wrote():
            return _keyword(due.facts(tx), due, event, moment)
        case Joined() | Left() | RosterChanged():
            return chat_changed(tx, due, event, moment.now)
        case ContactAdded():
            return [
                BecomeContact(event.staff, event.member, event.state, event.half, event.at),
                *onboarding.met(due.facts(tx), event.member, event.staff, event.state, event.at),
                Record(event.staff, "添加客户", event.member, f"渠道 {event.state or '未知'}"),
            ]
        case ContactRemoved():
            return [
                EndContact(event.staff, event.member, event.at),
                PartCustomer(event.member, event.staff, event.at),
                Record(event.staff, "解除好友", event.member, _parted(event)),
            ]
        case TransferFailed():
            why = _NOT_PASSED_ON.get(event.reason, event.reason)
            return [Record(event.staff, "客户继承失败", event.member, why)]
        case ArchiveAgreed():
            archive_consent.agree(tx, event.member, True, event.at)
            return []
        case TagsEdited():
            return [Record(event.staff, "在企业微信改了标签或备注", event.member, "")]


def _keyword(facts: Facts, due: Due, event: Wrote, moment: Moment) -> list[Effect]:
    every = due.settings.communities
    return onboarding.heard(
        facts, due.library, every, event.member, event.staff, event.text, moment.now
    )


def _parted(event: ContactRemoved) -> str:
    if event.passed_on:
        return "客户转给了别的同事"
    return "客户删除了客户经理" if event.by_customer else "客户经理删除了客户"


def _run_step(tx: Connection, due: Due, effect: RunStep, moment: Moment) -> list[Effect]:
    planned = due.runtime.planned(effect.occurrence)
    if planned is not None:
        occurrences.plan(tx, [planned], moment.now)  # a step still ahead has no row yet
    row = occurrences.lock(tx, effect.occurrence)
    if row is None or row.status == "done":
        return []
    return due.run_now(tx, row, effect.by, moment)
