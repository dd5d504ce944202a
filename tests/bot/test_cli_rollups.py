"""`rollups` in the terminal: what is found, mended, and what is left alone."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
from sqlalchemy import Connection, update

from bot.acts import perform
from bot.clock import SystemClock
from bot.desk import Refused
from bot.rollups import Found, RebuildRollups, told
from storage import activity, spending
from storage.activity import Action
from storage.database import Database
from storage.rollups import Wrong, provable_since
from storage.tables.people import Daily
from storage.types import table
from tests.terminal import Run, stored

TODAY = SystemClock().now().date()
SINCE = provable_since(SystemClock().now())


@pytest.fixture
def qunyun(installed: Run) -> Run:
    """The terminal beside a database with two actions."""
    stored(acted)
    return installed


def acted(tx: Connection) -> None:
    """Somebody wrote today, and on a day whose raw rows are nearly forgotten."""
    for day in (TODAY, SINCE):
        noon = datetime.combine(day, time(12), UTC)
        activity.count(tx, [Action("wealth-01", "wm1", "message", noon, day)])


def tampered(tx: Connection) -> None:
    tx.execute(update(table(Daily)).where(table(Daily).c.day == TODAY).values(n=5))


AGREES = f"{SINCE} 起，每天的活跃次数和逐条记录一致（更早的逐条记录已过保存期限）。\n"
MONEY = "资金汇总和奖品一致。\n"
FINE = AGREES + MONEY
FOUND = f"{SINCE} 起，有 1 个社群日和逐条记录不一致：\nwealth-01 {TODAY}：缺 1 行，错 1 行\n"


def test_check_of_what_agrees_says_so(qunyun: Run) -> None:
    assert qunyun("rollups", "check") == (0, FINE, "")


def test_tampered_day_is_told_then_mended(qunyun: Run) -> None:
    stored(tampered)
    ended = [qunyun("rollups", "check"), qunyun("rollups", "rebuild"), qunyun("rollups", "check")]
    assert ended == [
        (1, "", f"{FOUND}{MONEY}请运行 qunyun rollups rebuild 改正。\n"),
        (0, f"{FOUND}{MONEY}重新汇总了 1 个社群日。\n", ""),
        (0, FINE, ""),
    ]


def spent(tx: Connection) -> None:
    """More than was ever won."""
    spending.add(tx, "pool/games", 0, datetime(2026, 11, 23, 12, tzinfo=UTC), committed_fen=500)


def test_tampered_money_is_told_then_mended(qunyun: Run) -> None:
    stored(spent)
    ended = [qunyun("rollups", "check"), qunyun("rollups", "rebuild"), qunyun("rollups", "check")]
    wrong = f"{AGREES}资金汇总有 1 行和奖品不一致。\n"
    assert ended == [
        (1, "", f"{wrong}请运行 qunyun rollups rebuild 改正。\n"),
        (0, f"{wrong}重新汇总了资金，共 0 行。\n", ""),
        (0, FINE, ""),
    ]


async def test_day_whose_raw_rows_are_incomplete_is_not_made_anew(database: Database) -> None:
    now = datetime(2026, 11, 23, 16, 5, tzinfo=UTC)
    act = RebuildRollups(days=[("wealth-01", date(2026, 8, 26))])
    with pytest.raises(Refused) as refused:
        await perform(database, act, now)
    assert str(refused.value) == (
        "2026-08-26 的逐条记录已经不全，不能重新汇总；2026-08-27 起的可以。"
    )


def test_of_many_wrong_days_fifty_are_told() -> None:
    wrong = [Wrong("a", date(2026, 9, 1) + timedelta(days=n), 1, 0) for n in range(52)]
    lines = told(Found(date(2026, 8, 27), wrong, 0)).splitlines()
    assert (len(lines), lines[0], lines[-3:]) == (
        53,
        "2026-08-27 起，有 52 个社群日和逐条记录不一致：",
        ["a 2026-10-20：缺 1 行，错 0 行", "另有 2 个。", "资金汇总和奖品一致。"],
    )
