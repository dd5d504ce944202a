"""The summaries that colleagues may see: which communities each is about, and its numbers, final
where the week is final."""

import asyncio
import logging
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import Connection

from bot.clock import Clock
from bot.counting import Count, NotCounted
from bot.due import Due
from bot.settings import Settings
from sop.community import Community, Role, Staff
from sop.summary.stored import Unreadable, from_plain
from sop.summary.summary import Summary, summarise
from sop.summary.weeks import midnight, monday_of
from storage import summaries
from storage.database import Database
from storage.summaries import Kept

log = logging.getLogger(__name__)

ALL = "all"
WEEK = timedelta(days=7)
READERS = frozenset({Role.RM, Role.OPERATOR, Role.MANAGER})
_EVERYTHING = frozenset({Role.OPERATOR, Role.MANAGER})
_AT_ONCE = 2
"""Summaries worked out at the same time."""
FEW = 30
"""Communities whose week is counted within the service, in tens of milliseconds."""
_FRESH = timedelta(seconds=30)
"""How long the numbers of a week that may still change are shown again."""
_MOST_FRESH = 32


@dataclass(frozen=True, slots=True)
class Scope:
    """Whose week it is."""

    id: str
    """`all`, `rm:lijing`, `label:wealth`, `community:wealth-01`."""
    name: str
    communities: tuple[Community, ...]


@dataclass(frozen=True, slots=True)
class Week:
    """A summary, and how final it is."""

    summary: Summary
    scope: Scope
    final_at: datetime | None = None
    """None: it may still change."""
    corrected_at: datetime | None = None
    """When late data corrected it last."""


def every_scope(settings: Settings) -> Sequence[Scope]:
    """All there are, the whole company first."""
    every = settings.communities
    owners = dict.fromkeys(one.owner for one in every)
    labels = sorted({label for one in every for label in one.labels})
    names = [ALL, *(f"rm:{one}" for one in owners), *(f"label:{one}" for one in labels)]
    names += [f"community:{one.id}" for one in every]
    return [found for name in names if (found := scope_of(settings, name)) is not None]


def scope_of(settings: Settings, name: str) -> Scope | None:
    """The scope of this name; None where configuration has nothing of the kind."""
    kind, _, id = name.partition(":")
    every = settings.communities
    if name == ALL:
        return Scope(name, "全部社群", every)
    if kind == "rm":
        staff = settings.staff.get(id)
        chosen = tuple(one for one in every if one.owner == id)
        title = f"{staff.name if staff else id}的社群"
    elif kind == "label":
        chosen = tuple(one for one in every if id in one.labels)
        title = f"标签“{id}”的社群"
    elif kind == "community":
        chosen = tuple(one for one in every if one.id == id)
        title = chosen[0].name if chosen else ""
    else:
        return None
    return Scope(name, title, chosen) if chosen else None


def sees_all(staff: Staff) -> bool:
    """Managers and operators see the whole company."""
    return bool(staff.roles & _EVERYTHING)


def may_see(staff: Staff, scope: Scope) -> bool:
    """An RM sees the own communities; who is none of the readers sees nothing."""
    if sees_all(staff):
        return True
    return Role.RM in staff.roles and all(one.id in staff.communities for one in scope.communities)


def home_of(settings: Settings, staff: Staff) -> Scope | None:
    """The widest scope of a colleague; None for who has none."""
    if sees_all(staff):
        return scope_of(settings, ALL)
    return scope_of(settings, f"rm:{staff.id}") if Role.RM in staff.roles else None


def week_over(settings: Settings, monday: date, now: datetime) -> bool:
    """Whether the week that begins on `monday` has ended."""
    return now >= midnight(monday + WEEK, settings.zone)


def last_week(settings: Settings, now: datetime) -> date:
    """The Monday of the newest week that is over."""
    return monday_of(now.astimezone(settings.zone).date()) - WEEK


def kept_week(tx: Connection, scope: Scope, monday: date) -> Week | None:
    """A final week as it was kept; None while it is not final. Raises `summaries.Damaged`."""
    rows = summaries.history(tx, monday, scope.id)
    if not rows:
        return None
    corrected = rows[-1].at if rows[-1].revision else None
    return Week(summary_in(rows[-1]), scope, rows[0].at, corrected)


def summary_in(kept: Kept) -> Summary:
    """What was kept. Raises `summaries.Damaged`."""
    try:
        return from_plain(kept.json)
    except Unreadable as error:
        raise summaries.Damaged(str(error)) from error


class Summaries:
    """Reads weeks, one way or another beside the event loop."""

    def __init__(self, database: Database, due: Callable[[], Due], clock: Clock) -> None:
        self._database = database
        self._due = due
        self._clock = clock
        self._turns = asyncio.Semaphore(_AT_ONCE)
        self._fresh: OrderedDict[tuple[str, date], tuple[datetime, Summary]] = OrderedDict()

    async def week(self, scope: Scope, monday: date) -> Week:
        """A week as it is final, or as it stands now."""
        kept = await self._database.read(lambda tx: kept_week(tx, scope, monday))
        return kept or Week(await self._recent(scope, monday), scope)

    async def counted(self, scope: Scope, monday: date) -> Summary:
        """A week as the rows have it now, whatever is final."""
        due = self._due()
        count = Count(
            self._database.url,
            due.library,
            due.settings.staff,
            scope.communities,
            monday,
            due.settings.zone,
            scope.name,
        )
        async with self._turns:
            if len(scope.communities) > FEW:
                try:
                    return await count.apart()
                except NotCounted as error:
                    log.error("counted in the service: %s", error, extra={"action": "not_counted"})
            period = await self._database.read(count.period)
            return await asyncio.to_thread(summarise, period)

    async def _recent(self, scope: Scope, monday: date) -> Summary:
        """Who turns pages does not have everything counted each time."""
        key, now = (scope.id, monday), self._clock.now()
        found = self._fresh.get(key)
        if found is not None and found[0] <= now < found[0] + _FRESH:
            return found[1]
        made = await self.counted(scope, monday)
        self._fresh[key] = (now, made)
        self._fresh.move_to_end(key)
        while len(self._fresh) > _MOST_FRESH:
            self._fresh.popitem(last=False)
        return made
