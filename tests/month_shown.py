"""Every number that the tables of the summary show, a second time: from the counts of the raw rows
by the definitions that stand in the heads of the columns, without the names that people see."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from itertools import groupby, pairwise
from math import sqrt
from statistics import NormalDist
from types import MappingProxyType
from typing import Any

from tests.month_week import Week

NAMES = frozenset(
    {"name", "rm", "step", "plan", "game", "source", "channel", "via", "reason"}
    | {"what", "before", "after", "stage", "week", "weekday"}
)
"""Columns of words."""
WEEKS = 8
FEWEST = 30
"""Scores, for an NPS at all."""
SMALLEST = 20
"""Independent persons, for a comparison of variants."""
PLACES = 4
"""Communities, for the same."""


@dataclass(frozen=True, slots=True)
class Told:
    """The weeks that a summary is made of, newest first; two of them with tables."""

    weeks: tuple[Week, ...]

    @property
    def now(self) -> Week:
        """The week itself."""
        return self.weeks[0]

    @property
    def before(self) -> Week:
        """The one before."""
        return self.weeks[1]


Shown = Iterator[tuple[object, ...]]


def share(upper: Any, lower: Any) -> float | None:
    """Four decimals; nothing by nothing."""
    return round(float(Fraction(upper) / lower), 4) if lower else None


def people(told: Told) -> Shown:
    for one in reversed(told.weeks):
        keys = ("members", "new", "lost", "net", "joins", "leaves")
        yield tuple(one.count(key) for key in keys)


def _active(week: Week) -> list[Any]:
    """Of nobody who is not heard is it known that they did nothing."""
    return [None if week.unheard and not active else active for _, active in week.tables["days"]]


def activity_days(told: Told) -> Shown:
    members = [there for there, _ in told.now.tables["days"]]
    days = zip(members, _active(told.now), _active(told.before), strict=True)
    for number, (there, active, before) in enumerate(days):
        day = told.now.monday + timedelta(days=number)
        yield day, active, there, None if active is None else share(active, there), before


def channels(told: Told) -> Shown:
    for _, joined, old, stayed, active, cost in _of(told, "channels"):
        known = active if active or not told.now.unheard else None
        rate = None if known is None else share(known, joined)
        each = Decimal(int(cost)) / joined
        fen = int(each.quantize(Decimal(1), ROUND_HALF_UP))
        yield joined, known, rate, old, stayed, share(stayed, old), cost, fen


def ways_in(told: Told) -> Shown:
    for _, joins, present in _of(told, "ways"):
        yield joins, present


def _cohorts(told: Told, column: int) -> Shown:
    for monday, size, *counts in _of(told, "cohorts"):
        if size:
            later = counts[column]
            yield monday, size, *later, *[None] * (WEEKS - len(later))


def moves(told: Told) -> Shown:
    for *_, members in _of(told, "moves"):
        yield (members,)


def newcomer_funnel(told: Told) -> Shown:
    keys = ("funnel_joined", "funnel_played", "funnel_drew", "funnel_claimed")
    counts = [told.now.count(key) for key in keys]
    if counts[0]:
        for of, came in pairwise(counts):
            yield came, of, share(came, of), of - came


def games(told: Told) -> Shown:
    _, start = told.now.counts["game_participation"]
    before = {game: players for game, _, players, *_ in told.before.tables["games"]}
    for game, rounds, players, turns, fen in _of(told, "games"):
        there = int(start or 0)
        yield rounds, players, there, share(players, there), before.get(game, 0), turns, fen


def rounds(told: Told) -> Shown:
    for _, day, _, _, held, players, members in _of(told, "rounds"):
        yield day, held, players, members, share(players, members)


def campaigns(told: Told) -> Shown:
    for _, budget, out, paid, back, winners in _of(told, "campaigns"):
        yield (
            winners, budget, out, paid, back, budget - out, share(out, budget), share(paid, budget),
        )  # fmt: skip


def _done(due: Any, done: Any, on_time: Any) -> tuple[object, ...]:
    return done, due, share(done, due), on_time, share(on_time, done)


def _confirmed(reminded: Any, confirmed: Any) -> tuple[object, ...]:
    return confirmed, reminded, share(confirmed, reminded)


def sop_steps(told: Told) -> Shown:
    for _, _, day, due, done, on_time, cancelled, *confirmed in _of(told, "steps"):
        yield day, *_done(due, done, on_time), cancelled, *_confirmed(*confirmed)


def sop_plans(told: Told) -> Shown:
    for _, due, done, on_time, cancelled, *confirmed in _of(told, "plans"):
        yield *_done(due, done, on_time), cancelled, *_confirmed(*confirmed)


def sop_rms(told: Told) -> Shown:
    for _, places, due, done, on_time, reminded, confirmed, *_ in _of(told, "owners"):
        yield places, *_done(due, done, on_time), *_confirmed(reminded, confirmed)


def rm_tasks(told: Told) -> Shown:
    for _, due, reminded, confirmed, *sent in _of(told, "rms"):
        out, on_time, late, capped, skipped, expired, *_ = sent
        if due or skipped:
            in_time = on_time, late, out, share(on_time, out)
            yield due, *_confirmed(reminded, confirmed), *in_time, capped, expired, skipped


def rm_pieces(told: Told) -> Shown:
    for *_, pieces, sent, on_time, skipped in _of(told, "rms"):
        if pieces:
            silent = pieces - sent - skipped
            yield pieces, sent, share(sent, pieces), on_time, skipped, silent


def follow_up_rms(told: Told) -> Shown:
    for *_, due, done, overdue, _, _, _, _ in _of(told, "rms"):
        if due or overdue:
            yield done, due, share(done, due), overdue


def follow_up_outcomes(told: Told) -> Shown:
    for _, *counts in _of(told, "outcomes"):
        yield tuple(counts)


def recalls(told: Told) -> Shown:
    for _, _, written, clicked, back in _of(told, "recalls"):
        yield written, clicked, share(clicked, written), back, share(back, written)


def nps(told: Told) -> Shown:
    weeks = [one.tables["nps"][0] for one in told.weeks[:2]]
    for promoters, passives, detractors in weeks if any(map(any, weeks)) else ():
        n = promoters + passives + detractors  # type: ignore[operator]
        score = Decimal(promoters - detractors) * 100 / n if n else Decimal()  # type: ignore[operator]
        points = int(score.quantize(Decimal(1), ROUND_HALF_UP))
        told_as = (None, "数据不足") if n < FEWEST else (points, "足够")
        yield promoters, passives, detractors, n, *told_as


def experiments(told: Told) -> Shown:
    by_step = groupby(_of(told, "variants"), key=lambda one: one[:2])
    for _, found in by_step:
        first, *others = (_Variant(*one[2:]) for one in found)
        yield *first.shown, None, None, "对照" if others else "数据不足"
        z = NormalDist().inv_cdf(1 - 0.05 / 2 / max(1, len(others)))
        for one in others:
            yield *one.shown, *one.against(first, z)


@dataclass(frozen=True, slots=True)
class _Variant:
    name: str
    reached: int
    acted: int
    places: int
    spread: float

    @property
    def persons(self) -> float:
        """As if they acted independently."""
        return self.reached / self.spread

    def borders(self, z: float) -> tuple[float, float]:
        """Wilson's: the shares p for which |share - p| is z standard errors of p."""
        n, hits = self.persons, self.acted / self.spread
        root = z * sqrt(z * z + 4 * hits * (1 - hits / n))
        return tuple((2 * hits + z * z + sign * root) / (2 * (n + z * z)) for sign in (-1, 1))  # type: ignore[return-value]

    @property
    def shown(self) -> tuple[object, ...]:
        low, high = self.borders(NormalDist().inv_cdf(0.975))
        rate = round(self.acted / self.reached, 4)
        return self.name, self.places, self.acted, self.reached, rate, round(low, 4), round(high, 4)

    def against(self, base: "_Variant", z: float) -> tuple[object, ...]:
        """Newcombe's: each share's own border makes the difference's."""
        few = [one.places for one in (self, base) if 0 < one.places < PLACES]
        if few or min(self.persons, base.persons) < SMALLEST:
            return None, None, "数据不足"
        (low, high), (base_low, base_high) = self.borders(z), base.borders(z)
        rate, base_rate = self.acted / self.reached, base.acted / base.reached
        down = rate - base_rate - sqrt((rate - low) ** 2 + (base_high - base_rate) ** 2)
        up = rate - base_rate + sqrt((high - rate) ** 2 + (base_rate - base_low) ** 2)
        verdict = "明显更好" if down > 0 else "明显更差" if up < 0 else "没有明显差别"
        return round(down, 4), round(up, 4), verdict


def _of(told: Told, name: str) -> list[tuple[Any, ...]]:
    return told.now.tables[name]


TABLES: Mapping[str, Callable[[Told], Shown]] = MappingProxyType(
    {
        "people": people,
        "cohorts_present": lambda told: _cohorts(told, 1),
        "cohorts_active": lambda told: _cohorts(told, 0),
        "moves": moves,
        "channels": channels,
        "ways_in": ways_in,
        "activity_days": activity_days,
        "games": games,
        "rounds": rounds,
        "newcomer_funnel": newcomer_funnel,
        "campaigns": campaigns,
        "sop_steps": sop_steps,
        "sop_plans": sop_plans,
        "sop_rms": sop_rms,
        "rm_tasks": rm_tasks,
        "rm_pieces": rm_pieces,
        "follow_up_rms": follow_up_rms,
        "follow_up_outcomes": follow_up_outcomes,
        "recalls": recalls,
        "experiments": experiments,
        "nps": nps,
    }
)
"""By the key of the table; those of RMs, labels and communities are `group`'s."""


OF_A_GROUP = (
    *("members", "new", "lost", "active_rate", "silent", "game_participation"),
    *("sop_completion", "sop_on_time", "cost_per_new"),
)
"""The metrics that the row of a group is made of."""


def group(now: Week, before: Week) -> tuple[object, ...]:
    """The row of one RM, label or community, without the number of its communities."""
    count = now.count
    wau, days = now.counts["active_rate"]
    players, start = now.counts["game_participation"]
    done, due = now.counts["sop_completion"]
    on_time, _ = now.counts["sop_on_time"]
    return (
        count("members"), count("new"), count("lost"),
        None if now.unheard and not wau else int(wau),
        round(float(days or 0), 2), _active_rate(now), _active_rate(before),
        None if now.unheard and not now.heard else count("silent"),
        int(players), int(start or 0), share(players, start),
        int(due or 0), int(done), share(done, due),
        int(on_time), share(on_time, done), count("cost_per_new"),
    )  # fmt: skip


def _active_rate(week: Week) -> float | None:
    wau, members = week.counts["active_rate"]
    return None if week.unheard and not wau else share(wau, members)
