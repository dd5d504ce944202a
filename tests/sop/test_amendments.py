"""An edited campaign against its open decks: what favours members counts, nothing else does."""

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from sop.amendments import Comparison, compare
from sop.campaign import Campaign
from sop.community import Role
from tests.house import FESTIVAL, House, library_of, opened

HOOK: Mapping[str, Any] = {
    **FESTIVAL,
    "campaign": "hook",
    "title": "见面礼",
    "round": "standing",
    "condition": {"played_within": "7d"},
    "who": {"member_for": "3d"},
    "ends": "2026-12-31",
    "chances": {"total": 2, "per_day": 1},
}
NOON = "11-24 12:00"


def campaign(**changes: Any) -> Campaign:
    return library_of({**HOOK, **changes}).campaigns["hook"]


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"condition": None}, "不再需要先做什么，直接就能抽"),
        ({"condition": {"played_within": "30d"}}, "参加条件改为：玩一局群游戏"),
        ({"who": {}}, "参加范围改为：群成员；本行及合作方工作人员不参加"),
        (
            {"who": {"member_for": "1d"}},
            "参加范围改为：入群满 1 天的群成员；本行及合作方工作人员不参加",
        ),
        ({"chances": {"total": 3, "per_day": 1}}, "抽奖次数改为：每人 3 次，每天 1 次"),
        ({"chances": 2}, "抽奖次数改为：每人 2 次"),
        ({"ends": "2027-01-31"}, "延长到 2027-01-31"),
        ({"ends": None}, "不再设结束日期，送完为止"),
        ({"claim_within": "60d"}, "领奖期限改为 60 天"),
        ({"payable_after": 3}, "中奖后第 3 个工作日发放"),
    ],
)
def test_change_for_the_better_is_one(changes: Mapping[str, Any], said: str) -> None:
    assert compare(campaign(), campaign(**changes)) == Comparison((said,), ())


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"condition": {"played_within": "1d"}}, "参加条件改为：玩一局群游戏"),
        (
            {"condition": {"played_within": "7d", "points": 5}},
            "参加条件改为：玩一局群游戏，每次用 5 积分",
        ),
        (
            {"who": {"member_for": "9d"}},
            "参加范围改为：入群满 9 天的群成员；本行及合作方工作人员不参加",
        ),
        (
            {"who": {"customers_only": True}},
            "参加范围改为：本行客户；本行及合作方工作人员不参加",
        ),
        ({"chances": 1}, "抽奖次数改为：每人一次"),
        ({"ends": "2026-12-01"}, "提前到 2026-12-01 结束"),
        ({"claim_within": "1d"}, "领奖期限改为 1 天"),
        ({"payable_after": 9}, "中奖后第 9 个工作日发放"),
        ({"keyword": "抽抽"}, "改了 keyword（成员说什么就抽一次（或报名））"),
        ({"budget": "13.00"}, "改了 budget（每期预算（元））"),
        (
            {"deck": [{"prize": "红包", "amount": "9.99", "count": 1}]},
            "改了 deck（奖池：总额不超过预算）",
        ),
    ],
)
def test_change_for_the_worse_or_unclear_is_none(changes: Mapping[str, Any], said: str) -> None:
    assert compare(campaign(), campaign(**changes)) == Comparison((), (said,))


@pytest.mark.parametrize(
    "changes", [{}, {"applies_to": {"labels": ["first"]}}, {"starts": "2026-11-01"}]
)
def test_change_that_concerns_no_member_is_none(changes: Mapping[str, Any]) -> None:
    assert compare(campaign(), campaign(**changes)) == Comparison((), ())


@pytest.mark.parametrize(
    ("before", "after", "favours"),
    [
        ({"joined_before": "14d"}, None, True),
        (None, {"joined_before": "14d"}, False),
        ({"joined_before": "14d"}, {"joined_before": "7d"}, False),
        ({"joined_before": "14d"}, {"joined_before": "14d"}, None),
    ],
)
def test_change_of_conditions_is_for_the_better_only_without_any(
    before: Mapping[str, Any] | None, after: Mapping[str, Any] | None, favours: bool | None
) -> None:
    found = compare(
        campaign(who={"conditions": before} if before else {}),
        campaign(who={"conditions": after} if after else {}),
    )
    assert (bool(found.better), bool(found.other)) == (favours is True, favours is False)


async def edited(house: House, **changes: Any) -> list[str]:
    """The file of the running campaign is another one from here on: what is owed because of it."""
    wang = replace(house.settings.staff["wang"], roles=frozenset({Role.OPERATOR}))
    chosen = replace(house.settings, staff={**house.settings.staff, "wang": wang})
    library = library_of({**HOOK, **changes})
    house.due = replace(house.due, settings=chosen, library=library)
    await house.work()
    return await house.owed()


async def test_better_rules_are_logged_told_and_kept(sqlite_url: str) -> None:
    async with opened(sqlite_url, NOON, library_of(HOOK)) as house:
        await house.owed()
        ((before, rules),) = await house.rows("SELECT rules_hash, rules FROM deck")
        first, second = await edited(house, condition=None, ends="2027-01-31")
        ((head, closes_at),) = await house.rows("SELECT head, closes_at FROM deck")
        assert first == (
            "first: **见面礼·规则更新**\n"
            "以下变化都对您有利，即刻生效：\n"
            "1. 不再需要先做什么，直接就能抽\n"
            "2. 延长到 2027-01-31\n"
            f"> 记录 `{head}`"
        )
        assert second == first.replace("first", "second", 1)
        assert closes_at == "2027-01-31 16:00:00.000000+00:00"
        assert await house.rows("SELECT rules_hash, rules FROM deck") == [(before, rules)]
        ((entry,),) = await house.rows("SELECT entry FROM deck_log")
        logged = json.loads(entry)
        assert (logged["type"], logged["number"], logged["changes"]) == (
            "amendment",
            0,
            ["不再需要先做什么，直接就能抽", "延长到 2027-01-31"],
        )
        assert logged["rules"]["condition"] is None
        await house.work()
        assert await house.owed() == []
        await house.join("wm1")
        await house.jump("11-28 12:00")
        await house.owed()
        (won, *_) = await house.say("wm1", "抽奖")
        assert won.startswith("回答: 🎉 见面礼：恭喜抽中")


async def test_worse_rules_are_refused_once_and_the_published_ones_stay(sqlite_url: str) -> None:
    async with opened(sqlite_url, NOON, library_of(HOOK)) as house:
        await house.owed()
        told = (
            "wang: “见面礼”正在进行，文件里的改动没有生效，成员看到的规则不变：\n"
            "> 提前到 2026-12-01 结束\n"
            "只有对成员有利的改动可以中途生效；其余的等这一期结束。"
        )
        worse: Mapping[str, Any] = {"ends": "2026-12-01", "condition": None}
        assert await edited(house, **worse) == [told]
        assert await edited(house, **worse) == []
        assert await edited(house, **worse, payable_after=9) == [
            told.replace("> 提前", "> 中奖后第 9 个工作日发放\n> 提前")
        ]
        assert await house.rows("SELECT amended, log_length FROM deck") == [(None, 0)]
        assert await house.say("wm1", "抽奖") == ["回答: 入群满 3 天就能参加“见面礼”，再等 3 天。"]


async def test_campaign_that_is_gone_goes_on_as_published(sqlite_url: str) -> None:
    async with opened(sqlite_url, NOON, library_of(HOOK)) as house:
        await house.owed()
        house.due = replace(house.due, library=replace(house.library, campaigns={}))
        await house.work()
        assert await house.owed() == []
        assert await house.say("wm1", "抽奖") == ["回答: 入群满 3 天就能参加“见面礼”，再等 3 天。"]


# the season of a standing campaign


@pytest.mark.parametrize(
    ("more", "now", "opens"),
    [
        ({"starts": "2026-11-25"}, "11-24 20:00", False),
        ({"starts": "2026-11-25"}, "11-25 08:30", True),
        ({"ends": "2026-11-24"}, "11-24 20:00", True),
        ({"ends": "2026-11-23"}, "11-24 09:00", False),
    ],
)
async def test_standing_round_opens_in_its_season(
    sqlite_url: str, more: Mapping[str, Any], now: str, opens: bool
) -> None:
    async with opened(sqlite_url, now, library_of({**HOOK, **more})) as house:
        assert bool(await house.rows("SELECT id FROM deck")) is opens


async def test_season_ends_at_midnight_and_the_group_reads_it_in_the_morning(
    sqlite_url: str,
) -> None:
    library = library_of({**HOOK, "ends": "2026-11-25", "who": {}, "condition": None})
    async with opened(sqlite_url, NOON, library) as house:
        (notice, _) = await house.owed()
        assert notice.split("\n")[3] == (
            "**怎么抽**　11 月 25 日 24:00 截止，发“@群运 抽奖”，每人 2 次，每天 1 次。"
        )
        await house.jump("11-25 23:59:59")
        assert (await house.say("wm1", "抽奖"))[0].startswith("回答: 🎉 见面礼")
        await house.jump("11-26 00:00")
        first, _ = await house.owed()
        assert first.split("\n")[:2] == ["first: **见面礼·本期结束**", "一共抽出 1 张，张张有奖。"]
        assert await house.rows("SELECT DISTINCT quiet_hours FROM outbox ORDER BY 1") == [
            (None,),
            ("21:30-08:30",),
        ]
        assert await house.say("wm2", "抽奖") == ["回答: 现在没有进行中的抽奖，请留意群里的预告。"]
        assert await house.rows("SELECT close_reason FROM deck") == [("活动期满",)]
        ((drawn,),) = await house.rows("SELECT amount_fen FROM award")
        assert await house.rows("SELECT budget_fen, committed_fen FROM budget") == [(drawn, drawn)]
