"""Keeps the gate: asks about everybody who came and is not known yet, again and again until there
is an answer; what an answer does to rows."""

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial

from sqlalchemy import Connection

from bot.clock import Clock
from bot.due import Due
from bot.gate import Gate, Verdict
from bot.letters import Origin
from sop import onboarding as core
from sop.effects import Effect
from storage import onboarding, people, welcomes
from storage.database import Database

log = logging.getLogger(__name__)

AT_ONCE = 20
FIRST_RETRY = timedelta(minutes=1)
LONGEST_RETRY = timedelta(hours=1)
MOST_REFUSALS = 7
"""Who was no customer so often is not asked about any more: a new adding asks again."""


class Gatekeeping:
    """Works off those of whom nobody knows whether they are customers."""

    name = "gate"

    def __init__(
        self,
        database: Database,
        gate: Gate,
        due: Callable[[], Due],
        clock: Clock,
        done: Callable[[], None] = lambda: None,
    ) -> None:
        self._database = database
        self._gate = gate
        self._due = due
        self._clock = clock
        self._done = done
        self._looked_at = 0
        self._turn = asyncio.Lock()

    async def next_due(self) -> datetime | None:
        """When the gate is to be asked next."""
        return await self._database.read(welcomes.next_ask)

    async def step(self) -> int:
        """Asks about those whose time has come. Returns how many were answered."""
        async with self._turn:
            now = self._clock.now()
            await self._newcomers(now)
            rows = await self._database.read(lambda tx: welcomes.to_ask(tx, now, AT_ONCE))
            if not rows:
                return 0
            verdicts = await asyncio.gather(*(self._gate.ask(one.member) for one in rows))
            work = partial(self._record, list(zip(rows, verdicts, strict=True)))
            await self._database.write(work)
        self._done()
        return sum(bool(one.answer) for one in verdicts)

    async def _newcomers(self, now: datetime) -> None:
        """Those who joined a group without adding anybody are asked about too."""
        after = self._looked_at
        if await self._database.read(welcomes.latest_stay) > after:
            self._looked_at = await self._database.write(
                lambda tx: welcomes.ask_newcomers(tx, after, now)
            )

    def _record(self, asked: Sequence[tuple[welcomes.CheckRow, Verdict]], tx: Connection) -> None:
        now = self._clock.now()
        inside: dict[str, list[str]] = {}
        for row, verdict in asked:
            for community in record(tx, self._due(), row, verdict, now):
                inside.setdefault(community, []).append(row.member)
        report_strangers(tx, self._due(), inside, now)


def record(
    tx: Connection, due: Due, row: welcomes.CheckRow, verdict: Verdict, now: datetime
) -> list[str]:
    """Keeps what the gate said of somebody. Returns the communities in which a stranger was found
    who was not known as one."""
    if not verdict.answer:
        wait = min(FIRST_RETRY * 2 ** min(row.attempts, 10), LONGEST_RETRY)
        welcomes.unanswered(tx, row.member, verdict.reason, now + wait)
        return []
    gate = due.settings.gate
    again = None
    if verdict.answer == "no" and gate is not None and row.attempts < MOST_REFUSALS:
        again = now + gate.cache  # a stranger may become a customer
    welcomes.answered(tx, row.member, verdict.answer, now, again)
    onboarding.judge(tx, row.member, verdict.answer, now)
    if verdict.answer == "yes" or row.verdict == "no":
        return []
    return sorted(people.communities_of(tx, row.member))


def report_strangers(
    tx: Connection, due: Due, inside: Mapping[str, Sequence[str]], now: datetime
) -> None:
    """Whose groups have strangers in them hears of it, unless it is a contact of theirs: those are
    told of one by one (`bot.welcoming`)."""
    facts = due.facts(tx)
    effects: list[Effect] = []
    for id, members in inside.items():
        community = facts.community(id)
        if community is None:
            continue
        owner = community.owner
        others = [one for one in members if facts.onboarding.arrival(one, owner) is None]
        names = onboarding.names(tx, others)
        if others:
            effects += core.strangers_inside(community, [names.get(one, "") for one in others])
    if effects:
        due.runtime.apply(tx, effects, Origin(f"gate@{now.isoformat()}", now))
