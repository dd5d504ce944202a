"""Labels and WeCom's customer tags: what stands here is put there. What people change there comes
back with what `bot.relations` reads. Remarks are written in the same turn, so that one customer is
never changed by two calls at once (45035).

Marking twice does no harm, so an unknown answer is simply asked again. Tags of the company are
only ever added: a name that is gone from the files may still be used by people.
"""

import asyncio
import logging
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from itertools import groupby
from typing import Protocol

from sqlalchemy import Connection

from bot.clock import Clock
from bot.due import Due
from bot.http import NoAnswer, NotSent
from bot.letters import Origin
from bot.remarks import Remarks, WritesRemarks
from bot.wecom.api import Json
from bot.wecom.errors import Kind, WecomError
from sop.effects import Effect, Tell
from storage import corp_tags, people
from storage.corp_tags import CorpTagRow, PushRow
from storage.database import Database

log = logging.getLogger(__name__)

EVERY = timedelta(days=1)
AGAIN = timedelta(hours=1)
"""After a refusal that a person must mend, and after a list that could not be read."""
RETRY = timedelta(minutes=1)
AT_ONCE = 100
MOST_TAGS = 10_000
"""Of a company (wecom-protocol.md D.3)."""
FULL, CUSTOMER_FULL, TAKEN, UNKNOWN_TAG, NO_CUSTOMER = 40126, 40144, 40071, 40068, 40096


class Contacts(WritesRemarks, Protocol):
    """Who keeps customers and their tags (wecom-protocol.md D.2, D.3)."""

    async def corp_tags(self) -> list[Json]:
        """Every group with its tags."""

    async def add_corp_tags(self, group: str, names: list[str]) -> Json:
        """The group with the tags that were made."""

    async def mark_tag(
        self, user: str, external_userid: str, add: list[str], remove: list[str]
    ) -> None:
        """Adds and removes tags, by id, of a colleague's customer."""


class TagSync:
    """Speaks with WeCom about single customers, one call after the other."""

    name = "tags"

    def __init__(
        self,
        database: Database,
        api: Contacts,
        due: Callable[[], Due],
        clock: Clock,
        done: Callable[[], None] = lambda: None,
    ) -> None:
        self._database = database
        self._api = api
        self._due = due
        self._clock = clock
        self._done = done
        self._remarks = Remarks(database, api, due, clock, done)
        self._list_at = self._not_before = self._rest_until = clock.now()
        self._shared: dict[str, str] | None = None
        self._turn = asyncio.Lock()

    async def next_due(self) -> datetime | None:
        """Nothing that anybody waits for: a moved clock finds it done when it arrives."""
        return None

    async def step(self) -> int:
        """Does what is due. Returns how much was settled."""
        async with self._turn:
            now = self._clock.now()
            shared = self._due().library.synced_labels()
            settled = 0
            if await self._changed(shared, now):
                settled += await self._align(shared, now)
            settled += await self._push(now)
            return settled + await self._remarks.step()

    # the company's tags

    async def _changed(self, shared: dict[str, str], now: datetime) -> bool:
        """Whether the company's tags are to be looked at: once a day, and when something new is
        heard of them, but not again right after a failure."""
        if now < self._not_before:
            return False
        if self._list_at <= now or shared != self._shared:
            return True
        return await self._database.read(corp_tags.unheard_of)

    async def _align(self, shared: dict[str, str], now: datetime) -> int:
        """Reads the company's tags, makes those that are missing, and finds who lacks one."""
        self._shared, self._list_at = shared, now + EVERY
        try:
            new = await self._read_list()
            await self._make(shared, now)
        except (WecomError, NotSent, NoAnswer) as error:
            log.warning("corp tags: %s", error, extra={"action": "corp_tags_failed"})
            self._list_at = self._not_before = now + AGAIN
            if isinstance(error, WecomError) and error.errcode == FULL:
                await self._say_full(str(error), now)
            return 0
        await self._database.write(lambda tx: _catch_up(tx, shared, new, now))
        return 1

    async def _read_list(self) -> set[str]:
        rows = [row for group in await self._api.corp_tags() for row in _rows(group, own=False)]
        return await self._database.write(lambda tx: corp_tags.keep_corp_tags(tx, rows))

    async def _make(self, shared: dict[str, str], now: datetime) -> None:
        """What the files name and WeCom has not. Raises WecomError when there are too many."""
        known = await self._database.read(corp_tags.corp_tags)
        names = {row.name for row in known}
        missing = [(group, tag) for tag, group in sorted(shared.items()) if tag not in names]
        if len(known) + len(missing) > MOST_TAGS:
            raise WecomError(FULL)
        for group, pairs in groupby(sorted(missing), key=lambda pair: pair[0]):
            made = await self._api.add_corp_tags(group, [tag for _, tag in pairs])
            rows = _rows(made, own=True)
            await self._database.write(lambda tx, rows=rows: corp_tags.made(tx, rows))  # type: ignore[misc]

    async def _say_full(self, reason: str, now: datetime) -> None:
        """Once a day, to those who write the files."""
        due = self._due()
        day = now.astimezone(due.settings.zone).date()

        def work(tx: Connection) -> None:
            text = f"⚠️ 标签没有同步到企业微信：{reason}。"
            said: list[Effect] = [
                Tell(one.id, text, once=f"tags/full/{day}") for one in due.facts(tx).operators()
            ]
            due.runtime.apply(tx, said, Origin(f"tags/full/{day}", now))

        await self._database.write(work)
        self._done()

    # what is owed

    async def _push(self, now: datetime) -> int:
        if now < self._rest_until:  # WeCom asked for it
            return 0
        owed, known = await self._database.read(
            lambda tx: (corp_tags.due(tx, now, AT_ONCE), corp_tags.corp_tags(tx))
        )
        ids = _ids(known, self._shared or {})
        settled = 0
        owed.sort(key=lambda row: (row.member, row.staff, row.tag))
        for _, rows in groupby(owed, key=lambda row: (row.member, row.staff)):
            if await self._mark(list(rows), ids, now):
                settled += 1
            elif now < self._rest_until:
                break
        return settled

    async def _mark(self, rows: list[PushRow], ids: dict[str, str], now: datetime) -> bool:
        """One pair's changes. False if they are still owed."""
        nameless = [row for row in rows if row.tag not in ids]
        if nameless:
            await self._without_tag(nameless, now)
        rows = [row for row in rows if row.tag in ids]
        if not rows:
            return True
        member, staff = rows[0].member, rows[0].staff
        add = [ids[row.tag] for row in rows if row.add]
        remove = [ids[row.tag] for row in rows if not row.add]
        try:
            await self._api.mark_tag(staff, member, add, remove)
        except WecomError as error:
            return await self._refused(rows, error, now)
        except (NotSent, NoAnswer) as error:
            await self._later(rows, str(error), now + RETRY * 2 ** min(rows[0].attempts, 6))
            return False
        await self._database.write(lambda tx: corp_tags.done(tx, rows, ids, self._clock.now()))
        return True

    async def _without_tag(self, rows: Sequence[PushRow], now: datetime) -> None:
        """WeCom has no such tag: nothing to take off; what is to be put on waits for the tag."""
        gone = [row for row in rows if not row.add]
        waits = [row for row in rows if row.add]

        def work(tx: Connection) -> None:
            if gone:
                corp_tags.done(tx, gone, {}, now)
            corp_tags.put_off(tx, waits, now + AGAIN, "企业微信里还没有这个标签")

        await self._database.write(work)

    async def _refused(self, rows: list[PushRow], error: WecomError, now: datetime) -> bool:
        reason = str(error)
        if error.verdict.kind is Kind.GONE:
            await self._give_up(rows, "dropped", reason)
            return True
        if error.errcode == CUSTOMER_FULL:
            return await self._full(rows, reason, now)
        if error.errcode == NO_CUSTOMER:
            await self._give_up(rows, "failed", reason)
            return True
        if error.errcode == UNKNOWN_TAG:
            self._list_at = now  # somebody deleted it: look again before trying again
        if error.verdict.kind is Kind.RETRY:
            await self._later(rows, reason, now + RETRY * 2 ** min(rows[0].attempts, 6))
            return False
        if error.verdict.kind is Kind.BACK_OFF:
            self._rest_until = now + (error.verdict.wait or RETRY)
            await self._later(rows, reason, self._rest_until)
            return False
        log.warning("tags not marked: %s", reason, extra={"action": "mark_tag_failed"})
        await self._later(rows, reason, now + AGAIN)
        return False

    async def _full(self, rows: list[PushRow], reason: str, now: datetime) -> bool:
        """What is taken off makes room: it goes first, alone. Without that, a colleague must."""
        off = [row for row in rows if not row.add]
        on = [row for row in rows if row.add]
        if off:
            later = now + RETRY
            await self._later(on, reason, later)
            ids = _ids(await self._database.read(corp_tags.corp_tags), self._shared or {})
            return await self._mark(off, ids, now)
        await self._give_up(on, "failed", reason)
        due = self._due()
        member, staff = on[0].member, on[0].staff

        def work(tx: Connection) -> None:
            if due.facts(tx).staff(staff) is None:
                return
            names = "、".join(f"“{row.tag}”" for row in on)
            name = people.name(tx, member) or "一位客户"
            text = f"⚠️ {name}的标签{names}没有写进企业微信：{reason}。"
            key = f"tags/{member}/{staff}@{now.isoformat()}"
            due.runtime.apply(tx, [Tell(staff, text)], Origin(key, now))

        await self._database.write(work)
        self._done()
        return True

    async def _give_up(self, rows: Sequence[PushRow], status: str, reason: str) -> None:
        await self._database.write(lambda tx: corp_tags.give_up(tx, rows, status, reason))

    async def _later(self, rows: Sequence[PushRow], reason: str, until: datetime) -> None:
        await self._database.write(lambda tx: corp_tags.put_off(tx, rows, until, reason))


def _rows(group: Json, *, own: bool) -> list[CorpTagRow]:
    return [
        CorpTagRow(
            str(tag["id"]),
            str(group.get("group_id", "")),
            str(group.get("group_name", "")),
            str(tag["name"]),
            own,
        )
        for tag in group.get("tag", [])
        if not tag.get("deleted")
    ]


def _ids(known: Sequence[CorpTagRow], shared: dict[str, str]) -> dict[str, str]:
    """The tag that stands for each label: the one in the group that the files name, else any."""
    ids: dict[str, str] = {}
    for row in known:
        if row.name not in ids or row.group_name == shared.get(row.name):
            ids[row.name] = row.id
    return ids


def _catch_up(tx: Connection, shared: dict[str, str], new: set[str], now: datetime) -> None:
    for member, staff in corp_tags.unowed(tx, shared):
        corp_tags.owe_pair(tx, member, staff, shared, now)
    if new:
        corp_tags.told(tx, corp_tags.pairs_with(tx, new), now)
