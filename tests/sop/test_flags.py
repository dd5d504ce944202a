"""What a person should look at before a prize is paid."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from sop.flags import BURST_JOINS, FELLOWS, NAMESAKES, Win, flags

JOINED = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
FINE = Win(
    order_no="QY1",
    member="wm1",
    name="小王",
    community="c",
    joined_at=JOINED,
    left=False,
    inviter="wm9",
    fellows=FELLOWS,
    namesakes=NAMESAKES - 1,
)
STAFF = ("li", "李静")


def joins(count: int, minutes: float) -> list[datetime]:
    """The winner's own joining, and others spread over so many minutes before it."""
    step = timedelta(minutes=minutes) / max(count - 1, 1)
    return [JOINED - step * place for place in reversed(range(count))]


CASES: list[tuple[Win, list[datetime], tuple[str, ...]]] = [
    (FINE, joins(1, 0), ()),
    (FINE, joins(BURST_JOINS, 10), ()),
    (FINE, joins(BURST_JOINS + 1, 10), ("批量进群：进群前 10 分钟里有 31 人进群",)),
    (FINE, joins(BURST_JOINS + 1, 11), ()),
    (replace(FINE, left=True), joins(1, 0), ("已退群：到期时不在群里",)),
    (replace(FINE, joined_at=None), joins(99, 1), ()),
    (replace(FINE, fellows=6), [], ("同一邀请人：同一个人邀请了 6 位中奖者",)),
    (replace(FINE, fellows=6, inviter=""), [], ()),
    (replace(FINE, namesakes=3), [], ("同名账号：3 位中奖者昵称相同",)),
    (replace(FINE, namesakes=3, name=""), [], ()),
    (replace(FINE, name="李静"), [], ("疑似员工：与同事同名或同号",)),
    (replace(FINE, member="li"), [], ("疑似员工：与同事同名或同号",)),
    (
        replace(FINE, left=True, fellows=7, namesakes=4),
        joins(50, 5),
        (
            "已退群：到期时不在群里",
            "同一邀请人：同一个人邀请了 7 位中奖者",
            "同名账号：4 位中奖者昵称相同",
            "批量进群：进群前 10 分钟里有 50 人进群",
        ),
    ),
]


@pytest.mark.parametrize(("win", "joined", "found"), CASES)
def test_flags(win: Win, joined: list[datetime], found: tuple[str, ...]) -> None:
    assert flags(win, joined, STAFF) == found
