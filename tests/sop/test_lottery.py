"""Decks at work: opening by day, drawing, every refusal, the last card, the revealed seed."""

import json
import re
from collections.abc import AsyncIterator, Mapping
from dataclasses import replace
from typing import Any

import pytest

from bot.settings import PageSettings
from tests.house import (
    FESTIVAL,
    GUIDED,
    HOOK,
    NOTICE,
    ONE_WEEK,
    POOL,
    SECOND,
    House,
    library_of,
    opened,
)

ORDER = ["小红包", "小红包", "大红包"]
NOTHING_OPEN = "回答: 现在没有进行中的抽奖，请留意群里的预告。"
EVERYWHERE = {**ONE_WEEK, "applies_to": {"labels": ["all"]}, "week": ONE_WEEK["week"]}


@pytest.fixture
async def house(sqlite_url: str) -> AsyncIterator[House]:
    """Friday evening, the festival has just begun."""
    async with opened(sqlite_url, "11-27 19:59") as one:
        await one.until("11-27 20:00")
        yield one


async def code_of(house: House, member: str) -> str:
    ((code,),) = await house.rows(f"SELECT code FROM draw WHERE member = '{member}'")
    assert re.fullmatch("[0-9a-f]{16}", code)
    return str(code)


async def deck_of(house: House) -> list[tuple[Any, ...]]:
    return await house.rows("SELECT campaign, round, community, size, taken, seed FROM deck")


async def test_notice_says_everything_before_the_first_draw(house: House) -> None:
    (notice,) = await house.owed()
    ((*deck, _),) = await deck_of(house)
    ((commitment,),) = await house.rows("SELECT commitment FROM deck")
    assert deck == ["festival", "2026-11-27", "first", 3, 0]
    assert notice == (
        "first: **🎁 周五节**\n"
        "周五节来了。\n"
        "\n"
        "**怎么抽**　20:30 截止，发“@群运 抽奖”，每人一次。\n"
        "**谁参加**　群成员；本行及合作方工作人员不参加\n"
        "**奖池**　共 3 张，张张有奖：大红包 8.88 元 ×1、小红包 1.88 元 ×2\n"
        "**发奖**　中奖后第 5 个工作日发放，发“@群运 我的奖品”可查\n"
        "**主办方**　示例银行\n"
        "1. 群成员均可参加，每人一次。\n"
        "2. 以微信红包发放，逾期未领取视为放弃。\n"
        "3. 有疑问请私信客户经理。\n"
        f"> 公平承诺 `{commitment}`\n"
        "> 牌序已经固定，结束时公布种子，任何人都能验证。"
    )


async def test_draws_in_deck_order_and_last_card_closes_and_reveals(house: House) -> None:
    await house.owed()
    order = await house.rows("SELECT prize, amount_fen FROM card ORDER BY position")
    yuan = {888: "8.88", 188: "1.88"}
    for number, (prize, fen) in enumerate(order[:2], start=1):
        assert await house.say(f"wm{number}", "抽奖") == [
            f"回答: 🎉 周五节：恭喜抽中 **{prize} {yuan[fen]} 元**！\n"
            f"> 第 {number}/3 张　12 月 4 日发放　发“@群运 我的奖品”可查\n"
            f"> 凭证 `{await code_of(house, f'wm{number}')}`"
        ]
    answer, closing = await house.say("wm3", " 抽 奖。")
    ((seed, commitment, reason, head),) = await house.rows(
        "SELECT seed, commitment, close_reason, head FROM deck"
    )
    assert answer.startswith(f"回答: 🎉 周五节：恭喜抽中 **{order[2][0]}")
    assert closing == (
        "first: **周五节·本期结束**\n"
        "共 3 位群友抽奖，人人中奖。\n"
        f"> 种子 `{seed}`\n"
        f"> 承诺值 `{commitment}`\n"
        f"> 日志末尾 `{head}`\n"
        "> 用种子重排牌堆，可以验证每一张牌在开始前就已确定。"
    )
    assert reason == "奖品全部送出"
    assert await house.rows("SELECT member, source, prize, amount_fen FROM award ORDER BY 1") == [
        (f"wm{number}", "festival", prize, fen)
        for number, (prize, fen) in enumerate(order, start=1)
    ]
    assert await house.say("wm4", "抽奖") == [NOTHING_OPEN]
    assert await house.rows("SELECT budget_fen, committed_fen FROM budget") == [(1264, 1264)]
    log = await house.rows("SELECT number, entry, hash FROM deck_log ORDER BY number")
    assert [json.loads(entry)["type"] for _, entry, _ in log] == ["draw", "draw", "draw", "close"]
    chain = [commitment, *(hash for _, _, hash in log)]
    assert [json.loads(entry)["previous"] for _, entry, _ in log] == chain[:-1]
    assert await house.rows("SELECT head, log_length FROM deck") == [(chain[-1], 4)]


async def test_second_draw_is_refused_with_the_prize(house: House) -> None:
    await house.say("wm1", "抽奖")
    ((prize, fen),) = await house.rows("SELECT prize, amount_fen FROM award")
    assert await house.say("wm1", "抽奖") == [
        f"回答: 您已经抽过“周五节”了，抽中“{prize} {fen / 100:.2f} 元”。发“@群运 我的奖品”可查。"
    ]
    assert await house.rows("SELECT count(*) FROM award") == [(1,)]


async def test_draw_after_the_end_is_refused_and_the_seed_is_shown_on_time(house: House) -> None:
    await house.say("wm1", "抽奖")
    await house.until("11-27 20:29:59")
    await house.owed()
    await house.until("11-27 20:30")
    (closing,) = await house.owed()
    ((seed,),) = await house.rows("SELECT seed FROM deck")
    assert closing.startswith(
        f"first: **周五节·本期结束**\n共 1 位群友抽奖，人人中奖。\n> 种子 `{seed}`"
    )
    assert await house.say("wm2", "抽奖") == [NOTHING_OPEN]


async def test_round_without_a_draw_says_so(house: House) -> None:
    await house.owed()
    await house.until("11-27 20:30")
    (closing,) = await house.owed()
    assert closing.split("\n")[1] == "这一期没有人抽奖，下次早点来。"


@pytest.mark.parametrize(
    ("who", "community", "answer"),
    [
        ("li", "first", "回答: 没看懂这条指令，发“帮助”看看能做什么。"
                        "游戏和抽奖请成员参加，员工不计名次。"),
        ("wm1", SECOND, NOTHING_OPEN),
        ("wm1", GUIDED, NOTHING_OPEN),
    ],
)  # fmt: skip
async def test_draw_by_staff_or_elsewhere_is_refused(
    house: House, who: str, community: str, answer: str
) -> None:
    await house.owed()
    assert await house.say(who, "抽奖", community) == [answer]
    assert await house.rows("SELECT count(*) FROM award") == [(0,)]


async def test_keyword_inside_a_sentence_draws_nothing(house: House) -> None:
    await house.owed()
    assert await house.say("wm1", "什么时候抽奖") == [
        "回答: @我 时可以说：抽奖、签到、我的奖品；游戏开始后 @我 作答。"
    ]


async def test_unknown_year_refuses_politely_and_tells_the_rm(sqlite_url: str) -> None:
    async with opened(sqlite_url, "12-25 19:59", years=(2026,)) as house:
        await house.until("12-25 20:00")
        await house.owed()
        assert await house.say("wm1", "抽奖") == [
            "回答: 抽奖暂停一会儿，您的机会还在，请稍后再试。",
            "li: “周五节”暂停抽奖：还没有 2027 年的工作日历：请按国务院办公厅的放假通知添加 "
            "cn-2027.yaml，格式见自带的 cn-2026.yaml。",
        ]
        assert await house.say("wm2", "抽奖") == [
            "回答: 抽奖暂停一会儿，您的机会还在，请稍后再试。"
        ]
        assert await house.rows("SELECT count(*) FROM award") == [(0,)]


async def test_community_where_the_bot_hears_nobody_gets_no_draw(sqlite_url: str) -> None:
    plan = {**ONE_WEEK, "applies_to": {"labels": ["guided"]}}
    plan["week"] = {"friday": [{**ONE_WEEK["week"]["friday"][0], "remind": "15m"}]}
    async with opened(sqlite_url, "11-27 18:59", library_of(plan, FESTIVAL)) as house:
        await house.until("11-27 20:00")
        assert await house.owed() == [
            "chen: ⏰ **20:00 周五节**　客户群\n\n"
            "这个群里机器人听不到成员说话，“周五节”不会开启，您不用做什么。\n\n"
            "> 跳过：跳过 draw 原因\n> 推迟：推迟 draw 30m",
            "chen: “客户群”里机器人听不到成员说话，“周五节”没有开启。",
        ]
        assert await deck_of(house) == []
        assert await house.row("week/draw/2026-11-27/guided") == (
            "skipped",
            "“客户群”里机器人听不到成员说话，“周五节”没有开启。",
        )


async def test_each_community_draws_from_a_deck_of_its_own(sqlite_url: str) -> None:
    async with opened(sqlite_url, "11-27 19:59", library_of(EVERYWHERE, POOL, FESTIVAL)) as house:
        await house.until("11-27 20:00")
        decks = await deck_of(house)
        assert sorted(one[2] for one in decks) == ["first", "second"]
        assert len({one[5] for one in decks}) == 2
        await house.owed()
        await house.say("wm1", "抽奖")
        await house.say("wm1", "抽奖", SECOND)
        assert await house.rows("SELECT community, taken FROM deck ORDER BY community") == [
            ("first", 1),
            ("second", 1),
        ]


# the standing deck


@pytest.mark.parametrize(
    ("start", "opens"),
    [("11-24 08:29", False), ("11-24 08:30", True), ("11-24 21:29", True), ("11-24 21:30", False)],
)
async def test_standing_deck_opens_only_by_day(sqlite_url: str, start: str, opens: bool) -> None:
    async with opened(sqlite_url, start, library_of(HOOK)) as house:
        assert [one.partition(":")[0] for one in await house.owed()] == (
            ["first", "second"] if opens else []
        )
        assert len(await deck_of(house)) == opens
        await house.jump("11-25 12:00")
        await house.jump("11-26 12:00")
        assert len(await deck_of(house)) == 1


async def test_standing_deck_is_for_those_who_played(sqlite_url: str) -> None:
    async with opened(sqlite_url, "11-24 12:00", library_of(HOOK)) as house:
        await house.owed()
        assert await house.say("wm1", "抽奖") == [
            "回答: 先玩一局群里的小游戏，就能抽“见面礼”啦，留意群里的预告。"
        ]
        await house.say("li", "开局 dice")
        await house.say("wm1", "掷")
        assert (await house.say("wm1", "抽奖"))[0].startswith("回答: 🎉 见面礼：恭喜抽中 **")
        assert await house.rows("SELECT taken FROM deck") == [(1,)]


async def test_playing_too_long_ago_does_not_count(sqlite_url: str) -> None:
    async with opened(sqlite_url, "11-24 12:00", library_of(HOOK)) as house:
        await house.say("li", "开局 dice")
        await house.say("wm1", "掷")
        await house.jump("12-01 12:00:01")
        await house.owed()
        assert await house.say("wm1", "抽奖") == [
            "回答: 先玩一局群里的小游戏，就能抽“见面礼”啦，留意群里的预告。"
        ]


async def test_one_word_draws_from_the_newest_deck_that_lets_me(sqlite_url: str) -> None:
    library = library_of(ONE_WEEK, POOL, FESTIVAL, HOOK)
    async with opened(sqlite_url, "11-27 19:59", library) as house:
        await house.say("li", "开局 dice")
        await house.say("wm1", "掷")
        await house.until("11-27 20:00")
        await house.owed()
        heads = [(await house.say("wm1", "抽奖"))[0][4:13] for _ in range(3)]
        assert heads == ["🎉 周五节：恭喜抽", "🎉 见面礼：恭喜抽", "您已经抽过“周五节"]


@pytest.mark.parametrize(
    ("community", "said"),
    [
        (
            "first",
            [
                "first: 👋 欢迎新朋友加入一群！\n"
                f"🎁 见面礼等着您：先玩一局群游戏，再发“@群运 抽奖”，每人一次。{NOTICE}",
            ],
        ),
        # Regression: it was promised a draw there too, from a bot that hears nobody.
        (
            GUIDED,
            [
                "chen: 📣 请把下面的话转发到“客户群”：",
                "guided: 👋 欢迎新朋友加入客户群！\n"
                "活动只记次数和时间，不存聊天内容；不想被统计，请告诉您的客户经理。",
            ],
        ),
    ],
)
async def test_newcomer_is_told_what_can_be_drawn_here(
    sqlite_url: str, community: str, said: list[str]
) -> None:
    async with opened(sqlite_url, "11-24 12:00", library_of(HOOK)) as house:
        await house.owed()
        assert await house.join("wmNew", community=community) == said


async def test_newcomer_is_not_sent_to_an_empty_deck(sqlite_url: str) -> None:
    free: Mapping[str, Any] = {key: HOOK[key] for key in HOOK if key != "condition"}
    async with opened(sqlite_url, "11-24 12:00", library_of(free)) as house:
        for number in range(3):
            await house.say(f"wm{number}", "抽奖")
        await house.owed()
        assert await house.join("wmA", "wmB") == [f"first: 👋 欢迎 2 位新朋友加入一群！{NOTICE}"]


async def test_hint_names_what_leads_to_something_for_this_member_now(sqlite_url: str) -> None:
    other = {**HOOK, "campaign": "other", "keyword": "开门红"}
    del other["condition"]
    gift = {**POINTS, "earn": {"checkin": 5}}
    async with opened(
        sqlite_url, "11-27 19:59", library_of(ONE_WEEK, POOL, FESTIVAL, other, gift)
    ) as house:
        before = "回答: @我 时可以说：开门红、签到、积分、我的奖品、积分榜；游戏开始后 @我 作答。"
        await house.owed()
        assert await house.say("wm1", "你好") == [before]
        await house.until("11-27 20:00")
        await house.owed()
        await house.say("wm1", "开门红")
        assert await house.say("wm1", "你好") == [
            "回答: @我 时可以说：抽奖、开门红、签到、积分、我的奖品、积分榜、我的凭证；"
            "游戏开始后 @我 作答。"
        ]
        await house.until("11-27 20:30")
        await house.owed()
        await house.write("UPDATE award SET kind = 'gift', claim_by = '2026-12-31'")
        await house.write("UPDATE payout SET status = 'approved'")
        assert await house.say("wm1", "你好") == [
            "回答: @我 时可以说：开门红、签到、领取、积分、我的奖品、积分榜、我的凭证；"
            "游戏开始后 @我 作答。"
        ]


PRICED: Mapping[str, Any] = {
    **HOOK,
    "campaign": "priced",
    "title": "积分抽奖",
    "keyword": "积分抽奖",
}
POINTS: Mapping[str, Any] = {
    "points": "neighbours",
    "title": "邻里积分",
    "applies_to": {"labels": ["all"]},
    "earn": {"checkin": 5, "played": 10},
}
COSTS = {"points": 50}


@pytest.mark.parametrize(
    ("files", "lines"),
    [
        (
            [{**PRICED, "condition": COSTS}, POINTS],
            [
                "🎁 积分抽奖等着您：攒够 50 积分（每天签到 5 分、玩一局游戏 10 分）就能参加，"
                "发“@群运 积分抽奖”，每人一次，每次用 50 积分。"
            ],
        ),
        ([{**PRICED, "condition": COSTS}], []),
        (
            [{**PRICED, "who": {"member_for": "7d", "customers_only": True}}],
            [
                "🎁 积分抽奖等着您：加客户经理为好友、入群满 7 天就能参加，"
                "先玩一局群游戏，再发“@群运 积分抽奖”，每人一次。"
            ],
        ),
        ([{**PRICED, "who": {"tags": ["老客户"]}}], []),
        # What a newcomer can do today goes first.
        (
            [{**PRICED, "condition": COSTS}, POINTS, HOOK],
            ["🎁 见面礼等着您：先玩一局群游戏，再发“@群运 抽奖”，每人一次。"],
        ),
    ],
)
async def test_newcomer_is_told_how_to_reach_a_draw_that_is_not_for_the_first_day(
    sqlite_url: str, files: list[Mapping[str, Any]], lines: list[str]
) -> None:
    async with opened(sqlite_url, "11-24 12:00", library_of(*files)) as house:
        await house.owed()
        greeting = "\n".join(["first: 👋 欢迎新朋友加入一群！", *lines])
        assert await house.join("wmNew") == [greeting + NOTICE]


async def test_deck_of_a_campaign_that_is_gone_still_reveals_its_seed(house: House) -> None:
    await house.owed()
    house.due = replace(house.due, library=replace(house.library, campaigns={}))
    await house.until("11-27 20:30")
    (closing,) = await house.owed()
    ((seed,),) = await house.rows("SELECT seed FROM deck")
    assert re.findall(r"`(.*?)`", closing)[0] == seed


async def test_community_with_the_member_page_draws_there(sqlite_url: str) -> None:
    plan = {**ONE_WEEK, "applies_to": {"labels": ["guided"]}}
    plan["week"] = {"friday": [ONE_WEEK["week"]["friday"][0]]}
    async with opened(sqlite_url, "11-27 19:29", library_of(plan, FESTIVAL)) as house:
        communities = tuple(
            replace(one, page=one.id == GUIDED) for one in house.settings.communities
        )
        page = PageSettings("https://qunyun.bank.example", "https://wx.example", "secret")
        chosen = replace(house.settings, communities=communities, page=page)
        house.due = replace(house.due, settings=chosen)
        await house.until("11-27 19:30")
        assert (await house.owed())[:2] == [
            "chen: 📣 请把下面的话转发到“客户群”：",
            "guided: ⏰ 20:00 周五节\n"
            "届时点开群里的链接，在网页上即可参加，每人一次，张张有奖，开放 30 分钟。",
        ]
        await house.until("11-27 20:00")
        notice, *_ = await house.owed()
        how, *_, link, _, _ = notice.split("\n")[3:]
        assert how == "怎么抽　20:30 截止，在成员网页里点“抽奖”，每人一次。"
        assert re.fullmatch("👉 点开活动页：https://qunyun.bank.example/m/[-.\\w]+", link)
        assert [one[2] for one in await deck_of(house)] == [GUIDED]
