"""开局 … 结束: the host's words and who hears them."""

from typing import Any

import pytest

from sop.games import all_games

DICE = all_games()["dice"]


async def test_start_elsewhere_is_acknowledged(bank: Any) -> None:
    post, answer = await bank.say("li", "开局 掷骰子 duration＝5m 财富一群")
    assert post[0] == "wealth-01"
    assert answer == (
        "li",
        "🎮 已在“财富一群”开局。可以发：提示、揭晓、延时 60s、结束\n> 开局不能撤销。",
    )
    assert await bank.audited() == [("li", "开局", "wealth-01", "掷骰子 duration＝5m")]


async def test_host_in_the_group_needs_no_acknowledgement(bank: Any) -> None:
    heard = [
        [to for to, _ in await bank.say("li", line, "wr01")]
        for line in ("start dice", "延时 90s", "结束")
    ]
    assert heard == [["wealth-01"], ["wealth-01"], ["wealth-01"]]


@pytest.mark.parametrize(
    ("line", "answer"),
    [
        ("延时 90", "⏱ “财富一群”的这一局延长 1 分钟 30 秒。"),
        ("延时", "⏱ “财富一群”的这一局延长 1 分钟。"),
        ("extend 2m", "⏱ “财富一群”的这一局延长 2 分钟。"),
        ("end", "🏁 已结束“财富一群”的这一局。"),
    ],
)
async def test_host_elsewhere_is_acknowledged(bank: Any, line: str, answer: str) -> None:
    await bank.say("li", "开局 dice 财富一群")
    post, last = await bank.say("li", f"{line} 财富一群")
    assert (post[0], last) == ("wealth-01", ("li", answer))


@pytest.mark.parametrize("line", ["提示", "揭晓", "延时 60s", "结束"])
async def test_host_without_game(bank: Any, line: str) -> None:
    assert await bank.reply("li", line, "wr01") == "“财富一群”里现在没有进行中的游戏。"
    assert await bank.audited() == [
        ("li", line.split()[0], "wealth-01", "未执行：“财富一群”里现在没有进行中的游戏。")
    ]


async def test_host_of_several_groups_without_a_game_is_not_asked_which(bank: Any) -> None:
    assert await bank.reply("li", "延时 5") == "您的社群里现在没有进行中的游戏。"


TITLES = (
    "掷骰子、看表情猜成语、砸金蛋、成语接龙、歌词诗词接龙、数字炸弹、竞猜、知识问答、猜谜语、"
    "反诈判断、签到接力"
)
USAGE_START = "\n用法：开局 游戏〔选项=值……〕〔社群〕\n例：开局 掷骰子 duration=5m"
USAGE_EXTEND = "\n用法：延时〔时长〕〔游戏〕〔社群〕，时长写 60s、2m，不写就是 60 秒\n例：延时 60s"


@pytest.mark.parametrize(
    ("line", "answer"),
    [
        ("开局", f"请写要玩哪个游戏：{TITLES}。" + USAGE_START),
        ("开局 dice 5m", "选项“5m”要写成 名称=值，例如 duration=5m。" + USAGE_START),
        (
            "开局 骰子",
            f"没有叫“骰子”的游戏。您是想玩“掷骰子”吗？可以玩：{TITLES}。",
        ),
        ("延时 31m", "一次最多延长 30 分钟。" + USAGE_EXTEND),
        ("延时 一会儿", "看不懂时长“一会儿”。请写数字加单位：s 秒、m 分钟、h 小时、d 天，"
         "例如 30m 或 1h30m。" + USAGE_EXTEND),
        ("延时 60s 谢谢", "只写延长多久就可以了。" + USAGE_EXTEND),
    ],
)  # fmt: skip
async def test_wrong_line(bank: Any, line: str, answer: str) -> None:
    assert await bank.reply("li", line, "wr01") == answer


@pytest.mark.parametrize("choices", ["红队 蓝队 平局", "红队、蓝队、平局", "红队，蓝队，平局"])
async def test_choices_may_be_separated_by_blanks(bank: Any, choices: str) -> None:
    line = f"开局 竞猜 question=今晚 谁会赢？ choices={choices}"
    ((_, post), *_) = await bank.say("li", line, "wr01")
    assert "今晚 谁会赢？" in post
    lines = [one for one in post.split("\n") if one[:1] in "123"]
    assert [one[-2:] for one in lines if one] == ["红队", "蓝队", "平局"]


async def test_second_game_refused(bank: Any) -> None:
    await bank.say("li", "开局 dice", "wr01")
    assert await bank.reply("li", "开局 dice", "wr01") == (
        "“财富一群”里还有一局没有结束，请先发“结束”。"
    )
