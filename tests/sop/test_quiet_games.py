"""Games that go on for days beside others: who hears what, and whom a host means."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from tests.house import FIRST, POOL, House, dice, library_of, opened

REWARDS = {"winners": 2, "amount": "5.00", "pool": "small"}
PREDICTION = {
    "name": "prediction",
    "question": "周六会下雨吗？",
    "choices": ["会", "不会"],
    "open_for": "4h",
    "rewards": REWARDS,
}
PLAN = {
    "plan": "quiet",
    "title": "多日游戏",
    "applies_to": {"labels": ["first"]},
    "week": {
        "tuesday": [
            {"id": "relay", "at": "09:00", "window": "1h", "game": {"name": "streak", "days": 3}},
            {"id": "rain", "at": "10:00", "window": "1h", "game": PREDICTION},
            dice("dice", "19:30"),
        ]
    },
}
WAITING = "> 请 @群运 作答，我才听得到。"


@pytest.fixture
async def house(sqlite_url: str) -> AsyncIterator[House]:
    """Tuesday, when a relay and a prediction have opened, with two members."""
    async with opened(sqlite_url, "11-24 08:59", library_of(PLAN, POOL)) as one:
        await one.join("wmA", "wmB")
        await one.until("11-24 10:05")
        await one.owed()
        yield one


async def running(house: House) -> list[tuple[Any, ...]]:
    return await house.rows(
        "SELECT game, beside FROM game_session WHERE status = 'running' ORDER BY id"
    )


async def test_quiet_games_and_another_run_side_by_side(house: House) -> None:
    await house.until("11-24 19:35")
    assert await running(house) == [
        ("streak", "streak"),
        ("prediction", "prediction"),
        ("dice", None),
    ]
    assert await house.row(f"quiet/dice/2026-11-24/{FIRST}") == ("done", "")


async def test_each_game_hears_its_own_words(house: House) -> None:
    await house.until("11-24 19:35")
    await house.owed()
    answers = [await house.say("wmA", text) for text in ("掷", "签到", "猜 2")]
    assert [one[0][:6] for one in answers] == ["回答: 🎲 ", "回答: ✅ ", "回答: ⏰ "]


async def test_check_in_counts_for_the_day_and_for_the_relay(house: House) -> None:
    assert await house.say("wmA", "签到") == [
        "回答: ✅ 签到成功，今天是第 1 天，明天继续。\n"
        "🏃 签到接力第 1/3 天：您已连续 1 天，全群 1/50 人次。"
    ]
    assert await house.say("wmA", "签到") == [
        "回答: 今天已经签到过了，连续签到 1 天，明天再来。\n"
        "🏃 签到接力：今天这一棒您已经接上，连续 1 天。"
    ]
    assert await house.say("wmA", "签到") == ["回答: 今天已经签到过了，连续签到 1 天，明天再来。"]
    assert await house.rows("SELECT member FROM player") == [("wmA",)]


async def test_unnamed_end_ends_no_game_of_days(house: House) -> None:
    assert await house.say("li", "结束") == [
        "回答: 正在进行的是多日游戏，要提前结束请发：结束 签到接力"
    ]
    await house.say("li", "开局 dice")
    assert [one.split("\n")[0] for one in await house.say("li", "结束")] == [
        "first: 🎲 本局结束，这次还没有人掷骰子。没关系，下次再一起玩。"
    ]
    assert [one for one, _ in await running(house)] == ["streak", "prediction"]
    ended = await house.say("li", "结束 签到接力")
    assert ended == ["first: 🏁 **签到接力，结束！**\n这次还没有人签到。没关系，下次再一起来。"]
    assert await running(house) == [("prediction", "prediction")]


async def test_second_round_of_a_quiet_game_is_refused(house: House) -> None:
    assert await house.say("li", "开局 签到接力") == [
        "回答: “一群”里还有一局没有结束，请先发“结束 签到接力”。"
    ]


async def test_host_names_the_game(house: House) -> None:
    assert await house.say("li", "揭晓 签到接力") == [
        "first: 🏃 **签到接力 第 1/3 天**\n今天 0 人签到，累计 0/50 人次，0 人保持全勤。"
    ]
    assert await house.say("li", "延时 30m 竞猜") == [
        "first: ⏱ 竞猜延长，还有 4 小时 25 分钟截止。"
    ]
    assert await house.say("li", "提示 掷骰子") == [
        "回答: 没有看懂“掷骰子”。这里可以写的社群：一群。\n用法：提示〔游戏〕〔社群〕\n例：提示"
    ]


async def test_prediction_is_settled_by_its_host_and_rewards_the_right(house: House) -> None:
    await house.say("wmA", "猜 1")
    await house.say("wmB", "猜 2")
    await house.until("11-25 09:00")
    await house.owed()
    assert await house.say("li", "揭晓 3") == ["回答: 没有这个选项。请写编号：\n1. 会\n2. 不会"]
    assert await house.say("li", "揭晓 不会") == [
        "回答: 结果是“不会”吗？公布后不能改，确认请再发一遍：揭晓 2"
    ]
    assert await house.say("li", "揭晓 2") == [
        "first: 🏁 **竞猜揭晓：周六会下雨吗？**\n"
        "结果是“不会”。\n"
        "2 人参加，1 人猜中，名次按开局前定下的随机号：\n"
        "1. 群友",
        "first: **竞猜·中奖名单**\n"
        "🎁 群友　5.00 元\n"
        "> 12 月 2 日发放（5 个工作日后），发“@群运 我的奖品”可查。",
    ]
    assert await house.rows("SELECT source, member, amount_fen FROM award") == [
        ("pool/small", "wmB", 500)
    ]


async def test_outcome_is_asked_for_where_a_prediction_runs_only(house: House) -> None:
    await house.say("li", "结束 竞猜")
    assert await house.say("li", "揭晓 2") == [
        "回答: 没有看懂“2”。这里可以写的社群：一群。\n"
        "用法：揭晓〔游戏〕〔结果〕〔社群〕，结果只有竞猜要写\n例：揭晓"
    ]


async def test_host_opens_a_prediction(house: House) -> None:
    await house.say("li", "结束 竞猜")
    opening, _ = await house.say(
        "li", "开局 竞猜 question=今晚谁赢？ choices=红队、蓝队 一群", None
    )
    assert opening == (
        "first: 🔮 **竞猜：今晚谁赢？**\n1. 红队\n2. 蓝队\n"
        "说“猜 1”这样的话就能参加，截止前可以改，以最后一次为准。\n"
        "> 30 分钟后截止，结果由主持人按事实揭晓\n"
        "> 猜中的人按开局前定下的随机号排先后，早猜晚猜一样\n\n"
        f"本局没有现金奖励，重在参与。\n{WAITING}"
    )


async def test_host_cannot_open_a_prediction_on_markets(house: House) -> None:
    await house.say("li", "结束 竞猜")
    (answer,) = await house.say("li", "开局 竞猜 question=明天大盘红吗？ choices=红、绿")
    assert answer.startswith("回答: “大盘”：竞猜题目涉及行情或彩票。")
    assert [one for one, _ in await running(house)] == ["streak"]


async def test_relay_of_three_days(house: House) -> None:
    for day in ("11-24 11:00", "11-25 11:00", "11-26 11:00"):
        await house.until(day)
        await house.say("wmA", "签到")
    await house.owed()
    await house.until("11-26 20:30")
    assert (await house.owed())[-1] == (
        "first: 🏁 **签到接力，结束！**\n"
        "1 人参加，累计 3 人次，离 50 人次的目标还差 47。\n"
        "全勤 1 人：\n"
        "🥇 群友　签到 3 天"
    )
    assert await house.rows("SELECT reason FROM game_session WHERE game = 'streak'") == [
        ("时间到",)
    ]
