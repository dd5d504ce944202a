"""Which steps happen when: from plans and communities to occurrences, by pure calculation.

A step's local time becomes an instant by its plan's zone: an hour that a zone skips in spring
counts as if the clock had not moved, one that it repeats in autumn counts once, the first time.
A plan is taken as it is in each community: with its overrides, variants and times there.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sop.community import Community
from sop.occurrence import Occurrence, Phase
from sop.plan import Plan, Step
from sop.times import DatedDay, Weekday
from sop.workdays import UnknownYear, Workdays

DAY = timedelta(days=1)
HORIZON = timedelta(days=400)
"""How far `next_due` looks: a yearly date, moved by a holiday."""

_PHASES = (Phase.ANNOUNCE, Phase.REMIND, Phase.RUN)


@dataclass(frozen=True, slots=True, order=True)
class Slot:
    """A wall-clock time at which something may be due, for an alarm clock."""

    weekday: str
    """`mon` … `sun`, or `*` where the day is not always the same one of the week."""
    hour: int
    minute: int
    zone: str


def occurrences(
    plans: Iterable[Plan],
    communities: Sequence[Community],
    after: datetime,
    until: datetime,
    workdays: Workdays,
) -> list[Occurrence]:
    """Everything due in (after, until], ordered by time, plan, step, phase and community.

    Any split of an interval gives the same occurrences. Raises UnknownYear when a plan that
    respects holidays meets a year without a calendar.
    """
    due: list[tuple[datetime, str, str, int, str, Plan, Step, date, list[str]]] = []
    for plan in plans:
        for resolved, ids in _alike(plan, communities):
            for day, step in _days(resolved, after, until, workdays):
                runs_at = instant(day, step.at, plan.zone)
                for number, phase in enumerate(_PHASES):
                    at = phase_at(step, runs_at, phase)
                    if at is not None and after < at <= until:
                        due.append(
                            (at, plan.plan, step.id, number, ids[0], resolved, step, day, ids)
                        )
    due.sort(key=lambda one: one[:5])
    return [
        Occurrence(plan, step, day, community, _PHASES[number], at)
        for at, _, _, number, _, plan, step, day, ids in due
        for community in ids
    ]


def _alike(plan: Plan, communities: Iterable[Community]) -> list[tuple[Plan, list[str]]]:
    """The plan as it is in each community, with the communities' ids.

    One entry for all where none differs; else one for each, so that their order can be merged.
    """
    ids = sorted(one.id for one in communities if plan.includes(one))
    each = [(plan.in_community(one), [one]) for one in ids]
    if each and all(resolved is plan for resolved, _ in each):
        return [(plan, ids)]
    return each


def next_due(
    plans: Iterable[Plan], communities: Sequence[Community], after: datetime, workdays: Workdays
) -> datetime | None:
    """The first instant after `after` at which anything is due; None: nothing within 400 days.

    Where the calendar ends, the answer is when the first step of the unknown year would be due:
    `occurrences` then says which year is missing.
    """
    earliest: datetime | None = None
    for plan in plans:
        for resolved, _ in _alike(plan, communities):
            until = after + HORIZON if earliest is None else earliest
            found = _first(resolved, after, until, workdays)
            if found is not None and (earliest is None or found < earliest):
                earliest = found
    return earliest


def _first(plan: Plan, after: datetime, until: datetime, workdays: Workdays) -> datetime | None:
    """Looks ahead in growing stretches: nearly always the first one has it.

    A stretch that ends in an unknown year is halved: what is due before is found all the same.
    """
    stretch, start = timedelta(days=2), after
    while start < until:
        end = min(start + stretch, until)
        try:
            dues = [
                at
                for day, step in _days(plan, start, end, workdays)
                for phase in _PHASES
                if (at := phase_at(step, instant(day, step.at, plan.zone), phase)) is not None
                and start < at <= end
            ]
        except UnknownYear:
            if end - start <= timedelta(minutes=1):
                # Already in the unknown: once a day is often enough to find that out again.
                return end if start > after else after + DAY
            stretch = (end - start) / 2
            continue
        if dues:
            return min(dues)
        start, stretch = end, stretch * 2
    return None


def slots(plans: Iterable[Plan]) -> list[Slot]:
    """The distinct times of all phases, in order. Dated and movable steps may be due any day.

    Where a zone's clock is changed between a reminder and its step, only the tick finds it.
    """
    found: set[Slot] = set()
    for plan in plans:
        for one in (plan, *plan.changed()):
            for weekday, steps in _by_day(one):
                for step in steps:
                    moves = (step.on_holiday or plan.on_holiday) == "shift"
                    fixed = weekday if isinstance(weekday, Weekday) and not moves else None
                    for at in plan.times(step):
                        found.update(_slots(step, at, plan.zone, fixed))
    return sorted(found)


def _slots(step: Step, at: time, zone: ZoneInfo, weekday: Weekday | None) -> Iterator[Slot]:
    monday = date(2024, 1, 1)  # any Monday: only the weekday of the result is used
    wall = datetime.combine(monday + (weekday or 0) * DAY, at)
    for phase in _PHASES:
        rings = phase_at(step, wall, phase)
        if rings is not None:
            name = Weekday(rings.weekday()).name.lower()[:3]
            # An alarm has no seconds: it may ring a little early, never late.
            yield Slot("*" if weekday is None else name, rings.hour, rings.minute, str(zone))


def instant(day: date, at: time, zone: ZoneInfo) -> datetime:
    """A local time as an instant in UTC."""
    return datetime.combine(day, at, tzinfo=zone).astimezone(UTC)


def phase_at(step: Step, runs_at: datetime, phase: Phase) -> datetime | None:
    """When a phase of an occurrence is due; None when the step has no such phase."""
    if phase is Phase.RUN:
        return runs_at
    ahead = step.announce if phase is Phase.ANNOUNCE else step.remind
    return None if ahead is None else runs_at - ahead


def cohort_days(plan: Plan, step: Step, day: date, workdays: Workdays) -> list[date]:
    """The local days on which those joined whom a step of `after_join:` addresses on `day`.

    More than one where holidays moved several days to this one.
    """
    after = plan.days_after_join(step.id)
    if after is None:
        return []
    days = [day]
    if (step.on_holiday or plan.on_holiday) == "shift" and workdays.is_workday(day):
        before = day - DAY
        while not workdays.is_workday(before):
            if workdays.is_holiday(before):  # an ordinary weekend had a run of its own
                days.insert(0, before)
            before -= DAY
    return [one - after * DAY for one in days]


Key = Weekday | DatedDay | None
"""What names a step's days: a weekday, a date, or None for every day (`after_join:`)."""


def _by_day(plan: Plan) -> Iterator[tuple[Key, list[Step]]]:
    yield from plan.week.items()
    yield from plan.dates.items()
    for steps in plan.after_join.values():
        yield None, steps


def _days(
    plan: Plan, after: datetime, until: datetime, workdays: Workdays
) -> Iterator[tuple[date, Step]]:
    """Each step with each day on which it runs and may have a phase in the interval."""
    for key, steps in _by_day(plan):
        for step in steps:
            for day in _step_days(plan, key, step, after, until, workdays):
                yield day, step


def _step_days(
    plan: Plan,
    key: Key,
    step: Step,
    after: datetime,
    until: datetime,
    workdays: Workdays,
) -> list[date]:
    """The calendar is asked only about days that matter: it may not know the next year yet."""
    ahead = max(step.remind or timedelta(), step.announce or timedelta())
    # A zone may skip a whole day, hence one more before.
    first = after.astimezone(plan.zone).date() - DAY
    last = (until + ahead).astimezone(plan.zone).date()
    policy = step.on_holiday or plan.on_holiday
    # One day more: a clock that was put forward in between makes days shorter.
    reach = workdays.furthest + DAY if policy == "shift" else timedelta()
    days = [
        day
        for day in _natural(key, first - reach, last)
        if after < (at := instant(day, step.at, plan.zone)) + reach and at - ahead <= until
    ]
    if policy == "skip":
        return [day for day in days if not workdays.is_holiday(day)]
    if policy == "shift":
        moved = {workdays.next_workday(day) if workdays.is_holiday(day) else day for day in days}
        return sorted(moved)
    return days


def _natural(key: Key, first: date, last: date) -> list[date]:
    """The days that the plan itself names, in [first, last]."""
    if key is None:
        return [first + number * DAY for number in range((last - first).days + 1)]
    if isinstance(key, DatedDay):
        years = range(first.year, last.year + 1)
        named = [day for year in years if (day := key.on(year)) is not None]
        return [day for day in named if first <= day <= last]
    start = first + (key - first.weekday()) % 7 * DAY
    return [start + number * DAY for number in range(0, (last - start).days + 1, 7)]
