"""Nightly labels: when they are due, and what they change about whom."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import cast
from zoneinfo import ZoneInfo

import pytest
from pydantic import ValidationError

from sop.community import Community, Member
from sop.effects import Effect, Tag, Untag
from sop.library import Library
from sop.loader import SHIPPED, load
from sop.ports import Facts
from sop.segment import Conditions, Did, TagRule
from sop.standing_ports import Measured
from sop.tagging import RESPECTED_FOR, last_day, last_night, next_night, nightly, source_of
from sop.tags import TagGroup

NOW = datetime(2026, 11, 23, 19, 30, tzinfo=UTC)
"""Tuesday 03:30 in Shanghai."""
REASON = "很久没来：19 天没有活跃行为（至少 14 天），2026-11-24"


def rule(tag: str = "沉睡", *, keep: bool = False) -> TagRule:
    return TagRule.model_validate(
        {"tag": tag, "reason": "很久没来", "who": {"silent_for": "14d"}, "keep": keep}
    )


@dataclass
class Night:
    """Who comes under every rule, by community; who wears the label; who lost it to whom."""

    chosen: dict[str, list[str]]
    worn: dict[str, str] = field(default_factory=dict)
    lost: dict[str, tuple[datetime, set[str]]] = field(default_factory=dict)
    homes: dict[str, set[str]] = field(default_factory=dict)
    over: list[tuple[str, str, str]] = field(default_factory=list)

    @property
    def standings(self) -> "Night":
        return self

    def measured(self, member: Member, who: Conditions, now: datetime) -> Measured:
        return Measured(NOW - timedelta(days=40), NOW - timedelta(days=19, hours=5))

    def expired_labels(self, community: str, day: date) -> list[tuple[str, str, str]]:
        assert (community, day) == ("wealth-01", date(2026, 11, 24))
        return self.over

    def choose(self, community: str, who: Conditions, now: datetime) -> list[Member]:
        return [Member(one, one, community, now) for one in self.chosen.get(community, [])]

    def wearing(self, community: str, tag: str) -> dict[str, str]:
        return self.worn

    def taken_off(self, community: str, tag: str, since: datetime) -> dict[str, set[str]]:
        return {member: by for member, (at, by) in self.lost.items() if at > since}

    def communities_of(self, member: str) -> set[str]:
        return self.homes.get(member, {"wealth-01"})


def effects(night: Night, home: Community, *rules: TagRule) -> list[Effect]:
    library = Library(tag_rules={one.tag: one for one in rules or (rule(),)})
    return nightly(cast(Facts, night), library, home, NOW)


def test_label_goes_to_who_comes_under_the_rule(wealth: Community) -> None:
    night = Night({"wealth-01": ["wm2", "wm1"]}, worn={"wm1": "rule:沉睡"})
    assert effects(night, wealth) == [Tag("wm2", "沉睡", "rule:沉睡", REASON)]


def test_rules_are_applied_by_name(wealth: Community) -> None:
    night = Night({"wealth-01": ["wm1"]})
    assert effects(night, wealth, rule("乙"), rule("丙")) == [
        Tag("wm1", "丙", "rule:丙", REASON),
        Tag("wm1", "乙", "rule:乙", REASON),
    ]


@pytest.mark.parametrize(
    ("by", "keep", "goes"),
    [
        ("rule:沉睡", False, True),
        ("rule:沉睡", True, False),
        ("rule:别的", False, False),
        ("lijing", False, False),
        ("p/s", False, False),
    ],
)
def test_label_is_taken_off_only_by_the_rule_that_put_it_on(
    wealth: Community, by: str, keep: bool, goes: bool
) -> None:
    wanted = [Untag("wm1", "沉睡", "rule:沉睡")] if goes else []
    assert effects(Night({}, worn={"wm1": by}), wealth, rule(keep=keep)) == wanted


@pytest.mark.parametrize(
    ("by", "ago", "comes"),
    [
        ({"lijing"}, timedelta(days=89), False),
        ({"lijing", "rule:沉睡"}, timedelta(days=1), False),
        ({"p/s"}, timedelta(days=1), False),
        ({"lijing"}, RESPECTED_FOR, True),
        ({"rule:沉睡"}, timedelta(days=1), True),
        ({"expiry"}, timedelta(days=1), True),
        ({"expiry", "rule:沉睡"}, timedelta(days=1), True),
        ({"expiry", "lijing"}, timedelta(days=1), False),
    ],
)
def test_label_that_somebody_took_off_stays_off_for_a_while(
    wealth: Community, by: set[str], ago: timedelta, comes: bool
) -> None:
    night = Night({"wealth-01": ["wm1"]}, lost={"wm1": (NOW - ago, by)})
    wanted = [Tag("wm1", "沉睡", "rule:沉睡", REASON)] if comes else []
    assert effects(night, wealth) == wanted


def test_label_stays_while_another_community_gives_cause(wealth: Community) -> None:
    worn = dict.fromkeys(("wm1", "wm2", "wm3"), "rule:沉睡")
    homes = {"wm1": {"wealth-01", "youth-01"}, "wm2": {"wealth-01", "youth-01"}}
    night = Night({"youth-01": ["wm1"]}, worn=worn, homes=homes)
    assert effects(night, wealth) == [
        Untag("wm2", "沉睡", "rule:沉睡"),
        Untag("wm3", "沉睡", "rule:沉睡"),
    ]


def test_label_whose_time_is_over_is_taken_off_unless_its_rule_does_it(wealth: Community) -> None:
    over = [
        ("wm1", "关注基金", "lijing"),
        ("wm2", "沉睡", "rule:沉睡"),
        ("wm3", "常客", "rule:常客"),
    ]
    assert effects(Night({}, over=over), wealth, rule("沉睡"), rule("常客", keep=True)) == [
        Untag("wm1", "关注基金", "expiry"),
        Untag("wm3", "常客", "expiry"),
    ]


@pytest.mark.parametrize(
    ("by", "source"), [("rule:沉睡", "rule"), ("week/care", "step"), ("lijing", "staff")]
)
def test_source_says_in_one_word_who_labels(by: str, source: str) -> None:
    assert source_of(by) == source


def test_last_day_follows_the_group_of_the_label() -> None:
    items = [{"tag": "关注基金", "keeps": "90d"}, {"tag": "老客户"}]
    group = TagGroup.model_validate({"tags": "兴趣", "items": items})
    library, today = Library(tag_groups={"兴趣": group}), date(2026, 11, 24)
    days = [last_day(library, one, today) for one in ("关注基金", "老客户", "别的")]
    assert days == [date(2027, 2, 22), None, None]


@pytest.mark.parametrize(
    ("now", "last", "following"),
    [
        ("2026-11-24 03:29:59", "2026-11-23", "2026-11-24"),
        ("2026-11-24 03:30:00", "2026-11-24", "2026-11-25"),
        ("2026-11-24 23:59:59", "2026-11-24", "2026-11-25"),
        ("2026-12-31 03:30:00", "2026-12-31", "2027-01-01"),
    ],
)
def test_night_is_at_half_past_three(now: str, last: str, following: str) -> None:
    zone = ZoneInfo("Asia/Shanghai")
    instant = datetime.fromisoformat(now).replace(tzinfo=zone).astimezone(UTC)
    found = [
        f"{one:%Y-%m-%d %H:%M}" for one in (last_night(instant, zone), next_night(instant, zone))
    ]
    assert found == [f"{last} 03:30", f"{following} 03:30"]


def test_shipped_segments_and_rules() -> None:
    library, problems = load([SHIPPED])
    assert problems == []
    lifecycle = {
        "checkin-stars": "签到之星",
        "drifting": "疏远成员",
        "fading": "衰退成员",
        "growing": "成长成员",
        "high-value": "高价值成员",
        "link-openers": "点过链接的成员",
        "newcomers": "新成员",
        "no-click": "没点过链接的成员",
        "quiz-lovers": "爱答题的成员",
        "quiz-masters": "答题高手",
        "regulars": "常客",
        "rfm-potential": "潜力成员",
        "rfm-sleeping": "曾经活跃的沉睡成员",
        "rfm-value": "活跃价值成员",
        "sleeping": "沉睡成员",
    }
    assert {one: library.segments[one].title for one in lifecycle} == lifecycle
    assert {one.tag: one.keep for one in library.tag_rules.values()} == {
        "常客": False,
        "新成员": False,
        "沉睡预警": False,
        "答题达人": True,
        "签到之星": False,
        "意向高": False,
        "意向中": False,
    }
    assert {name: len(one.items) for name, one in library.tag_groups.items()} == {
        "关注": 5,
        "联系方式": 3,
        "群里表现": 7,
    }
    behaviour = {item.tag for item in library.tag_groups["群里表现"].items}
    assert behaviour == library.tag_rules.keys()


@pytest.mark.parametrize(
    ("written", "least"),
    [({}, 1), ({"at_least": 3}, 3), ({"at_most": 0}, 0), ({"at_least": 2, "at_most": 4}, 2)],
)
def test_action_that_is_only_bounded_above_may_be_missing(
    written: dict[str, int], least: int
) -> None:
    assert Did.model_validate({"action": "click", "within": "28d", **written}).least == least


def test_bounds_that_nobody_can_meet_are_refused() -> None:
    with pytest.raises(ValidationError, match="at_most 比 at_least 小，谁也选不到。"):
        Did.model_validate({"action": "click", "within": "28d", "at_least": 2, "at_most": 1})
