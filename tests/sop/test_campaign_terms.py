"""What a campaign file may say of who draws, after what, how often: every mistake in words."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from sop.campaign import Campaign
from sop.diagnostics import did_you_mean
from sop.games import all_games
from sop.loader import load
from tests.house import FESTIVAL

STANDING = {"round": "standing"}
ENTRANTS = {"mode": "entrants", "public_value": "2026-11-27 双色球红球"}


def problems(folder: Path, *files: Mapping[str, Any]) -> list[tuple[str, str]]:
    """(message, hint) of every problem."""
    for number, one in enumerate(files):
        path = folder / f"{number}.yaml"
        path.write_text(json.dumps(one, ensure_ascii=False), encoding="utf-8")
    _, found = load([folder])
    return [(one.message, one.hint) for one in found]


@pytest.mark.parametrize(
    ("changes", "message", "hint"),
    [
        ({"condition": {}}, "condition 里一个条件也没有。", "没有条件就删掉 condition。"),
        ({"condition": {"checked_in": {"days": 8, "within": "7d"}}}, "7 天内签不到 8 天。",
         "请把 within 写长一些，或把 days 写小。"),
        ({"chances": {"total": 1, "per_day": 2}}, "每天 2 次，超过一共 1 次。",
         "请把 total 写大，或把 per_day 写小。"),
        ({"who": {"tags": ["a"], "without_tags": ["a"]}}, "标签“a”既要有，又不能有。",
         "请删掉其中一处。"),
        ({"who": {"member_for": "9d", "joined_within": "9d"}},
         "入群要满的时间不短于新成员的期限，谁都参加不了。",
         "请把 member_for 写短，或把 joined_within 写长。"),
        ({"who": {"segment": "a", "conditions": {"silent_for": "14d"}}},
         "这里同时写了 segment 和 conditions。",
         "请把 segment 写到 conditions 里面，或者只留 segment。"),
        ({"who": {"silent_for": "14d"}}, "who 下面不能直接写“silent_for”。",
         "请写在 conditions: 下面，例如 conditions: {silent_for: …}；或者写 segment: 人群名。"),
        ({"who": {"segment": "gone"}}, "没有名为“gone”的人群。segments/ 里还没有人群。", ""),
        ({"who": {"conditions": {"segment": "gone"}}},
         "没有名为“gone”的人群。segments/ 里还没有人群。", ""),
        ({"who": {"conditions": {"played": {"game": "chess", "within": "7d"}}}},
         f"没有叫“chess”的游戏。{did_you_mean('chess', all_games())}", ""),
        ({"starts": "2026-11-27"}, "event 活动的时间由计划里的 draw 步骤定，不写 starts。",
         "请删掉 starts，或改成 round: standing。"),
        ({**STANDING, "shared": True}, "standing 本来就是各社群共用一副牌。", "请删掉 shared。"),
        ({**STANDING, "starts": "2026-12-02", "ends": "2026-12-01"}, "结束日期早于开始日期。", ""),
        ({**STANDING, "ends": "12-01"}, "“12-01”没有写年份。", "请写 2026-11-27 这样的日期。"),
        ({"public_value": "x"}, "当场抽的活动不用公开值。",
         "请删掉 public_value，或写 mode: entrants。"),
        ({"mode": "entrants"}, "没有说定用哪个公开值开奖。",
         "请写 public_value，例如 2026-11-27 双色球第 2026136 期红球。"),
        ({**ENTRANTS, **STANDING}, "报名没有截止日期。", "请写 ends。"),
        ({**ENTRANTS, "chances": 2}, "报名开奖每人一次。", "请删掉 chances。"),
        ({**ENTRANTS, "condition": {"points": 5}}, "报名开奖不是人人中奖，不能收积分。",
         "请删掉 condition 里的 points。"),
        ({"who": {"not_in": ["gone"]}}, "没有名为“gone”的活动。计划库里没有别的活动。", ""),
        ({"condition": {"answered": "a/b"}},
         "“a/b”不是成员能回答的步骤（问卷、投票、打分、话题）。", ""),
        ({"deck": [{"prize": "积分", "kind": "points", "count": 1}]}, "没有写多少积分。",
         "请加上 points: 50。"),
        ({"deck": [{"prize": "积分", "kind": "points", "points": 5, "amount": 1, "count": 1}]},
         "积分不占预算，不写 amount。", "请删掉 amount。"),
        ({"deck": [{"prize": "红包", "points": 5, "amount": 1, "count": 1}]},
         "只有 kind 为 points 的奖品写 points。", ""),
        ({"deck": [{"prize": "红包", "count": 1}]}, "没有写金额。", "请写 amount，例如 5.00。"),
    ],
)  # fmt: skip
def test_mistake_is_told_in_words(
    tmp_path: Path, changes: Mapping[str, Any], message: str, hint: str
) -> None:
    assert problems(tmp_path, {**FESTIVAL, **changes}) == [(message, hint)]


def test_conditions_are_read_back_as_they_were_meant() -> None:
    """`at_most` alone counts from nought, and does so after it was published, too."""
    did = [{"action": "checkin", "within": "28d", "at_most": 3}]
    written = {**FESTIVAL, "who": {"conditions": {"did": did, "rfm": {"r": "4-5"}}}}
    published = Campaign.model_validate(written).model_dump(mode="json", by_alias=True)
    assert published["who"]["conditions"] == {"did": did, "rfm": {"r": "4-5"}}
    again = Campaign.model_validate(published, strict=False)
    assert again.who.conditions is not None
    assert again.who.conditions.did[0].least == 0


def test_rules_without_a_segment_say_nothing_of_one() -> None:
    published = Campaign.model_validate(FESTIVAL).model_dump(mode="json", by_alias=True)
    assert published["who"] == {
        "customers_only": False,
        "member_for": None,
        "joined_within": None,
        "tags": [],
        "without_tags": [],
        "not_in": [],
    }


def test_everything_written_is_read_back_as_published() -> None:
    written = {
        **FESTIVAL,
        **ENTRANTS,
        "round": "standing",
        "starts": "2026-11-01",
        "ends": "2026-11-30",
        "who": {"customers_only": True, "member_for": "7d", "tags": ["a"], "not_in": ["b"]},
        "condition": {"played_within": "7d", "checked_in": {"days": 2, "within": "7d"}},
        "claim_within": "60d",
    }
    campaign = Campaign.model_validate(written)
    published = json.loads(json.dumps(campaign.model_dump(mode="json", by_alias=True)))
    assert Campaign.model_validate(published, strict=False) == campaign
    assert (published["starts"], published["claim_within"], published["chances"]) == (
        "2026-11-01",
        "60d",
        {"total": 1, "per_day": None},
    )
