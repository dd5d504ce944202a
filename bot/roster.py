"""Who is in each group: names and members as WeCom has them.

Join and leave callbacks name ids only, and may be lost; so a changed group is read again a
moment later (WeCom applies changes about 2 s late: wecom-protocol.md D.4), and every group once
at start.
"""

import asyncio
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Protocol

from sqlalchemy import Connection

from bot.clock import Clock
from bot.http import NoAnswer, NotSent
from bot.settings import Settings
from bot.wecom.api import Json
from bot.wecom.errors import WecomError
from storage import people
from storage.database import Database

log = logging.getLogger(__name__)

LAG = timedelta(seconds=3)
RETRY = timedelta(minutes=2)
EXTERNAL = 2
NOT_A_CUSTOMER_GROUP = 90501
"""WeCom tells nothing of internal groups: their members are known once they speak."""


class Groups(Protocol):
    """Who knows the members of a customer group."""

    async def group_chat(self, chat_id: str) -> Json:
        """The group as WeCom describes it: `{"member_list": […], …}`."""


@dataclass(frozen=True, slots=True)
class Present:
    """Somebody in a group, as WeCom knows them."""

    name: str
    joined_at: datetime | None
    state: str
    """Of the join way by which they came; empty for any other way."""


Came = Callable[[Connection, str, Mapping[str, tuple[str, datetime]], datetime], None]
"""Hears, in the reading's own transaction, by which join ways members of a community came:
(state, when) by member."""


class Roster:
    """Reads groups that may have changed."""

    def __init__(
        self,
        database: Database,
        api: Groups,
        settings: Settings,
        clock: Clock,
        came: Came = lambda tx, community, states, now: None,
    ) -> None:
        self._database = database
        self._came = came
        self._api = api
        self._clock = clock
        self._communities = {one.chat_id: one for one in settings.communities}
        self._staff = frozenset(settings.staff)
        self._stale = {chat_id: clock.now() for chat_id in self._communities}
        self._turn = asyncio.Lock()

    def stale(self, chat_id: str) -> None:
        """This group changed: read it again soon."""
        if chat_id in self._communities:
            self._stale[chat_id] = self._clock.now() + LAG

    def next_due(self) -> datetime | None:
        """When the next group wants to be read."""
        return min(self._stale.values(), default=None)

    async def run(self) -> None:
        """Reads until cancelled."""
        while True:
            await self.step()
            await asyncio.sleep(1)

    async def step(self) -> int:
        """Reads the groups that are due. Returns how many were read; one that could not be read
        is tried again later, whatever the reason."""
        async with self._turn:
            now = self._clock.now()
            due = [chat_id for chat_id, at in self._stale.items() if at <= now]
            read = 0
            for chat_id in due:
                del self._stale[chat_id]
                try:
                    await self._read(chat_id, now)
                except WecomError as error:
                    if error.errcode != NOT_A_CUSTOMER_GROUP:
                        log.warning("group not read: %s", error, extra={"action": "roster_failed"})
                        self._stale.setdefault(chat_id, now + RETRY)
                except (NotSent, NoAnswer) as error:
                    log.warning("group not read: %s", error, extra={"action": "roster_failed"})
                    self._stale.setdefault(chat_id, now + RETRY)
                except Exception:  # the database, or an answer of a shape never seen
                    log.exception("group not read", extra={"action": "roster_failed"})
                    self._stale.setdefault(chat_id, now + RETRY)
                else:
                    read += 1
            return read

    async def _read(self, chat_id: str, now: datetime) -> None:
        community = self._communities[chat_id].id
        members = _members(await self._api.group_chat(chat_id), self._staff)
        came = {
            member: (one.state, one.joined_at or now)
            for member, one in members.items()
            if one.state
        }

        def work(tx: Connection) -> None:
            _apply(tx, community, members, now)
            if came:
                self._came(tx, community, came, now)

        await self._database.write(work)


def _members(group: Json, staff: frozenset[str]) -> dict[str, Present]:
    """External members by id. Raises NoAnswer for an answer without anybody: a group has at least
    its owner, and nobody shall be taken as gone."""
    everybody = group.get("member_list")
    if not everybody:
        raise NoAnswer("企业微信的答复里没有成员名单")
    found: dict[str, Present] = {}
    for one in everybody:
        userid = str(one.get("userid", ""))
        if one.get("type") != EXTERNAL or not userid or userid in staff:
            continue
        name = str(one.get("group_nickname") or one.get("name") or "")
        joined = one.get("join_time")
        at = datetime.fromtimestamp(joined, UTC) if isinstance(joined, int) else None
        found[userid] = Present(name, at, str(one.get("state") or ""))
    return found


def _apply(
    tx: Connection,
    community: str,
    members: Mapping[str, Present],
    now: datetime,
) -> None:
    present = people.names(tx, community)
    for member, one in members.items():
        if member not in present:
            people.arrive(tx, community, member, one.name, "roster", one.joined_at or now)
        elif one.name and one.name != present[member]:
            people.rename(tx, member, one.name)
    for member in sorted(present.keys() - members.keys()):
        people.depart(tx, community, member, now)
