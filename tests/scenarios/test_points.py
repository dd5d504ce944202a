"""Points through the whole program: earned once, capped, told, ranked, redeemed, lapsed."""

from collections.abc import AsyncIterator, Mapping
from contextlib import AbstractAsyncContextManager
from datetime import date
from typing import Any

import pytest
from sqlalchemy import Connection

from sop.money import yuan
from sop.points_ports import Lapse, PointsEntry
from sop.points_words import Offer, Place, PointsPage, page
from tests.house import FIRST, GUIDED, SECOND, House, at, library_of, opened

PROGRAM: Mapping[str, Any] = {
    "points": "neighbours",
    "title": "邻里积分",
    "applies_to": {"labels": ["all"]},
    "earn": {
        "checkin": 5,
        "streak": [{"days": 2, "points": 20}],
        "played": 3,
        "won": 10,
        "answered": 4,
    },
    "most_per_day": {"answered": 6, "total": 15},
    "levels": [{"name": "青铜", "from": 0}, {"name": "白银", "from": 40}],
    "expires_after": 1,
    "redeem": [
        {
            "number": 1,
            "item": "雨伞",
            "kind": "gift",
            "points": 30,
            "stock": 1,
            "value": "25.00",
            "each": 1,
            "where": "到网点大堂领取",
        },
        {"number": 3, "item": "纸巾", "kind": "gift", "points": 10, "stock": 9, "value": "2.00"},
        {"number": 7, "item": "咖啡券", "kind": "coupon", "points": 1, "stock": 5, "value": "9.00"},
    ],
    "by_hand_per_day": 50,
}
ENTRIES = "SELECT member, points, kind, expires_on FROM points_entry ORDER BY id"
BALANCES = "SELECT member, balance, earned FROM points_wallet ORDER BY member"


def vote(id: str, time: str, word: str) -> dict[str, Any]:
    return {
        "id": id,
        "at": time,
        "window": "15m",
        "vote": {
            "subject": f"喝什么（{id}）",
            "text": "请选。",
            "options": ["茶", "咖啡"],
            "keyword": word,
            "open_for": "2h",
        },
    }


VOTES = {
    "plan": "week",
    "title": "一周",
    "applies_to": {"labels": ["first"]},
    "week": {"monday": [vote("one", "10:00", "投票"), vote("two", "10:10", "表决")]},
}


def house_of(url: str, *more: Mapping[str, Any]) -> AbstractAsyncContextManager[House]:
    return opened(url, "11-23 09:00", library_of(PROGRAM, *more))


@pytest.fixture
async def house(database_url: str) -> AsyncIterator[House]:
    async with house_of(database_url) as house:
        for community in (FIRST, SECOND):
            await house.join("wm1", "wm2", community=community)
        await house.write("UPDATE member SET name = '王' || id")
        await house.owed()
        yield house


async def give(house: House, n: int, member: str = "王wm1") -> None:
    await house.say("li", f"加分 {member} {n} 帮忙", None)


async def test_check_in_earns_once_a_day_and_says_so(house: House) -> None:
    assert await house.say("wm1", "签到") == [
        "回答: ✅ 签到成功，今天是第 1 天，明天继续。\n积分 +5。"
    ]
    assert await house.say("wm1", "签到") == ["回答: 今天已经签到过了，连续签到 1 天，明天再来。"]
    await house.jump("11-24 00:00")
    assert await house.say("wm1", "签到") == ["回答: ✅ 签到成功，连续 2 天。\n积分 +25。"]
    assert [(one[1], one[2], str(one[3])) for one in await house.rows(ENTRIES)] == [
        (5, "checkin", "2026-12-31"),
        (5, "checkin", "2026-12-31"),
        (20, "streak", "2026-12-31"),
    ]


async def test_real_day_is_that_of_the_community(house: House) -> None:
    """23:59 and 00:00 in Shanghai are one day in UTC."""
    await house.jump("11-24 23:59:59")
    await house.say("wm1", "签到")
    await house.jump("11-25 00:00")
    await house.say("wm1", "签到")
    days = await house.rows("SELECT day FROM points_entry WHERE kind = 'checkin' ORDER BY id")
    assert [str(day) for (day,) in days] == ["2026-11-24", "2026-11-25"]


async def test_answer_earns_once_for_each_call_and_never_over_the_cap(database_url: str) -> None:
    async with house_of(database_url, VOTES) as house:
        await house.join("wm1")
        await house.until("11-23 10:11")
        for line in ("投票 1", "投票 2", "表决 1", "表决 2"):
            await house.say("wm1", line)
        assert [one[:3] for one in await house.rows(ENTRIES)] == [
            ("wm1", 4, "answered"),
            ("wm1", 2, "answered"),
        ]


async def test_game_earns_for_playing_and_winning(database_url: str) -> None:
    game = {"id": "dice", "at": "10:00", "window": "15m", "game": {"name": "dice"}}
    plan = {"plan": "g", "title": "玩", "applies_to": {"labels": ["first"]}}
    async with house_of(database_url, {**plan, "week": {"monday": [game]}}) as house:
        await house.join("wm1", "wm2")
        await house.until("11-23 10:01")
        for member in ("wm1", "wm2", "wm1"):
            await house.say(member, "骰子")
        played = [one[:3] for one in await house.rows(ENTRIES)]
        await house.until("11-23 12:00")
        won = [one[:3] for one in await house.rows(ENTRIES)]
        assert played == [("wm1", 3, "played"), ("wm2", 3, "played")]
        assert sorted(won[2:]) == [("wm1", 10, "won"), ("wm2", 10, "won")]


async def test_staff_earn_nothing(house: House) -> None:
    await house.say("li", "签到")
    assert await house.rows(ENTRIES) == []


async def test_what_is_asked_about_oneself(house: House) -> None:
    await give(house, 35)
    await house.say("wm1", "签到")
    await house.owed()
    assert await house.say("wm1", "我的积分") == [
        "回答: 💰 邻里积分：您有 40 分，等级“白银”。\n"
        "⏳ 12 月 31 日到期 40 分\n> 发“积分榜”看排名，发“兑换”看能换什么"
    ]
    assert await house.say("wm2", "积分") == [
        "回答: 💰 邻里积分：您有 0 分，等级“青铜”，再得 40 分升到“白银”。\n"
        "> 发“积分榜”看排名，发“兑换”看能换什么"
    ]
    assert await house.say("wm2", "你好") == [
        "回答: @我 时可以说：签到、积分、我的奖品、积分榜、兑换；游戏开始后 @我 作答。"
    ]


async def test_ranking_masks_names_and_lets_people_out(house: House) -> None:
    assert await house.say("wm1", "积分榜") == [
        "回答: 邻里积分榜上还没有人，签到、玩游戏都能得分。"
    ]
    await give(house, 20)
    await give(house, 30, "王wm2")
    await house.owed()
    foot = "> 按累计得分排名，兑换不影响名次；不想上榜请发“积分榜 隐藏”"
    assert await house.say("wm1", "积分榜") == [
        f"回答: 🏆 **邻里积分榜**\n🥇 王＊＊　30 分\n🥈 王＊＊　20 分\n"
        f"您在第 2 名，累计 20 分。\n{foot}"
    ]
    assert await house.say("wm2", "积分榜 隐藏") == [
        "回答: 好的，积分榜上不再有您，积分照常。想回来请发“积分榜 显示”。"
    ]
    assert await house.say("wm2", "积分榜") == [
        f"回答: 🏆 **邻里积分榜**\n🥇 王＊＊　20 分\n您没有上榜，想回来请发“积分榜 显示”。\n{foot}"
    ]
    await house.say("wm2", "积分榜显示")
    assert "🥇 王＊＊　30 分" in (await house.say("wm2", "积分榜"))[0]


async def test_list_says_what_is_left_and_what_is_missing(house: House) -> None:
    await give(house, 12)
    await house.owed()
    assert await house.say("wm1", "兑换") == [
        "回答: 🎁 可以兑换（您有 12 分）\n"
        "1. 雨伞　30 分，剩 1 份，您还差 18 分\n"
        "3. 纸巾　10 分，剩 9 份\n"
        "7. 咖啡券　1 分，剩 5 份\n"
        "> 要换就发“兑换 编号”，例如：兑换 1"
    ]


async def test_redemption_gives_an_award_once(house: House) -> None:
    await give(house, 50)
    await house.owed()
    done = await house.say("wm1", "兑换 3")
    assert done == [
        "回答: 🎁 已用 10 分兑换“纸巾”，还剩 40 分。\n"
        "请在 12 月 23 日前领取，过期作废，积分不退；发“@群运 我的奖品”可以查看。"
    ]
    assert await house.say("wm1", "兑换三") == [
        "回答: 刚刚已经换到一份“纸巾”，没有重复扣分。还要一份的话，过一分钟再发。"
    ]
    await house.jump("11-23 09:02")
    await house.say("wm1", "我要兑换 第3号")
    assert (
        await house.rows("SELECT member, prize, kind, source, amount_fen FROM award")
        == [("wm1", "纸巾", "gift", "points/neighbours", 200)] * 2
    )
    budget = await house.rows("SELECT budget_fen, committed_fen FROM budget")
    assert [tuple(yuan(fen) for fen in one) for one in budget] == [("88.00", "4.00")]
    assert await house.rows(BALANCES) == [("wm1", 30, 50)]


@pytest.mark.parametrize(
    ("line", "answer"),
    [
        ("兑换 2", "兑换清单里没有 2 号，发“兑换”看看有什么。"),
        ("兑换 9999", "兑换清单里没有 9999 号，发“兑换”看看有什么。"),
        ("兑换 1", "换“雨伞”要 30 分，您还差 20 分。"),
        ("兑换 7", "“咖啡券”的券码暂时用完了，正在补，积分没有动，过两天再来。"),
    ],
)
async def test_redemption_refused(house: House, line: str, answer: str) -> None:
    await give(house, 10)
    await house.owed()
    assert await house.say("wm1", line) == [f"回答: {answer}"]
    assert await house.rows(BALANCES) == [("wm1", 10, 10)]
    assert await house.rows("SELECT * FROM award") == []


async def test_last_item_is_redeemed_once_and_nobody_pays_for_nothing(house: House) -> None:
    await give(house, 25)
    await give(house, 25, "王wm2")
    await house.jump("11-24 09:00")
    for member in ("王wm1", "王wm2"):
        await give(house, 20, member)
    await house.owed()
    assert "已用 30 分兑换“雨伞”" in (await house.say("wm1", "兑换 1"))[0]
    assert await house.say("wm2", "兑换 1") == [
        "回答: “雨伞”已经换完了，积分没有动。发“兑换”看看别的。"
    ]
    await house.jump("11-24 09:05")
    assert await house.say("wm1", "兑换 1") == ["回答: “雨伞”每人最多换 1 份，您已经换过了。"]
    assert await house.rows(BALANCES) == [("wm1", 15, 45), ("wm2", 45, 45)]


async def test_points_by_hand_are_capped_seen_and_taken_back(house: House) -> None:
    assert await house.say("li", "加分 王wm1 30 分享 防骗经历", None) == [
        "li: ➕ 已给王wm1加 30 分（分享 防骗经历），现有 30 分。\n> 反悔请发：撤销"
    ]
    assert await house.say("li", "加分 王wm1 30 分享 防骗经历", None) == [
        "li: 刚刚已经给王wm1加过这 30 分，没有重复加。"
    ]
    assert await house.say("li", "加分 王wm2 21 帮忙", None) == [
        "li: 每位同事一天最多手动加 50 分，您今天还可以加 20 分。"
    ]
    assert await house.say("li", "积分 王wm1", None) == [
        "li: **王wm1**\n积分：30 分（累计 30 分，青铜）\n· 11 月 23 日　分享 防骗经历 +30"
    ]
    undone = await house.say("li", "撤销", None)
    assert undone == ["li: ↩️ 已撤销今天 09:00 的“加分”（30 分，分享 防骗经历）。"]
    assert await house.rows(BALANCES) == [("wm1", 0, 0)]
    assert await house.say("li", "加分 王wm2 50 帮忙", None) == [
        "li: ➕ 已给王wm2加 50 分（帮忙），现有 50 分。\n> 反悔请发：撤销"
    ]


async def test_points_already_spent_are_not_taken_back(house: House) -> None:
    await give(house, 30)
    await house.say("wm1", "兑换 3")
    await house.owed()
    assert await house.say("li", "撤销", None) == [
        "li: 今天 09:00 的“加分”（30 分，帮忙）已经撤销不了：这些积分已经用掉了。"
    ]
    assert await house.rows(BALANCES) == [("wm1", 20, 30)]


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("加分 王wm1", "请依次写成员、加多少分（大于 0 的整数）、理由。"),
        ("加分 王wm1 0 帮忙", "请依次写成员、加多少分（大于 0 的整数）、理由。"),
        ("加分 王wm1 -5 帮忙", "请依次写成员、加多少分（大于 0 的整数）、理由。"),
        ("加分 王wm1 5", "请在最后写加分的理由，成员会看到。"),
        (f"加分 王wm1 5 {'好' * 41}", "理由最多 40 个字。"),
    ],
)
async def test_points_by_hand_typed_wrong(house: House, line: str, why: str) -> None:
    (answer,) = await house.say("li", line, None)
    assert why in answer
    assert await house.rows(ENTRIES) == []


async def test_points_lapse_at_the_end_of_the_month_and_the_group_is_told_before(
    database_url: str,
) -> None:
    async with house_of(database_url) as house:
        await house.join("wm1", "wm2", community=GUIDED)
        await house.join("wm1", "wm2")
        await house.write("UPDATE member SET name = '王' || id")
        await give(house, 30)
        await house.say("wm1", "兑换 3")
        await house.jump("12-01 09:00")
        await house.say("wm1", "签到")
        await house.owed()
        await house.until("12-24 09:00")
        told = [one for one in await house.owed() if "到期" in one]
        await house.until("12-31 23:59")
        before = await house.rows(BALANCES)
        assert told == [
            "first: ⏳ 12 月 31 日有一批积分到期，发“@群运 积分”看看自己的，到期前用掉就不会浪费。"
        ]
        assert before == [("wm1", 25, 35)]
        # at() knows one year: one day later is the first of January 2027.
        await house.clock.advance_to(house.clock.now().replace(month=1, year=2027, day=1, hour=20))
        await house.work()
        assert await house.rows(BALANCES) == [("wm1", 5, 35)]
        assert (await house.rows(ENTRIES))[-1][:3] == ("wm1", -20, "expired")
        await house.work()
        assert await house.rows("SELECT count(*) FROM points_entry WHERE kind = 'expired'") == [
            (1,)
        ]


async def test_page_has_everything_about_ones_points(house: House) -> None:
    await give(house, 20)
    await give(house, 25, "王wm2")
    await house.jump("11-23 09:05")
    await house.say("wm1", "兑换 3")

    def look(tx: Connection) -> PointsPage | None:
        facts = house.due.facts(tx)
        community = facts.community(FIRST)
        assert community is not None
        return page(facts, house.library, community, "wm1", house.clock.now())

    last = date(2026, 12, 31)
    assert await house.database.read(look) == PointsPage(
        title="邻里积分",
        balance=10,
        earned=20,
        level="青铜",
        next_level="白银",
        missing=20,
        lapsing=[Lapse("wm1", 10, last)],
        offers=[
            Offer(1, "雨伞", "gift", 30, 1, 20, "到网点大堂领取"),
            Offer(3, "纸巾", "gift", 10, 8, 0, ""),
            Offer(7, "咖啡券", "coupon", 1, 5, 0, ""),
        ],
        history=[
            PointsEntry(-10, "redeem", "兑换纸巾", at("11-23 09:05")),
            PointsEntry(20, "manual", "帮忙", at("11-23 09:00")),
        ],
        ranking=[Place(1, "王＊＊", 25), Place(2, "王＊＊", 20)],
        own=Place(2, "王＊＊", 20),
        hidden=False,
    )
