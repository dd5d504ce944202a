"""Who is in each group: names and members as WeCom has them.

Join and leave callbacks name ids only, and may be lost; so a changed group is read again a
moment later (WeCom applies changes about 2 s late: wecom-protocol.md D.4), and every group at
start and every night.
"""

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Protocol

from sqlalchemy import Connection

from bot.clock import Clock
from bot.group_reading import Reading, close, read_group, settle
from bot.http import NoAnswer, NotSent
from bot.settings import Settings
from bot.wecom.api import Json
from bot.wecom.errors import WecomError
from sop.community import Community
from sop.effects import Effect
from sop.tagging import next_night
from storage import customers, merging
from storage.database import Database

log = logging.getLogger(__name__)

LAG = timedelta(seconds=3)
RETRY = timedelta(minutes=2)
AT_ONCE = 50
"""Groups of one look: the next comes a second later, so other work gets its turn."""
DISMISSED = 49008
"""WeCom's answer for a group that exists no more."""
NOT_A_CUSTOMER_GROUP = 90501
"""WeCom tells nothing of internal groups: their members are known once they speak."""


class Groups(Protocol):
    """Who knows the members of a customer group."""

    async def group_chat(self, chat_id: str) -> Json:
        """The group as WeCom describes it: `{"member_list": […], …}`."""


Came = Callable[[Connection, str, Mapping[str, tuple[str, datetime]], datetime], None]
"""Hears, in the reading's own transaction, by which join ways members of a community came:
(state, when) by member."""


Tell = Callable[[Connection, Sequence[Effect], str, datetime], None]
"""Applies what people are to be told, in the reading's own transaction, under a key."""


class Roster:
    """Reads groups that may have changed, and all of them every night."""

    def __init__(
        self,
        database: Database,
        api: Groups,
        settings: Settings,
        clock: Clock,
        came: Came = lambda tx, community, states, now: None,
        tell: Tell = lambda tx, effects, key, now: None,
    ) -> None:
        self._database = database
        self._came = came
        self._tell = tell
        self._api = api
        self._clock = clock
        self._staff = settings.staff
        self._zone = settings.zone
        self._communities = {one.chat_id: one for one in settings.communities}
        own_accounts = (one.customer_ids for one in settings.staff.values())
        self._nobody = frozenset(settings.staff).union(*own_accounts)
        self._stale = {chat_id: clock.now() for chat_id in self._communities}
        self._announced: set[str] = set()
        self._night = next_night(clock.now(), settings.zone)
        self._not_before = clock.now()
        self._turn = asyncio.Lock()

    def stale(self, chat_id: str) -> None:
        """A callback says that this group changed: read it again soon."""
        if chat_id in self._communities:
            self._stale[chat_id] = self._clock.now() + LAG
            self._announced.add(chat_id)

    def next_due(self) -> datetime | None:
        """When the next group wants to be read; nobody waits for the nightly reading."""
        return min(self._stale.values(), default=None)

    async def run(self) -> None:
        """Reads until cancelled."""
        while True:
            await self.step()
            await asyncio.sleep(1)

    async def step(self) -> int:
        """Reads groups that are due, some at a time. Returns how many were read; one that could
        not be read is tried again later, whatever the reason."""
        async with self._turn:
            now = self._clock.now()
            if now >= self._night:
                self._night = next_night(now, self._zone)
                for chat_id in self._communities:
                    self._stale.setdefault(chat_id, now)
            due = [chat_id for chat_id, at in self._stale.items() if at <= now]
            read = 0
            for chat_id in due[:AT_ONCE]:
                if now < self._not_before:
                    break
                del self._stale[chat_id]
                announced = chat_id in self._announced
                self._announced.discard(chat_id)
                read += await self._try(chat_id, announced, now)
            return read

    async def _try(self, chat_id: str, announced: bool, now: datetime) -> bool:
        again: datetime | None = now + RETRY
        try:
            await self._read(chat_id, announced, now)
        except WecomError as error:
            if error.errcode == NOT_A_CUSTOMER_GROUP:
                again = None
            elif error.verdict.wait is not None:  # too many calls: no group is asked for meanwhile
                self._not_before = now + error.verdict.wait
                again = self._not_before
            if again is not None:
                log.warning("group not read: %s", error, extra={"action": "roster_failed"})
        except (NotSent, NoAnswer) as error:
            log.warning("group not read: %s", error, extra={"action": "roster_failed"})
        except Exception:  # the database, or an answer of a shape never seen
            log.exception("group not read", extra={"action": "roster_failed"})
        else:
            return True
        if again is not None:
            self._stale.setdefault(chat_id, again)
            if announced:
                self._announced.add(chat_id)
        return False

    async def _read(self, chat_id: str, announced: bool, now: datetime) -> None:
        place = self._communities[chat_id]
        before = await self._database.read(lambda tx: customers.group(tx, chat_id))
        if before is not None and before.dismissed_at is not None:
            return
        try:
            answer = await self._api.group_chat(chat_id)
        except WecomError as error:
            if error.errcode != DISMISSED:
                raise
            await self._database.write(partial(self._close, place=place, now=now))
            return
        aliases = await self._database.read(merging.aliases)
        group = read_group(answer, self._nobody.__contains__, aliases)
        reading = Reading(place, group, announced)
        await self._database.write(partial(self._settle, reading=reading, now=now))

    def _close(self, tx: Connection, place: Community, now: datetime) -> None:
        effects = close(tx, place, self._staff, now, lost=True)
        self._tell(tx, effects, f"dismissed/{place.chat_id}", now)

    def _settle(self, tx: Connection, reading: Reading, now: datetime) -> None:
        place, people = reading.place, reading.group.people
        effects = settle(tx, reading, self._staff, now)
        if effects:
            self._tell(tx, effects, f"group/{place.chat_id}@{now.isoformat()}", now)
        came = {
            member: (one.state, one.joined_at or now) for member, one in people.items() if one.state
        }
        if came:
            self._came(tx, place.id, came, now)
