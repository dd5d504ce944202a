"""When people say it shall be; now is Tuesday 2026-11-24 12:00 in Shanghai."""

from datetime import datetime, time
from zoneinfo import ZoneInfo

import pytest

from sop.said_when import split, when

NOW = datetime(2026, 11, 24, 12, tzinfo=ZoneInfo("Asia/Shanghai"))
USUAL = time(18)


@pytest.mark.parametrize(
    ("said", "at"),
    [
        ("2h", "2026-11-24 14:00"),
        ("90m", "2026-11-24 13:30"),
        ("1d", "2026-11-25 12:00"),
        ("今天", "2026-11-24 18:00"),
        ("明天", "2026-11-25 18:00"),
        ("后天", "2026-11-26 18:00"),
        ("大后天9点", "2026-11-27 09:00"),
        ("明天 15:00", "2026-11-25 15:00"),
        ("明天 15：00", "2026-11-25 15:00"),
        ("明天 下午 3点半", "2026-11-25 15:30"),
        ("明天早上", "2026-11-25 09:00"),
        ("周五下午3点", "2026-11-27 15:00"),
        ("星期天", "2026-11-29 18:00"),
        ("周二", "2026-11-24 18:00"),
        ("周二 11:00", "2026-12-01 11:00"),
        ("周一", "2026-11-30 18:00"),
        ("下周二", "2026-12-01 18:00"),
        ("11-30 9:30", "2026-11-30 09:30"),
        ("12月3日", "2026-12-03 18:00"),
        ("1-5", "2027-01-05 18:00"),
        ("2027-01-05 10:00", "2027-01-05 10:00"),
        ("17:00", "2026-11-24 17:00"),
        ("中午1点", "2026-11-24 13:00"),
        ("晚上8点20分", "2026-11-24 20:20"),
        ("9点", "2026-11-24 09:00"),
    ],
)
def test_time_as_people_say_it(said: str, at: str) -> None:
    found = when(said.split(), NOW, USUAL)
    assert found is not None
    assert (f"{found:%Y-%m-%d %H:%M}", found.tzinfo) == (at, NOW.tzinfo)


@pytest.mark.parametrize(
    "said", ["", "想了解", "13", "25:00", "2-30", "13月1日", "点", "周八", "999999999d", "明天见"]
)
def test_what_is_no_time(said: str) -> None:
    assert when(said.split(), NOW, USUAL) is None


@pytest.mark.parametrize(
    ("words", "rest", "at"),
    [
        ("想了解定投 明天 下午 3点", ("想了解定投",), "11-25 15:00"),
        ("约 周五", ("约",), "11-27 18:00"),
        ("想了解 定投", ("想了解", "定投"), None),
        ("明天", ("明天",), None),
        ("明天 15:00", ("明天",), "11-24 15:00"),
        ("", (), None),
    ],
)
def test_time_at_the_end_of_words(words: str, rest: tuple[str, ...], at: str | None) -> None:
    found, instant = split(words.split(), NOW, USUAL)
    assert (found, instant and f"{instant:%m-%d %H:%M}") == (rest, at)
