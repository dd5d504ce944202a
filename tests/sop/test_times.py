"""Times, durations, amounts and days as written, and every way of writing them wrong."""

from datetime import time, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic_core import PydanticCustomError

from sop.times import (
    DatedDay,
    FenRange,
    Weekday,
    format_duration,
    format_fen_range,
    format_yuan,
    is_quiet,
    parse_dated_day,
    parse_duration,
    parse_fen,
    parse_fen_range,
    parse_quiet_hours,
    parse_time,
    parse_weekday,
    parse_zone,
    spoken_duration,
)


def complaint(error: PydanticCustomError) -> tuple[str, str]:
    assert error.context is not None
    return error.context["text"], error.context["hint"]


@pytest.mark.parametrize("hour", range(24))
def test_time_every_minute_of_the_hour(hour: int) -> None:
    for minute in range(60):
        assert parse_time(f"{hour:02}:{minute:02}") == time(hour, minute)
        assert parse_time(f"{hour}:{minute:02}") == time(hour, minute)


@pytest.mark.parametrize(
    ("written", "hint"),
    [
        ("晚上7点半", '请写 "19:30"。'),
        ("早上9点", '请写 "09:00"。'),
        ("下午三点一刻", '请写 "15:15"。'),
        ("十九点三十分", '请写 "19:30"。'),
        ("晚上十点二十", '请写 "22:20"。'),
        ("１９：３０", '请写 "19:30"。'),
        ("19：30", '请写 "19:30"。'),
        ("晚上7:30", '请写 "19:30"。'),
        ("“19:30”", '请写 "19:30"。'),
        ("7:30 PM", '请写 "19:30"。'),
        ("12am", '请写 "00:00"。'),
        (930, '请写 "09:30"。'),
        (9, '请写 "09:00"。'),
        ("9:5", '请写 24 小时制的时间，例如 "19:30"。'),
        ("noon", '请写 24 小时制的时间，例如 "19:30"。'),
    ],
)
def test_time_unreadable_shows_the_right_spelling(written: Any, hint: str) -> None:
    with pytest.raises(PydanticCustomError) as caught:
        parse_time(written)
    assert complaint(caught.value) == (f"看不懂时间“{written}”。", hint)


@pytest.mark.parametrize(
    ("written", "text", "hint"),
    [
        ("24:00", "没有“24:00”这个时间。", '请写 "00:00"，并放到下一天。'),
        ("25:10", "没有“25:10”这个时间。", "小时写 0 到 23，分钟写 00 到 59。"),
        ("10:60", "没有“10:60”这个时间。", "小时写 0 到 23，分钟写 00 到 59。"),
    ],
)
def test_time_out_of_the_day(written: str, text: str, hint: str) -> None:
    with pytest.raises(PydanticCustomError) as caught:
        parse_time(written)
    assert complaint(caught.value) == (text, hint)


@pytest.mark.parametrize(
    ("written", "length"),
    [
        ("30m", timedelta(minutes=30)),
        ("1h30m", timedelta(minutes=90)),
        ("90s", timedelta(seconds=90)),
        ("2d", timedelta(days=2)),
        ("1d2h3m4s", timedelta(days=1, hours=2, minutes=3, seconds=4)),
    ],
)
def test_duration_as_written(written: str, length: timedelta) -> None:
    assert parse_duration(written) == length


@given(st.integers(min_value=1, max_value=400 * 86400))
def test_duration_formats_and_reads_back(seconds: int) -> None:
    length = timedelta(seconds=seconds)
    assert parse_duration(format_duration(length)) == length


@pytest.mark.parametrize(
    ("written", "hint"),
    [
        ("30分钟", "请写 30m。"),
        ("半小时", "请写 30m。"),
        ("1个半小时", "请写 1h30m。"),
        ("1小时20分", "请写 1h20m。"),
        ("30 min", "请写 30m。"),
        (30, "要写单位：30s 是秒，30m 是分钟，30h 是小时。"),
        ("soon", "请写数字加单位：s 秒、m 分钟、h 小时、d 天，例如 30m 或 1h30m。"),
        ("", "请写数字加单位：s 秒、m 分钟、h 小时、d 天，例如 30m 或 1h30m。"),
    ],
)
def test_duration_unreadable_shows_the_right_spelling(written: Any, hint: str) -> None:
    with pytest.raises(PydanticCustomError) as caught:
        parse_duration(written)
    assert complaint(caught.value) == (f"看不懂时长“{written}”。", hint)


@pytest.mark.parametrize("written", ["0m", "401d"])
def test_duration_out_of_bounds_is_refused(written: str) -> None:
    with pytest.raises(PydanticCustomError):
        parse_duration(written)


def test_duration_spoken() -> None:
    assert spoken_duration(timedelta(hours=1, minutes=30)) == "1 小时 30 分钟"


@pytest.mark.parametrize(
    ("written", "fen"),
    [("5.00", 500), (5, 500), (5.0, 500), (0.1, 10), ("0.29", 29), (1.15, 115), (15000.0, 1500000)],
)
def test_amount_in_fen(written: Any, fen: int) -> None:
    assert parse_fen(written) == fen


@given(st.integers(min_value=0, max_value=99_999_999_999))
def test_amount_formats_and_reads_back(fen: int) -> None:
    assert parse_fen(format_yuan(fen)) == fen


@given(st.integers(min_value=0, max_value=10_000_000))
def test_amount_written_bare_is_exact(fen: int) -> None:
    """YAML reads a bare 0.29 as a float: no fen may be lost."""
    assert parse_fen(float(format_yuan(fen))) == fen


@pytest.mark.parametrize(
    ("written", "hint"),
    [
        ("¥5", "请写 5.00。"),
        ("5元", "请写 5.00。"),
        ("１，０００", "请写 1000.00。"),
        (5.001, "请写元，最多两位小数，例如 5.00。"),
        (-1, "请写元，最多两位小数，例如 5.00。"),
        (True, "请写元，最多两位小数，例如 5.00。"),
        ("五元", "请写元，最多两位小数，例如 5.00。"),
    ],
)
def test_amount_unreadable_shows_the_right_spelling(written: Any, hint: str) -> None:
    with pytest.raises(PydanticCustomError) as caught:
        parse_fen(written)
    assert complaint(caught.value) == (f"看不懂金额“{written}”。", hint)


@pytest.mark.parametrize(
    ("written", "low", "high"),
    [("5.00-10.00", 500, 1000), ("5~10", 500, 1000), (5.0, 500, 500), ("0.5 - 0.5", 50, 50)],
)
def test_amounts_as_written(written: Any, low: int, high: int) -> None:
    assert parse_fen_range(written) == FenRange(low_fen=low, high_fen=high)


def test_amounts_read_back_what_they_format() -> None:
    amounts = FenRange(low_fen=500, high_fen=1000)
    assert format_fen_range(amounts) == "5.00-10.00"
    assert parse_fen_range("5.00-10.00") == amounts


def test_amounts_reversed_shows_the_right_order() -> None:
    with pytest.raises(PydanticCustomError) as caught:
        parse_fen_range("10-5")
    assert complaint(caught.value) == ("金额区间写反了。", "请写 5.00-10.00。")


@pytest.mark.parametrize("written", ["monday", "Monday", "MON", "mon", "周一", "星期一", "礼拜一"])
def test_weekday_spellings(written: str) -> None:
    assert parse_weekday(written) is Weekday.MONDAY


@pytest.mark.parametrize("written", ["0", "1", "7"])
def test_weekday_number_is_refused(written: str) -> None:
    with pytest.raises(PydanticCustomError) as caught:
        parse_weekday(written)
    assert complaint(caught.value) == (
        f"星期不能写成数字“{written}”。",
        "请写 monday、Mon 或 周一。",
    )


def test_weekday_misspelt_is_corrected() -> None:
    with pytest.raises(PydanticCustomError) as caught:
        parse_weekday("wensday")
    assert complaint(caught.value) == ("没有“wensday”这一天。", "您是想写 wednesday 吗？")


@pytest.mark.parametrize(
    ("written", "year", "month", "day"),
    [("2026-11-11", 2026, 11, 11), ("03-15", None, 3, 15), ("02-29", None, 2, 29)],
)
def test_dated_day_as_written(written: str, year: int | None, month: int, day: int) -> None:
    assert parse_dated_day(written) == DatedDay(year=year, month=month, day=day)


@pytest.mark.parametrize(
    ("written", "text", "hint"),
    [
        ("11月11日", "看不懂日期“11月11日”。", "请写 11-11。"),
        ("2026/3/5", "看不懂日期“2026/3/5”。", "请写 2026-03-05。"),
        ("3.15", "看不懂日期“3.15”。", "请写 03-15。"),
        ("双十一", "看不懂日期“双十一”。", "请写 2026-11-11，或每年都有的 11-11。"),
        ("2026-02-29", "没有“2026-02-29”这一天。", ""),
        ("13-01", "没有“13-01”这一天。", ""),
    ],
)
def test_dated_day_unreadable(written: str, text: str, hint: str) -> None:
    with pytest.raises(PydanticCustomError) as caught:
        parse_dated_day(written)
    assert complaint(caught.value) == (text, hint)


def test_zone_unknown() -> None:
    with pytest.raises(PydanticCustomError) as caught:
        parse_zone("Asia/Beijing")
    assert complaint(caught.value) == (
        "没有时区“Asia/Beijing”。",
        "请写 Asia/Shanghai 这样的名称。",
    )


@pytest.mark.parametrize(
    ("hours", "at", "quiet"),
    [
        ("21:30-08:30", time(21, 29), False),
        ("21:30-08:30", time(21, 30), True),
        ("21:30-08:30", time(0, 0), True),
        ("21:30-08:30", time(8, 29), True),
        ("21:30-08:30", time(8, 30), False),
        ("12:00-14:00", time(11, 59), False),
        ("12:00-14:00", time(13, 0), True),
        ("12:00-14:00", time(14, 0), False),
    ],
)
def test_quiet_hours_contain(hours: str, at: time, quiet: bool) -> None:
    assert is_quiet(parse_quiet_hours(hours), at) is quiet


def test_quiet_hours_are_normalised() -> None:
    assert parse_quiet_hours("9:00 - 18:00") == "09:00-18:00"
