"""Chinese working days: the State Council's holidays and make-up days, and what is not known.

Known years come from the package chinesecalendar (2004 to 2026) and from overlay files such as
`sop/calendar/cn-2026.yaml`, merged over it. A date in an unknown year is an error, never a guess:
a payout date promised by guessing would be wrong in every holiday.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cached_property
from pathlib import Path
from typing import Annotated

from pydantic import BeforeValidator, Field, model_validator

from sop.diagnostics import Problem
from sop.files import yaml_files
from sop.loader import load_model
from sop.model import Strict
from sop.times import parse_dated_day, wrong

OVERLAYS = Path(__file__).parent / "calendar"
"""The folder of overlays that come with the program."""


class UnknownYear(Exception):
    """The calendar of a year is not there; the text names the file to add."""

    def __init__(self, year: int) -> None:
        super().__init__(
            f"还没有 {year} 年的工作日历：请按国务院办公厅的放假通知添加 cn-{year}.yaml，"
            "格式见自带的 cn-2026.yaml。"
        )
        self.year = year


@dataclass(frozen=True, slots=True)
class YearCalendar:
    """The published exceptions of one year."""

    off: frozenset[date] = field(default_factory=frozenset)
    """Days off by a holiday, weekends inside it included."""
    work: frozenset[date] = field(default_factory=frozenset)
    """Make-up working days (调休上班)."""


class Workdays:
    """Answers for the years that it was given."""

    def __init__(self, years: Mapping[int, YearCalendar]) -> None:
        self._years = dict(years)

    @property
    def years(self) -> list[int]:
        """The years that are known, in order."""
        return sorted(self._years)

    def _year(self, day: date) -> YearCalendar:
        known = self._years.get(day.year)
        if known is None:
            raise UnknownYear(day.year)
        return known

    def is_workday(self, day: date) -> bool:
        """Monday to Friday without holidays, and make-up days. Raises UnknownYear."""
        year = self._year(day)
        if day in year.work:
            return True
        return day.weekday() < 5 and day not in year.off

    def is_holiday(self, day: date) -> bool:
        """Off because of a holiday; an ordinary weekend is none. Raises UnknownYear."""
        year = self._year(day)
        return day in year.off and day not in year.work

    @cached_property
    def furthest(self) -> timedelta:
        """From the first day of the longest holiday to the working day after it."""
        longest = timedelta()
        for year in self._years.values():
            for first in year.off:
                day = first
                while day.year in self._years and not self.is_workday(day):
                    day += timedelta(days=1)
                longest = max(longest, day - first)
        return longest

    def next_workday(self, day: date) -> date:
        """The day itself, or the first working day after it. Raises UnknownYear."""
        while not self.is_workday(day):
            day += timedelta(days=1)
        return day

    def add(self, day: date, working_days: int) -> date:
        """The n-th working day after `day`, which itself never counts. Raises UnknownYear."""
        for _ in range(working_days):
            day = self.next_workday(day + timedelta(days=1))
        return day


def _read_day(value: object) -> date:
    dated = parse_dated_day(value)
    if dated.year is None:
        raise wrong("date", f"日期“{value}”没有写年份。", "请写 2026-10-01 这样的完整日期。")
    return date(dated.year, dated.month, dated.day)


_Day = Annotated[date, BeforeValidator(_read_day)]


class Holiday(Strict):
    """Consecutive days off."""

    name: str = Field(description="节日")
    first: _Day = Field(alias="from", description="第一天")
    last: _Day = Field(alias="to", description="最后一天")

    @model_validator(mode="after")
    def _in_order(self) -> "Holiday":
        if not self.first <= self.last <= self.first + timedelta(days=30):
            raise wrong("date", "放假的起止日期不对。", "from 在前，to 在后，相差不超过 30 天。")
        return self


class Overlay(Strict):
    """A calendar file: one published year, or a bank's own changes to it."""

    calendar: str = Field(description="名称，例如 cn-2027")
    year: int = Field(ge=2000, le=2100, description="年份")
    source: str = Field(min_length=1, description="依据：发文机关和文号，或本行通知")
    entered: _Day = Field(description="录入日期")
    off: list[Holiday] = Field(default=[], description="放假")
    work: list[_Day] = Field(default=[], description="调休上班的日子")

    @model_validator(mode="after")
    def _of_its_year(self) -> "Overlay":
        days = [one.first for one in self.off] + [one.last for one in self.off] + self.work
        strays = sorted(day for day in days if day.year != self.year)
        if strays:
            raise wrong("date", f"{strays[0]} 不在 {self.year} 年。", "跨年的假期按年拆成两段。")
        return self

    def off_days(self) -> frozenset[date]:
        """Every day off."""
        return frozenset(
            one.first + timedelta(days=number)
            for one in self.off
            for number in range((one.last - one.first).days + 1)
        )


def published() -> dict[int, YearCalendar]:
    """What chinesecalendar knows."""
    from chinese_calendar.constants import holidays, workdays  # not needed to read a plan

    years = range(min(holidays).year, max(holidays).year + 1)
    return {
        year: YearCalendar(
            frozenset(day for day in holidays if day.year == year),
            frozenset(day for day in workdays if day.year == year),
        )
        for year in years
    }


def merge(
    years: Mapping[int, YearCalendar], overlays: Iterable[Overlay]
) -> dict[int, YearCalendar]:
    """Overlays win over what is there, later ones over earlier ones."""
    merged = dict(years)
    for overlay in overlays:
        base = merged.get(overlay.year, YearCalendar())
        off, work = overlay.off_days(), frozenset(overlay.work)
        merged[overlay.year] = YearCalendar((base.off - work) | off, (base.work - off) | work)
    return merged


def load_workdays(
    paths: Iterable[Path] = (OVERLAYS,), *, texts: Mapping[Path, bytes] | None = None
) -> tuple[Workdays, list[Problem]]:
    """The package, then the overlay files (or folders of them) in `paths`, in that order.

    A broken overlay is reported and left out. `texts` stand for what is on the disk.
    """
    overlays: list[Overlay] = []
    problems: list[Problem] = []
    for path in yaml_files(paths):
        overlay, wrongs, _ = load_model(path, Overlay, None if texts is None else texts.get(path))
        problems.extend(wrongs)
        if overlay is not None:
            overlays.append(overlay)
    return Workdays(merge(published(), overlays)), problems
