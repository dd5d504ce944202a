"""Why a member comes under conditions: whole sentences with the numbers."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any, cast

import pytest
from pydantic import ValidationError

from sop.community import Member
from sop.conditions import Conditions
from sop.explain import ago, bounds, explain
from sop.links_ports import ClickFacts, Ignored
from sop.ports import Facts
from sop.standing_ports import Measured, Standing

NOW = datetime(2026, 11, 23, 2, tzinfo=UTC)
FOUND = Measured(
    joined_at=NOW - timedelta(days=45, hours=3),
    last_action=NOW - timedelta(days=19, hours=23),
    active_days=9,
    did=(3, 0),
    played=2,
    answered_right=6,
    answered=1,
    clicked=2,
    written_at=NOW - timedelta(days=4),
    reacted=False,
    channel="手机银行",
    stage="drifting",
    value="valuable",
    rfm=(5, 4, 3),
)
FRESH = Measured(joined_at=NOW - timedelta(hours=3), last_action=None)


@dataclass
class Known:
    """What is measured of the member, where they stand, and what they opened."""

    found: Measured
    opened: tuple[ClickFacts, ...] = ()

    @property
    def standings(self) -> "Known":
        return self

    @property
    def links(self) -> "Known":
        return self

    def measured(self, member: Member, conditions: Conditions, now: datetime) -> Measured:
        return replace(self.found, did=self.found.did[: len(conditions.did)])

    def of(self, community: str, member: str) -> Standing:
        why = ("9 天没有活跃行为（7 至 13 天）", "28 天里有 3 天活跃（F4）")
        return Standing("drifting", date(2026, 11, 20), 5, 4, 3, "valuable", why)

    def clicks(self, community: str, member: str, since: datetime) -> tuple[ClickFacts, ...]:
        return self.opened

    def ignored(self, community: str, member: str, now: datetime) -> tuple[Ignored, ...]:
        return ()


def why(conditions: Mapping[str, Any], known: Known) -> list[str]:
    who = Conditions.model_validate(conditions)
    member = Member("wm1", "甲", "wealth-01", known.found.joined_at)
    return explain(cast(Facts, known), who, member, NOW)


@pytest.mark.parametrize(
    ("conditions", "sentence"),
    [
        ({"joined_within": "60d"}, "入群 45 天（不超过 60 天）"),
        ({"joined_before": "30d"}, "入群 45 天（至少 30 天）"),
        ({"active_within": "21d"}, "最近一次活跃行为在 19 天前（不超过 21 天）"),
        ({"silent_for": "14d"}, "19 天没有活跃行为（至少 14 天）"),
        (
            {"active_days": {"within": "28d", "at_least": 8}},
            "28 天里有 9 天有活跃行为（至少 8 天）",
        ),
        (
            {"active_days": {"within": "28d", "at_least": 2, "at_most": 9}},
            "28 天里有 9 天有活跃行为（2 至 9 天）",
        ),
        ({"played": {"within": "28d"}}, "28 天里玩游戏 2 局（至少 1 局）"),
        (
            {"played": {"within": "28d", "game": "quiz", "at_most": 5}},
            "28 天里玩“知识问答” 2 局（至多 5 局）",
        ),
        ({"answered_right": {"within": "28d", "at_least": 5}}, "28 天里答对 6 题（至少 5 题）"),
        ({"survey": {"step": "p/s", "answer": "AB"}}, "问卷“p/s”第 1 题选了 B"),
        ({"clicked": {"within": "14d"}}, "14 天里点链接 2 次（至少 1 次）"),
        (
            {"clicked": {"within": "14d", "link": "guide", "at_least": 2, "at_most": 2}},
            "14 天里点链接“guide” 2 次（正好 2 次）",
        ),
        ({"intent": ["high"]}, "还看不出意向"),
        ({"written": {"before": "3d", "reacted": False}}, "4 天前收到私信，之后没有活跃行为"),
        ({"channel": ["手机银行"]}, "来自渠道“手机银行”"),
        ({"lifecycle": ["drifting"]}, "疏远成员：9 天没有活跃行为（7 至 13 天）"),
        ({"value": ["valuable"]}, "价值分层“高价值”（R5 F4 M3）"),
        ({"rfm": {"r": "4-5", "m": 3}}, "R 是 5（4 至 5），M 是 3（3）"),
        ({"tags": ["基金"]}, "带有标签“基金”"),
        ({"without_tags": ["勿扰"]}, "不带标签“勿扰”"),
    ],
)
def test_condition_is_explained_with_its_number(
    conditions: Mapping[str, Any], sentence: str
) -> None:
    assert why(conditions, Known(FOUND)) == [sentence]


@pytest.mark.parametrize(
    ("conditions", "sentence"),
    [
        ({"joined_within": "7d"}, "入群 3 小时（不超过 7 天）"),
        ({"silent_for": "14d"}, "入群 3 小时，一直没有活跃行为（至少 14 天）"),
        ({"active_within": "7d"}, "还没有活跃行为"),
        ({"survey": {"step": "p/s", "answer": "A"}}, "问卷“p/s”第 1 题没有作答"),
        ({"written": {"reacted": False}}, "没有收到过私信"),
        ({"channel": ["手机银行"]}, "不知道从哪个渠道来"),
    ],
)
def test_nothing_known_is_said_so(conditions: Mapping[str, Any], sentence: str) -> None:
    assert why(conditions, Known(FRESH)) == [sentence]


def test_conditions_are_explained_in_their_order() -> None:
    did = [
        {"action": "checkin", "within": "28d", "at_least": 3},
        {"action": "click", "within": "7d", "at_most": 0},
    ]
    conditions = {"without_tags": ["勿扰"], "silent_for": "14d", "did": did}
    assert why(conditions, Known(FOUND)) == [
        "19 天没有活跃行为（至少 14 天）",
        "28 天里签到 3 次（至少 3 次）",
        "7 天里点链接 0 次",
        "不带标签“勿扰”",
    ]


def test_intent_is_explained_by_its_clicks() -> None:
    opened = (ClickFacts("t", "guide", "", NOW, NOW.date()),)
    assert why({"intent": ["medium"]}, Known(FOUND, opened)) == [
        "中意向：7 天内点开“guide”，只有一个链接、一天"
    ]


@pytest.mark.parametrize(
    ("length", "said"),
    [
        (timedelta(days=2, hours=23), "2 天"),
        (timedelta(days=1), "1 天"),
        (timedelta(hours=23), "23 小时"),
        (timedelta(minutes=59), "不到 1 小时"),
    ],
)
def test_how_long_ago(length: timedelta, said: str) -> None:
    assert ago(length) == said


@pytest.mark.parametrize(
    ("least", "most", "said"),
    [
        (0, None, ""), (3, None, "（至少 3 天）"), (0, 5, "（至多 5 天）"), (0, 0, ""),
        (2, 5, "（2 至 5 天）"), (4, 4, "（正好 4 天）"),
    ],
)  # fmt: skip
def test_bounds_say_what_was_asked(least: int, most: int | None, said: str) -> None:
    assert bounds(least, most, "天") == said


@pytest.mark.parametrize(
    ("written", "kept", "again"),
    [(5, (5, 5), "5"), ("4-5", (4, 5), "4-5"), (" 1-3 ", (1, 3), "1-3"), ("2-2", (2, 2), "2")],
)
def test_scores_are_read_and_written_back(
    written: int | str, kept: tuple[int, int], again: str
) -> None:
    who = Conditions.model_validate({"rfm": {"r": written}})
    assert who.rfm is not None
    assert who.rfm.r == kept
    assert who.rfm.model_dump(mode="json")["r"] == again


@pytest.mark.parametrize(
    ("conditions", "complaint"),
    [
        ({"rfm": {"r": 6}}, "看不懂分数“6”。"),
        ({"rfm": {"r": "5-4"}}, "“5-4”的前一个数比后一个大。"),
        ({"rfm": {"r": True}}, "看不懂分数“True”。"),
        ({"rfm": {}}, "这里没有写分数。"),
        ({"written": {"before": "14d", "within": "3d"}}, "within 不比 before 长，谁也选不到。"),
        ({"played": {"within": "7d", "at_least": 2, "at_most": 1}}, "at_most 比 at_least 小"),
    ],
)
def test_conditions_that_make_no_sense_are_refused(
    conditions: Mapping[str, Any], complaint: str
) -> None:
    with pytest.raises(ValidationError, match=complaint):
        Conditions.model_validate(conditions)
