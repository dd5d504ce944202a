"""Chinese working days: the published years, overlays, and years nobody has published yet."""

from collections.abc import Callable
from datetime import date, timedelta
from functools import cache
from pathlib import Path

import holidays
import pytest

from sop.loader import load_model
from sop.workdays import (
    OVERLAYS,
    Overlay,
    UnknownYear,
    Workdays,
    YearCalendar,
    load_workdays,
    merge,
    published,
)


@pytest.mark.parametrize(
    ("start", "fifth"),
    [
        (date(2026, 2, 13), date(2026, 2, 27)),
        (date(2026, 4, 30), date(2026, 5, 11)),
        (date(2026, 9, 18), date(2026, 9, 24)),
        (date(2026, 9, 30), date(2026, 10, 13)),
        (date(2026, 12, 24), date(2026, 12, 31)),
        (date(2026, 11, 23), date(2026, 11, 30)),
    ],
)
def test_add_five_working_days(workdays: Workdays, start: date, fifth: date) -> None:
    assert workdays.add(start, 5) == fifth


def test_add_into_an_unknown_year_names_the_missing_file(workdays: Workdays) -> None:
    with pytest.raises(UnknownYear) as caught:
        workdays.add(date(2026, 12, 25), 5)
    assert str(caught.value) == (
        "还没有 2027 年的工作日历：请按国务院办公厅的放假通知添加 cn-2027.yaml，"
        "格式见自带的 cn-2026.yaml。"
    )


def test_add_zero_is_the_day_itself(workdays: Workdays) -> None:
    assert workdays.add(date(2026, 10, 3), 0) == date(2026, 10, 3)


@pytest.mark.parametrize(
    ("day", "is_workday", "is_holiday"),
    [
        (date(2026, 11, 23), True, False),
        (date(2026, 11, 22), False, False),
        (date(2026, 2, 14), True, False),
        (date(2026, 2, 16), False, True),
        (date(2026, 2, 21), False, True),
        (date(2026, 10, 10), True, False),
    ],
)
def test_day_of_a_known_year(
    workdays: Workdays, day: date, is_workday: bool, is_holiday: bool
) -> None:
    assert (workdays.is_workday(day), workdays.is_holiday(day)) == (is_workday, is_holiday)


def _chinese_calendar(day: date) -> bool:
    import chinese_calendar

    return bool(chinese_calendar.is_workday(day))


@cache
def _china() -> holidays.HolidayBase:
    """Maintained by other people than chinesecalendar, from the same announcements; it knows
    make-up days."""
    return holidays.country_holidays("CN", years=range(2015, 2027))


def _holidays(day: date) -> bool:
    return bool(_china().is_working_day(day))


@pytest.mark.parametrize("library", [_chinese_calendar, _holidays])
@pytest.mark.parametrize("year", range(2015, 2027))
def test_every_day_of_a_year_agrees_with(
    workdays: Workdays, library: Callable[[date], bool], year: int
) -> None:
    first = date(year, 1, 1)
    days = [first + timedelta(days=n) for n in range((date(year + 1, 1, 1) - first).days)]
    assert [day for day in days if workdays.is_workday(day) != library(day)] == []


@pytest.mark.parametrize(
    "ask",
    [
        lambda days: days.is_workday(date(2027, 1, 4)),
        lambda days: days.is_holiday(date(2027, 1, 4)),
        lambda days: days.next_workday(date(2027, 1, 4)),
        lambda days: days.add(date(2026, 12, 31), 1),
    ],
)
def test_every_question_about_an_unknown_year_is_refused(
    workdays: Workdays, ask: Callable[[Workdays], object]
) -> None:
    with pytest.raises(UnknownYear) as caught:
        ask(workdays)
    assert caught.value.year == 2027
    assert "cn-2027.yaml" in str(caught.value)


def test_furthest_is_from_the_first_day_off_to_the_next_working_day(workdays: Workdays) -> None:
    assert Workdays({2026: YearCalendar()}).furthest == timedelta()
    assert Workdays({2026: published()[2026]}).furthest == timedelta(days=9)
    # Spring Festival 2020 was prolonged: off from 24 January to 2 February.
    assert workdays.furthest == timedelta(days=10)


def test_shipped_overlay_of_2026_equals_the_package() -> None:
    overlay, problems, _ = load_model(OVERLAYS / "cn-2026.yaml", Overlay)
    assert problems == []
    assert overlay is not None
    assert merge({}, [overlay]) == {2026: published()[2026]}


def test_overlay_makes_a_year_known_and_changes_a_known_one(tmp_path: Path) -> None:
    (tmp_path / "cn-2027.yaml").write_text(
        "calendar: cn-2027\nyear: 2027\nsource: 测试\nentered: 2026-12-01\n"
        "off:\n  - {name: 元旦, from: 2027-01-01, to: 2027-01-03}\nwork: [2027-01-09]\n",
        encoding="utf-8",
    )
    (tmp_path / "bank.yaml").write_text(
        "calendar: bank\nyear: 2026\nsource: 本行通知\nentered: 2026-12-01\n"
        "off:\n  - {name: 结账日, from: 2026-12-31, to: 2026-12-31}\nwork: [2026-10-07]\n",
        encoding="utf-8",
    )
    days, problems = load_workdays([tmp_path / "cn-2027.yaml", tmp_path / "bank.yaml"])
    assert problems == []
    assert days.add(date(2026, 12, 29), 4) == date(2027, 1, 6)
    assert days.is_workday(date(2027, 1, 9))
    assert days.is_workday(date(2026, 10, 7))
    assert not days.is_holiday(date(2026, 10, 7))


def test_broken_overlay_is_reported_and_left_out(tmp_path: Path) -> None:
    path = tmp_path / "cn-2027.yaml"
    path.write_text(
        "calendar: cn-2027\nyear: 2027\nsource: 测试\nentered: 2026-12-01\n"
        "off:\n  - {name: 元旦, from: 2026-12-31, to: 2027-01-02}\n",
        encoding="utf-8",
    )
    days, problems = load_workdays([path])
    assert [(one.line, one.column, one.message, one.hint) for one in problems] == [
        (1, 1, "2026-12-31 不在 2027 年。", "跨年的假期按年拆成两段。")
    ]
    assert days.years[-1] == 2026


def test_injected_data_is_all_that_is_known() -> None:
    days = Workdays({2030: YearCalendar(off=frozenset({date(2030, 1, 1)}))})
    assert days.next_workday(date(2030, 1, 1)) == date(2030, 1, 2)
    with pytest.raises(UnknownYear):
        days.is_workday(date(2029, 12, 31))


def test_shipped_overlays_have_no_problems() -> None:
    days, problems = load_workdays()
    assert problems == []
    assert days.add(date(2026, 11, 23), 5) == date(2026, 11, 30)
