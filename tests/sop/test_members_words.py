"""签到, asked of facts that are written down here."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any, cast
from zoneinfo import ZoneInfo

import pytest

from sop.community import Community, DeliveryMode
from sop.effects import Count, Reply
from sop.members_words import check_in
from sop.ports import Facts

GROUP = Community(
    "c", "财富一群", "wr", "li", DeliveryMode.ROBOT, frozenset(), ZoneInfo("Asia/Shanghai")
)
NOW = datetime(2026, 11, 23, 16, 30, tzinfo=UTC)
"""Half past midnight on the 24th in Shanghai."""


@dataclass
class Known:
    """The answers that this word needs, those about points among them."""

    days: frozenset[date] = frozenset()

    @property
    def points(self) -> "Known":
        return self

    def streak(self, community: str, member: str, day: date) -> int:
        days = 0
        while self.checked_in(community, member, day - timedelta(days=days)):
            days += 1
        return days

    def checked_in(self, community: str, member: str, day: date) -> bool:
        return (community, member) == ("c", "wm1") and day in self.days


def facts(days: Any = ()) -> Facts:
    return cast(Facts, Known(frozenset(days)))


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
