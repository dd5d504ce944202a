"""Storage's rows of one step → `sop.summary.one_step`, with the names that people know."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from bot.settings import Settings
from bot.step_titles import step_title
from bot.summaries import WEEK, Scope
from sop.campaign import Campaign
from sop.community import Community, accounts
from sop.library import Library
from sop.summary.one_step import TAKEN, Counts, Part, StepView, added
from sop.summary.weeks import WEEKDAYS
from sop.summary.wording import cut
from storage import gatherings
from storage.figures import one_step
from storage.figures.one_step import Asked, Run, Took

WEEKS = 8
"""The week itself and those before it."""
_LONGEST_REASON = 40
There = Mapping[tuple[str, date], set[str]]
"""Members by community and day."""


@dataclass(frozen=True, slots=True)
class _Known:
    """Everything that was read."""

    scope: Scope
    asked: Asked
    took: Took
    there: There


def read_step(
    tx: Connection,
    settings: Settings,
    library: Library,
    scope: Scope,
    monday: date,
    step: tuple[str, str],
    now: datetime,
) -> StepView | None:
    """A step (plan, id) in a scope, in the week that begins on `monday` and those before it; None
    for one that is not in the plan and was never due here in these weeks."""
    asked = _asked(tx, settings, library, scope, step, now)
    runs = one_step.runs(asked, monday - (WEEKS - 1) * WEEK, monday + WEEK)
    plan = library.plans.get(step[0])
    if not runs and (plan is None or plan.step(step[1]) is None):
        return None
    known = _Known(scope, asked, one_step.took_part(asked, runs), _there(asked, runs))
    mine = [one for one in runs if one.ran.day >= monday]
    single = len(scope.communities) == 1
    return StepView(
        *step,
        step_title(library, *step),
        step[0] if plan is None else plan.title,
        monday,
        scope.name,
        _weeks(known, runs, monday),
        () if single else _rms(settings, known, mine),
        () if single else _communities(settings, known, mine),
        _each(known, mine) if single else (),
    )


def who_took_part(
    tx: Connection,
    settings: Settings,
    library: Library,
    scope: Scope,
    monday: date,
    step: tuple[str, str],
    which: str,
    now: datetime,
) -> set[str]:
    """The members behind one of the numbers, a key of `TAKEN`."""
    asked = _asked(tx, settings, library, scope, step, now)
    runs = one_step.runs(asked, monday, monday + WEEK)
    took = one_step.took_part(asked, runs)
    return took.of(which, [one.key for one in runs]) or set()


def _asked(
    tx: Connection,
    settings: Settings,
    library: Library,
    scope: Scope,
    step: tuple[str, str],
    now: datetime,
) -> Asked:
    plan = library.plans.get(step[0])
    found = None if plan is None else plan.step(step[1])
    linked = [] if found is None else found.spec.links(library)
    campaigns = [one.campaign for one in linked if isinstance(one, Campaign)]
    return Asked(
        tx,
        tuple(one.id for one in scope.communities),
        settings.zone,
        frozenset(accounts(settings.staff)),
        *step,
        next(iter(campaigns), None),
        now - gatherings.KEEP_REPLIES,
    )


def _there(asked: Asked, runs: Sequence[Run]) -> There:
    """Who was there where the step ran, each day for itself."""
    places: dict[date, set[str]] = defaultdict(set)
    for one in runs:
        if one.ran.executed:
            places[one.ran.day].add(one.ran.community)
    return one_step.there(asked, places)


def _weeks(known: _Known, runs: Sequence[Run], monday: date) -> tuple[tuple[date, Counts], ...]:
    """Newest first, as far back as there was anything."""
    first = min((one.ran.day for one in runs), default=monday)
    mondays = [monday - back * WEEK for back in range(WEEKS) if monday - (back - 1) * WEEK > first]
    return tuple((one, _counts(known, _in_week(runs, one))) for one in mondays or [monday])


def _in_week(runs: Iterable[Run], monday: date) -> list[Run]:
    return [one for one in runs if monday <= one.ran.day < monday + WEEK]


def _counts(known: _Known, runs: Sequence[Run]) -> Counts:
    keys = [one.key for one in runs]
    took = {which: known.took.of(which, keys) for which in TAKEN}
    some = {which: who for which, who in took.items() if who is not None}
    places = ((one.ran.community, one.ran.day) for one in runs)
    there = set().union(*(known.there.get(place, ()) for place in places))
    joined = ("answered", "played", "entered", "drew")
    there |= set().union(*(some.get(which, ()) for which in joined))
    return added(map(_one, runs), some, len(there))


def _one(run: Run) -> Counts:
    """A single time in a single community. What an RM is to send is sent when WeCom says so."""
    ran = run.ran
    sent = ran.executed if run.task is None else run.task == "sent"
    late = ran.executed and not ran.on_time if run.task is None else run.task_on_time is False
    return Counts(
        int(ran.due),
        int(ran.executed),
        int(ran.on_time),
        int(not ran.due),
        int(ran.reminded),
        int(ran.confirmed),
        int(sent),
        int(sent and late),
    )


def _rms(settings: Settings, known: _Known, runs: Sequence[Run]) -> tuple[Part, ...]:
    owner_of = {one.id: one.owner for one in known.scope.communities}
    by_owner = _grouped(runs, lambda one: owner_of[one.ran.community])
    return tuple(
        Part(_name(settings, owner), _counts(known, by_owner[owner]), f"rm:{owner}")
        for owner in dict.fromkeys(owner_of.values())
        if owner in by_owner
    )


def _communities(settings: Settings, known: _Known, runs: Sequence[Run]) -> tuple[Part, ...]:
    """Those first in which something was not done, or late."""
    by_place = _grouped(runs, lambda one: one.ran.community)
    parts = [
        Part(
            one.name,
            _counts(known, mine),
            f"community:{one.id}",
            _name(settings, one.owner),
            outcome=_outcomes(mine, one),
        )
        for one in known.scope.communities
        if (mine := by_place.get(one.id))
    ]
    return tuple(sorted(parts, key=_went_well))


def _went_well(part: Part) -> bool:
    one = part.counts
    return one.due == one.executed == one.on_time == one.sent and not one.late


def _each(known: _Known, runs: Sequence[Run]) -> tuple[Part, ...]:
    (place,) = known.scope.communities
    return tuple(
        Part("", _counts(known, [one]), day=one.ran.day, outcome=outcome(one, place.zone))
        for one in runs
    )


def _grouped(runs: Iterable[Run], of: Callable[[Run], str]) -> dict[str, list[Run]]:
    found: dict[str, list[Run]] = defaultdict(list)
    for one in runs:
        found[of(one)].append(one)
    return found


def _name(settings: Settings, owner: str) -> str:
    return settings.staff[owner].name if owner in settings.staff else owner


def _outcomes(runs: Sequence[Run], place: Community) -> str:
    """Of several runs the last one, with its day."""
    last = runs[-1]
    day = "" if len(runs) == 1 else f"{len(runs)} 次，{WEEKDAYS[last.ran.day.weekday()]} "
    return f"{day}{outcome(last, place.zone)}"


def outcome(run: Run, zone: ZoneInfo) -> str:
    """What became of it, in words."""
    why = cut(run.reason, _LONGEST_REASON).removesuffix("。")
    if not run.ran.executed:
        word = "没有执行" if run.ran.due else "跳过"
        if run.status == "asked":
            word, why = "晚了，等客户经理决定", ""
        return f"{word}：{why}" if why else word
    if run.task is not None:
        return _handed(run, zone)
    return f"{_clock(run.ran_at, run, zone)}{'准时' if run.ran.on_time else _late_by(run)}"


def _handed(run: Run, zone: ZoneInfo) -> str:
    """What the RM made of it."""
    if run.task == "sent":
        at = _clock(run.sent_at or run.confirmed_at, run, zone)
        return f"{at}客户经理{'晚发' if run.task_on_time is False else '按时发出'}"
    return {
        "waiting": "正在交给客户经理",
        "open": "已提醒，客户经理还没有确认",
        "capped": "到了企业微信的群发上限，没有发出",
        "skipped": "客户经理跳过",
        "expired": "一直没有确认，已撤回",
        "cancelled": "已取消",
        "failed": "没有发出",
    }.get(run.task or "", "")


def _clock(at: datetime | None, run: Run, zone: ZoneInfo) -> str:
    """`19:42 `; with the date where it was another day."""
    if at is None:
        return ""
    local = at.astimezone(zone)
    day = "" if local.date() == run.ran.day else f"{local.month}-{local.day:02d} "
    return f"{day}{local:%H:%M} "


def _late_by(run: Run) -> str:
    """Against its planned time."""
    if run.ran_at is None:
        return "晚了"
    minutes = int((run.ran_at - run.planned_for) / timedelta(minutes=1))
    return f"晚 {minutes // 60} 小时 {minutes % 60} 分" if minutes >= 60 else f"晚 {minutes} 分钟"
