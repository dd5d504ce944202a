"""Weeks in which nothing changed but chance: the rules keep quiet.

The members of a thousand seeded weeks toss the same coins week after week, in every community, for
every RM, channel, game and variant. All rules together may find something in one week of twenty.
"""

from collections.abc import Callable
from datetime import date, timedelta
from random import Random
from typing import Any

from sop.summary.details import (
    ChannelFlow,
    CohortFigures,
    Details,
    GroupFigures,
    NpsFigures,
    RoundFigures,
    VariantFigures,
)
from sop.summary.figures import FunnelFigures, RmFigures
from sop.summary.period import Period
from sop.summary.rules import all_rules

MONDAY = date(2026, 11, 23)
WEEKS = 1000
Build = Callable[..., Period]


def hits(chance: Random, of: int, share: float) -> int:
    """How many of so many did it, each by chance."""
    return sum(chance.random() < share for _ in range(of))


def group(chance: Random, kind: str, number: int, members: int) -> GroupFigures:
    return GroupFigures(
        kind,
        f"{kind}-{number}",
        f"{kind}-{number}",
        member_days=7 * members,
        wau=hits(chance, members, 0.4),
    )


def figures(chance: Random) -> dict[str, Any]:
    joined = hits(chance, 800, 0.05)
    played = hits(chance, joined, 0.7)
    drew = hits(chance, played, 0.7)
    return {
        "wau": hits(chance, 200, 0.4),
        "players": hits(chance, 200, 0.25),
        "new": hits(chance, 400, 0.05),
        "lost": hits(chance, 400, 0.05),
        "targets": (("active_rate", 0.4), ("game_participation", 0.25)),
        "funnel": FunnelFigures(joined, played, drew, hits(chance, drew, 0.4)),
        "rms": tuple(
            RmFigures(
                f"rm-{n}",
                f"经理{n}",
                *(2, 10, 10, 10),
                *(30, hits(chance, 30, 0.8)),
                *(25, hits(chance, 25, 0.7)),
            )
            for n in range(4)
        ),
    }


def details(chance: Random) -> Details:
    days = [MONDAY + timedelta(days=n) for n in range(5)]
    promoters = hits(chance, 60, 0.4)
    passives = hits(chance, 60 - promoters, 0.5)
    return Details(
        groups=tuple(
            [group(chance, "community", n, 50) for n in range(8)]
            + [group(chance, "rm", n, 100) for n in range(4)]
        ),
        cohorts=tuple(
            CohortFigures(MONDAY - timedelta(days=7 * n), 40, (), (40, hits(chance, 40, 0.85)))
            for n in range(8, 0, -1)
        ),
        channels=tuple(
            ChannelFlow(f"c{n}", f"渠道{n}", 60, 40, hits(chance, 40, 0.8)) for n in range(4)
        ),
        rounds=tuple(
            RoundFigures(f"g{n}", f"游戏{n}", day, "p", "s", 1, hits(chance, 150, 0.2), 150)
            for n, day in enumerate(days)
        ),
        variants=tuple(
            VariantFigures("p", f"s{n}", "早报", variant, 150, hits(chance, 150, 0.15))
            for n in range(3)
            for variant in "AB"
        ),
        nps=NpsFigures(promoters, passives, 60 - promoters - passives),
    )


def test_a_thousand_weeks_without_a_change_are_quiet(week: Build) -> None:
    chance = Random(20261123)
    wrong: dict[str, int] = {}
    loud = 0
    for _ in range(WEEKS):
        period = week(figures(chance), figures(chance), details(chance), details(chance))
        told = {one.rule for rule in all_rules() for one in rule(period)}
        loud += bool(told)
        for rule in told:
            wrong[rule] = wrong.get(rule, 0) + 1
    assert loud < WEEKS / 20, wrong


def test_a_real_change_is_found_among_the_same_noise(week: Build) -> None:
    """The other side of keeping quiet: a third fewer active members do not pass unseen."""
    chance = Random(7)
    found = 0
    for _ in range(100):
        quiet = figures(chance) | {"wau": hits(chance, 600, 0.27), "daily_members": (600,) * 7}
        busy = figures(chance) | {"wau": hits(chance, 600, 0.4), "daily_members": (600,) * 7}
        told = {one.rule for rule in all_rules() for one in rule(week(quiet, busy))}
        found += "active_rate" in told
    assert found >= 90
