"""Who is whose customer, as WeCom has it: all of it at start and every night, because callbacks
may be lost; one customer a moment after a callback about them, because callbacks tell neither
remarks nor tags and may come in any order."""

import asyncio
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Protocol

from sqlalchemy import Connection

from bot.clock import Clock
from bot.http import NoAnswer, NotSent
from bot.settings import Settings
from bot.wecom.api import Json
from bot.wecom.errors import WecomError
from sop.community import Role
from sop.tagging import next_night
from storage import customers, merging, occurrences, relations
from storage.customers import Mended
from storage.database import Database
from storage.relations import Changed, Contact

log = logging.getLogger(__name__)

LAG = timedelta(seconds=3)
"""WeCom applies changes about two seconds late (wecom-protocol.md D.4)."""
RETRY = timedelta(hours=1)
RETRY_ONE = timedelta(minutes=2)
MOST_TRIES = 5
"""Of one customer; the night reads everybody again."""
AT_ONCE = 5
"""Colleagues of one look."""
MEMBERS_AT_ONCE = 50
NOBODY = (84061, 40096)
"""WeCom's answers where there is no such relation, or no such customer."""
_READ = "contacts/"
"""Watermarks of the colleagues whose contacts were read."""


class Contacts(Protocol):
    """Who knows the contacts of colleagues."""

    async def customers_page(self, user: str, cursor: str) -> tuple[list[Json], str]:
        """Up to 100 of a colleague's customers, and the cursor of the next page."""

    async def customer(self, external_userid: str) -> Json:
        """One customer, and every colleague who has them."""


@dataclass(frozen=True, slots=True)
class _Unsure:
    """A customer to be asked about."""

    at: datetime
    tries: int = 0


class Relations:
    """Reads the contacts of every relationship manager."""

    name = "relations"

    def __init__(self, database: Database, api: Contacts, settings: Settings, clock: Clock) -> None:
        self._database = database
        self._api = api
        self._clock = clock
        self._zone = settings.zone
        managers = {one.id for one in settings.staff.values() if Role.RM in one.roles}
        managers |= {one.owner for one in settings.communities}
        self._due: dict[str, datetime] = dict.fromkeys(sorted(managers), clock.now())
        self._unsure: dict[str, _Unsure] = {}
        self._not_before = clock.now()
        self._turn = asyncio.Lock()

    def unsure(self, member: str) -> None:
        """A callback was about this customer: ask WeCom again soon."""
        self._unsure[member] = _Unsure(self._clock.now() + LAG)

    async def next_due(self) -> datetime | None:
        """Nothing that anybody waits for: a moved clock finds it done when it arrives."""
        return None

    async def step(self) -> int:
        """Reads those whose time has come, some at a time. Returns how many were read; one that
        could not be is tried again later."""
        async with self._turn:
            now = self._clock.now()
            read = 0
            for member in [one for one, at in self._unsure.items() if at.at <= now][
                :MEMBERS_AT_ONCE
            ]:
                if now >= self._not_before:
                    read += await self._again(member, now)
            for manager in [one for one, at in self._due.items() if at <= now][:AT_ONCE]:
                if now >= self._not_before:
                    read += await self._all_of(manager, now)
            return read

    async def _all_of(self, manager: str, now: datetime) -> bool:
        self._due[manager] = now + RETRY
        try:
            found, names = await self._pages(manager)
            work = partial(self._keep_all, manager=manager, found=found, names=names, at=now)
            await self._database.write(work)
        except (WecomError, NotSent, NoAnswer) as error:
            self._failed(error, now)
            return False
        except Exception:  # the database, or an answer of a shape never seen
            log.exception("contacts not read", extra={"action": "contacts_failed"})
            return False
        self._due[manager] = next_night(now, self._zone)
        return True

    async def _again(self, member: str, now: datetime) -> bool:
        asked = self._unsure.pop(member)
        try:
            found, name = _followers(await self._api.customer(member))
            await self._database.write(
                partial(self._keep_one, member=member, found=found, name=name, at=now)
            )
        except WecomError as error:
            if error.errcode in NOBODY:
                nobody: Mapping[str, Contact] = {}
                work = partial(self._keep_one, member=member, found=nobody, name="", at=now)
                await self._database.write(work)
                return True
            self._failed(error, now)
        except (NotSent, NoAnswer) as error:
            self._failed(error, now)
        except Exception:  # the database, or an answer of a shape never seen
            log.exception("customer not read", extra={"action": "contacts_failed"})
        else:
            return True
        if asked.tries + 1 < MOST_TRIES:
            self._unsure.setdefault(member, _Unsure(now + RETRY_ONE, asked.tries + 1))
        return False

    def _failed(self, error: Exception, now: datetime) -> None:
        log.warning("contacts not read: %s", error, extra={"action": "contacts_failed"})
        wait = error.verdict.wait if isinstance(error, WecomError) else None
        if wait is not None:  # too many calls: nobody is asked about meanwhile
            self._not_before = now + wait

    async def _pages(self, manager: str) -> tuple[dict[str, Contact], dict[str, str]]:
        """Every customer of a colleague, and their names."""
        found: dict[str, Contact] = {}
        names: dict[str, str] = {}
        cursor = ""
        while True:
            try:
                page, following = await self._api.customers_page(manager, cursor)
            except WecomError as error:
                if error.errcode in NOBODY and not cursor:
                    return {}, {}
                raise
            for one in page:
                member = str(one["external_contact"]["external_userid"])
                found[member] = _contact(one["follow_info"])
                names[member] = str(one["external_contact"].get("name") or "")
            if not following or following == cursor:
                break
            cursor = following
        if not found:
            known = await self._database.read(partial(relations.contacts_of, staff=manager))
            if known:  # for nobody at all WeCom has an answer of its own (84061)
                raise NoAnswer("企业微信的答复里一位客户也没有")
        return found, names

    def _keep_all(
        self,
        tx: Connection,
        manager: str,
        found: Mapping[str, Contact],
        names: Mapping[str, str],
        at: datetime,
    ) -> None:
        ids = merging.aliases(tx)
        found = {ids.get(one, one): contact for one, contact in found.items()}
        changed = relations.reconcile(tx, manager, found, at)
        # Not those whom the reading left out because they were erased.
        there = relations.contacts_of(tx, manager)
        called = {ids.get(one, one): name for one, name in names.items()}
        relations.name_members(tx, {one: called[one] for one in called.keys() & there}, at)
        mark = f"{_READ}{manager}"
        if occurrences.watermark(tx, mark) is not None:  # the first reading mends nothing
            customers.mended(tx, _mended(changed), at)
        occurrences.set_watermark(tx, mark, at)

    def _keep_one(
        self, tx: Connection, member: str, found: Mapping[str, Contact], name: str, at: datetime
    ) -> None:
        if member in merging.aliases(tx).values():
            return  # WeCom told of one of their two ids: the night's reading knows both
        relations.reconcile_member(tx, member, found, at)
        if relations.of_member(tx, member):
            relations.name_members(tx, {member: name}, at)


def _mended(changed: Changed) -> list[Mended]:
    return [
        *[Mended("contact", staff, member) for staff, member in changed.began],
        *[Mended("contact_end", staff, member) for staff, member in changed.ended],
    ]


def _followers(answer: Json) -> tuple[dict[str, Contact], str]:
    """The colleagues in an answer about one customer, with corp tags by id; and the name."""
    found = {str(one["userid"]): _contact(one) for one in answer.get("follow_user") or []}
    return found, str((answer.get("external_contact") or {}).get("name") or "")


def _contact(info: Json) -> Contact:
    """`follow_info` of a batch has tag ids, `follow_user` of one customer has tags."""
    tags = info.get("tag_id")
    if tags is None:
        tags = [one.get("tag_id") for one in info.get("tags") or []]
    return Contact(
        since=datetime.fromtimestamp(int(info["createtime"]), UTC),
        state=str(info.get("state") or ""),
        remark=str(info.get("remark") or ""),
        description=str(info.get("description") or ""),
        tag_ids=tuple(sorted(str(one) for one in tags if one)),
    )
