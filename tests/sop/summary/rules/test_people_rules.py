"""Members: active, leaving, silent, coming by channels, staying, called back."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest

from sop.summary.details import (
    ChannelFlow,
    CohortFigures,
    Details,
    GroupFigures,
    NpsFigures,
    RecallFigures,
    RoundFigures,
)
from sop.summary.period import Period

Build = Callable[..., Period]
Told = Callable[[str, Period], list[tuple[str, str]]]

MONDAY = date(2026, 11, 23)


def community(name: str, wau: int, **more: int) -> GroupFigures:
    return GroupFigures("community", name, name, **({"member_days": 700, "wau": wau} | more))


@pytest.mark.parametrize(
    ("now", "before", "expected"),
    [
        ({"wau": 110}, {}, [("活跃率明显上升：40.0% → 55.0%。", "")]),
        ({"wau": 109}, {}, []),  # 2.9 standard errors
        ({"wau": 51}, {}, [("活跃率明显下降：40.0% → 25.5%。", "")]),
        ({"wau": 52}, {}, []),
        ({"wau": 20, "unheard": 1}, {}, []),
        ({"wau": 20}, {"unheard": 1}, []),
        ({"wau": 250}, {}, []),  # many came and went: no share of the mean
        ({"wau": 19, "daily_members": (19,) * 7}, {}, []),
        ({"wau": 0, "daily_members": (0,) * 7}, {}, []),
    ],
)
def test_active_rate_is_told_when_it_clearly_changes(
    week: Build,
    told: Told,
    now: dict[str, Any],
    before: dict[str, Any],
    expected: list[tuple[str, str]],
) -> None:
    assert told("active_rate", week(now, before)) == expected


def test_active_rate_names_the_community_that_fell_most(week: Build, told: Told) -> None:
    period = week(
        {"wau": 30},
        {},
        Details(groups=(community("一群", 40), community("二群", 10), community("三群", 0))),
        Details(groups=(community("一群", 42), community("二群", 45))),
    )
    where = "跌得最多的是“二群”（45.0% → 10.0%），先问那里的客户经理本周少了什么。"
    assert told("active_rate", period) == [("活跃率明显下降：40.0% → 15.0%。", where)]


@pytest.mark.parametrize(
    ("new", "lost", "start", "expected"),
    [
        (2, 14, 200, [("流失 14 人，多于新增的 2 人。", "")]),
        (2, 13, 200, []),  # 2.8 standard errors
        (14, 2, 200, []),
        (0, 19, 19, []),
    ],
)
def test_losses_are_told_when_clearly_more_than_newcomers(
    week: Build, told: Told, new: int, lost: int, start: int, expected: list[tuple[str, str]]
) -> None:
    assert told("leaving", week({"new": new, "lost": lost, "members_at_start": start})) == expected


@pytest.mark.parametrize(
    ("losses", "proposal"),
    [
        ((3, 11), "“二群”走了 11 人，先看那里本周发了什么、发了几条。"),
        ((7, 7), "“一群”走了 7 人，先看那里本周发了什么、发了几条。"),
        ((6, 5), ""),
        ((14,), ""),  # there is only one
    ],
)
def test_losses_name_the_community_that_half_of_them_left(
    week: Build, told: Told, losses: tuple[int, ...], proposal: str
) -> None:
    names = ("一群", "二群")[: len(losses)]
    groups = tuple(community(name, 1, lost=lost) for name, lost in zip(names, losses, strict=True))
    period = week({"new": 2, "lost": 14}, details=Details(groups=groups))
    assert told("leaving", period) == [("流失 14 人，多于新增的 2 人。", proposal)]


@pytest.mark.parametrize(
    ("now", "share"),
    [
        ({"silent": 67}, "33.5%（67/200）"),
        ({"silent": 66}, None),
        ({"silent": 19, "members_at_end": 19}, None),
        ({"silent": 20, "unheard": 1, "heard_members_at_end": 40}, "50.0%（20/40）"),
        ({"silent": 0, "unheard": 2, "heard_members_at_end": 0}, None),
    ],
)
def test_silent_members_are_told_from_a_third_on(
    week: Build, told: Told, now: dict[str, Any], share: str | None
) -> None:
    proposal = "下周建议给他们安排一次召回，带上链接，看谁打开。"
    expected = [(f"沉默成员占 {share}。", proposal)] if share else []
    assert told("silent", week(now)) == expected


def test_silent_members_are_to_be_written_to_as_it_worked(week: Build, told: Told) -> None:
    recalls = (
        RecallFigures("p", "a", "送券召回", 30, 9, 4),
        RecallFigures("p", "b", "问候召回", 30, 9, 6),
    )
    assert told("silent", week({"silent": 100}, details=Details(recalls=recalls))) == [
        (
            "沉默成员占 50.0%（100/200）。",
            "本周“问候召回”叫回了 6 人，下周建议写给其余的人。",
        )
    ]


@pytest.mark.parametrize(
    ("written", "back", "proposal"),
    [
        (100, 22, "下周建议写给其余的沉默成员。"),
        (100, 15, None),  # 15 % may be less than 10 % by chance
        (400, 6, "下次建议换一种说法，或者改由客户经理打电话。"),
        (400, 12, None),
        (19, 19, None),
    ],
)
def test_a_recall_is_told_when_surely_good_or_poor(
    week: Build, told: Told, written: int, back: int, proposal: str | None
) -> None:
    recalls = (RecallFigures("p", "s", "召回", written, 50, back),)
    text = f"“召回”写给 {written} 人，50 人打开，回来的 {back / written:.1%}（{back}/{written}）。"
    expected = [(text, proposal)] if proposal else []
    assert told("recall", week(details=Details(recalls=recalls))) == expected


def flow(name: str, joined: int, old_enough: int, stayed: int) -> ChannelFlow:
    return ChannelFlow(name, name, joined, old_enough, stayed)


@pytest.mark.parametrize(
    ("bad", "expected"),
    [
        (
            flow("抖音", 120, 100, 41),
            [
                (
                    "“抖音”近 28 天带来 120 人，满 7 天还在的 41.0%（41/100），其他渠道 80.0%。",
                    "下周建议少投这里，多投“海报”（还在 85.0%）。",
                )
            ],
        ),
        (
            flow("", 120, 100, 41),
            [
                (
                    "“未知渠道”近 28 天带来 120 人，满 7 天还在的 41.0%（41/100），"
                    "其他渠道 80.0%。",
                    "下周建议少投这里，多投“海报”（还在 85.0%）。",
                )
            ],
        ),
        (flow("抖音", 120, 100, 65), []),
        (flow("抖音", 30, 30, 10), []),  # little volume
        (flow("抖音", 120, 19, 0), []),  # nobody knows yet
    ],
)
def test_a_big_channel_whose_people_leave_is_told(
    week: Build, told: Told, bad: ChannelFlow, expected: list[tuple[str, str]]
) -> None:
    channels = (bad, flow("海报", 100, 100, 85), flow("朋友", 100, 100, 75))
    assert told("channels", week(details=Details(channels=channels))) == expected


@pytest.mark.parametrize(
    ("present", "expected"),
    [
        (
            25,
            [
                (
                    "11 月 16 日那周入群的人，下一周还在的 50.0%（25/50），之前各批 80.0%。",
                    "请对一下那周的渠道和欢迎语改了什么。",
                )
            ],
        ),
        (32, []),
        (47, []),
        (
            50,
            [
                (
                    "11 月 16 日那周入群的人，下一周还在的 100.0%（50/50），之前各批 80.0%。",
                    "那周的渠道和欢迎语建议保留。",
                )
            ],
        ),
    ],
)
def test_a_cohort_that_stays_otherwise_is_told(
    week: Build, told: Told, present: int, expected: list[tuple[str, str]]
) -> None:
    ages = [CohortFigures(MONDAY - timedelta(days=7 * n), 50, (), (50, 40)) for n in (4, 3, 2)]
    newest = CohortFigures(MONDAY - timedelta(days=7), 50, (), (50, present))
    now = CohortFigures(MONDAY, 50, (), (50,))
    details = Details(cohorts=(*ages, newest, now))
    assert told("cohorts", week(details=details)) == expected


def test_the_only_cohort_is_compared_with_nothing(week: Build, told: Told) -> None:
    only = CohortFigures(MONDAY - timedelta(days=7), 50, (), (50, 0))
    assert told("cohorts", week(details=Details(cohorts=(only,)))) == []


@pytest.mark.parametrize(
    ("now", "before", "expected"),
    [
        (
            NpsFigures(10, 10, 20),
            NpsFigures(20, 15, 3),
            [
                (
                    "NPS 从 45 降到 −25（本周 40 份评分，上周 38 份）。",
                    "下周请给打 0 到 6 分的 20 位逐个打电话，问一句原因。",
                )
            ],
        ),
        (
            NpsFigures(20, 15, 3),
            NpsFigures(10, 10, 20),
            [("NPS 从 −25 升到 45（本周 38 份评分，上周 40 份）。", "")],
        ),
        (NpsFigures(15, 15, 10), NpsFigures(20, 15, 5), []),
        (NpsFigures(0, 0, 19), NpsFigures(40, 0, 0), []),  # too few
        (NpsFigures(), NpsFigures(40, 0, 0), []),
        (
            NpsFigures(0, 0, 20),
            NpsFigures(20, 0, 0),
            [
                (
                    "NPS 从 100 降到 −100（本周 20 份评分，上周 20 份）。",
                    "下周请给打 0 到 6 分的 20 位逐个打电话，问一句原因。",
                )
            ],
        ),
    ],
)
def test_nps_is_told_when_it_clearly_changes(
    week: Build, told: Told, now: NpsFigures, before: NpsFigures, expected: list[tuple[str, str]]
) -> None:
    assert told("nps", week(details=Details(nps=now), details_before=Details(nps=before))) == (
        expected
    )


TOPIC = "下周建议先在那里加一次游戏或话题。"
LEARN = "建议把那里的做法写下来，下周在别的群试一次。"


@pytest.mark.parametrize(
    ("groups", "expected"),
    [
        (
            (community("一群", 15), community("二群", 40), community("三群", 42)),
            [("“一群”的活跃率 15.0%（15/100），其他社群 41.0%。", TOPIC)],
        ),
        (
            (community("一群", 70), community("二群", 40), community("三群", 42)),
            [("“一群”的活跃率 70.0%（70/100），其他社群 41.0%。", LEARN)],
        ),
        (
            (community("一群", 15), community("二群", 45)),  # of two, one sentence says both
            [("“一群”的活跃率 15.0%（15/100），其他社群 45.0%。", TOPIC)],
        ),
        ((community("一群", 28), community("二群", 40), community("三群", 42)), []),
        ((community("一群", 15, unheard=1), community("二群", 40), community("三群", 42)), []),
        ((community("一群", 15),), []),
        ((community("一群", 1, member_days=133), community("二群", 40)), []),
    ],
)
def test_a_community_unlike_the_others_is_told(
    week: Build, told: Told, groups: tuple[GroupFigures, ...], expected: list[tuple[str, str]]
) -> None:
    assert told("communities", week(details=Details(groups=groups))) == expected


def test_a_community_below_the_others_is_offered_the_best_game(week: Build, told: Told) -> None:
    details = Details(
        groups=(community("一群", 15), community("二群", 45)),
        rounds=(
            RoundFigures("quiz", "知识问答", MONDAY, players=10, members=100),
            RoundFigures("dice", "掷骰子", MONDAY, players=30, members=100),
            RoundFigures("empty", "没有人", MONDAY),
        ),
    )
    assert told("communities", week(details=details)) == [
        (
            "“一群”的活跃率 15.0%（15/100），其他社群 45.0%。",
            "下周建议先在那里办一次本周最多人玩的“掷骰子”。",
        )
    ]
