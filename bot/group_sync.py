"""Which customer groups our colleagues own: listed at start and every night. Groups that
configuration does not know are told of once; who is in those it knows, `bot.roster` reads."""

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Protocol

from sqlalchemy import Connection

from bot.clock import Clock
from bot.http import NoAnswer, NotSent
from bot.roster import Tell
from bot.settings import Settings
from bot.wecom.api import Json
from bot.wecom.errors import WecomError
from sop.community import Role
from sop.customer_groups import FoundGroup, owner_left, unknown_groups
from sop.tagging import next_night
from storage import customers
from storage.database import Database

log = logging.getLogger(__name__)

RETRY = timedelta(hours=1)
OWNERS = 100
"""Colleagues of one call (wecom-protocol.md D.4)."""
LOOKED_AT = 20
"""New groups whose names are asked for, in one night; the others are told of by their ids."""
LEFT = 1
"""WeCom's status of a group whose owner has left the company."""


class GroupLists(Protocol):
    """Who knows the groups of colleagues."""

    async def group_list(self, owners: list[str], cursor: str) -> tuple[dict[str, int], str]:
        """A page of groups with WeCom's status of each, and the cursor of the next page."""

    async def group_chat(self, chat_id: str) -> Json:
        """One group."""


class GroupSync:
    """Lists the groups of every colleague who may own one."""

    name = "groups"

    def __init__(
        self,
        database: Database,
        api: GroupLists,
        settings: Settings,
        clock: Clock,
        tell: Tell,
        done: Callable[[], None] = lambda: None,
    ) -> None:
        self._database = database
        self._api = api
        self._clock = clock
        self._settings = settings
        self._places = {one.chat_id: one for one in settings.communities}
        owners = {one.id for one in settings.staff.values() if Role.RM in one.roles}
        owners |= {one.owner for one in settings.communities}
        self._owners = sorted(owners)
        self._tell = tell
        self._done = done
        self._at = clock.now()
        self._turn = asyncio.Lock()

    async def next_due(self) -> datetime | None:
        """Nothing that anybody waits for."""
        return None

    async def step(self) -> int:
        """Lists if it is time. Returns 1 if it did; what failed is tried again an hour later."""
        async with self._turn:
            now = self._clock.now()
            if now < self._at:
                return 0
            self._at = now + RETRY
            try:
                found = await self._list()
                new = await self._database.write(lambda tx: self._new(tx, found))
                looked_at = [await self._look(one) for one in sorted(new)[:LOOKED_AT]]
                rest = [FoundGroup(one, "", "", 0) for one in sorted(new)[LOOKED_AT:]]
                await self._database.write(
                    lambda tx: self._say(tx, found, [*looked_at, *rest], now)
                )
            except (WecomError, NotSent, NoAnswer) as error:
                log.warning("groups not listed: %s", error, extra={"action": "groups_failed"})
                return 0
            self._at = next_night(now, self._settings.zone)
            self._done()
            return 1

    async def _list(self) -> dict[str, int]:
        found: dict[str, int] = {}
        for start in range(0, len(self._owners), OWNERS):
            cursor = ""
            while True:
                owners = self._owners[start : start + OWNERS]
                page, following = await self._api.group_list(owners, cursor)
                found |= page
                if not following or following == cursor:
                    break
                cursor = following
        return found

    def _new(self, tx: Connection, found: Mapping[str, int]) -> set[str]:
        return customers.unheard_of(tx, found.keys() - self._places.keys())

    async def _look(self, chat_id: str) -> FoundGroup:
        """What the group is called; its id alone if WeCom does not tell."""
        try:
            group = await self._api.group_chat(chat_id)
        except WecomError as error:
            log.warning("group not read: %s", error, extra={"action": "groups_failed"})
            return FoundGroup(chat_id, "", "", 0)
        name, owner = str(group.get("name") or ""), str(group.get("owner") or "")
        return FoundGroup(chat_id, name, owner, len(group.get("member_list") or []))

    def _say(
        self,
        tx: Connection,
        found: Mapping[str, int],
        looked_at: Sequence[FoundGroup],
        now: datetime,
    ) -> None:
        new = customers.discover(tx, [one.chat_id for one in looked_at])
        staff = self._settings.staff
        effects = []
        if told := [one for one in looked_at if one.chat_id in new]:
            effects += unknown_groups(told, staff)
        ours = {chat: status for chat, status in found.items() if chat in self._places}
        for chat, status in sorted(customers.set_status(tx, ours).items()):
            if status == LEFT:
                effects += owner_left(self._places[chat], staff)
        self._tell(tx, effects, f"groups@{now.isoformat()}", now)
