"""Games, the newcomers' way to their first prize, and variants of a step."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from sop.summary.details import Details, RoundFigures, VariantFigures
from sop.summary.figures import FunnelFigures, GameFigures
from sop.summary.period import Period

Build = Callable[..., Period]
Told = Callable[[str, Period], list[tuple[str, str]]]

TITLES = {"dice": "掷骰子", "lyrics": "歌词接龙", "quiz": "知识问答"}
MONDAY = date(2026, 11, 23)
TUESDAY, WEDNESDAY, THURSDAY, FRIDAY = (MONDAY + timedelta(days=n) for n in range(1, 5))


def game(name: str, day: date, players: int, members: int = 200) -> RoundFigures:
    return RoundFigures(name, TITLES[name], day, "w", name, 2, players, members)


@pytest.mark.parametrize(
    ("now", "before", "expected"),
    [
        (
            (game("dice", TUESDAY, 82), game("lyrics", THURSDAY, 18), game("quiz", FRIDAY, 66)),
            (game("dice", TUESDAY, 44),),
            [
                (
                    "周二掷骰子参与率 41.0%（82/200，上周 22.0%），"
                    "周四歌词接龙只有 9.0%（18/200）。",
                    "下周四建议换成知识问答（本周 33.0%）。",
                )
            ],
        ),
        (
            (game("dice", TUESDAY, 62), game("lyrics", THURSDAY, 18)),
            (game("dice", TUESDAY, 60),),
            [
                (
                    "周二掷骰子参与率 31.0%（62/200），周四歌词接龙只有 9.0%（18/200）。",
                    "下周四建议也换成掷骰子。",
                )
            ],
        ),
        (  # the average of two times; a third game that changed
            (
                game("dice", TUESDAY, 90),
                game("dice", FRIDAY, 70),
                game("lyrics", THURSDAY, 30),
                game("quiz", WEDNESDAY, 34),
            ),
            (game("quiz", WEDNESDAY, 80),),
            [
                (
                    "周二、周五掷骰子参与率 40.0%（平均每次 80/200），"
                    "周四歌词接龙只有 15.0%（30/200）。",
                    "下周四建议也换成掷骰子。",
                ),
                (
                    "周三知识问答的参与率降到 17.0%（34/200），上周 40.0%。",
                    "下周换一批题目或换一种玩法再看。",
                ),
            ],
        ),
        (
            (game("dice", TUESDAY, 82),),
            (game("dice", TUESDAY, 44),),
            [("周二掷骰子的参与率升到 41.0%（82/200），上周 22.0%。", "下周保留。")],
        ),
        ((game("dice", TUESDAY, 60),), (game("dice", TUESDAY, 44),), []),
        ((game("dice", TUESDAY, 44), game("lyrics", THURSDAY, 30)), (), []),
        ((game("dice", TUESDAY, 19, 19), game("lyrics", THURSDAY, 0)), (), []),
        ((game("dice", TUESDAY, 0, 0),), (game("dice", TUESDAY, 0, 0),), []),
        ((), (game("dice", TUESDAY, 44),), []),
    ],
)
def test_games_are_told_when_they_clearly_differ(
    week: Build,
    told: Told,
    now: tuple[RoundFigures, ...],
    before: tuple[RoundFigures, ...],
    expected: list[tuple[str, str]],
) -> None:
    period = week(details=Details(rounds=now), details_before=Details(rounds=before))
    assert told("games", period) == expected


@pytest.mark.parametrize(
    ("players", "expected"),
    [
        (79, [("玩游戏的人明显变多：参与率 25.0% → 39.5%（79/200）。", "")]),
        (77, []),
        (
            25,
            [
                (
                    "玩游戏的人明显变少：参与率 25.0% → 12.5%（25/200）。",
                    "上周有 30 人玩的“掷骰子”本周没有办，下周建议排上。",
                )
            ],
        ),
        (28, []),
    ],
)
def test_participation_is_told_when_it_clearly_changes(
    week: Build, told: Told, players: int, expected: list[tuple[str, str]]
) -> None:
    quiz = GameFigures("quiz", "知识问答", 1, 40, 40, 0)
    dice = GameFigures("dice", "掷骰子", 1, 30, 30, 0)
    period = week({"players": players, "games": (quiz,)}, {"games": (dice, quiz)})
    assert told("participation", period) == expected


def test_participation_falls_although_every_game_was_held(week: Build, told: Told) -> None:
    assert told("participation", week({"players": 20})) == [
        ("玩游戏的人明显变少：参与率 25.0% → 10.0%（20/200）。", "")
    ]


PLAY = "建议在欢迎语里写上当天就能玩的游戏。"
DRAW = "建议游戏一结束就发抽奖的入口。"
PAID = "请看一眼待审核的奖金，再提醒没领的人去领。"


@pytest.mark.parametrize(
    ("now", "before", "expected"),
    [
        ((100, 60, 50, 40), (100, 62, 52, 42), []),
        (  # worse than before
            (100, 60, 24, 20),
            (100, 60, 54, 42),
            [("玩过游戏的新人里抽了奖的 40.0%（24/60），上周 90.0%。", DRAW)],
        ),
        (
            (100, 80, 60, 9),
            (100, 80, 60, 45),
            [("抽过奖的新人里已经到账的 15.0%（9/60），上周 75.0%。", PAID)],
        ),
        (  # as before: where most people stop
            (100, 30, 10, 2),
            (100, 32, 12, 2),
            [
                (
                    "新人漏斗里掉人最多的一步："
                    "入群的新人里玩过游戏的 30.0%（30/100），70 人停在这里。",
                    PLAY,
                )
            ],
        ),
        ((100, 40, 30, 20), (100, 42, 32, 20), []),  # 40 % may be half by chance
        ((100, 90, 80, 10), (100, 90, 80, 12), []),  # the money of late winners is on its way
        ((19, 0, 0, 0), (100, 90, 80, 70), []),
        ((0, 0, 0, 0), (0, 0, 0, 0), []),
    ],
)
def test_funnel_tells_the_stage_that_loses_most(
    week: Build,
    told: Told,
    now: tuple[int, int, int, int],
    before: tuple[int, int, int, int],
    expected: list[tuple[str, str]],
) -> None:
    period = week({"funnel": FunnelFigures(*now)}, {"funnel": FunnelFigures(*before)})
    assert told("funnel", period) == expected


def variant(name: str, acted: int, reached: int = 200, step: str = "brief") -> VariantFigures:
    return VariantFigures("w", step, "早报", name, reached, acted)


def place(name: str, acted: int, reached: int = 200) -> VariantFigures:
    """A variant that whole communities were given, in which people act alike."""
    return replace(variant(name, acted, reached), communities=5, spread=4.0)


@pytest.mark.parametrize(
    ("variants", "expected"),
    [
        (
            (variant("A", 62), variant("B", 34)),
            [
                (
                    "“早报”的版本 A 让 31.0%（62/200）的人有了行动，版本 B 只有 17.0%（34/200）。",
                    "下周起建议只用版本 A。",
                )
            ],
        ),
        ((variant("A", 62), variant("B", 40)), []),
        ((variant("A", 62), variant("B", 60), variant("C", 10)), []),  # the best is not alone
        ((variant("A", 20, 20), variant("B", 0, 19)), []),
        ((variant("A", 62),), []),
        ((place("A", 62), place("B", 34)), []),  # members of one community act alike
        (
            (place("A", 620, 2000), place("B", 340, 2000)),
            [
                (
                    "“早报”的版本 A 让 31.0%（620/2,000）的人有了行动，"
                    "版本 B 只有 17.0%（340/2,000）。",
                    "下周起建议只用版本 A。",
                )
            ],
        ),
        ((replace(place("A", 620, 2000), communities=3), place("B", 340, 2000)), []),
        ((variant("A", 62), variant("B", 34, step="tip")), []),
        ((variant("A", 0, 0), variant("B", 0, 0)), []),
    ],
)
def test_a_variant_that_clearly_wins_is_told(
    week: Build, told: Told, variants: tuple[VariantFigures, ...], expected: list[Any]
) -> None:
    assert told("experiments", week(details=Details(variants=variants))) == expected
