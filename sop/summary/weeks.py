"""Weeks: Monday 00:00 to Sunday 24:00 in a zone, named as in ISO 8601 (`2026-W47`)."""

import re
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

WEEKDAYS = ("周一", "周二", "周三", "周四", "周五", "周六", "周日")
_LABEL = re.compile(r"(\d{4})-?W(\d{1,2})", re.IGNORECASE)
_YEARS = range(1970, 9000)
"""So far from the ends of the calendar that the weeks around are weeks too."""


class NoSuchWeek(ValueError):
    """Not the name of a week; the text says how to write one, in Chinese."""


def monday_of(day: date) -> date:
    """The Monday of the week that a day belongs to."""
    return day - timedelta(days=day.weekday())


def parse_week(label: str) -> date:
    """The Monday of a week such as `2026-W47`. Raises NoSuchWeek."""
    found = _LABEL.fullmatch(label.strip())
    try:
        if found is not None and int(found[1]) in _YEARS:
            return date.fromisocalendar(int(found[1]), int(found[2]), 1)
    except ValueError:
        pass  # week 54: answered like any other label that names no week
    raise NoSuchWeek(f"“{label}”不是一个周，请写成 2026-W47 这样的形式。")


def week_label(monday: date) -> str:
    """`2026-W47`; years and weeks of ISO 8601."""
    year, week, _ = monday.isocalendar()
    return f"{year}-W{week:02d}"


def week_title(monday: date) -> str:
    """`2026 年第 47 周（11 月 16 日至 11 月 22 日）`."""
    year, week, _ = monday.isocalendar()
    sunday = monday + timedelta(days=6)
    days = f"{monday.month} 月 {monday.day} 日至 {sunday.month} 月 {sunday.day} 日"
    return f"{year} 年第 {week} 周（{days}）"


def midnight(day: date, zone: ZoneInfo) -> datetime:
    """The instant at which a local day begins, aware UTC."""
    return datetime.combine(day, time(), zone).astimezone(UTC)
