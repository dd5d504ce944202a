"""Rounds from opening to rewards: promises, pools, and money that is not there."""

import re
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from storage import money
from tests.house import (
    FESTIVAL,
    FIRST,
    GUIDED,
    ONE_WEEK,
    POOL,
    SECOND,
    House,
    at,
    dice,
    library_of,
    opened,
)

PROMISE = "🎁 前 2 名各得 5.00 元红包。"
NONE = "本局没有现金奖励，重在参与。"
TO_ALL = {**ONE_WEEK, "applies_to": {"labels": ["all"]}, "week": {"tuesday": [dice("d", "19:30")]}}


@pytest.fixture
async def house(sqlite_url: str) -> AsyncIterator[House]:
    """Tuesday, before the round of 19:30."""
    async with opened(sqlite_url, "11-24 19:29") as one:
        yield one


async def promises(house: House) -> dict[str, str]:
    """Which promise each running round made, by community."""
    owed = [one for one in await house.owed() if "掷骰子，开始" in one]
    return {
        one.partition(":")[0]: promise
        for one in owed
        for promise in (PROMISE, NONE)
        if promise in one
    }


async def ledger(house: House) -> list[tuple[object, ...]]:
    return await house.rows("SELECT source, member, prize, amount_fen FROM award ORDER BY member")


async def test_round_with_rewards_from_opening_to_prizes(house: House) -> None:
    await house.join("wmA", "wmB", "wmC")
    await house.until("11-24 19:30")
    (opening,) = await house.owed()
    assert opening.endswith(f"\n\n{PROMISE}\n> 请 @群运 作答，我才听得到。")
    answers = [await house.say(one, "掷") for one in ("wmA", "wmB", "wmC")]
    assert [len(one) for one in answers] == [1, 1, 1]
    await house.owed()
    await house.until("11-24 19:40")
    *_, ranking, winners = await house.owed()
    assert ranking.startswith("first: 🏁 **掷骰子，结束！**\n3 人参加，排名如下：")
    assert winners == (
        "first: **掷骰子·中奖名单**\n"
        "🎁 群友　5.00 元\n"
        "🎁 群友　5.00 元\n"
        "> 12 月 1 日发放（5 个工作日后），发“@群运 我的奖品”可查。"
    )
    ((state,),) = await house.rows("SELECT winners FROM game_session")
    best = re.findall(r"wm.", str(state))[:2]
    expected = [("pool/small", one, "骰子红包", 500) for one in sorted(best)]
    assert await ledger(house) == expected


async def test_second_round_at_once_is_refused(house: House) -> None:
    await house.until("11-24 19:30")
    await house.owed()
    assert await house.say("li", "开局 dice") == ["回答: “一群”里还有一局没有结束，请先发“结束”。"]
    assert await house.rows("SELECT count(*) FROM game_session") == [(1,)]


async def test_pool_too_small_promises_nothing(sqlite_url: str) -> None:
    library = library_of(ONE_WEEK, {**POOL, "budget": "10.00"}, FESTIVAL)
    async with opened(sqlite_url, "11-24 19:29", library) as house:
        await house.database.write(
            lambda tx: money.award(
                tx,
                key="before",
                source="pool/small",
                budget_fen=1000,
                community=FIRST,
                member="wmA",
                prize="骰子红包",
                amount_fen=1,
                payable_on=at("12-01 00:00").date(),
                now=house.clock.now(),
            )
        )
        await house.until("11-24 19:30")
        told, opening = await house.owed()
        assert told == "li: 奖池“小奖池”只剩 9.99 元，不够本局奖励。\n本局“掷骰子”改为无奖游戏。"
        assert opening.endswith(f"\n\n{NONE}\n> 请 @群运 作答，我才听得到。")


@pytest.mark.parametrize(
    ("budget", "promised"),
    [
        ("20.00", {FIRST: PROMISE, SECOND: PROMISE}),
        ("19.99", {FIRST: PROMISE, SECOND: NONE}),
        ("10.00", {FIRST: PROMISE, SECOND: NONE}),
    ],
)
async def test_rounds_at_once_share_the_pool(
    database_url: str, budget: str, promised: dict[str, str]
) -> None:
    library = library_of(TO_ALL, {**POOL, "budget": budget})
    async with opened(database_url, "11-24 19:29", library) as house:
        await house.until("11-24 19:30")
        assert await promises(house) == promised


async def test_rewards_of_many_rounds_never_exceed_the_pool(sqlite_url: str) -> None:
    steps = [dice(f"d{hour}", f"{hour}:00") for hour in range(9, 14)]
    library = library_of({**ONE_WEEK, "week": {"tuesday": steps}}, {**POOL, "budget": "27.50"})
    async with opened(sqlite_url, "11-24 08:59", library) as house:
        for hour in range(9, 14):
            await house.until(f"11-24 {hour}:00")
            for member in ("wmA", "wmB", "wmC"):
                await house.say(member, "掷")
            await house.until(f"11-24 {hour}:10")
        assert await house.rows("SELECT budget_fen, committed_fen FROM budget") == [(2750, 2000)]


async def test_budget_cut_while_the_round_runs_gives_nothing_and_tells_the_rm(
    house: House,
) -> None:
    """Regression: the ledger's refusal failed every tick, and the round never ended."""
    await house.until("11-24 19:30")
    await house.say("wmA", "掷")
    less = house.library.pools["small"].model_copy(update={"budget_fen": 499})
    house.due = replace(house.due, library=replace(house.library, pools={"small": less}))
    await house.owed()
    await house.until("11-24 19:41")
    told = await house.owed()
    assert told[-1] == "li: 本局奖励未发放：奖池“小奖池”只剩 4.99 元。"
    assert await house.rows("SELECT status, reason FROM game_session") == [("finished", "时间到")]
    assert await ledger(house) == []


async def test_pool_gone_while_the_round_runs_gives_nothing_and_tells_the_rm(house: House) -> None:
    await house.until("11-24 19:30")
    await house.say("wmA", "掷")
    house.due = replace(house.due, library=replace(house.library, pools={}))
    await house.owed()
    await house.until("11-24 19:41")
    told = await house.owed()
    assert told[-1] == "li: 本局奖励未发放：计划库里已没有奖池“small”。"
    assert await house.rows("SELECT status FROM game_session") == [("finished",)]


async def test_round_whose_rewards_have_no_payable_day_promises_nothing(sqlite_url: str) -> None:
    """Regression: rewards were promised that could not be given for want of a calendar."""
    async with opened(sqlite_url, "12-29 19:29", years=(2026,)) as house:
        await house.until("12-29 19:30")
        told, opening = await house.owed()
        assert told == (
            "li: 还没有 2027 年的工作日历：请按国务院办公厅的放假通知添加 cn-2027.yaml，"
            "格式见自带的 cn-2026.yaml。\n本局“掷骰子”改为无奖游戏。"
        )
        assert NONE in opening


async def test_community_where_the_bot_hears_nobody_gets_no_game_and_no_promise_of_one(
    sqlite_url: str,
) -> None:
    step = dice("d", "19:30", announce="30m")
    plan = {**ONE_WEEK, "applies_to": {"labels": ["guided"]}, "week": {"tuesday": [step]}}
    async with opened(sqlite_url, "11-24 18:59", library_of(plan, POOL)) as house:
        await house.until("11-24 19:30")
        assert await house.owed() == [
            "chen: “掷骰子”没有开局：“客户群”里机器人听不到成员说话，主持不了游戏；"
            "请按主持稿由您来带这一局。"
        ]
        (answer,) = await house.say("chen", "开局 dice 客户群", None)
        assert answer == (
            "chen: “客户群”里机器人听不到成员说话，主持不了游戏；请按主持稿由您来带这一局。"
        )
        assert await house.rows("SELECT count(*) FROM game_session") == [(0,)]
        assert (await house.row("week/d/2026-11-24/guided"))[0] == "skipped"  # type: ignore[index]


DURATION = "duration=〔一局时长，1 分钟到 1 天，例如 10m〕"
ROLLS = "rolls=〔每人可掷几次，取点数和最大的一次〕"


@pytest.mark.parametrize(
    ("line", "answer"),
    [
        ("开局 dice duration=1x", f"“掷骰子”的选项写得不对，请写：{DURATION}。"),
        ("开局 dice rolls=9 duration=1s", f"“掷骰子”的选项写得不对，请写：{DURATION}、{ROLLS}。"),
        ("开局 dice colour=red", "“掷骰子”没有选项 colour，可以写：duration、rolls。"),
        ("开局 quiz bank=none", "没有题库“none”。"),
        (
            "开局 竞猜 choices=晴、雨",
            "“竞猜”还要写：question=〔竞猜的题目，不能和行情、彩票有关〕。",
        ),
        (
            "开局 竞猜 question=雨？ choices=晴、雨",
            "“竞猜”的选项写得不对，请写：question=〔竞猜的题目，不能和行情、彩票有关〕。",
        ),
        (
            "开局 竞猜 question=今晚谁会赢 choices=红队",
            "“竞猜”的选项写得不对，请写：choices=〔选项，2 到 8 个，按 1、2、3…… 编号〕。",
        ),
        (
            "开局 象棋",
            "没有叫“象棋”的游戏。可以玩：掷骰子、看表情猜成语、砸金蛋、成语接龙、歌词诗词接龙、"
            "数字炸弹、竞猜、知识问答、猜谜语、反诈判断、签到接力。",
        ),
    ],
)
async def test_host_asks_for_what_cannot_be(house: House, line: str, answer: str) -> None:
    assert await house.say("li", line) == [f"回答: {answer}"]


async def test_host_starts_without_rewards(house: House) -> None:
    (opening,) = await house.say("li", "开局 dice duration=2m rolls=2")
    assert "时长 2 分钟，每人最多 2 次" in opening
    assert NONE in opening


@pytest.mark.parametrize("verb", ["提示", "揭晓", "延时 60s"])
async def test_host_leads_the_round(house: House, verb: str) -> None:
    await house.say("li", "开局 dice")
    (post,) = await house.say("li", verb)
    assert post.startswith("first: ")
    assert await house.rows("SELECT version, status FROM game_session") == [(2, "running")]


async def test_text_that_is_no_move_is_answered_with_what_is_one(house: House) -> None:
    await house.say("li", "开局 dice")
    assert await house.say("wmA", "你好") == [
        "回答: @我 时可以说：签到、我的奖品；游戏开始后 @我 作答。"
    ]
    assert await house.rows("SELECT kind FROM activity WHERE member = 'wmA' ORDER BY kind") == [
        ("join",),
        ("message",),
    ]


async def test_round_of_a_community_no_longer_configured_ends(
    house: House, sqlite_url: str
) -> None:
    """Regression: it stayed due for ever, and a moved clock never arrived."""
    await house.until("11-24 19:30")
    others = tuple(one for one in house.settings.communities if one.id in (SECOND, GUIDED))
    house.due = replace(house.due, settings=replace(house.settings, communities=others))
    await house.until("11-24 19:36")
    assert await house.rows("SELECT status, reason FROM game_session") == [
        ("finished", "社群已不在配置里")
    ]
