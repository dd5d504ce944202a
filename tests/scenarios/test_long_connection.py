"""The intelligent bot over its long connection; one community is spoken to by it alone.

The bot's own loops run here, as in production; so what happens is waited for.
"""

import json
from collections.abc import Awaitable, Callable
from typing import Any

import aiohttp
import pytest

from bot.config import Config
from bot.demo import AIBOT, CUSTOMER_GROUP, Demo
from bot.wecom.long_connection import Status

Soon = Callable[[Callable[[], Any]], Awaitable[None]]


class LongDemo(Demo):
    """The demo with a long connection, and the first community in delivery mode `aibot`."""

    def config(self, base: str) -> Config:
        chosen = super().config(base).model_dump(by_alias=True)
        chosen["wecom"]["aibot"]["mode"] = "long_connection"
        chosen["wecom"]["aibot"]["url"] = f"{base.replace('http', 'ws')}/aibot/ws"
        chosen["communities"][0]["mode"] = "aibot"
        return Config.model_validate(chosen)


@pytest.fixture
async def stage(open_stage: Callable[..., Awaitable[Any]], sqlite_url: str) -> Any:
    return await open_stage(sqlite_url, LongDemo)


def _act(stage: Any, who: str, words: str) -> None:
    stage.sandbox.actions.say(stage.id_of(who), CUSTOMER_GROUP, words, at_bot=True)


async def test_members_are_heard_answered_and_spoken_to(
    stage: Any, run_loops: Callable[[Any], Any], soon: Soon
) -> None:
    _act(stage, "老周", "大家好")  # nobody listens yet; from now on the bot may speak here
    async with run_loops(stage):
        await soon(lambda: stage.sandbox.long_connections.live)
        _act(stage, "陈晓雯", "签到")
        await soon(lambda: "✅ 签到成功，今天是第 1 天，明天继续。" in stage.said_since(2))
        await stage.until("二 19:30")
        await soon(lambda: stage.said_since(0)[-1].startswith("🎲 **掷骰子，开始！**"))
        _act(stage, "陈晓雯", "掷")
        await soon(lambda: "暂列第 1 名" in stage.said_since(0)[-1])
        await stage.until("二 19:41")
        heads = [text.split("\n")[0] for text in stage.said_since(0)]
        assert heads[-2:] == ["🏁 **掷骰子，结束！**", "**掷骰子·中奖名单**"]
        senders = {one.sender.name for one in stage.sandbox.messages.of(CUSTOMER_GROUP)}
        assert senders == {"老周", "陈晓雯", "群运"}
        assert await stage.statuses() == {"sent": len(await stage.rows("SELECT id FROM outbox"))}
        assert stage.complaints() == []


async def test_group_in_which_nobody_spoke_yet_is_explained(
    stage: Any, run_loops: Callable[[Any], Any], soon: Soon
) -> None:
    async with run_loops(stage):
        await soon(lambda: stage.sandbox.long_connections.live)
        await stage.settle()
        assert (
            (await stage.outbox())
            .split("\n")[0]
            .endswith(
                "还不能向这个会话主动发消息：需要有人先在会话里 @ 过机器人，或额度用完"
                "（企业微信错误码 846607）"
            )
        )


async def test_connection_that_breaks_comes_back(
    stage: Any, run_loops: Callable[[Any], Any], soon: Soon
) -> None:
    _act(stage, "老周", "大家好")
    async with run_loops(stage):
        await soon(lambda: stage.sandbox.long_connections.live)
        stage.sandbox.faults.set("connection_cut", 1)
        _act(stage, "陈晓雯", "签到")
        await soon(lambda: not stage.sandbox.long_connections.live)
        await soon(lambda: stage.sandbox.long_connections.live)
        _act(stage, "老周", "签到")
        await soon(lambda: len(stage.said_since(0)) >= 3)
        await stage.advance("1m")  # what was on its way is sent again, and then the answers
        greeted = "✅ 签到成功，今天是第 1 天，明天继续。"
        await soon(lambda: stage.said_since(0).count(greeted) == 2)
        await stage.settle()
        announced = 1 + 2  # a campaign in the heard group; in the customer group by way of the RM
        told_of_missing_stamps = 3  # reviewer, operator and RM, at the first look
        answered = 2
        assert await stage.statuses() == {"sent": announced + told_of_missing_stamps + answered}


async def test_bot_taken_over_by_another_process_stays_away_and_says_so(
    stage: Any, run_loops: Callable[[Any], Any], soon: Soon
) -> None:
    async with run_loops(stage), aiohttp.ClientSession() as session:
        await soon(lambda: stage.sandbox.long_connections.live)
        await soon(lambda: stage.show.app.calendar.last_tick)
        async with session.get(stage.bot_url("/ready")) as answer:
            assert (answer.status, await answer.json()) == (200, {"ready": True, "problems": []})
        async with session.ws_connect(f"{stage.sandbox.url}/aibot/ws") as other:
            body = {"bot_id": AIBOT, "secret": stage.sandbox.seed.aibot.secret}
            frame = {"cmd": "aibot_subscribe", "headers": {"req_id": "r1"}, "body": body}
            await other.send_str(json.dumps(frame))
            await soon(lambda: stage.sandbox.long_connections.kicked == 1)
            connection = stage.show.app._long_connection
            await soon(lambda: connection.status is Status.REPLACED)
            await stage.advance("1h")
            assert stage.sandbox.long_connections.kicked == 1
            async with session.get(stage.bot_url("/ready")) as answer:
                assert (answer.status, await answer.json()) == (
                    503,
                    {"ready": False, "problems": ["智能机器人的长连接没有连上"]},
                )
