"""Whose messages are answered: twenty a minute, one notice an hour, a group's limit beside."""

from datetime import datetime, timedelta

from bot.flood import TOO_FAST, TOO_MANY, Flood, Verdict
from sop.events import ReplyTo, Said
from tests.house import at

NOON = at("11-23 12:00")
ANSWER, NOTICE, SILENT = Verdict.ANSWER, Verdict.NOTICE, Verdict.SILENT


def said(when: datetime, sender: str = "wm1", chat: str | None = "wr1") -> Said:
    return Said(when, sender, chat, "签到", ReplyTo("none"))


def after(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


def verdicts(flood: Flood, *events: Said, start: int = 0) -> list[Verdict]:
    return [flood.judge(one, f"{start + n}")[0] for n, one in enumerate(events)]


def test_window_slides_and_the_notice_comes_once_an_hour() -> None:
    flood = Flood(of_one=2)
    moments = [0, 30, 40, 59, 60, 61, 90, 91, 3639, 3640, 3641, 3642, 3643]
    found = verdicts(flood, *(said(after(one)) for one in moments))
    assert dict(zip(moments, found, strict=True)) == {
        0: ANSWER,
        30: ANSWER,
        40: NOTICE,
        59: SILENT,
        60: ANSWER,
        61: SILENT,
        90: ANSWER,
        91: SILENT,
        3639: ANSWER,
        3640: ANSWER,
        3641: NOTICE,
        3642: SILENT,
        3643: SILENT,
    }


def test_same_delivery_gets_the_same_verdict_again() -> None:
    """A batch that failed is handled again."""
    flood = Flood(of_one=1)
    events = [said(after(n)) for n in range(3)]
    assert verdicts(flood, *events) == [ANSWER, NOTICE, SILENT]
    assert verdicts(flood, *events) == [ANSWER, NOTICE, SILENT]


def test_backlog_of_an_hour_is_no_flood() -> None:
    flood = Flood()
    assert set(verdicts(flood, *(said(after(4 * n)) for n in range(900)))) == {ANSWER}


def test_group_has_a_limit_of_its_own() -> None:
    flood = Flood(of_one=2, of_group=3)
    events = [said(NOON, f"wm{n}") for n in range(5)]
    found = [flood.judge(one, f"{n}") for n, one in enumerate(events)]
    assert found[3:] == [(NOTICE, TOO_MANY), (SILENT, TOO_MANY)]
    assert flood.judge(said(NOON, "wm0", "wr2"), "other")[0] == ANSWER
    assert flood.judge(said(NOON, "wm0", None), "private") == (NOTICE, TOO_FAST)


def test_only_so_many_are_remembered() -> None:
    flood = Flood(of_one=1)
    verdicts(flood, *(said(NOON, f"wm{n}", None) for n in range(20_001)))
    assert flood.judge(said(NOON, "wm0", None), "forgotten")[0] == ANSWER
    assert flood.judge(said(NOON, "wm20000", None), "again")[0] == NOTICE
