"""When people say it shall be: `2h`, `明天`, `明天 15:00`, `周五下午3点`, `11-30 9:30`, `17:00`."""

import re
import unicodedata
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta

from pydantic_core import PydanticCustomError

from sop.times import parse_duration

_DAYS = {"今天": 0, "明天": 1, "后天": 2, "大后天": 3}
_WEEKDAYS = {name: number for number, name in enumerate("一二三四五六日")} | {"天": 6}
_AFTERNOON = ("中午", "下午", "晚上")
_NOON = 12
_MOST_WORDS = 3
_DAY = timedelta(days=1)
_SAID = re.compile(
    r"(?:(?P<near>大?后天|今天|明天)"
    r"|(?P<next>下)?(?:周|星期)(?P<weekday>[一二三四五六日天])"
    r"|(?:(?P<year>\d{4})[-/])?(?P<month>\d{1,2})(?:[-/]|月)(?P<day>\d{1,2})[日号]?)?"
    r"(?P<half>上午|早上|中午|下午|晚上)?"
    r"(?:(?P<hour>\d{1,2})(?::(?P<minute>\d{2})|点(?:(?P<thirty>半)|(?P<past>\d{1,2})分?)?))?",
    re.ASCII,
)

_SHAPED = re.compile(
    r"昨天|前天|\d{4}[-/]\d{1,2}[-/]\d{1,2}|(?:0?[1-9]|1[0-2])[-/]\d{1,2}|\d{1,2}月\d{1,2}[日号]?"
    r"|\d{1,2}:\d{2}",
    re.ASCII,
)


def when(words: Sequence[str], now: datetime, usual: time) -> datetime | None:
    """The instant that words mean, `now` being local; a day alone means `usual`. None: they say
    no time."""
    said = unicodedata.normalize("NFKC", "".join(words))
    if not said:
        return None
    try:
        return now + parse_duration(said)
    except (PydanticCustomError, OverflowError):
        pass
    found = _SAID.fullmatch(said)
    if found is None:
        return None
    try:
        at = _time(found)
        day = _day(found, now, at or usual)
    except (ValueError, OverflowError):
        return None
    if day is None and at is None:
        return None
    return datetime.combine(day or now.date(), at or usual, now.tzinfo)


def split(
    words: Sequence[str], now: datetime, usual: time
) -> tuple[tuple[str, ...], datetime | None]:
    """Words that may end in a time: what comes before it, and the instant; None where they do
    not."""
    for size in range(min(_MOST_WORDS, len(words) - 1), 0, -1):
        at = when(words[-size:], now, usual)
        if at is not None:
            return tuple(words[:-size]), at
    return tuple(words), None


def meant_but_wrong(word: str) -> bool:
    """Whether somebody meant a time that there is not (`2026-13-45`, `25:00`), or that is over
    by its name."""
    return _SHAPED.fullmatch(unicodedata.normalize("NFKC", word)) is not None


def _time(found: re.Match[str]) -> time | None:
    if found["hour"] is None:
        if found["half"] is None:
            return None
        return {"中午": time(12), "下午": time(15), "晚上": time(19)}.get(found["half"], time(9))
    hour = int(found["hour"])
    if found["half"] in _AFTERNOON and hour < _NOON and not (found["half"] == "中午" and hour > 2):
        hour += _NOON
    minute = 30 if found["thirty"] else int(found["minute"] or found["past"] or 0)
    return time(hour, minute)


def _day(found: re.Match[str], now: datetime, at: time) -> date | None:
    today = now.date()
    if found["near"]:
        return today + _DAYS[found["near"]] * _DAY
    if found["weekday"]:
        monday = today - today.weekday() * _DAY
        day = monday + _WEEKDAYS[found["weekday"]] * _DAY
        if found["next"]:
            return day + 7 * _DAY
        passed = datetime.combine(day, at, now.tzinfo) <= now
        return day + 7 * _DAY if passed else day
    if found["month"]:
        return _dated(found, today)
    return None


def _dated(found: re.Match[str], today: date) -> date:
    month, day = int(found["month"]), int(found["day"])
    if found["year"]:
        return date(int(found["year"]), month, day)
    this_year = date(today.year, month, day)
    return this_year if this_year >= today else date(today.year + 1, month, day)
