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
from typing import Annotated, Any, LiteralString
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import BeforeValidator, PlainSerializer, WithJsonSchema
from pydantic_core import PydanticCustomError

from sop.diagnostics import closest
from sop.model import Strict


def wrong(
    code: LiteralString,
    message: str,
    hint: str = "",
    at: tuple[str | int, ...] = (),
    line: int = 0,
) -> PydanticCustomError:
    """The error that a validator raises: ready Chinese text, and a hint for the author.

    `at` points below the value that the validator looked at, `line` (from 1) into a long text.
    """
    context = {"text": message, "hint": hint, "at": at, "line": line}
    return PydanticCustomError(code, "{text}", context)


# --- time of day -----------------------------------------------------------------------------

_CLOCK = re.compile(r"(\d{1,2}):(\d{2})")
_DIGITS = {char: value for value, char in enumerate("零一二三四五六七八九")} | {"两": 2}
_SPOKEN = re.compile(
    r"(凌晨|清晨|早上|早晨|上午|中午|下午|傍晚|晚上|晚)?"
    r"(\d{1,2}|[零一二两三四五六七八九十]{1,3})"
    r"(?:[点时](半|一刻|三刻|整|(?:\d{1,2}|[零一二三四五六七八九十]{1,3})分?)?钟?|:(\d{2}))"
)
_ENGLISH = re.compile(r"(\d{1,2})(?:[:.](\d{2}))?([ap])\.?m\.?")
_LATE = {"下午", "傍晚", "晚上", "晚"}


def _chinese_number(text: str) -> int:
    """`十九` → 19, `7` → 7; up to 99."""
    if text.isdigit():
        return int(text)
    tens, ten, ones = text.rpartition("十")
    if not ten:
        return int("".join(str(_DIGITS.get(char, 0)) for char in text))
    return (_DIGITS.get(tens, 1) if tens else 1) * 10 + (_DIGITS.get(ones, 0) if ones else 0)


def _meant_time(value: object) -> str:
    """What an author most likely meant by an unreadable time, as `HH:MM`; empty if unclear."""
    text = unicodedata.normalize("NFKC", str(value)).strip().strip("\"'“”").lower()
    text = text.replace(" ", "")
    hour, minute = -1, 0
    if found := _CLOCK.fullmatch(text):
        hour, minute = int(found[1]), int(found[2])
    elif found := _ENGLISH.fullmatch(text):
        hour = int(found[1]) % 12 + (12 if found[3] == "p" else 0)
        minute = int(found[2] or 0)
    elif found := _SPOKEN.fullmatch(text):
        hour = _chinese_number(found[2])
        if found[1] in _LATE and hour < 12:
            hour += 12
        named = {"半": 30, "一刻": 15, "三刻": 45, "整": 0, None: 0}
        said = found[4] or found[3]
        minute = named[said] if said in named else _chinese_number(said.rstrip("分"))
    elif re.fullmatch(r"\d{3,4}", text):
        hour, minute = int(text[:-2]), int(text[-2:])
    elif re.fullmatch(r"\d{1,2}", text):
        hour = int(text)
    return f"{hour:02}:{minute:02}" if 0 <= hour < 24 and 0 <= minute < 60 else ""


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
    meant = _meant_time(value)
    hint = f'请写 "{meant}"。' if meant else '请写 24 小时制的时间，例如 "19:30"。'
    raise wrong("time", f"看不懂时间“{value}”。", hint)


TimeOfDay = Annotated[
    time,
    BeforeValidator(parse_time),
    PlainSerializer(lambda one: one.strftime("%H:%M"), return_type=str, when_used="json"),
    WithJsonSchema(
        {"type": "string", "pattern": "^([01]?[0-9]|2[0-3]):[0-5][0-9]$", "examples": ["19:30"]}
    ),
]


def parse_quiet_hours(value: object) -> str:
    """`"21:30-08:30"`, overnight or within a day, as normalised text."""
    parts = re.split(r"\s*[-–—~～至到]\s*", value.strip()) if isinstance(value, str) else []
    if len(parts) != 2:
        raise wrong("time", f"看不懂时段“{value}”。", '请写起止时间，例如 "21:30-08:30"。')
    start, end = parse_time(parts[0]), parse_time(parts[1])
    if start == end:
        raise wrong("time", "时段的起止时间相同。", "不需要静默时段就删掉这一行。")
    return f"{start:%H:%M}-{end:%H:%M}"


QuietHours = Annotated[
    str,
    BeforeValidator(parse_quiet_hours),
    WithJsonSchema({"type": "string", "examples": ["21:30-08:30"]}),
]


def is_quiet(quiet_hours: str, at: time) -> bool:
    """Whether a local time lies in quiet hours: the start belongs to them, the end does not."""
    start, end = (parse_time(part) for part in quiet_hours.split("-"))
    return start <= at < end if start < end else at >= start or at < end


# --- durations -------------------------------------------------------------------------------

_DURATION = re.compile(r"(?:(\d{1,3})d)?(?:(\d{1,4})h)?(?:(\d{1,5})m)?(?:(\d{1,6})s)?")
_SPOKEN_UNITS = (
    ("小时", "h"), ("个钟头", "h"), ("钟头", "h"), ("分钟", "m"), ("分", "m"), ("秒钟", "s"),
    ("秒", "s"), ("天", "d"), ("日", "d"), ("minutes", "m"), ("mins", "m"), ("min", "m"),
    ("hours", "h"), ("hour", "h"), ("seconds", "s"), ("sec", "s"), ("days", "d"), ("day", "d"),
)  # fmt: skip


def parse_duration(value: object) -> timedelta:
    """`30m`, `1h30m`, `45s`, `2d` (24 hours each); more than nothing and at most 400 days."""
    if isinstance(value, timedelta):
        return value
    found = _DURATION.fullmatch(value.strip()) if isinstance(value, str) and value else None
    if found is None or not any(found.groups()):
        raise wrong("duration", f"看不懂时长“{value}”。", _meant_duration(value))
    days, hours, minutes, seconds = (int(part or 0) for part in found.groups())
    length = timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds)
    if not length:
        raise wrong("duration", "时长不能是零。", "不需要就删掉这一项。")
    if length > timedelta(days=400):
        raise wrong("duration", f"时长“{value}”超过 400 天。")
    return length


def _meant_duration(value: object) -> str:
    text = unicodedata.normalize("NFKC", str(value)).replace(" ", "").lower()
    text = text.replace("个半小时", "h30m").replace("半小时", "30m").replace("一刻钟", "15m")
    text = text.replace("个小时", "小时")
    for spoken, unit in _SPOKEN_UNITS:
        text = text.replace(spoken, unit)
    if text.isdigit():
        return f"要写单位：{text}s 是秒，{text}m 是分钟，{text}h 是小时。"
    found = _DURATION.fullmatch(text)
    if found and any(found.groups()):
        return f"请写 {text}。"
    return "请写数字加单位：s 秒、m 分钟、h 小时、d 天，例如 30m 或 1h30m。"


def format_duration(length: timedelta) -> str:
    """The inverse of `parse_duration`: `1h30m`."""
    seconds = int(length.total_seconds())
    days, seconds = divmod(seconds, 86400)
    hours, seconds = divmod(seconds, 3600)
    minutes, seconds = divmod(seconds, 60)
    parts = ((days, "d"), (hours, "h"), (minutes, "m"), (seconds, "s"))
    return "".join(f"{count}{unit}" for count, unit in parts if count) or "0s"


def spoken_duration(length: timedelta) -> str:
    """As said in a chat: `1 小时 30 分钟`."""
    seconds = int(length.total_seconds())
    days, seconds = divmod(seconds, 86400)
    hours, seconds = divmod(seconds, 3600)
    minutes, seconds = divmod(seconds, 60)
    parts = ((days, "天"), (hours, "小时"), (minutes, "分钟"), (seconds, "秒"))
    return " ".join(f"{count} {unit}" for count, unit in parts if count) or "0 秒"


Duration = Annotated[
    timedelta,
    BeforeValidator(parse_duration),
    PlainSerializer(format_duration, return_type=str, when_used="json"),
    WithJsonSchema(
        {"type": "string", "pattern": "^(\\d+d)?(\\d+h)?(\\d+m)?(\\d+s)?$", "examples": ["30m"]}
    ),
]


# --- money -----------------------------------------------------------------------------------

_AMOUNT = re.compile(r"\d{1,9}(\.\d{1,2})?")


def parse_fen(value: object) -> int:
    """Yuan as written (`5`, `5.00`, `"5.00"`) → integer fen. Never negative, at most 2 decimals."""
    text = ""
    if isinstance(value, int | float) and not isinstance(value, bool):
        text = repr(value)
    elif isinstance(value, str):
        text = value.strip()
    if not _AMOUNT.fullmatch(text):
        plain = unicodedata.normalize("NFKC", text).strip("¥元 ").replace(",", "")
        hint = (
            f"请写 {Decimal(plain):.2f}。"
            if _AMOUNT.fullmatch(plain)
            else "请写元，最多两位小数，例如 5.00。"
        )
        raise wrong("amount", f"看不懂金额“{value}”。", hint)
    return int(Decimal(text) * 100)


def format_yuan(fen: int) -> str:
    """500 → `5.00`."""
    return f"{fen // 100}.{fen % 100:02}"


Fen = Annotated[
    int,
    BeforeValidator(parse_fen),
    PlainSerializer(format_yuan, return_type=str, when_used="json"),
    WithJsonSchema({"type": ["number", "string"], "minimum": 0, "examples": [5.0]}),
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
    low, high = parse_fen(parts[0]), parse_fen(parts[-1])
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
    WithJsonSchema({"type": ["number", "string"], "examples": ["5.00-10.00"]}),
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
    found = re.fullmatch(r"(?:(\d{4})-)?(\d{2})-(\d{2})", str(value).strip())
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


def jsonable(model: Strict) -> dict[str, Any]:
    """A model as the plain data that its YAML would give."""
    return model.model_dump(mode="json", by_alias=True, exclude_unset=True)
