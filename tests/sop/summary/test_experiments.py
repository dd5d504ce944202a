"""Variants compared: clear, not clear, or too little to say."""

import pytest

from sop.summary.details import VariantFigures
from sop.summary.experiments import Compared, compared
from sop.summary.intervals import design_effect


def variant(
    name: str, acted: int, reached: int, step: str = "tip", **more: float
) -> VariantFigures:
    given = {"communities": int(more.get("communities", 0)), "spread": more.get("spread", 1.0)}
    return VariantFigures("p", step, "小知识", name, reached, acted, **given)  # type: ignore[arg-type]


def rounded(one: Compared) -> tuple[object, ...]:
    def cut(interval: tuple[float, float] | None) -> tuple[float, ...] | None:
        return None if interval is None else tuple(round(each, 4) for each in interval)

    rate = None if one.rate is None else round(one.rate, 4)
    return one.figures.variant, rate, cut(one.interval), cut(one.gap), one.verdict


def test_one_of_two_variants_is_clearly_better() -> None:
    # The published example of Newcombe (1998): 56/70 against 48/80.
    found = compared([variant("long", 56, 70), variant("brief", 48, 80)])

    assert [rounded(one) for one in found] == [
        ("brief", 0.6, (0.4905, 0.7004), None, "对照"),
        ("long", 0.8, (0.6918, 0.877), (0.0524, 0.3339), "明显更好"),
    ]


@pytest.mark.parametrize(
    ("first", "second", "verdict"),
    [
        (variant("a", 56, 70), variant("b", 48, 80), "明显更差"),
        (variant("a", 20, 80), variant("b", 22, 70), "没有明显差别"),
        (variant("a", 0, 80), variant("b", 0, 70), "没有明显差别"),
        (variant("a", 15, 19), variant("b", 2, 400), "数据不足"),
        (variant("a", 0, 0), variant("b", 0, 0), "数据不足"),
        # The same numbers, but of members who act as their communities do.
        (
            variant("a", 48, 80, communities=6, spread=3.0),
            variant("b", 56, 70, communities=6, spread=3.0),
            "没有明显差别",
        ),
        (
            variant("a", 48, 80, communities=6, spread=1.0),
            variant("b", 56, 70, communities=3, spread=1.0),
            "数据不足",
        ),
        (
            variant("a", 48, 80, communities=6, spread=1.0),
            variant("b", 56, 70, communities=4, spread=1.0),
            "明显更好",
        ),
        # Big enough as persons, too few as independent ones.
        (
            variant("a", 48, 80, communities=6, spread=5.0),
            variant("b", 70, 70, communities=6, spread=5.0),
            "数据不足",
        ),
    ],
)
def test_verdict(first: VariantFigures, second: VariantFigures, verdict: str) -> None:
    assert [one.verdict for one in compared([first, second])] == ["对照", verdict]


def test_more_variants_make_each_verdict_stricter() -> None:
    pair = [variant("a", 48, 80), variant("b", 54, 70)]
    crowd = [*pair, *(variant(name, 50, 80) for name in "cdefgh")]

    assert [one.verdict for one in compared(pair)] == ["对照", "明显更好"]
    assert {one.verdict for one in compared(crowd)} == {"对照", "没有明显差别"}


def test_variant_alone_has_nothing_to_be_compared_with() -> None:
    assert [rounded(one) for one in compared([variant("only", 0, 0)])] == [
        ("only", None, None, None, "数据不足")
    ]


def test_steps_are_compared_apart() -> None:
    found = compared([variant("b", 1, 2, "y"), variant("a", 1, 2, "x"), variant("a", 1, 2, "y")])

    assert [(one.figures.step, one.figures.variant, one.verdict) for one in found] == [
        ("x", "a", "数据不足"),
        ("y", "a", "对照"),
        ("y", "b", "数据不足"),
    ]


@pytest.mark.parametrize(
    ("groups", "expected"),
    [
        ([], 1.0),
        ([(5, 10)], 1.0),
        ([(0, 10), (0, 20)], 1.0),
        ([(10, 10), (20, 20)], 1.0),
        # All alike: less than chance, which is no reason to trust more.
        ([(5, 10), (5, 10), (5, 10)], 1.0),
        # Every community acts as one person: each of its ten counts for a tenth, by n/(n - 1).
        ([(10, 10), (0, 10)], 20.0),
        ([(8, 10), (2, 10), (8, 10), (2, 10)], 4.8),
    ],
)
def test_design_effect(groups: list[tuple[int, int]], expected: float) -> None:
    assert design_effect(groups) == pytest.approx(expected)
