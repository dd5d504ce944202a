"""题库, and that a community hears every question before one comes again."""

from collections import Counter
from typing import Any

from storage import questions

LINE = "【歌词】歌词接龙（folk-lyrics）：22 题，"


async def line(bank: Any, sender: str = "yun") -> str:
    answer = await bank.reply(sender, "题库 财富一群")
    (found,) = [one for one in answer.splitlines() if "folk-lyrics" in one]
    return str(found)


async def asked(bank: Any) -> Counter[str]:
    return Counter(await bank.write(questions.uses, "wealth-01", "folk-lyrics"))


async def test_banks_before_anything_was_asked(bank: Any) -> None:
    answer = await bank.reply("li", "题库 财富一群")
    assert answer.splitlines()[0] == "**“财富一群”的题库**"
    assert answer.splitlines()[-1] == "还没有发现太难、太容易或没人答的题。"
    assert await line(bank) == f"{LINE}还有 22 题没问过"


async def test_banks_takes_no_more_than_a_community(bank: Any) -> None:
    assert await bank.reply("yun", "题库 财富一群 全部") == (
        "没有看懂“全部”。这里可以写的社群：财富一群。\n用法：题库〔社群〕\n例：题库 财富一群"
    )


async def test_no_question_comes_again_before_all_have_come(bank: Any) -> None:
    for rounds, left in ((1, "还有 11 题没问过"), (2, "都问过了，会从问得少的再来")):
        await bank.say("li", "开局 lyrics bank=folk-lyrics questions=11 财富一群")
        for _ in range(21):
            await bank.say("li", "揭晓", "wr01")
        assert len(await asked(bank)) == 11 * rounds
        assert set((await asked(bank)).values()) == {1}
        assert await line(bank) == LINE + left
    await bank.say("li", "开局 lyrics bank=folk-lyrics questions=1 财富一群")
    assert Counter((await asked(bank)).values()) == {1: 21, 2: 1}


async def test_answers_are_judged_when_a_question_is_over(bank: Any) -> None:
    await bank.arrive("wealth-01", "wm1", "安娜", 9)
    await bank.say("li", "开局 riddle questions=1 财富一群")
    await bank.say("wm1", "大象", "wr01")
    assert [(one.answers, one.right) for one in await bank.write(questions.tallies)] == [(0, 0)]
    await bank.say("li", "揭晓", "wr01")
    assert [(one.answers, one.right) for one in await bank.write(questions.tallies)] == [(1, 0)]
