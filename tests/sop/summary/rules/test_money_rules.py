"""Budgets that end, and budgets that nobody uses."""

from collections.abc import Callable

import pytest

from sop.summary.figures import CampaignFigures
from sop.summary.period import Period

Build = Callable[..., Period]
Told = Callable[[str, Period], list[tuple[str, str]]]


def pool(budget: int, committed: int, winners: int = 3) -> CampaignFigures:
    return CampaignFigures("pool/games", "游戏奖池", budget, committed, 0, 0, winners)


@pytest.mark.parametrize(
    ("committed", "before", "expected"),
    [
        (7999, None, []),
        (8000, None, [("“游戏奖池”的预算已用 80%，还剩 ¥20.00。", "")]),
        (
            8000,
            6600,
            [
                (
                    "“游戏奖池”的预算已用 80%，还剩 ¥20.00。",
                    "照本周的用法还够 10 天，请先定好加不加。",
                )
            ],
        ),
        (8000, 7999, [("“游戏奖池”的预算已用 80%，还剩 ¥20.00。", "")]),  # lasts for years
        (8000, 9000, [("“游戏奖池”的预算已用 80%，还剩 ¥20.00。", "")]),  # more came back
        (10000, 9000, [("“游戏奖池”的预算已用 100%，还剩 ¥0.00。", "要继续办，请先加预算。")]),
        (10500, None, [("“游戏奖池”的预算已用 105%，超出 ¥5.00。", "要继续办，请先加预算。")]),
    ],
)
def test_a_budget_that_is_nearly_gone_is_told(
    week: Build,
    told: Told,
    committed: int,
    before: int | None,
    expected: list[tuple[str, str]],
) -> None:
    last_week = () if before is None else (pool(10000, before),)
    period = week({"campaigns": (pool(10000, committed),)}, {"campaigns": last_week})
    assert told("budget_gone", period) == expected


def test_a_budget_of_nothing_is_not_gone(week: Build, told: Told) -> None:
    assert told("budget_gone", week({"campaigns": (pool(0, 0),)})) == []


UNSPENT = (
    "“游戏奖池”本周没有人中奖，¥500.00 的预算还剩 ¥400.00。",
    "下周在群里再说一次怎么参加；还是没人来，就把钱挪给用得快的活动。",
)


@pytest.mark.parametrize(
    ("now", "before", "expected"),
    [
        (pool(50000, 10000, 0), (pool(50000, 10000),), [UNSPENT]),
        (pool(50000, 10000, 1), (pool(50000, 10000),), []),
        (pool(50000, 10000, 0), (), []),  # opened this week
        (pool(50000, 30000, 0), (pool(50000, 30000),), []),  # most of it is out
        (pool(9900, 0, 0), (pool(9900, 0),), []),  # not worth a sentence
        (pool(0, 0, 0), (pool(0, 0),), []),
    ],
)
def test_a_budget_that_nobody_uses_is_told(
    week: Build,
    told: Told,
    now: CampaignFigures,
    before: tuple[CampaignFigures, ...],
    expected: list[tuple[str, str]],
) -> None:
    assert told("unspent", week({"campaigns": (now,)}, {"campaigns": before})) == expected
