"""The planner against a model that asks of every day, and of every clock on every wall."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sop.community import Community, DeliveryMode
from sop.plan import Plan
from sop.planner import cohort_days, next_due, occurrences, slots
from sop.times import Weekday
from sop.workdays import Workdays, YearCalendar, published
from tests.examples import examples

DAY = timedelta(days=1)
DAYS = [one.name.lower() for one in Weekday]
ZONES = [
    "Asia/Shanghai",
    "Europe/Berlin",
    "America/Sao_Paulo",  # until 2019 its clocks were changed at midnight
    "America/New_York",
    "Australia/Lord_Howe",  # by half an hour
    "Pacific/Kiritimati",
]
POLICIES = ["run", "skip", "shift"]
KNOWN = Workdays(published() | {2027: YearCalendar()})
AHEAD = {"1m": 1, "15m": 15, "3h": 180, "2d": 2880, "30m": 30, "1d": 1440}


def _community(name: str) -> Community:
    labels = frozenset({"wealth"})
    zone = ZoneInfo("Asia/Shanghai")
    return Community(name, "群", "wr1", "lijing", DeliveryMode.ROBOT, labels, zone)


COMMUNITIES = [_community("wealth-01"), _community("wealth-02")]

# --- any plan, as the data of a file ---------------------------------------------------------

clock_times = st.builds(lambda h, m: f"{h:02}:{m:02}", st.integers(0, 23), st.integers(0, 59))
reminders = st.sampled_from(["1m", "15m", "3h", "2d"])
announcements = st.sampled_from(["30m", "1d"])
steps = st.fixed_dictionaries(
    {"at": clock_times},
    optional={
        "remind": reminders,
        "announce": announcements,
        "on_holiday": st.sampled_from(POLICIES),
        "varied": st.just(True),
    },
)
newcomer_steps = st.fixed_dictionaries(
    {"at": clock_times}, optional={"remind": reminders, "on_holiday": st.sampled_from(POLICIES)}
)
changes = st.one_of(
    st.just({"skip": True}),
    st.fixed_dictionaries(
        {"title": st.just("改过")},
        optional={
            "at": clock_times,
            "remind": reminders,
            "announce": announcements,
            "on_holiday": st.sampled_from(POLICIES),
        },
    ),
)


@st.composite
def written_plans(draw: st.DrawFn) -> dict[str, Any]:
    """The data of a plan's file."""
    week = st.dictionaries(st.sampled_from(DAYS), st.lists(steps, min_size=1, max_size=2))
    dates = st.dictionaries(
        st.sampled_from(["2026-10-01", "02-16", "02-29", "2018-11-04", "10-01"]),
        st.lists(steps, min_size=1, max_size=2),
        max_size=2,
    )
    joined = st.dictionaries(
        st.sampled_from(["0", "1", "30"]),
        st.lists(newcomer_steps, min_size=1, max_size=1),
        max_size=2,
    )
    plan: dict[str, Any] = {
        "plan": "any",
        "title": "任意",
        "applies_to": {"labels": ["wealth"]},
        "zone": draw(st.sampled_from(ZONES)),
        "on_holiday": draw(st.sampled_from(POLICIES)),
        "week": _with_ids(draw(week), "content"),
        "dates": _with_ids(draw(dates), "content"),
        "after_join": _with_ids(draw(joined), "message"),
    }
    ids = [step["id"] for _, step, _ in _written_steps(plan)]
    if not ids:
        plan["week"] = {"monday": [{"id": "one", "at": "09:00", "content": {"text": "好"}}]}
        ids = ["one"]
    if jitter := draw(st.sampled_from([None, None, "1m", "6m", "29m"])):
        plan["jitter"] = jitter
    if draw(st.booleans()):
        changed = draw(st.dictionaries(st.sampled_from(ids), changes, min_size=1, max_size=3))
        for step_id, change in changed.items():
            if step_id.startswith("after"):
                change.pop("announce", None)
        plan["overrides"] = {"wealth-02": {"steps": changed}}
    return plan


def _with_ids(days: dict[str, list[dict[str, Any]]], kind: str) -> dict[str, list[dict[str, Any]]]:
    prefix = "after" if kind == "message" else "on"
    return {
        day: [_with_kind({"id": f"{prefix}-{day}-{n}"} | one, kind) for n, one in enumerate(given)]
        for day, given in days.items()
    }


def _with_kind(step: dict[str, Any], kind: str) -> dict[str, Any]:
    if step.pop("varied", False):
        return step | {"variants": {name: {kind: {"text": name}} for name in ("甲", "乙")}}
    return step | {kind: {"text": "好"}}


def _written_steps(plan: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any], str]]:
    for group in ("week", "dates", "after_join"):
        for day, those in plan[group].items():
            for step in those:
                yield group, step, day


# --- the model -------------------------------------------------------------------------------


def wall(day: date, at: time, zone: ZoneInfo) -> datetime:
    """The first instant at which the wall shows this; in a skipped hour, as if not skipped."""
    local = datetime.combine(day, at)
    near = [local.replace(tzinfo=UTC) + hours * timedelta(hours=1) for hours in (-40, 40)]
    offsets = [one.astimezone(zone).utcoffset() or timedelta() for one in near]
    found = [local.replace(tzinfo=UTC) - offset for offset in offsets]
    real = [one for one in found if one.astimezone(zone).replace(tzinfo=None) == local]
    return min(real, default=found[0])


def here(written: dict[str, Any], plan: Plan, community: str) -> Iterator[tuple[str, str, Any]]:
    """(group, day, step) as the file's data say for a community, `at` as scattered."""
    own = written.get("overrides", {}).get(community, {"steps": {}})["steps"]
    for group, step, day in _written_steps(written):
        change = own.get(step["id"], {})
        if change.get("skip"):
            continue
        one = step | change
        resolved = plan.in_community(community).step(step["id"])
        assert resolved is not None
        hour, minute = (int(part) for part in one["at"].split(":"))
        start = hour * 60 + minute
        scatter = int(written["jitter"][:-1]) if "jitter" in written else 0
        allowed = [m for m in range(start + 1, start + scatter + 1) if m % 30 and m < 1440]
        assert resolved.at.hour * 60 + resolved.at.minute in (allowed or [start])
        yield group, day, one | {"at": resolved.at}


def named(group: str, key: str, day: date) -> bool:
    """Whether the plan itself names the day."""
    if group == "week":
        return DAYS[day.weekday()] == key
    return group == "after_join" or f"{day}".endswith(key)


def by_brute_force(
    written: dict[str, Any], plan: Plan, after: datetime, until: datetime, calendar: Workdays
) -> list[tuple[datetime, str, str]]:
    """Asks of every day around: is it one of the plan's, where does it go, what is due?"""
    found = set()
    zone = ZoneInfo(written["zone"])
    early = calendar.furthest.days + 5
    days = [after.date() + n * DAY for n in range(-early, (until - after).days + 6)]
    for community in COMMUNITIES:
        for group, key, step in here(written, plan, community.id):
            policy = step.get("on_holiday", written["on_holiday"])
            for day in days:
                if not named(group, key, day):
                    continue
                runs_on = day
                if policy != "run" and calendar.is_holiday(day):
                    if policy == "skip":
                        continue
                    while not calendar.is_workday(runs_on):
                        runs_on += DAY
                at = wall(runs_on, step["at"], zone)
                identity = f"any/{step['id']}/{runs_on}/{community.id}"
                ahead = {phase: step[phase] for phase in ("announce", "remind") if phase in step}
                minutes = {"run": 0} | {phase: AHEAD[text] for phase, text in ahead.items()}
                for phase, early in minutes.items():
                    due = at - timedelta(minutes=early)
                    if after < due <= until:
                        found.add((due, identity, phase))
    return sorted(found)


def listed(
    plan: Plan, after: datetime, until: datetime, calendar: Workdays
) -> list[tuple[datetime, str, str]]:
    found = occurrences([plan], COMMUNITIES, after, until, calendar)
    return [(one.due_at, one.identity, one.phase.value) for one in found]


# --- properties ------------------------------------------------------------------------------

instants = st.datetimes(
    min_value=datetime(2017, 6, 1),  # noqa: DTZ001  # Hypothesis wants naive bounds
    max_value=datetime(2026, 12, 20),  # noqa: DTZ001
    timezones=st.just(UTC),
)


@settings(max_examples=examples(200, 600), deadline=None)
@given(written_plans(), instants, st.integers(0, 20 * 86400), st.lists(st.floats(0, 1), max_size=3))
def test_occurrences_equal_the_model_however_an_interval_is_split(
    written: dict[str, Any], after: datetime, seconds: int, cuts: list[float]
) -> None:
    until = after + timedelta(seconds=seconds)
    edges = [after, *(after + timedelta(seconds=int(seconds * cut)) for cut in sorted(cuts)), until]
    found = []
    for start, end in pairwise(edges):
        restarted = Plan.model_validate(written)  # nothing is kept from before
        found += listed(restarted, start, end, KNOWN)
    plan = Plan.model_validate(written)
    assert found == listed(plan, after, until, KNOWN)
    assert sorted(found) == by_brute_force(written, plan, after, until, KNOWN)


@settings(max_examples=examples(200, 400), deadline=None)
@given(written_plans(), instants)
def test_next_due_is_the_first_instant_of_the_model(
    written: dict[str, Any], after: datetime
) -> None:
    plan = Plan.model_validate(written)
    due = next_due([plan], COMMUNITIES, after, KNOWN)
    if due is None:
        assert by_brute_force(written, plan, after, after + 30 * DAY, KNOWN) == []
    else:
        found = listed(plan, after, due, KNOWN)
        assert {one[0] for one in found} == {due}


@settings(max_examples=examples(200, 400), deadline=None)
@given(written_plans(), instants, st.integers(0, 20))
def test_slots_ring_at_every_due_minute(
    written: dict[str, Any], after: datetime, days: int
) -> None:
    plan = Plan.model_validate(written)
    alarms = set(slots([plan]))
    zone = ZoneInfo(written["zone"])
    for one in occurrences([plan], COMMUNITIES, after, after + days * DAY, KNOWN):
        local = one.due_at.astimezone(zone)
        runs = datetime.combine(one.day, one.step.at, tzinfo=zone)
        if local.utcoffset() != runs.astimezone(UTC).astimezone(zone).utcoffset() or (
            runs.astimezone(UTC).astimezone(zone).replace(tzinfo=None) != runs.replace(tzinfo=None)
        ):
            continue  # the clock is changed in between: the tick finds it
        rings = {
            alarm.weekday
            for alarm in alarms
            if (alarm.hour, alarm.minute, alarm.zone) == (local.hour, local.minute, str(zone))
        }
        assert rings & {"*", DAYS[local.weekday()][:3]}


@st.composite
def calendars(draw: st.DrawFn) -> Workdays:
    """A year with holidays anywhere, longer ones and lonelier ones than were ever published."""
    first = date(2026, 1, 1)
    holidays = draw(
        st.lists(st.tuples(st.integers(0, 330), st.sampled_from([1, 2, 3, 9, 31])), max_size=5)
    )
    off = {first + (start + n) * DAY for start, length in holidays for n in range(length)}
    work = {first + n * DAY for n in draw(st.lists(st.integers(0, 364), max_size=6))}
    calendar = YearCalendar(frozenset(off), frozenset(work - off))
    return Workdays({2025: YearCalendar(), 2026: calendar, 2027: YearCalendar()})


@settings(max_examples=examples(150, 300), deadline=None)
@given(written_plans(), calendars(), st.integers(0, 300), st.integers(0, 40))
def test_occurrences_equal_the_model_in_any_calendar(
    written: dict[str, Any], calendar: Workdays, start: int, days: int
) -> None:
    plan = Plan.model_validate(written)
    after = datetime(2026, 1, 10, 5, 30, tzinfo=UTC) + start * DAY
    until = after + days * DAY
    expected = by_brute_force(written, plan, after, until, calendar)
    assert sorted(listed(plan, after, until, calendar)) == expected


@settings(max_examples=examples(150, 300), deadline=None)
@given(calendars(), st.sampled_from([0, 1, 30]), st.sampled_from(POLICIES))
def test_everybody_who_joined_is_addressed_once(
    calendar: Workdays, after_join: int, policy: str
) -> None:
    step = {"id": "hello", "at": "09:00", "message": {"text": "您好"}}
    written = {
        "plan": "any",
        "title": "新成员",
        "applies_to": {"labels": ["wealth"]},
        "on_holiday": policy,
        "after_join": {str(after_join): [step]},
    }
    plan = Plan.model_validate(written)
    first, last = datetime(2026, 1, 20, tzinfo=UTC), datetime(2026, 12, 20, tzinfo=UTC)
    found = occurrences([plan], COMMUNITIES[:1], first, last, calendar)
    addressed = [
        joined + after_join * DAY
        for one in found
        for joined in cohort_days(plan, one.step, one.day, calendar)
    ]
    natural = [first.date() + n * DAY for n in range(40, 270)]
    wanted = [day for day in natural if policy != "skip" or not calendar.is_holiday(day)]
    inside = [day for day in addressed if natural[0] <= day <= natural[-1]]
    assert sorted(inside) == wanted


def test_newcomers_of_a_friday_off_are_greeted_on_monday_with_the_others() -> None:
    friday = date(2026, 6, 5)
    calendar = Workdays({2026: YearCalendar(off=frozenset({friday}))})
    written = {
        "plan": "any",
        "title": "新成员",
        "applies_to": {"labels": ["wealth"]},
        "on_holiday": "shift",
        "after_join": {"0": [{"id": "hello", "at": "09:00", "message": {"text": "您好"}}]},
    }
    plan = Plan.model_validate(written)
    step = plan.step("hello")
    assert step is not None
    days = {
        day: cohort_days(plan, step, day, calendar) for day in (friday + n * DAY for n in (1, 3))
    }
    assert days == {
        date(2026, 6, 6): [date(2026, 6, 6)],
        date(2026, 6, 8): [friday, date(2026, 6, 8)],
    }


@pytest.mark.parametrize(("days", "runs"), [(9, "2026-05-11"), (31, "2026-06-01")])
def test_a_dated_step_is_moved_over_a_holiday_of_any_length(days: int, runs: str) -> None:
    off = frozenset(date(2026, 5, 1) + n * DAY for n in range(days))
    calendar = Workdays({2026: YearCalendar(off=off)})
    plan = Plan.model_validate(
        {
            "plan": "any",
            "title": "劳动节",
            "applies_to": {"labels": ["wealth"]},
            "on_holiday": "shift",
            "dates": {"05-01": [{"id": "may", "at": "09:00", "content": {"text": "好"}}]},
        }
    )
    start = datetime(2026, 5, 25, tzinfo=UTC) if days > 20 else datetime(2026, 5, 5, tzinfo=UTC)
    found = listed(plan, start, start + 15 * DAY, calendar)
    assert [one[1] for one in found] == [f"any/may/{runs}/{one.id}" for one in COMMUNITIES]


def test_community_of_another_label_is_left_alone() -> None:
    youth = replace(COMMUNITIES[0], labels=frozenset({"youth"}))
    written = {
        "plan": "any",
        "title": "任意",
        "applies_to": {"labels": ["wealth"]},
        "week": {"monday": [{"id": "one", "at": "09:00", "content": {"text": "好"}}]},
    }
    start = datetime(2026, 5, 1, tzinfo=UTC)
    assert occurrences([Plan.model_validate(written)], [youth], start, start + 9 * DAY, KNOWN) == []
