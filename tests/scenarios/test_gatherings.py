"""Votes, surveys, scores, stories, events and check-ins in a group, over the real wire."""

import json
import os
import re
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from bot.config import Config
from bot.demo import ASSIST_GROUP, Demo
from sop.loader import load

FILES = Path(__file__).parent / "gatherings"
TRANSCRIPT = FILES / "transcript.txt"
DIGEST = re.compile("[0-9a-f]{64}")
"""Of a seed, which depends on how much chance others took before."""
Make = Callable[..., Awaitable[Any]]


class Unreviewed(Demo):
    """No community wants a reviewer's stamp."""

    def config(self, base: str) -> Config:
        config = super().config(base)
        free = [one.model_copy(update={"review": False}) for one in config.communities]
        return config.model_copy(update={"communities": free})


class WithoutPage(Unreviewed):
    """Members have no web page either."""

    def config(self, base: str) -> Config:
        config = super().config(base)
        listen = config.listen.model_copy(update={"public": ""})
        return config.model_copy(update={"listen": listen})


@pytest.fixture
def make(open_stage: Callable[..., Awaitable[Any]], database_url: str) -> Make:
    """A stage whose only plans are those of a file, on each kind of database in turn."""

    async def _make(name: str, kind: type[Demo] = Demo) -> Any:
        library, problems = load([FILES / name])
        assert problems == []
        return await open_stage(database_url, kind, library)

    return _make


async def _vote(stage: Any) -> None:
    await stage.until("一 10:00")
    await stage.say("陈晓雯", "投票 2")
    await stage.say("老周", "投票：Ａ")
    await stage.say("老周", "我要投票 养生")
    await stage.say("林一诺", "投票 9")
    await stage.say("林一诺", "投票 😀")
    await stage.say("Grace", "投票 1 3")
    await stage.say("Grace", "这是什么")
    await stage.say("小满", "投 票 二")
    await stage.say("李静", "投票 1")
    await stage.leave("小满")
    await stage.until("一 12:00")
    await stage.say("Grace", "投票 1")


async def _check_in(stage: Any) -> None:
    await stage.say("陈晓雯", "签到")
    await stage.until("二 09:00")
    await stage.say("陈晓雯", "签到")
    await stage.say("老周", "签到")
    await stage.until("二 11:00")


async def _survey(stage: Any) -> None:
    await stage.until("二 12:00")
    await stage.say("陈晓雯", "问卷 ab")
    await stage.say("老周", "问卷：1Ｃ 2Ａ")
    await stage.say("老周", "问卷 BA")
    await stage.say("林一诺", "問卷 AC")
    await stage.say("林一诺", "问卷 A")
    await stage.until("二 13:00")


async def _nps(stage: Any) -> None:
    await stage.until("三 10:00")
    await stage.say("陈晓雯", "评分 10 活动有意思")
    await stage.say("老周", "评分６分，回复太慢 [点我](http://evil)")
    await stage.say("林一诺", "评分 11")
    await stage.say("林一诺", "评分 八")
    await stage.until("三 12:00")


async def _topic(stage: Any) -> None:
    await stage.until("四 10:00")
    await stage.say("陈晓雯", "投稿 2008 年买的第一支基金，\n一直拿到今天。")
    await stage.say("老周", "投稿：我的第一笔投资是给女儿存的教育金。")
    await stage.say("林一诺", "投稿 加我微信，包你赚钱")
    await stage.say("Grace", "投稿 好")
    await stage.ask("李静", "采用 1 2 财富体验群")
    await stage.ask("李静", "采用 7 财富体验群")
    await stage.say("老周", "投稿 改了一下：是给女儿存的教育金，每月 500 元。")
    await stage.until("四 13:00")
    await stage.ask("李静", "稿件 财富体验群")
    await stage.ask("李静", "采用 2 财富体验群")
    await stage.ask("李静", "不采用 3 财富体验群")
    await stage.until("四 14:00")
    await stage.say("Grace", "投稿 我也来写一篇")
    await stage.say("陈晓雯", "投票 1")
    await stage.say("陈晓雯", "投票 2")
    await stage.say("老周", "投票 1号")
    await stage.say("Grace", "投票 3")
    await stage.say("Grace", "我投票给1号")
    await stage.until("四 17:00")


async def _live(stage: Any) -> None:
    await stage.until("五 10:00")
    await stage.say("陈晓雯", "预约")
    await stage.say("陈晓雯", "预约！")
    await stage.say("老周", "预约 +1")
    await stage.say("林一诺", "预约是什么意思")
    await stage.say("老周", "取消预约")
    await stage.say("林一诺", "取消预约")
    await stage.until("五 14:30")


async def test_week_of_gatherings_is_the_one_in_the_transcript(make: Make) -> None:
    stage = await make("plans.yaml")
    for day in (_vote, _check_in, _survey, _nps, _topic, _live):
        await day(stage)
    seen = DIGEST.sub("（SHA-256）", stage.transcript())
    if os.environ.get("QUNYUN_REWRITE") and not os.environ.get("CI"):
        TRANSCRIPT.write_text(seen, encoding="utf-8")
    assert seen == TRANSCRIPT.read_text(encoding="utf-8")
    await stage.check()


RESULT = "SELECT kind, reason, result FROM gathering ORDER BY id"


async def _result(stage: Any) -> list[tuple[Any, ...]]:
    rows = await stage.rows(RESULT)
    return [
        (kind, reason, json.loads(result) if isinstance(result, str) else result)
        for kind, reason, result in rows
    ]


async def test_gathering_goes_on_after_a_restart(make: Make) -> None:
    stage = await make("plans.yaml")
    await stage.until("一 10:00")
    await stage.say("陈晓雯", "投票 2")
    await stage.restart()
    await stage.say("陈晓雯", "投票 1")
    await stage.say("老周", "投票 1")
    await stage.restart(away="3h")  # over the last call and the end
    mark = stage.mark
    await stage.settle()
    await stage.settle()
    assert [text.split("\n")[0] for text in stage.said_since(mark)] == [
        "📊 **投票结果：下期想听什么**"
    ]
    assert await _result(stage) == [("vote", "时间到", {"voters": 2, "counts": [2, 0, 0]})]
    await stage.check()


async def test_gathering_of_a_paused_community_listens_and_rests(make: Make) -> None:
    stage = await make("plans.yaml")
    await stage.until("一 10:00")
    await stage.ask("李静", "暂停 财富体验群")
    mark = stage.mark
    await stage.say("陈晓雯", "投票 2")
    await stage.until("一 12:30")
    await stage.say("老周", "投票 2")
    assert stage.said_since(mark) == [
        "@群运 投票 2",
        "✅ 已投给：2. 养生讲座。截止前可以再改。",
        "@群运 投票 2",
        "投票“下期想听什么”已经截止，下次早点来。",
    ]
    mark = stage.mark
    await stage.ask("李静", "恢复 财富体验群")
    assert [text.split("\n")[0] for text in stage.said_since(mark)] == [
        "📊 **投票结果：下期想听什么**"
    ]
    assert await _result(stage) == [("vote", "时间到", {"voters": 1, "counts": [0, 1, 0]})]
    await stage.check()


async def test_gathering_where_nobody_is_heard_is_the_rms(make: Make) -> None:
    stage = await make("customer.yaml", WithoutPage)
    await stage.until("一 10:01")
    told = [one.text for one in stage.sandbox.messages.of(stage.direct("李静"))]
    assert told == [
        "请确认企业群发 “财富客户群”10:00 的“投票：下期想听什么”已放进企业微信的“客户联系 → "
        "群发助手”，请在 10:30 前打开它，点“确认发送”。",
        "“财富客户群”里机器人听不到成员说话，“投票：下期想听什么”没有开启，不会自动收集和统计。\n"
        "话术已交给您，请您自己记下大家的回复。",
    ]
    assert stage.said_since(0, ASSIST_GROUP) == []
    await stage.confirm("李静")
    assert stage.said_since(0, ASSIST_GROUP) == [
        "🗳 投票：下期想听什么\n下期讲座您来定。\n\n1. 亲子理财\n2. 养生讲座\n\n"
        "请大家私信我选项编号，每人一票。"
    ]
    assert await stage.rows("SELECT COUNT(*) FROM gathering") == [(0,)]
    mark = stage.mark
    await stage.until("二 20:01")
    told = [one.text for one in stage.sandbox.messages.of(stage.direct("李静"), mark)]
    assert [text.split("\n")[0] for text in told] == [
        "☀️ **李静，早上好**　周二 11 月 24 日",
        "请确认企业群发 “财富客户群”10:00 的“直播：资产配置”已放进企业微信的“客户联系 → "
        "群发助手”，请在 10:30 前打开它，点“确认发送”。",
        "📣 请把下面的话转发到“财富客户群”：",
        "⏰ 资产配置　20:00 开始，还有 15 分钟。",
        "📣 请把下面的话转发到“财富客户群”：",
        "⌛ “财富客户群”10:00 的“直播：资产配置”到 20:00 没有确认，群发任务已撤回。",
        "▶️ 资产配置 开始了，点这里进入：https://live.example.com/1",
    ]
    await stage.check()


async def test_gatherings_and_a_game_are_open_side_by_side(make: Make) -> None:
    stage = await make("together.yaml")
    await stage.until("一 10:02")
    mark = stage.mark
    for words in ("投票 1", "掷", "选歌 2", "签到", "投票 2"):
        await stage.say("陈晓雯", words)
    answers = [text for text in stage.said_since(mark) if not text.startswith("@")]
    assert [text.split("：")[0].split(" ")[0] for text in answers] == [
        "✅",
        "🎲",
        "✅",
        "✅",
        "✅",
    ]
    replies = await stage.rows(
        "SELECT occurrence, value FROM reply JOIN gathering ON id = gathering ORDER BY id"
    )
    assert [(one.split("/")[1], str(value)[-3]) for one, value in replies] == [
        ("vote", "1"),
        ("song", "1"),
    ]
    assert await stage.rows(
        "SELECT kind, SUM(n) FROM daily WHERE kind = 'answer' GROUP BY kind"
    ) == [("answer", 4)]


async def test_replies_are_erased_when_nobody_needs_them(make: Make) -> None:
    stage = await make("plans.yaml")
    await stage.until("一 10:00")
    await stage.say("陈晓雯", "投票 2")
    await stage.until("一 12:00")
    await stage.restart(away="29d")
    await stage.settle()
    assert await stage.rows("SELECT member FROM reply") == [("wmDemo001",)]
    await stage.advance("1d")
    await stage.advance("1h")
    assert await stage.rows("SELECT member FROM reply") == []
    assert (await _result(stage))[0] == ("vote", "时间到", {"voters": 1, "counts": [0, 1, 0]})


async def test_endless_words_are_answered_shortly(make: Make) -> None:
    stage = await make("plans.yaml")
    await stage.until("一 10:00")
    mark = stage.mark
    await stage.say("Grace", "投票 " + "好" * 10_000)
    assert stage.said_since(mark)[1:] == [
        "没看懂要投给谁。请发“@群运 投票 编号”。可选：1. 亲子理财；2. 养生讲座；3. 周边旅行。"
    ]
    assert await stage.rows("SELECT COUNT(*) FROM reply") == [(0,)]
