"""What the summary's pages show, as plain values for their templates."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from urllib.parse import quote

from bot.customers import shown_to
from bot.settings import Settings
from bot.summaries import ALL, WEEK, Scope, may_see, scope_of, sees_all
from sop.community import Staff
from sop.summary.metrics import Metric
from sop.summary.summary import Summary
from sop.summary.weeks import week_label
from sop.summary.wording import change, fraction, told
from storage.figures.lists import LISTS, Listed

TITLES = dict(
    zip(
        LISTS,
        ("活跃成员", "沉默成员", "新增成员", "流失成员", "回流成员", "玩过游戏的成员"),
        strict=True,
    )
)
PER_PAGE = 200


@dataclass(frozen=True, slots=True)
class Step:
    """A crumb, or an entry of a list of links; without a path it is where one is."""

    title: str
    path: str = ""


@dataclass(frozen=True, slots=True)
class Compared:
    """One number in two weeks."""

    name: str
    now: str
    made_of: str
    then: str
    then_made_of: str
    moved: str
    direction: str
    definition: str


@dataclass(frozen=True, slots=True)
class Person:
    """A line of a list of members."""

    name: str
    community: str
    since: date
    until: date | None


def path_of(monday: date, scope: str, *further: str) -> str:
    """Where a week of a scope is, or something of it."""
    parts = [week_label(monday), quote(scope, safe=":"), *(quote(one, safe="") for one in further)]
    return "/summary/w/" + "/".join(parts)


def crumbs(settings: Settings, staff: Staff, scope: Scope, monday: date) -> Sequence[Step]:
    """Company → RM → community, as far as the reader may see."""
    names = [ALL]
    if scope.id.startswith("community:"):
        names.append(f"rm:{scope.communities[0].owner}")
    if scope.id != ALL:
        names.append(scope.id)
    found = [one for name in names if (one := scope_of(settings, name)) is not None]
    *above, here = [one for one in found if may_see(staff, one)]
    return [*(Step(one.name, path_of(monday, one.id)) for one in above), Step(here.name)]


def narrower(settings: Settings, staff: Staff, scope: Scope, monday: date) -> Sequence[Step]:
    """What a scope is made of: its RMs, or its communities."""
    if scope.id == ALL and sees_all(staff):
        names = list(dict.fromkeys(f"rm:{one.owner}" for one in scope.communities))
    elif scope.id.startswith("community:"):
        names = []
    else:
        names = [f"community:{one.id}" for one in scope.communities]
    found = [scope_of(settings, name) for name in names]
    return [Step(one.name, path_of(monday, one.id)) for one in found if one is not None]


def weeks(
    chosen: date, newest: date, path: Callable[[date], str], most: int = 12
) -> Sequence[Step]:
    """The weeks to choose from, newest first; the chosen one has no path."""
    mondays = {newest - back * WEEK for back in range(most)} | {chosen}
    ordered = sorted(mondays, reverse=True)
    return [Step(week_label(one), "" if one == chosen else path(one)) for one in ordered]


def compared(now: Summary, then: Summary) -> Sequence[Compared]:
    """Every number of two weeks side by side."""
    old = {one.key: one for one in then.metrics}
    return [_compared(one, old[one.key]) for one in now.metrics if one.key in old]


def _compared(now: Metric, then: Metric) -> Compared:
    moved = change(replace(now, previous=then.value))
    direction = {"↑": "up", "↓": "down"}.get(moved[:1], "")
    return Compared(
        now.name,
        told(now),
        fraction(now),
        told(then),
        fraction(then),
        moved or "—",
        direction,
        now.definition,
    )


def people(settings: Settings, staff: Staff, rows: Sequence[Listed]) -> Sequence[Person]:
    """Members for this reader: whole names only of the own communities."""
    places = {one.id: one for one in settings.communities}
    found = []
    for one in rows:
        zone = places[one.community].zone
        until = None if one.left_at is None else one.left_at.astimezone(zone).date()
        found.append(
            Person(
                shown_to(one.name, one.community in staff.communities) or "（没有名字）",
                places[one.community].name,
                one.joined_at.astimezone(zone).date(),
                until,
            )
        )
    return found
