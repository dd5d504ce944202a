"""The planner against written-out weeks, and against the clock."""

import time as stopwatch
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from sop.community import Community
from sop.occurrence import Occurrence, Phase
from sop.plan import Plan
from sop.planner import Slot, instant, next_due, occurrences, slots
from sop.workdays import UnknownYear, Workdays, published

Read = Callable[[str], Plan]

WEEK = """
plan: week
title: 一周
applies_to: {labels: [wealth]}
week:
  monday:
    - id: brief
      at: "09:30"
      remind: 15m
      content: {text: 早上好}
  周二:
    - id: dice
      at: 19:30
      announce: 30m
      remind: 15m
      game: {name: dice}
dates:
  11-25:
    - id: thanks
      at: "8:00"
      content: {text: 谢谢}
"""


def beijing(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo("Asia/Shanghai")).astimezone(UTC)


def listed(found: list[Occurrence]) -> list[tuple[str, str]]:
    zone = ZoneInfo("Asia/Shanghai")
    return [(f"{one.due_at.astimezone(zone):%m-%d %H:%M}", one.key) for one in found]


def test_occurrences_of_a_week(
    plan: Read, communities: list[Community], workdays: Workdays
) -> None:
    found = occurrences(
        [plan(WEEK)],
        communities,
        beijing("2026-11-22 00:00"),
        beijing("2026-11-29 00:00"),
        workdays,
    )
    assert listed(found) == [
        ("11-23 09:15", "week/brief/2026-11-23/wealth-01#remind"),
        ("11-23 09:15", "week/brief/2026-11-23/wealth-02#remind"),
        ("11-23 09:30", "week/brief/2026-11-23/wealth-01"),
        ("11-23 09:30", "week/brief/2026-11-23/wealth-02"),
        ("11-24 19:00", "week/dice/2026-11-24/wealth-01#announce"),
        ("11-24 19:00", "week/dice/2026-11-24/wealth-02#announce"),
        ("11-24 19:15", "week/dice/2026-11-24/wealth-01#remind"),
        ("11-24 19:15", "week/dice/2026-11-24/wealth-02#remind"),
        ("11-24 19:30", "week/dice/2026-11-24/wealth-01"),
        ("11-24 19:30", "week/dice/2026-11-24/wealth-02"),
        ("11-25 08:00", "week/thanks/2026-11-25/wealth-01"),
        ("11-25 08:00", "week/thanks/2026-11-25/wealth-02"),
    ]


def test_occurrences_after_is_left_out_and_until_is_in(
    plan: Read, wealth: Community, workdays: Workdays
) -> None:
    at = beijing("2026-11-23 09:30")
    week = [plan(WEEK)]
    assert listed(occurrences(week, [wealth], at - timedelta(seconds=1), at, workdays)) == [
        ("11-23 09:30", "week/brief/2026-11-23/wealth-01")
    ]
    assert occurrences(week, [wealth], at, at + timedelta(hours=1), workdays) == []


ON_HOLIDAY = """
plan: holiday
title: 节假日
applies_to: {{labels: [wealth]}}
on_holiday: {policy}
week:
  monday: [{{id: mon, at: "09:00", content: {{text: 一}}}}]
  wednesday: [{{id: wed, at: "09:00", content: {{text: 三}}}}]
  saturday: [{{id: sat, at: "09:00", content: {{text: 六}}, on_holiday: skip}}]
"""


@pytest.mark.parametrize(
    ("policy", "expected"),
    [
        # National Day 2026: off from 10-01 (Thursday) to 10-07 (Wednesday), 10-10 is made up.
        ("run", ["09-28 mon", "09-30 wed", "10-05 mon", "10-07 wed", "10-10 sat", "10-12 mon"]),
        ("skip", ["09-28 mon", "09-30 wed", "10-10 sat", "10-12 mon"]),
        ("shift", ["09-28 mon", "09-30 wed", "10-08 mon", "10-08 wed", "10-10 sat", "10-12 mon"]),
    ],
)
def test_occurrences_on_holiday(
    plan: Read, wealth: Community, workdays: Workdays, policy: str, expected: list[str]
) -> None:
    found = occurrences(
        [plan(ON_HOLIDAY.format(policy=policy))],
        [wealth],
        beijing("2026-09-28 00:00"),
        beijing("2026-10-13 00:00"),
        workdays,
    )
    assert [f"{one.day:%m-%d} {one.step.id}" for one in found] == expected


def test_occurrences_shifted_onto_one_day_happen_once(
    plan: Read, wealth: Community, workdays: Workdays
) -> None:
    # Spring Festival 2026 is off from 02-15 to 02-23: two Mondays move to Tuesday, 02-24.
    found = occurrences(
        [plan(ON_HOLIDAY.format(policy="shift"))],
        [wealth],
        beijing("2026-02-15 00:00"),
        beijing("2026-02-25 00:00"),
        workdays,
    )
    assert [f"{one.day:%m-%d} {one.step.id}" for one in found] == ["02-24 mon", "02-24 wed"]


@pytest.mark.parametrize(
    ("day", "due"),
    [
        (date(2026, 3, 7), datetime(2026, 3, 7, 7, 30, tzinfo=UTC)),
        (date(2026, 3, 8), datetime(2026, 3, 8, 7, 30, tzinfo=UTC)),  # 02:30 does not exist
        (date(2026, 3, 9), datetime(2026, 3, 9, 6, 30, tzinfo=UTC)),
    ],
)
def test_instant_in_a_skipped_hour(day: date, due: datetime) -> None:
    at = datetime(2026, 1, 1, 2, 30).time()  # noqa: DTZ001  # only its time of day is used
    assert instant(day, at, ZoneInfo("America/New_York")) == due


def test_occurrences_in_a_repeated_hour_happen_once(
    plan: Read, wealth: Community, workdays: Workdays
) -> None:
    new_york = plan(
        """
        plan: ny
        title: 纽约
        zone: America/New_York
        applies_to: {labels: [wealth]}
        week: {sunday: [{id: night, at: "01:30", content: {text: 晚安}}]}
        """
    )
    found = occurrences(
        [new_york],
        [wealth],
        datetime(2026, 11, 1, 0, 0, tzinfo=UTC),
        datetime(2026, 11, 2, 0, 0, tzinfo=UTC),
        workdays,
    )
    assert [one.due_at for one in found] == [datetime(2026, 11, 1, 5, 30, tzinfo=UTC)]


def test_occurrences_in_an_unknown_year_refuse_to_guess(plan: Read, wealth: Community) -> None:
    only_2026 = Workdays({2026: published()[2026]})
    skipping = [plan(ON_HOLIDAY.format(policy="skip"))]
    start = beijing("2026-12-31 00:00")
    assert occurrences(skipping, [wealth], start, beijing("2027-01-02 08:00"), only_2026) == []
    with pytest.raises(UnknownYear):
        occurrences(skipping, [wealth], start, beijing("2027-01-04 09:00"), only_2026)
    assert next_due(skipping, [wealth], beijing("2026-12-29 12:00"), only_2026) == beijing(
        "2026-12-30 09:00"
    )
    unknown = next_due(skipping, [wealth], beijing("2026-12-30 12:00"), only_2026)
    assert unknown is not None
    assert timedelta() <= unknown - beijing("2027-01-02 09:00") <= timedelta(minutes=1)


def test_next_due_in_an_unknown_year_asks_once_a_day(plan: Read, wealth: Community) -> None:
    shifting = [plan(ON_HOLIDAY.format(policy="shift"))]
    after = beijing("2027-01-12 12:00")
    only_2026 = Workdays({2026: published()[2026]})
    assert next_due(shifting, [wealth], after, only_2026) == after + timedelta(days=1)


def test_next_due_is_the_next_phase(plan: Read, wealth: Community, workdays: Workdays) -> None:
    week = [plan(WEEK)]
    assert next_due(week, [wealth], beijing("2026-11-22 12:00"), workdays) == beijing(
        "2026-11-23 09:15"
    )
    assert next_due(week, [wealth], beijing("2026-11-23 09:15"), workdays) == beijing(
        "2026-11-23 09:30"
    )


def test_next_due_without_a_community_is_never(
    plan: Read, communities: list[Community], workdays: Workdays
) -> None:
    youth = [one for one in communities if one.id == "youth-01"]
    assert next_due([plan(WEEK)], youth, beijing("2026-11-22 12:00"), workdays) is None


def test_slots_are_distinct(plan: Read) -> None:
    zone = "Asia/Shanghai"
    assert slots([plan(WEEK)] * 2) == [
        Slot("*", 8, 0, zone),
        Slot("mon", 9, 15, zone),
        Slot("mon", 9, 30, zone),
        Slot("tue", 19, 0, zone),
        Slot("tue", 19, 15, zone),
        Slot("tue", 19, 30, zone),
    ]


def test_occurrences_a_hundred_thousand_are_quick(
    plan: Read, wealth: Community, workdays: Workdays
) -> None:
    many = [replace(wealth, id=f"wealth-{number:05}") for number in range(20_000)]
    monday = plan(
        """
        plan: busy
        title: 忙
        applies_to: {labels: [wealth]}
        week:
          monday:
            - {id: a, at: "09:00", remind: 15m, content: {text: 一}}
            - {id: b, at: "12:00", remind: 15m, content: {text: 二}}
            - {id: c, at: "18:00", content: {text: 三}}
        """
    )
    started = stopwatch.process_time()
    found = occurrences(
        [monday], many, beijing("2026-11-23 00:00"), beijing("2026-11-24 00:00"), workdays
    )
    took = stopwatch.process_time() - started
    assert len(found) == 100_000
    assert found[-1].key == "busy/c/2026-11-23/wealth-19999"
    assert [one.phase for one in found[:1]] == [Phase.REMIND]
    assert took < 1.0
