"""Makes weeks final, sends them to managers and RMs, corrects them once, and answers 周报.

A week becomes final as a whole, all scopes together, when it is first sent, or on Tuesday 00:00.
It is kept as it was then. On working days the two newest final weeks are counted again: where
late data shows in a number that is printed, a correction is kept beside it, and whoever was sent
the week is told once. Everything is made outside of any transaction; that it was sent is written in
the transaction that owes the letters.
"""

import asyncio
import logging
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, date, datetime, time, timedelta
from functools import partial
from typing import Protocol

from sqlalchemy import Connection

from bot import weekly_letters as letters
from bot.clock import Clock
from bot.due import BEGAN, Due
from bot.forms import Form
from bot.http import NoAnswer, NotSent
from bot.letters import Origin
from bot.summaries import (
    ALL,
    WEEK,
    Scope,
    Summaries,
    Week,
    every_scope,
    home_of,
    last_week,
    may_see,
    scope_of,
    summary_in,
)
from bot.summary_forms import FORMS, file_name
from bot.wecom.errors import WecomError
from sop.community import Role, Staff
from sop.effects import Effect, SendMedia, Tell
from sop.summary.stored import to_plain
from sop.summary.summary import Summary
from sop.summary.weeks import midnight
from sop.workdays import UnknownYear
from storage import occurrences, summaries
from storage.database import Database
from storage.summaries import Asked, Told

log = logging.getLogger(__name__)

MARK = "summary"
"""Watermark of the last look for late data."""
WANTED_FOR = timedelta(days=3)
"""How late a summary is still sent by itself."""
LOOKED_BACK = 4
"""Weeks that are made final after a long rest."""
WATCHED = 2
"""Final weeks that late data may still correct."""
REST = timedelta(minutes=1)
"""How long WeCom is left alone after a call without an answer."""
AT_ONCE = 20
_DAY = timedelta(days=1)
_LONGEST_HOLIDAY = 10


class Uploads(Protocol):
    """Where pictures and files go before they are sent."""

    async def upload_media(self, filename: str, data: bytes, kind: str = "file") -> str:
        """What WeCom calls it, for three days."""


class Weekly:
    """One per process."""

    name = "weekly"

    def __init__(
        self,
        database: Database,
        api: Uploads | None,
        due: Callable[[], Due],
        clock: Clock,
        weeks: Summaries,
        *,
        done: Callable[[], None] = lambda: None,
    ) -> None:
        """Without an `api` (in a rehearsal) it sends what is asked for, without pictures, and
        leaves weeks alone."""
        self._database = database
        self._api = api
        self._due = due
        self._clock = clock
        self._weeks = weeks
        self._done = done
        self._turn = asyncio.Lock()
        self._next: datetime | None = None
        self._rest_until: datetime | None = None

    async def next_due(self) -> datetime | None:
        """The next instant at which a week becomes final, is sent or looked at again."""
        wishes = await self._database.read(partial(summaries.asked, most=1))
        if wishes:
            return max(self._rest_until or wishes[0].at, wishes[0].at)
        return None if self._api is None else self._next_instant(self._clock.now())

    async def step(self) -> int:
        """Does what is due. Returns how much was settled."""
        async with self._turn:
            now = self._clock.now()
            settled = await self._answer(now)
            if self._api is not None and (self._next is None or now >= self._next):
                settled += await self._finish_weeks(now)
                settled += await self._send_weeks(now)
                settled += await self._correct_weeks(now)
                self._next = self._next_instant(now)
        if settled:
            self._done()
        return settled

    # when

    def _next_instant(self, now: datetime) -> datetime | None:
        settings = self._due().settings
        monday = last_week(settings, now)
        ahead: list[datetime] = [_final_from(monday + n * WEEK, self._due()) for n in range(2)]
        for back in range(-1, 2):
            sent = self._sent_at(monday - back * WEEK)
            ahead += [] if sent is None else [sent]
        ahead.append(self._next_look(now))
        return min((one for one in ahead if one > now), default=None)

    def _sent_at(self, monday: date) -> datetime | None:
        """When a week is sent: on the first working day after it."""
        due = self._due()
        at = due.settings.summary.at
        if at is None:
            return None
        for days in range(_LONGEST_HOLIDAY):
            day = monday + WEEK + days * _DAY
            if _is_workday(due, day):
                return _instant(due, day, at)
        return None

    def _next_look(self, now: datetime) -> datetime:
        due = self._due()
        today = now.astimezone(due.settings.zone).date()
        at = due.settings.summary.look_at
        days = (today + n * _DAY for n in range(_LONGEST_HOLIDAY + 5))
        found = [_instant(due, day, at) for day in days if _is_workday(due, day)]
        return next((one for one in found if one > now), now + WEEK)

    def _last_look(self, now: datetime) -> datetime | None:
        """Today's, if it has come and today is a working day."""
        due = self._due()
        today = now.astimezone(due.settings.zone).date()
        at = _instant(due, today, due.settings.summary.look_at)
        return at if at <= now and _is_workday(due, today) else None

    # final

    async def _finish_weeks(self, now: datetime) -> int:
        due = self._due()
        newest = last_week(due.settings, now)
        settled = 0
        for back in reversed(range(LOOKED_BACK)):
            monday = newest - back * WEEK
            if _final_from(monday, due) <= now and await self._began_before_end(monday):
                settled += await self._finish(monday)
        return settled

    async def _began_before_end(self, monday: date) -> bool:
        """Whether the program ran in that week at all."""
        began = await self._database.read(partial(occurrences.watermark, name=BEGAN))
        return began is not None and began < midnight(monday + WEEK, self._due().settings.zone)

    async def _finish(self, monday: date) -> int:
        """Keeps every scope of a week that is not kept yet. Returns how many."""
        kept = await self._database.read(partial(summaries.final_scopes, week=monday))
        settled = 0
        for scope in every_scope(self._due().settings):
            if scope.id not in kept:
                made = await self._weeks.counted(scope, monday)
                settled += await self._keep(scope, made, 0)
        return settled

    async def _keep(self, scope: Scope, made: Summary, revision: int) -> bool:
        plain = await asyncio.to_thread(to_plain, made)
        at = self._clock.now()
        return await self._database.write(
            lambda tx: summaries.keep(tx, made.monday, scope.id, plain, at, revision)
        )

    # sent

    async def _send_weeks(self, now: datetime) -> int:
        newest = last_week(self._due().settings, now)
        settled = 0
        for monday in (newest - WEEK, newest):
            at = self._sent_at(monday)
            wanted = at is not None and at <= now < at + WANTED_FOR
            if wanted and await self._began_before_end(monday):
                settled += await self._send(monday, now)
        return settled

    async def _send(self, monday: date, now: datetime) -> int:
        """To whoever has not been sent the week yet."""
        settings = self._due().settings
        told = await self._database.read(partial(summaries.told, week=monday))
        missing = [one for one in _recipients(settings.staff.values()) if one.id not in told]
        if not missing:
            return 0
        settled, pictures = await self._finish(monday), dict[str, str]()
        for staff in missing:
            scope = home_of(settings, staff)
            if scope is None:
                continue
            week = await self._weeks.week(scope, monday)
            if scope.id not in pictures:
                pictures[scope.id] = await self._picture(week.summary)
            work = partial(self._owe_week, staff=staff, week=week, picture=pictures[scope.id])
            settled += await self._database.write(partial(work, now=now))
        return settled

    def _owe_week(
        self, tx: Connection, staff: Staff, week: Week, picture: str, now: datetime
    ) -> bool:
        """Owes the letters, once for each week and colleague."""
        monday, due = week.summary.monday, self._due()
        if staff.id in summaries.told(tx, monday):
            return False
        kept = summaries.get(tx, monday, week.scope.id)
        revision = 0 if kept is None else kept.revision
        effects = letters.whole(due.settings, staff.id, week, picture, now)
        due.runtime.apply(tx, effects, Origin(f"summary/{monday}/{staff.id}", now))
        summaries.tell(tx, Told(monday, staff.id, week.scope.id, revision, now))
        return True

    async def _picture(self, summary: Summary) -> str:
        """What WeCom calls the week in one picture; empty if there is none: a summary is not held
        up by it."""
        if self._api is None:
            return ""
        try:
            return await self._upload(self._api, summary, FORMS["png"], "image")
        except (WecomError, NotSent, NoAnswer) as error:
            log.warning("summary picture: %s", error, extra={"action": "summary_picture_failed"})
            return ""

    async def _upload(self, api: Uploads, summary: Summary, form: Form, kind: str = "file") -> str:
        data = await asyncio.to_thread(form.render, summary)
        return await api.upload_media(file_name(summary, form), data, kind)

    # corrected

    async def _correct_weeks(self, now: datetime) -> int:
        look = self._last_look(now)
        before = await self._database.read(partial(occurrences.watermark, name=MARK))
        if look is None or (before is not None and before >= look):
            return 0
        newest, settled = last_week(self._due().settings, now), 0
        for monday in (newest - back * WEEK for back in reversed(range(WATCHED))):
            settled += await self._correct(monday, now)
        await self._database.write(lambda tx: occurrences.set_watermark(tx, MARK, now))
        return settled

    async def _correct(self, monday: date, now: datetime) -> int:
        """Counts a final week again, the wide scopes first: where they show no change, the
        narrow ones inside are not looked at."""
        settings = self._due().settings
        kept = await self._database.read(partial(summaries.final_scopes, week=monday))
        moved: set[str] = set()
        settled = 0
        for scope in every_scope(settings):
            narrow = scope.id != ALL and not scope.id.startswith("rm:")
            owners = {f"rm:{one.owner}" for one in scope.communities}
            if scope.id not in kept or (narrow and not owners & moved):
                continue
            if await self._revise(scope, monday):
                moved.add(scope.id)
                settled += 1
        return settled + await self._tell_changes(monday, now)

    async def _revise(self, scope: Scope, monday: date) -> bool:
        """Keeps a correction if a printed number is another now."""
        kept = await self._database.read(lambda tx: summaries.get(tx, monday, scope.id))
        if kept is None:
            return False
        made = await self._weeks.counted(scope, monday)
        if not letters.changes(await asyncio.to_thread(summary_in, kept), made):
            return False
        return await self._keep(scope, made, kept.revision + 1)

    async def _tell_changes(self, monday: date, now: datetime) -> int:
        told = await self._database.read(partial(summaries.told, week=monday))
        settled = 0
        for row in told.values():
            work = partial(self._owe_changes, row=row, now=now)
            settled += await self._database.write(work)
        return settled

    def _owe_changes(self, tx: Connection, row: Told, now: datetime) -> bool:
        """What changed since the colleague was told, if anything."""
        kept = summaries.history(tx, row.week, row.scope)
        if not kept or kept[-1].revision <= row.revision:
            return False
        due = self._due()
        known = {one.revision: one for one in kept}[row.revision]
        newest = summary_in(kept[-1])
        lines = letters.changes(summary_in(known), newest)
        if lines and row.staff in due.settings.staff:
            told = letters.corrected(row.staff, row.week, newest.scope, lines)
            key = f"summary/{row.week}/{row.staff}/{kept[-1].revision}"
            due.runtime.apply(tx, [told], Origin(key, now))
        summaries.tell(tx, Told(row.week, row.staff, row.scope, kept[-1].revision, now))
        return bool(lines)

    # asked for

    async def _answer(self, now: datetime) -> int:
        """What colleagues asked for, oldest first."""
        if self._rest_until is not None and now < self._rest_until:
            return 0
        settled = 0
        for wish in await self._database.read(partial(summaries.asked, most=AT_ONCE)):
            try:
                effects = await self._made(wish, now)
            except (NotSent, NoAnswer) as error:
                log.warning("summary waits: %s", error, extra={"action": "summary_failed"})
                self._rest_until = now + REST
                break
            except WecomError as error:
                effects = [Tell(wish.staff, f"周报没有发出去：{error}。请过一会儿再试。")]
            settled += await self._database.write(
                partial(self._owe_answer, wish=wish, effects=effects, now=now)
            )
        return settled

    def _owe_answer(
        self, tx: Connection, wish: Asked, effects: Sequence[Effect], now: datetime
    ) -> bool:
        if not summaries.answered(tx, wish.id):
            return False
        origin = Origin(f"{wish.origin}/summary/{wish.id}", now)
        self._due().runtime.apply(tx, effects, origin)
        return True

    async def _made(self, wish: Asked, now: datetime) -> list[Effect]:
        """What is sent for a wish; nothing to who may not see it any more."""
        settings = self._due().settings
        staff, scope = settings.staff.get(wish.staff), scope_of(settings, wish.scope)
        if staff is None or scope is None or not may_see(staff, scope):
            return []
        week = await self._weeks.week(scope, wish.week)
        if wish.form in FORMS and self._api is not None:
            media = await self._upload(self._api, week.summary, FORMS[wish.form])
            return [SendMedia(staff.id, "file", media)]
        picture = await self._picture(week.summary)
        made = letters.whole if wish.form == "card" else letters.beside
        return made(settings, staff.id, week, picture, now)


def _recipients(staff: Iterable[Staff]) -> list[Staff]:
    """Managers, of all communities; RMs, of their own."""
    return [one for one in staff if one.roles & {Role.MANAGER, Role.RM}]


def _final_from(monday: date, due: Due) -> datetime:
    """Tuesday 00:00 after the week."""
    return midnight(monday + WEEK + _DAY, due.settings.zone)


def _instant(due: Due, day: date, at: time) -> datetime:
    return datetime.combine(day, at, due.settings.zone).astimezone(UTC)


def _is_workday(due: Due, day: date) -> bool:
    try:
        return due.workdays.is_workday(day)
    except UnknownYear:
        return day.weekday() < 5
