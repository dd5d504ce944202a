"""Who is whose customer, as WeCom has it: read once a day, because callbacks tell only of changes
and may be lost."""

import asyncio
import logging
from datetime import datetime, timedelta
from functools import partial
from typing import Protocol

from bot.clock import Clock
from bot.http import NoAnswer, NotSent
from bot.settings import Settings
from bot.wecom.errors import WecomError
from sop.community import Role
from storage import relations
from storage.database import Database

log = logging.getLogger(__name__)

EVERY = timedelta(days=1)
RETRY = timedelta(hours=1)


class Contacts(Protocol):
    """Who knows the contacts of a colleague."""

    async def customers_of(self, user: str) -> list[str]:
        """External ids of the colleague's contacts."""


class Relations:
    """Reads the contacts of every relationship manager."""

    name = "relations"

    def __init__(self, database: Database, api: Contacts, settings: Settings, clock: Clock) -> None:
        self._database = database
        self._api = api
        self._clock = clock
        managers = {one.id for one in settings.staff.values() if Role.RM in one.roles}
        managers |= {one.owner for one in settings.communities}
        self._due: dict[str, datetime] = dict.fromkeys(sorted(managers), clock.now())
        self._turn = asyncio.Lock()

    async def next_due(self) -> datetime | None:
        """Nothing that anybody waits for: a moved clock finds it done when it arrives."""
        return None

    async def step(self) -> int:
        """Reads those whose time has come. Returns how many were read; one that could not be is
        tried again later."""
        async with self._turn:
            now = self._clock.now()
            read = 0
            for manager in [one for one, at in self._due.items() if at <= now]:
                self._due[manager] = now + RETRY
                try:
                    members = await self._api.customers_of(manager)
                    work = partial(relations.reconcile, staff=manager, members=members, at=now)
                    await self._database.write(work)
                except (WecomError, NotSent, NoAnswer) as error:
                    log.warning("contacts not read: %s", error, extra={"action": "contacts_failed"})
                except Exception:  # the database, or an answer of a shape never seen
                    log.exception("contacts not read", extra={"action": "contacts_failed"})
                else:
                    self._due[manager] = now + EVERY
                    read += 1
            return read
