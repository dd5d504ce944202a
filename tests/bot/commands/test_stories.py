"""稿件, 采用, 不采用: what the RM decides on, and who sees whose name."""

from typing import Any

import pytest

from sop.steps.topic import Topic
from storage import gatherings

TOPIC = Topic.model_validate(
    {"subject": "我的第一笔投资", "text": "聊聊", "submit": True, "open_for": "2h"}
)
NOTHING = "“财富一群”现在没有在征集投稿。\n用法：稿件〔社群〕\n例：稿件"


async def collect(bank: Any, phase: str = "open") -> int:
    """A topic with two stories is open in the first community."""
    now = bank.clock.now()
    await bank.arrive("wealth-01", "wm1", "陈晓雯", 9)
    await bank.arrive("wealth-01", "wm2", "老周", 9)
    one: int = await bank.database.write(
        lambda tx: gatherings.open_(
            tx,
            community="wealth-01",
            kind="topic",
            occurrence="p/s/2026-11-23/wealth-01",
            options=TOPIC.model_dump(mode="json"),
            phase=phase,
            seed="00",
            quiet_hours=None,
            next_at=now + TOPIC.open_for,
            closes_at=now + TOPIC.open_for,
            now=now,
        )
    )
    for n, (member, story) in enumerate((("wm1", "教育金。"), ("wm2", "[定期](http://x)")), 1):
        value = {"n": n, "story": story, "taken": None, "version": 1}
        await bank.write(gatherings.keep_reply, one, member, value, now)
    return one


async def decided(bank: Any, gathering: int) -> list[bool | None]:
    rows = await bank.write(gatherings.replies, gathering)
    return [row.value["taken"] for row in rows]


@pytest.mark.parametrize(
    ("who", "names"), [("li", ("陈晓雯", "老周")), ("yun", ("陈＊＊", "老＊＊"))]
)
async def test_stories_are_listed_with_names_for_their_own_rm(
    bank: Any, who: str, names: tuple[str, str]
) -> None:
    await collect(bank)
    await bank.say("li", "不采用 2 财富一群")
    assert await bank.reply(who, "稿件 财富一群") == (
        "📥 **“我的第一笔投资”的投稿**，共 2 篇\n\n"
        f"**1 号　{names[0]}**　⏳ 未定\n> 教育金。\n\n"
        f"**2 号　{names[1]}**　✖️ 不采用\n> ［定期］（http://x）\n\n"
        "采用的才会在群里展示，例如：采用 1"
    )


async def test_stories_are_taken_and_left(bank: Any) -> None:
    one = await collect(bank)
    assert await bank.reply("li", "采用 1号 财富一群") == "✅ 采用 1 号。还没决定：2 号。"
    assert await bank.reply("yun", "不采用 2 财富一群") == "✖️ 不采用 2 号。都决定好了。"
    assert await decided(bank, one) == [True, False]
    assert await bank.reply("li", "采用 １ 2 财富一群") == "✅ 采用 1 号、2 号。都决定好了。"
    assert await decided(bank, one) == [True, True]
    assert await bank.audited() == [
        ("li", "采用", "wealth-01", "“我的第一笔投资”1 号"),
        ("yun", "不采用", "wealth-01", "“我的第一笔投资”2 号"),
        ("li", "采用", "wealth-01", "“我的第一笔投资”1 号、2 号"),
    ]


@pytest.mark.parametrize(
    ("line", "answer"),
    [
        ("采用 财富一群", "请写投稿的编号。"),
        ("采用 3 财富一群", "没有 3 号投稿。现有编号：1、2。"),
        ("采用 1 全部 财富一群", "没有 全部 号投稿。现有编号：1、2。"),
        ("不采用 ① 财富一群", "✖️ 不采用 1 号。还没决定：2 号。"),
        ("稿件 第一篇 财富一群", "没有看懂“第一篇”。这里可以写的社群：财富一群。"),
    ],
)
async def test_story_that_is_not_there_is_named(bank: Any, line: str, answer: str) -> None:
    await collect(bank)
    assert (await bank.reply("li", line)).split("\n")[0] == answer


async def test_stories_without_a_collection(bank: Any) -> None:
    assert await bank.reply("li", "稿件 财富一群") == NOTHING
    await collect(bank, phase="vote")
    assert await bank.reply("li", "稿件 财富一群") == NOTHING


async def test_no_more_stories_are_taken_than_anybody_reads(bank: Any) -> None:
    one = await collect(bank)
    for n in range(3, 22):
        await bank.arrive("wealth-01", f"wm{n}", f"群友{n}", 1)
        value = {"n": n, "story": "故事。", "taken": True}
        await bank.write(gatherings.keep_reply, one, f"wm{n}", value, bank.clock.now())
    assert (await bank.reply("li", "采用 1 财富一群")).split("\n")[0] == (
        "✅ 采用 1 号。还没决定：2 号。"
    )
    assert (await bank.reply("li", "采用 2 财富一群")).split("\n")[0] == (
        "最多采用 20 篇，再多大家读不过来。"
    )
