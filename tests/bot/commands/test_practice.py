"""练习: a round before invented members, of which nothing stays."""

from typing import Any

import pytest

from bot.practice import FORGOTTEN
from sop.games import all_games
from storage.tables import METADATA

OPTIONS = {"prediction": " question=周六下雨吗 choices=会下、不会下"}
FOOT = "> 您是主持人，可以发：提示、揭晓、延时 60s、继续、结束。退出请发：结束练习"
BESIDES = {"inbox", "outbox", "audit", "watermark"}


async def kept(bank: Any) -> dict[str, int]:
    """How many rows each table has that a practice could leave something in."""

    def rows(tx: Any) -> dict[str, int]:
        return {
            name: len(tx.execute(place.select()).all())
            for name, place in METADATA.tables.items()
            if name not in BESIDES
        }

    found: dict[str, int] = await bank.database.read(rows)
    return {name: number for name, number in found.items() if number}


async def test_practice_of_dice_to_its_end(bank: Any) -> None:
    before = await kept(bank)
    (to, script), (also, opening) = await bank.say("li", "练习 掷骰子")
    assert (to, also) == ("li", "li")
    assert script.split("\n")[0] == ("**练习·掷骰子**　群里看不到，不计数、不发奖，群友是虚拟的")
    assert opening.split("\n")[0] == "🎲 **掷骰子，开始！**"
    assert opening.split("\n")[-1] == FOOT
    assert await kept(bank) == {**before, "practice": 1}
    assert "**练习**\n" in await bank.reply("li", "揭晓")
    assert (await bank.reply("li", "延时 2m")).split("\n")[-1] == FOOT
    closing = await bank.reply("li", "结束")
    assert "🏁" in closing
    assert closing.split("\n")[-1] == "**练习结束**，什么都没有留下。"
    assert await kept(bank) == before
    assert await bank.audited() == [("li", "练习", "", "掷骰子")]


@pytest.mark.parametrize("game", sorted(all_games()))
async def test_every_game_can_be_practised(bank: Any, game: str) -> None:
    before = await kept(bank)
    answers = await bank.say("li", f"练习 {game}{OPTIONS.get(game, '')}")
    assert answers[-1][1].split("\n")[-1] == FOOT
    said = "".join(text for _, text in answers)
    for line in ("提示", "继续", "延时 30s", "继续", "揭晓", "继续"):
        for _, text in await bank.say("li", line):
            said += text
    assert "💬 " in said
    await bank.say("li", "结束")
    await bank.say("li", "结束练习")
    assert await kept(bank) == before


async def test_practice_is_private(bank: Any) -> None:
    assert await bank.say("li", "练习 掷骰子", "wr01") == [
        ("group", "练习请在和“群运助手”的单聊里发，群里的人看不到。")
    ]
    await bank.say("li", "练习 掷骰子")
    playing = "“财富一群”里现在没有进行中的游戏。"
    assert await bank.reply("li", "提示", "wr01") == playing
    assert await bank.reply("li", "提示 财富一群") == playing
    assert (await bank.reply("li", "提示")).startswith("**练习**\n")


async def test_host_who_answers_is_told_who_answers_here(bank: Any) -> None:
    await bank.say("li", "练习 知识问答")
    assert await bank.reply("li", "A") == (
        "您在练习当主持人，群友由我来演，不用您作答。"
        "可以发：提示、揭晓、延时 60s、继续、结束。退出请发：结束练习"
    )
    await bank.say("li", "结束练习")
    assert await bank.reply("li", "A") == "没看懂这条指令。发“帮助”看看能做什么。"


async def test_practice_is_forgotten_after_a_while(bank: Any) -> None:
    await bank.say("chen", "练习 掷骰子")
    await bank.clock.advance_to(bank.clock.now() + FORGOTTEN)
    assert (await bank.reply("chen", "提示")).startswith("**练习**\n")
    await bank.clock.advance_to(bank.clock.now() + FORGOTTEN * 1.01)
    assert await bank.reply("chen", "提示") == "“代发 客户群”里现在没有进行中的游戏。"


async def test_stop_without_practice(bank: Any) -> None:
    assert await bank.reply("li", "结束练习") == "您没有在练习。开始请发：练习 游戏名"


async def test_practice_of_nothing_known(bank: Any) -> None:
    assert (await bank.reply("li", "练习 麻将")).startswith("没有叫“麻将”的游戏。")
    assert (await bank.reply("li", "练习")).startswith("请写要练哪个游戏：")
