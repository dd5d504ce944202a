"""Every metric of a week, as literal values computed by hand."""

from dataclasses import replace

from sop.summary.figures import WeekFigures
from sop.summary.metrics import Number, measure

Measured = dict[str, tuple[Number | None, Number | None, Number | None, Number | None]]


def measured(now: WeekFigures, before: WeekFigures) -> Measured:
    """value, numerator, denominator, previous by key."""
    return {
        one.key: (one.value, one.numerator, one.denominator, one.previous)
        for one in measure(now, (before,))
    }


def test_metrics_of_a_busy_week(now: WeekFigures, before: WeekFigures) -> None:
    assert measured(now, before) == {
        "members": (140, None, None, 128),
        "new": (15, None, None, 28),
        "lost": (3, None, None, 0),
        "net": (12, None, None, 28),
        "joins": (16, None, None, 28),
        "leaves": (4, None, None, 0),
        "wau": (64, None, None, 30),
        "active_rate": (0.4756, 64, 134.57, 0.2615),
        "dau": (22.57, 158, 7, 5.57),
        "stickiness": (0.3527, 22.57, 64, 0.1857),
        "speakers": (40, None, None, 20),
        "messages_per_member": (1.54, 215, 140, 0.62),
        "silent": (20, None, None, 22),
        "returned": (2, None, None, 0),
        "game_participation": (0.2734, 35, 128, 0.1),
        "funnel_joined": (15, None, None, 28),
        "funnel_played": (0.8, 12, 15, 0.3571),
        "funnel_drew": (0.9167, 11, 12, 0.8),
        "funnel_claimed": (0.3636, 4, 11, 0.0),
        "budget_committed": (0.0721, 36750, 510000, None),
        "budget_settled": (0.0125, 6400, 510000, None),
        "cost_per_new": (427, 6400, 15, 0),
        "cost_per_active": (100, 6400, 64, 0),
        "sop_completion": (0.875, 7, 8, None),
        "sop_on_time": (0.8571, 6, 7, None),
        "rm_confirmation": (0.6667, 2, 3, None),
        "follow_up_completion": (0.6667, 2, 3, None),
    }


def test_metrics_without_members_are_na_not_zero_percent(empty: WeekFigures) -> None:
    values = {key: value for key, (value, _, _, _) in measured(empty, empty).items()}
    assert {key for key, value in values.items() if value is None} == {
        "active_rate",
        "stickiness",
        "messages_per_member",
        "game_participation",
        "funnel_played",
        "funnel_drew",
        "funnel_claimed",
        "budget_committed",
        "budget_settled",
        "cost_per_new",
        "cost_per_active",
        "sop_completion",
        "sop_on_time",
        "rm_confirmation",
        "follow_up_completion",
    }
    assert {value for value in values.values() if value is not None} == {0}


def test_every_metric_has_its_own_name_and_definition(empty: WeekFigures) -> None:
    metrics = measure(empty, (empty,))
    assert len({one.name for one in metrics}) == len(metrics)
    assert [one.key for one in metrics if not one.definition] == []


def test_cost_is_rounded_half_up_to_a_fen(now: WeekFigures, before: WeekFigures) -> None:
    odd = replace(now, settled_fen=5, new=2)
    assert measured(odd, before)["cost_per_new"] == (3, 5, 2, 0)
