"""Life cycle, scores and value groups: by the day, and the same however often they are counted."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from typing import cast
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sop.community import Community, DeliveryMode
from sop.ports import Facts
from sop.standing import nightly, quintiles, silent_days, stage, standing, standings, value
from sop.standing_effects import KeepStanding
from sop.standing_ports import Deeds, Kept

ZONE = ZoneInfo("Asia/Shanghai")
TODAY = date(2026, 11, 24)
"""A Tuesday."""
HOME = Community("home", "一群", "wr", "li", DeliveryMode.ROBOT, frozenset(), ZONE)


def ago(days: int) -> date:
    return TODAY - timedelta(days=days)


def night(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 3, 30, tzinfo=ZONE).astimezone(UTC)


@dataclass
class Town:
    """When members joined, what they did (weights by day), what was kept."""

    here: dict[str, date]
    did: dict[str, dict[date, int]] = field(default_factory=dict)
    rows: dict[str, Kept] = field(default_factory=dict)
    asked: list[tuple[date, date, int | None]] = field(default_factory=list)

    @property
    def standings(self) -> "Town":
        return self

    def kept(self, community: str) -> Mapping[str, Kept]:
        return self.rows

    def joined(self, community: str) -> Mapping[str, date]:
        return self.here

    def deeds(
        self, community: str, first: date, last: date, members: Collection[str] | None = None
    ) -> Mapping[str, Deeds]:
        self.asked.append((first, last, None if members is None else len(members)))
        found = {}
        for member, days in self.did.items():
            if members is not None and member not in members:
                continue
            mine = {day: weight for day, weight in days.items() if first <= day <= last}
            if mine:
                found[member] = Deeds(max(mine), len(mine), sum(mine.values()))
        return found

    def sleep(self, before: date, today: date) -> list[KeepStanding]:
        """A night; what changed is kept."""
        effects = nightly(cast(Facts, self), HOME, night(before), night(today))
        for one in effects:
            self.rows[one.member] = Kept(
                one.stage,
                date.fromisoformat(one.stage_since),
                one.r,
                one.f,
                one.m,
                one.value,
                date.fromisoformat(one.joined_on),
                date.fromisoformat(one.last_on) if one.last_on else None,
                one.days,
                one.weight,
                date.fromisoformat(one.day),
            )
        return effects


@pytest.mark.parametrize(
    ("joined", "last", "is_in"),
    [
        (0, None, "newcomer"),
        (7, None, "newcomer"),
        (8, None, "drifting"),
        (8, 1, "growing"),
        (15, None, "sleeping"),
        (30, 7, "growing"),
        (30, 8, "drifting"),
        (31, 7, "established"),
        (31, 8, "drifting"),
        (400, 14, "drifting"),
        (400, 15, "sleeping"),
        (5, 20, "newcomer"),
        (9, 60, "drifting"),
    ],
)
def test_stage_by_whole_days(joined: int, last: int | None, is_in: str) -> None:
    assert stage(ago(joined), None if last is None else ago(last), TODAY) == is_in


@pytest.mark.parametrize(
    ("joined", "last", "days"), [(0, 0, 0), (3, None, 2), (9, 1, 0), (9, 5, 4)]
)
def test_silence_is_counted_in_whole_days(joined: int, last: int | None, days: int) -> None:
    assert silent_days(ago(joined), None if last is None else ago(last), TODAY) == days


@pytest.mark.parametrize(
    ("numbers", "scores"),
    [
        ([], []),
        ([7], [3]),
        ([0], [1]),
        ([1, 2, 3, 4, 5], [1, 2, 3, 4, 5]),
        ([5, 1, 4, 2, 3], [5, 1, 4, 2, 3]),
        ([2, 2, 2], [3, 3, 3]),
        ([0, 0, 0, 1, 2], [1, 1, 1, 4, 5]),
        ([0, 0, 0, 0, 9], [1, 1, 1, 1, 5]),
        ([1, 1, 9, 9], [2, 2, 4, 4]),
        (list(range(1, 11)), [1, 1, 2, 2, 3, 3, 4, 4, 5, 5]),
    ],
)
def test_quintiles_share_a_score_among_equals(numbers: list[int], scores: list[int]) -> None:
    assert quintiles(numbers) == scores


@given(st.lists(st.integers(0, 9), min_size=1, max_size=40))
def test_quintiles_keep_the_order(numbers: list[int]) -> None:
    scores = quintiles(numbers)
    assert sorted(zip(numbers, scores, strict=True)) == sorted(
        zip(sorted(numbers), sorted(scores), strict=True)
    )
    assert set(scores) <= {1, 2, 3, 4, 5}


@pytest.mark.parametrize(
    ("at_stage", "scores", "group"),
    [
        ("established", (4, 4, 4), "valuable"),
        ("newcomer", (5, 4, 5), "valuable"),
        ("established", (5, 5, 3), "active"),
        ("growing", (3, 3, 1), "active"),
        ("growing", (2, 5, 5), "potential"),
        ("newcomer", (1, 1, 1), "potential"),
        ("drifting", (4, 4, 4), "drifting"),
        ("sleeping", (1, 1, 1), "sleeping"),
    ],
)
def test_value_group(at_stage: str, scores: tuple[int, int, int], group: str) -> None:
    assert value(at_stage, *scores) == group


def kept(at_stage: str, joined: int, last: int | None, days: int, weight: int) -> Kept:
    last_on = None if last is None else ago(last)
    return Kept(at_stage, ago(3), 4, 3, 5, "active", ago(joined), last_on, days, weight, ago(1))


@pytest.mark.parametrize(
    ("row", "why"),
    [
        (
            kept("newcomer", 3, 1, 2, 5),
            (
                "入群 3 天（不超过 7 天）",
                "最近一次活跃在 1 天前（R4）",
                "28 天里有 2 天活跃（F3）",
                "28 天里参与分 5（M5）",
            ),
        ),
        (
            kept("established", 120, 2, 9, 23),
            (
                "入群 120 天（超过 30 天），最近 7 天里来过",
                "最近一次活跃在 2 天前（R4）",
                "28 天里有 9 天活跃（F3）",
                "28 天里参与分 23（M5）",
            ),
        ),
        (
            kept("drifting", 60, 11, 1, 1),
            (
                "10 天没有活跃行为（7 至 13 天）",
                "最近一次活跃在 11 天前（R4）",
                "28 天里有 1 天活跃（F3）",
                "28 天里参与分 1（M5）",
            ),
        ),
        (
            kept("sleeping", 90, None, 0, 0),
            (
                "28 天里没有活跃行为（至少 14 天）",
                "28 天里没有活跃行为（R4）",
                "28 天里有 0 天活跃（F3）",
                "28 天里参与分 0（M5）",
            ),
        ),
        (replace(kept("left", 90, None, 0, 0), value=""), ("11 月 21 日起不在群里",)),
    ],
)
def test_standing_says_why_with_numbers(row: Kept, why: tuple[str, ...]) -> None:
    assert standing(row, TODAY).why == why


def test_first_night_counts_the_window_and_knows_since_when() -> None:
    town = Town(
        {"wm1": ago(3), "wm2": ago(100), "wm3": ago(50)},
        {"wm1": {ago(1): 2}, "wm3": {ago(10): 1, ago(28): 4, ago(29): 9}},
    )
    assert town.sleep(TODAY, TODAY) == [
        KeepStanding(
            "home", "wm1", "newcomer", "2026-11-21", 5, 3, 3, "active",
            "2026-11-21", "2026-11-23", 1, 2, "2026-11-24",
        ),
        KeepStanding(
            "home", "wm2", "sleeping", "2026-08-31", 1, 1, 1, "sleeping",
            "2026-08-16", "", 0, 0, "2026-11-24",
        ),
        KeepStanding(
            "home", "wm3", "drifting", "2026-11-22", 3, 5, 5, "drifting",
            "2026-10-05", "2026-11-14", 2, 5, "2026-11-24",
        ),
    ]  # fmt: skip
    assert town.asked == [(ago(28), ago(1), None)]


def test_quiet_night_changes_nothing_and_looks_at_two_days_only() -> None:
    town = Town({"wm1": ago(100)}, {"wm1": {ago(5): 1}})
    town.sleep(ago(1), ago(1))
    town.asked.clear()
    assert town.sleep(ago(1), TODAY) == []
    assert town.asked == [(ago(1), ago(1), None), (ago(29), ago(29), None)]


def test_who_leaves_loses_the_scores_and_who_returns_begins_anew() -> None:
    town = Town({"wm1": ago(100)}, {"wm1": {ago(5): 1}})
    town.sleep(ago(1), ago(1))
    del town.here["wm1"]
    (left,) = town.sleep(ago(1), TODAY)
    assert (left.stage, left.stage_since, left.r, left.value) == ("left", "2026-11-24", 0, "")
    tomorrow = TODAY + timedelta(days=1)
    assert town.sleep(TODAY, tomorrow) == []
    town.here["wm1"] = tomorrow
    (back,) = town.sleep(tomorrow, tomorrow + timedelta(days=1))
    assert (back.stage, back.stage_since, back.days) == ("newcomer", "2026-11-25", 1)


def test_member_who_wakes_is_established_since_that_day() -> None:
    town = Town({"wm1": ago(100)}, {"wm1": {ago(20): 1}})
    (first,) = town.sleep(ago(1), ago(1))
    assert (first.stage, first.stage_since) == ("sleeping", "2026-11-19")
    town.did["wm1"][ago(1)] = 2
    (awake,) = town.sleep(ago(1), TODAY)
    assert (awake.stage, awake.stage_since, awake.days) == ("established", "2026-11-24", 2)


_days = st.integers(0, 60)
_deeds = st.dictionaries(_days, st.integers(1, 9), max_size=12)


@settings(max_examples=150, deadline=None)
@given(
    st.dictionaries(st.sampled_from("abcdef"), st.tuples(_days, _deeds), min_size=1),
    st.dictionaries(st.sampled_from("abcdef"), st.integers(1, 60)),
    st.lists(st.integers(1, 9), min_size=1, max_size=6),
)
def test_counting_what_changed_is_counting_everything(
    people: dict[str, tuple[int, dict[int, int]]], leave: dict[str, int], gaps: list[int]
) -> None:
    start = date(2026, 9, 29)  # 28 days before the first night, so that all may have a past
    did = {
        name: {start + timedelta(days=day): weight for day, weight in deeds.items()}
        for name, (_, deeds) in people.items()
    }
    town, before = Town({}, did), start + timedelta(days=27)
    for gap in gaps:
        today = before + timedelta(days=gap)
        town.here = {
            name: start + timedelta(days=joined)
            for name, (joined, _) in people.items()
            if start + timedelta(days=joined) < today
            and not (name in leave and start + timedelta(days=leave[name]) < today)
        }
        known = dict(town.rows)
        everything = standings(cast(Facts, town), "home", known, None, today)
        town.sleep(before, today)
        shown = {name: replace(row, day=today) for name, row in town.rows.items()}
        assert shown == {name: replace(row, day=today) for name, row in everything.items()}
        before = today
