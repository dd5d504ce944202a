"""签到 and 我的奖品, asked of facts that are written down here."""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any, cast
from zoneinfo import ZoneInfo

import pytest

from sop.community import Community, DeliveryMode
from sop.effects import Count, Reply
from sop.members_words import check_in, my_prizes, prize_state
from sop.ports import Facts, Prize

GROUP = Community(
    "c", "财富一群", "wr", "li", DeliveryMode.ROBOT, frozenset(), ZoneInfo("Asia/Shanghai")
)
NOW = datetime(2026, 11, 23, 16, 30, tzinfo=UTC)
"""Half past midnight on the 24th in Shanghai."""


@dataclass
class Known:
    """The two answers that these words need."""

    days: frozenset[date] = frozenset()
    won: tuple[Prize, ...] = ()

    def checked_in(self, community: str, member: str, day: date) -> bool:
        return (community, member) == ("c", "wm1") and day in self.days

    def prizes(self, member: str) -> tuple[Prize, ...]:
        return self.won if member == "wm1" else ()


def facts(days: Any = (), won: Any = ()) -> Facts:
    return cast(Facts, Known(frozenset(days), tuple(won)))


def november(*days: int) -> list[date]:
    return [date(2026, 11, day) for day in days]


@pytest.mark.parametrize(
    ("days", "answer"),
    [
        (november(), "✅ 签到成功，今天是第 1 天，明天继续。"),
        (november(21, 22), "✅ 签到成功，今天是第 1 天，明天继续。"),
        (november(20, 22, 23), "✅ 签到成功，连续 3 天。"),
        (november(*range(18, 24)), "✅ 签到成功，连续 7 天！🎉 又坚持了一整周。"),
    ],
)
def test_check_in_counts_once_and_tells_the_streak(days: list[date], answer: str) -> None:
    effects = check_in(facts(days), GROUP, "wm1", NOW)
    assert effects == [Count("c", "wm1", "checkin"), Reply(answer)]


def test_check_in_again_counts_nothing() -> None:
    effects = check_in(facts(november(22, 23, 24)), GROUP, "wm1", NOW)
    assert effects == [Reply("今天已经签到过了，连续签到 3 天，明天再来。")]


def test_my_prizes_without_any() -> None:
    assert my_prizes(facts(), GROUP, "wm1", NOW) == [
        Reply("您还没有中过奖。群里的游戏和抽奖都有机会，留意预告就好。")
    ]


def test_my_prizes_newest_first_with_states() -> None:
    early = datetime(2026, 11, 17, 12, 0, tzinfo=UTC)
    late = datetime(2026, 11, 20, 16, 10, tzinfo=UTC)
    won = [
        Prize("掷骰子奖励", 588, early, "pool/tuesday-games", "paid", date(2026, 11, 24)),
        Prize("周五节红包", 188, late, "friday-festival", "held", date(2026, 11, 27)),
    ]
    assert my_prizes(facts(won=won), GROUP, "wm1", NOW) == [
        Reply(
            "🎁 您一共中奖 2 次，合计 7.76 元\n"
            "11 月 21 日　周五节红包 1.88 元，预计 11 月 27 日发放\n"
            "11 月 17 日　掷骰子奖励 5.88 元，已发放"
        )
    ]


def test_my_prizes_many_lists_the_latest() -> None:
    won = [
        Prize("红包", 100, datetime(2026, 10, day, 12, 0, tzinfo=UTC), "x", "paid", date.max)
        for day in range(1, 13)
    ]
    ((reply),) = my_prizes(facts(won=won), GROUP, "wm1", NOW)
    lines = [f"10 月 {day} 日　红包 1.00 元，已发放" for day in range(12, 2, -1)]
    expected = ["🎁 您一共中奖 12 次，合计 12.00 元", *lines, "（只列出最近 10 次）"]
    assert reply == Reply("\n".join(expected))


@pytest.mark.parametrize(
    ("status", "words"),
    [
        ("held", "预计 11 月 30 日发放"),
        ("due", "发放中"),
        ("approved", "发放中"),
        ("submitted", "发放中"),
        ("unknown", "发放中"),
        ("paid", "已发放"),
        ("failed", "发放没有成功，工作人员正在处理"),
        ("expired", "已过期"),
    ],
)
def test_prize_state(status: str, words: str) -> None:
    assert prize_state(status, date(2026, 11, 30), date(2026, 11, 24)) == words


def test_prize_state_held_until_its_day() -> None:
    assert prize_state("held", date(2026, 11, 24), date(2026, 11, 24)) == "发放中"
