"""Times, durations and amounts as people write them in YAML, and as code keeps them.

Every type here reads its own text and writes it back (`model_dump(mode="json")` of a model
gives text that `model_validate` reads again), so options survive a trip through the database.
In code: times are `datetime.time`, durations `timedelta`, amounts integer fen.
"""

import re
import unicodedata
from datetime import date, time, timedelta
from decimal import Decimal
from enum import IntEnum
from typing import Annotated, LiteralString
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import BeforeValidator, PlainSerializer, WithJsonSchema
from pydantic_core import PydanticCustomError

from sop.diagnostics import closest
from sop.intended import meant_amount, meant_duration, meant_time
from sop.model import Strict

KEY = "[key]"
"""Last part of a path, as pydantic writes it: the key is meant, not its value."""


def wrong(
    code: LiteralString,
    message: str,
    hint: str = "",
    at: tuple[str | int, ...] = (),
    line: int = 0,
    word: str = "",
) -> PydanticCustomError:
    """The error that a validator raises: ready Chinese text, and a hint for the author.

    `at` points below the value that the validator looked at (its last part may be KEY: the key
    itself), `line` (from 1) into a long text, `word` at the part of the text that is meant.
    """
    context = {"text": message, "hint": hint, "at": at, "line": line, "word": word}
    return PydanticCustomError(code, "{text}", context)


def _text(pattern: str, example: str, **number: object) -> WithJsonSchema:
    """How an editor judges what is written: as the parser does. With bounds, numbers too."""
    kind = ["number", "string"] if number else "string"
    pattern = rf"^\s*{pattern}\s*$"
    return WithJsonSchema({"type": kind, "pattern": pattern, "examples": [example], **number})


# --- time of day -----------------------------------------------------------------------------

_CLOCK = re.compile(r"(\d{1,2}):(\d{2})", re.ASCII)


def parse_time(value: object) -> time:
    """`9:30` or `09:30` on the 24-hour clock; anything else is refused with what to write."""
    if isinstance(value, time):
        return value
    if isinstance(value, str) and (found := _CLOCK.fullmatch(value.strip())):
        hour, minute = int(found[1]), int(found[2])
        if hour < 24 and minute < 60:
            return time(hour, minute)
        if (hour, minute) == (24, 0):
            raise wrong("time", "没有“24:00”这个时间。", '请写 "00:00"，并放到下一天。')
        raise wrong("time", f"没有“{value}”这个时间。", "小时写 0 到 23，分钟写 00 到 59。")
    meant = meant_time(value)
    hint = f'请写 "{meant}"。' if meant else '请写 24 小时制的时间，例如 "19:30"。'
    raise wrong("time", f"看不懂时间“{value}”。", hint)


_TIME = "([01]?[0-9]|2[0-3]):[0-5][0-9]"
TimeOfDay = Annotated[
    time,
    BeforeValidator(parse_time),
    PlainSerializer(lambda one: one.strftime("%H:%M"), return_type=str, when_used="json"),
    _text(_TIME, "19:30"),
]


def parse_quiet_hours(value: object) -> str:
    """`"21:30-08:30"`, overnight or within a day, as normalised text."""
    parts = re.split(r"\s*[-–—~～至到]\s*", value.strip()) if isinstance(value, str) else []
    meant = [meant_time(part) for part in parts]
    if len(parts) != 2:
        raise wrong("time", f"看不懂时段“{value}”。", '请写起止时间，例如 "21:30-08:30"。')
    try:
        start, end = parse_time(parts[0]), parse_time(parts[1])
    except PydanticCustomError:
        whole = f"{meant[0]}-{meant[1]}" if all(meant) else "21:30-08:30"
        example = "请写" if all(meant) else "请写起止时间，例如"
        raise wrong("time", f"看不懂时段“{value}”。", f'{example} "{whole}"。') from None
    if start == end:
        raise wrong("time", "时段的起止时间相同。", "不需要静默时段就删掉这一行。")
    return f"{start:%H:%M}-{end:%H:%M}"


QuietHours = Annotated[
    str,
    BeforeValidator(parse_quiet_hours),
    _text(rf"{_TIME}\s*[-–—~～至到]\s*{_TIME}", "21:30-08:30"),
]


def is_quiet(quiet_hours: str, at: time) -> bool:
    """Whether a local time lies in quiet hours: the start belongs to them, the end does not."""
    start, end = (parse_time(part) for part in quiet_hours.split("-"))
    return start <= at < end if start < end else at >= start or at < end


# --- durations -------------------------------------------------------------------------------

_DURATION = re.compile(r"(?:(\d{1,3})d)?(?:(\d{1,4})h)?(?:(\d{1,5})m)?(?:(\d{1,6})s)?", re.ASCII)


def parse_duration(value: object) -> timedelta:
    """`30m`, `1h30m`, `45s`, `2d` (24 hours each); more than nothing and at most 400 days."""
    if isinstance(value, timedelta):
        return value
    found = _DURATION.fullmatch(value.strip()) if isinstance(value, str) and value else None
    if found is None or not any(found.groups()):
        raise wrong("duration", f"看不懂时长“{value}”。", meant_duration(value))
    days, hours, minutes, seconds = (int(part or 0) for part in found.groups())
    length = timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds)
    if not length:
        raise wrong("duration", "时长不能是零。", "不需要就删掉这一项。")
    if length > timedelta(days=400):
        raise wrong("duration", f"时长“{value}”超过 400 天。")
    return length


def format_duration(length: timedelta) -> str:
    """The inverse of `parse_duration`: `1h30m`."""
    return "".join(_counted(length, ("d", "h", "m", "s"))) or "0s"


def spoken_duration(length: timedelta) -> str:
    """As said in a chat: `1 小时 30 分钟`."""
    return " ".join(_counted(length, (" 天", " 小时", " 分钟", " 秒"))) or "0 秒"


def _counted(length: timedelta, units: tuple[str, str, str, str]) -> list[str]:
    minutes, seconds = divmod(int(length.total_seconds()), 60)
    hours, minutes = divmod(minutes, 60)
    days, hours = divmod(hours, 24)
    counts = (days, hours, minutes, seconds)
    return [f"{count}{unit}" for count, unit in zip(counts, units, strict=True) if count]


Duration = Annotated[
    timedelta,
    BeforeValidator(parse_duration),
    PlainSerializer(format_duration, return_type=str, when_used="json"),
    _text("(?=.*[1-9])([0-9]{1,3}d)?([0-9]{1,4}h)?([0-9]{1,5}m)?([0-9]{1,6}s)?", "30m"),
]


# --- money -----------------------------------------------------------------------------------

_AMOUNT = re.compile(r"\d{1,9}(\.\d{1,2})?", re.ASCII)
_YUAN = r"[0-9]{1,9}(\.[0-9]{1,2})?"
_MOST_YUAN = {"minimum": 0, "maximum": 999_999_999.99}


def parse_fen(value: object) -> int:
    """Yuan as written (`5`, `5.00`, `"5.00"`) → integer fen. Never negative, at most 2 decimals."""
    text = ""
    if isinstance(value, int | float) and not isinstance(value, bool):
        text = repr(value)
    elif isinstance(value, str):
        text = value.strip()
    if not _AMOUNT.fullmatch(text):
        meant = meant_amount(text)
        hint = f"请写 {meant}。" if meant else _WRITE_YUAN
        raise wrong("amount", f"看不懂金额“{value}”。", hint)
    return int(Decimal(text) * 100)


_WRITE_YUAN = "请写元，最多两位小数，例如 5.00。"


def format_yuan(fen: int) -> str:
    """500 → `5.00`."""
    return f"{fen // 100}.{fen % 100:02}"


Fen = Annotated[
    int,
    BeforeValidator(parse_fen),
    PlainSerializer(format_yuan, return_type=str, when_used="json"),
    _text(_YUAN, "5.00", **_MOST_YUAN),
]
"""A field of this type is written in yuan and read in fen: name it `x_fen` with alias `x`."""


class FenRange(Strict):
    """From `low_fen` to `high_fen`, both included."""

    low_fen: int
    high_fen: int


def parse_fen_range(value: object) -> object:
    """`5.00-10.00` or one amount; a FenRange passes through."""
    if isinstance(value, FenRange):
        return value
    parts = re.split(r"\s*[-–—~～至到]\s*", value.strip()) if isinstance(value, str) else [value]
    if len(parts) > 2:
        raise wrong("amount", f"看不懂金额“{value}”。", "请写一个金额或一个区间，例如 5.00-10.00。")
    meant = [meant_amount(str(part)) for part in parts]
    try:
        low, high = parse_fen(parts[0]), parse_fen(parts[-1])
    except PydanticCustomError:
        hint = f"请写 {'-'.join(meant)}。" if all(meant) else _WRITE_YUAN
        raise wrong("amount", f"看不懂金额“{value}”。", hint) from None
    if low > high:
        wanted = f"{format_yuan(high)}-{format_yuan(low)}"
        raise wrong("amount", "金额区间写反了。", f"请写 {wanted}。")
    return FenRange(low_fen=low, high_fen=high)


def format_fen_range(amounts: FenRange) -> str:
    """The inverse of `parse_fen_range`."""
    if amounts.low_fen == amounts.high_fen:
        return format_yuan(amounts.low_fen)
    return f"{format_yuan(amounts.low_fen)}-{format_yuan(amounts.high_fen)}"


Amounts = Annotated[
    FenRange,
    BeforeValidator(parse_fen_range),
    PlainSerializer(format_fen_range, return_type=str, when_used="json"),
    _text(rf"{_YUAN}(\s*[-–—~～至到]\s*{_YUAN})?", "5.00-10.00", **_MOST_YUAN),
]


# --- days ------------------------------------------------------------------------------------


class Weekday(IntEnum):
    """As `date.weekday()` counts. In YAML by name only: 0 and 7 mean Sunday to some, not all."""

    MONDAY = 0
    TUESDAY = 1
    WEDNESDAY = 2
    THURSDAY = 3
    FRIDAY = 4
    SATURDAY = 5
    SUNDAY = 6

    @property
    def chinese(self) -> str:
        """`周一`."""
        return "周" + "一二三四五六日"[self]


def weekday_names() -> dict[str, Weekday]:
    """Every accepted spelling in lower case."""
    names: dict[str, Weekday] = {"周天": Weekday.SUNDAY, "星期天": Weekday.SUNDAY}
    for day in Weekday:
        names[day.name.lower()] = day
        names[day.name.lower()[:3]] = day
        for prefix in ("周", "星期", "礼拜"):
            names[prefix + day.chinese[1]] = day
    return names


_WEEKDAYS = weekday_names()


def parse_weekday(value: object) -> Weekday:
    """`monday`, `Mon`, `周一`, `星期一`; numbers are refused."""
    if isinstance(value, Weekday):
        return value
    text = str(value).strip().lower()
    if text in _WEEKDAYS:
        return _WEEKDAYS[text]
    if text.isdigit():
        raise wrong("weekday", f"星期不能写成数字“{value}”。", "请写 monday、Mon 或 周一。")
    near = closest(text, _WEEKDAYS)
    hint = f"您是想写 {near} 吗？" if near else "请写 monday、Mon 或 周一。"
    raise wrong("weekday", f"没有“{value}”这一天。", hint)


class DatedDay(Strict):
    """`2026-11-11`, or `11-11` for every year (`year` None)."""

    year: int | None
    month: int
    day: int

    def on(self, year: int) -> date | None:
        """The date in that year; None in another year, or without a 29 February."""
        if self.year not in (None, year):
            return None
        try:
            return date(year, self.month, self.day)
        except ValueError:
            return None

    def __str__(self) -> str:
        year = "" if self.year is None else f"{self.year:04}-"
        return f"{year}{self.month:02}-{self.day:02}"


def parse_dated_day(value: object) -> DatedDay:
    """ISO dates, with or without the year."""
    if isinstance(value, DatedDay):
        return value
    found = re.fullmatch(r"(?:([0-9]{4})-)?([0-9]{2})-([0-9]{2})", str(value).strip())
    if found is None:
        numbers = re.findall(r"\d+", unicodedata.normalize("NFKC", str(value)))
        meant = "-".join(f"{int(number):02}" for number in numbers)
        good = re.fullmatch(r"(\d{4}-)?\d{2}-\d{2}", meant)
        hint = f"请写 {meant}。" if good else "请写 2026-11-11，或每年都有的 11-11。"
        raise wrong("date", f"看不懂日期“{value}”。", hint)
    year = int(found[1]) if found[1] else None
    day = DatedDay(year=year, month=int(found[2]), day=int(found[3]))
    if day.on(2024 if year is None else year) is None:  # 2024 had a 29 February
        raise wrong("date", f"没有“{value}”这一天。")
    return day


def parse_date(value: object) -> date:
    """`2026-11-27`: one day, with its year."""
    if isinstance(value, date):
        return value
    found = parse_dated_day(value)
    day = None if found.year is None else found.on(found.year)
    if day is None:
        raise wrong("date", f"“{value}”没有写年份。", "请写 2026-11-27 这样的日期。")
    return day


Date = Annotated[
    date,
    BeforeValidator(parse_date),
    PlainSerializer(lambda one: one.isoformat(), return_type=str, when_used="json"),
    _text("[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])", "2026-11-27"),
]


# --- zones -----------------------------------------------------------------------------------


def parse_zone(value: object) -> ZoneInfo:
    """An IANA name such as `Asia/Shanghai`."""
    if isinstance(value, ZoneInfo):
        return value
    try:
        return ZoneInfo(str(value))
    except (ZoneInfoNotFoundError, ValueError, OSError):
        hint = "请写 Asia/Shanghai 这样的名称。"
        raise wrong("zone", f"没有时区“{value}”。", hint) from None


Zone = Annotated[
    ZoneInfo,
    BeforeValidator(parse_zone),
    PlainSerializer(str, return_type=str, when_used="json"),
    WithJsonSchema({"type": "string", "examples": ["Asia/Shanghai"]}),
]
