"""Greets new contacts within WeCom's 20 seconds, and tells their colleagues what comes next.

A path of its own beside the dispatcher: the event leaves a row in the transaction that takes it
in, the gate is asked outside of any transaction, the words become an owed letter that goes before
all others and is worth nothing after 20 seconds.
"""

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Protocol

from sqlalchemy import Connection

from bot.clock import Clock
from bot.due import Due
from bot.facts_onboarding import arrival_facts
from bot.gate import Gate, Verdict
from bot.gatekeeping import record, report_strangers
from bot.http import NoAnswer, NotSent
from bot.letters import Origin
from bot.wecom.errors import WecomError
from sop import onboarding as core
from sop.effects import GreetCustomer
from sop.onboarding import WELCOME_WITHIN, NewContact
from storage import onboarding, welcomes
from storage.database import Database
from storage.onboarding import ArrivalRow
from storage.welcomes import CheckRow, WelcomeRow

log = logging.getLogger(__name__)

AT_ONCE = 50
SPARE = timedelta(seconds=5)
"""For the letter's own way: the gate is not asked when there would be less left."""
NAME_SECONDS = 3.0
"""First words do not wait longer for a name."""
KEEP = timedelta(days=30)
"""Welcomes are forgotten after this."""


class Customers(Protocol):
    """Who knows what a customer is called."""

    async def customer(self, external_userid: str) -> dict[str, Any]:
        """`{"external_contact": {"name": …}, …}`."""


class Welcoming:
    """Works off new contacts."""

    name = "welcoming"

    def __init__(
        self,
        database: Database,
        api: Customers,
        gate: Gate | None,
        due: Callable[[], Due],
        clock: Clock,
        done: Callable[[], None] = lambda: None,
    ) -> None:
        self._database = database
        self._api = api
        self._gate = gate
        self._due = due
        self._clock = clock
        self._done = done
        self._turn = asyncio.Lock()

    async def next_due(self) -> datetime | None:
        """Nothing that waits for an instant: what comes in is done at once."""
        return None

    async def step(self) -> int:
        """Greets, looks what became of the letters, and tells. Returns how much was done."""
        async with self._turn:
            greeted = await self._greet_all()
            ended = await self._ended()
            told = await self._tell()
        if greeted + ended + told:
            self._done()
        return greeted + ended + told

    # first words

    async def _greet_all(self) -> int:
        rows = await self._database.read(lambda tx: welcomes.waiting(tx, AT_ONCE))
        if not rows:
            return 0
        known: Mapping[str, CheckRow] = {}
        if self._gate is not None:
            who = [one.member for one in rows]
            known = await self._database.read(lambda tx: welcomes.checks_of(tx, who))
        await asyncio.gather(*(self._greet(row, known.get(row.member)) for row in rows))
        return len(rows)

    async def _greet(self, row: WelcomeRow, known: CheckRow | None) -> None:
        """A row that trips must not stop the others, nor be tried for ever."""
        try:
            verdict, name = await asyncio.gather(self._asked(row, known), self._name(row.member))
            await self._database.write(partial(self._owe, row, known, verdict, name[1]))
        except Exception:
            log.exception("welcome failed", extra={"action": "welcome_failed"})
            reason = "程序内部出错"
            await self._database.write(lambda tx: welcomes.settle(tx, row.code, "failed", reason))

    async def _asked(self, row: WelcomeRow, known: CheckRow | None) -> Verdict | None:
        """What the gate says now; None: nobody asks it, or it is known, or there is no time."""
        gate, now = self._due().settings.gate, self._clock.now()
        if self._gate is None or gate is None or (known and known.settled(now, gate.cache)):
            return None
        if now + gate.timeout + SPARE > row.at + WELCOME_WITHIN:
            return None
        return await self._gate.ask(row.member)

    def _owe(
        self,
        row: WelcomeRow,
        known: CheckRow | None,
        verdict: Verdict | None,
        name: str,
        tx: Connection,
    ) -> None:
        due, now = self._due(), self._clock.now()
        if name:
            onboarding.name(tx, row.member, name, now)
        if verdict is not None:
            before = known or CheckRow(row.member, "", None, None, 0, "")
            found = record(tx, due, before, verdict, now)
            report_strangers(tx, due, {one: [row.member] for one in found}, now)
        contact = NewContact(row.code, row.member, row.staff, row.state, row.at)
        every = due.settings.communities
        origin = Origin(f"welcome/{row.code}", now)
        if now >= row.at + WELCOME_WITHIN:
            effects = core.not_greeted(
                due.facts(tx), due.library, every, contact, "事件来晚了，超过 20 秒"
            )
            due.runtime.apply(tx, effects, origin)
            welcomes.settle(tx, row.code, "late")
            return
        effects = core.greeting(due.facts(tx), due.library, every, contact, self._verdict(tx, row))
        due.runtime.apply(tx, effects, origin)
        sent = any(isinstance(one, GreetCustomer) for one in effects)
        welcomes.settle(tx, row.code, "owed" if sent else "none")

    def _verdict(self, tx: Connection, row: WelcomeRow) -> str:
        """What is known of the customer by now."""
        gate = self._due().settings.gate
        if gate is None:
            return "none"
        known = welcomes.check_of(tx, row.member)
        settled = known.settled(self._clock.now(), gate.cache) if known else ""
        return settled or "waiting"

    async def _ended(self) -> int:
        """What became of the letters: the customer was greeted, or the colleague does it."""
        ended = await self._database.read(welcomes.delivered)
        if ended:
            await self._database.write(partial(self._settle, ended))
        return len(ended)

    def _settle(
        self, ended: Sequence[tuple[WelcomeRow, str, str, str, datetime]], tx: Connection
    ) -> None:
        due, now = self._due(), self._clock.now()
        for row, status, reason, _, at in ended:
            if status == "sent":
                welcomes.settle(tx, row.code, "sent", sent_at=at)
                onboarding.welcomed(tx, row.member, row.staff, at)
            elif welcomes.settle(tx, row.code, "failed", reason):
                contact = NewContact(row.code, row.member, row.staff, row.state, row.at)
                effects = core.not_greeted(
                    due.facts(tx), due.library, due.settings.communities, contact, reason
                )
                due.runtime.apply(tx, effects, Origin(f"unwelcomed/{row.code}", now))
        welcomes.purge(tx, now - KEEP)

    # what comes next

    async def _tell(self) -> int:
        rows = await self._database.read(lambda tx: onboarding.untold(tx, AT_ONCE))
        if not rows:
            return 0
        who = list(dict.fromkeys(one.member for one in rows))
        known = await self._database.read(lambda tx: onboarding.names(tx, who))
        learnt = await asyncio.gather(*(self._name(one) for one in who if one not in known))
        names = {member: name for member, name in learnt if name}
        await self._database.write(partial(self._told, rows, names))
        return len(rows)

    async def _name(self, member: str) -> tuple[str, str]:
        """What WeCom calls somebody; without an answer the colleague is told all the same."""
        try:
            async with asyncio.timeout(NAME_SECONDS):
                answer = await self._api.customer(member)
        except (WecomError, NotSent, NoAnswer, TimeoutError) as error:
            log.warning("name not read: %s", error, extra={"action": "name_failed"})
            return member, ""
        contact = answer.get("external_contact")
        return member, str(contact.get("name") or "") if isinstance(contact, dict) else ""

    def _told(self, rows: Sequence[ArrivalRow], names: Mapping[str, str], tx: Connection) -> None:
        due, now = self._due(), self._clock.now()
        for member, name in names.items():
            onboarding.name(tx, member, name, now)
        every = onboarding.names(tx, {one.member for one in rows})
        arrivals = [arrival_facts(one, every.get(one.member, "")) for one in rows]
        effects = core.told(due.facts(tx), due.library, due.settings.communities, arrivals, now)
        first = rows[0].id
        due.runtime.apply(tx, effects, Origin(f"arrived/{first}@{now.isoformat()}", now))
