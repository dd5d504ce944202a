"""A game in a customer group: its RM reads the course, and gets each piece at its minute."""

from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest

from bot.due import Due
from bot.runtime import Runtime
from bot.settings import PageSettings
from storage.figures.crowd import Crowd
from storage.figures.handed import handed
from storage.figures.scope import Scope
from tests.house import GUIDED, ZONE, House, at, library_of, opened

BANK = {
    "bank": "two",
    "title": "两道谜语",
    "topic": "谜语",
    "questions": [
        {"id": "rain", "ask": "千条线，落水不见。", "answer": "下雨", "hint": "出门要带伞。"},
        {"id": "peanut", "ask": "麻屋子，红帐子。", "answer": "花生", "hint": "长在土里。"},
    ],
}
PLAN = {
    "plan": "week",
    "title": "一周",
    "applies_to": {"labels": ["guided"]},
    "week": {
        "monday": [
            {
                "id": "riddles",
                "at": "19:30",
                "window": "10m",
                "game": {"name": "riddle", "bank": "two", "questions": 2, "seconds": 180},
            }
        ]
    },
}
SECRET = "page-secret-of-at-least-32-characters"


@pytest.fixture
async def house(database_url: str) -> AsyncIterator[House]:
    """One customer group with the member page, before the round of 19:30."""
    async with opened(database_url, "11-23 19:29", library_of(PLAN, BANK)) as one:
        page = PageSettings("https://bank.example", "https://open.example", SECRET)
        places = tuple(replace(each, page=True) for each in one.settings.communities)
        one.settings = replace(one.settings, page=page, communities=places)
        runtime = Runtime(one.settings, one.due.runtime._channels, one.library)
        one.due = Due(one.settings, one.library, one.workdays, runtime)
        await one.join("wm1", "wm2", community=GUIDED)
        yield one


async def begun(house: House) -> list[str]:
    """What the RM has at 19:30."""
    await house.until("11-23 19:30")
    return await house.owed()


async def pieces(house: House) -> list[tuple[Any, ...]]:
    return await house.rows("SELECT id, status FROM game_piece ORDER BY id")


async def test_course_of_the_round_with_link_and_minutes(house: House) -> None:
    script, *_ = await begun(house)
    head, link, _, *lines = script.split("\n")
    assert head == "chen: 🎮 **猜谜语**　客户群　主持稿"
    assert link.startswith("👉 点开成员网页：https://bank.example/m/")
    course = [one for one in lines if one[:2] == "19"]
    assert course[0] == "19:30　开场白（请先发）"
    assert course[1:] == [
        "19:30　第 1/2 题（中等，2 分）　千条线，落水不见。　180 秒，直接发答案",
        "19:31　💡 提示：出门要带伞。",
        "19:32　💡 提示：谜底有 2 个字。",
        "19:33　第 2/2 题（中等，2 分）　麻屋子，红帐子。　180 秒，直接发答案",
        "19:34　💡 提示：长在土里。",
        "19:35　💡 提示：谜底有 2 个字。",
        "19:36　收尾：公布结果",
    ]


async def test_opening_goes_its_usual_way_and_the_question_is_a_piece(house: House) -> None:
    _, opening, asked, question, card = await begun(house)
    assert opening.startswith("guided: 🏮 两道谜语")
    assert "［已发 sent|week/riddles/2026-11-23/guided］" in asked
    assert question.startswith("guided: 第 1/2 题（中等，2 分）\n千条线，落水不见。")
    assert card == (
        "chen: 猜谜语·第 1 段｜请把上面的话转发到“客户群”，19:31 前发才有用。"
        "［已发 piece|sent|1］［跳过 piece|skipped|1］"
    )


async def test_each_piece_comes_at_its_minute_and_what_is_too_short_with_the_next(
    house: House,
) -> None:
    await begun(house)
    await house.until("11-23 19:32")
    hints = [one.split("\n\n") for one in await house.owed() if one.startswith("guided")]
    assert [one for one, _ in hints] == [
        "guided: 💡 提示：出门要带伞。",
        "guided: 💡 提示：谜底有 2 个字。",
    ]
    assert all(
        link.startswith("👉 点开成员网页来玩（群里发的消息我听不到）：https://bank.example/m/")
        for _, link in hints
    )
    await house.until("11-23 19:34")
    texts = [one for one in await house.owed() if one.startswith("guided")]
    assert [one.split("\n")[0] for one in texts] == ["guided: ✅ 答案：下雨"]
    assert "第 2/2 题（中等，2 分）" in texts[0]
    assert "出门要带伞" not in texts[0]


async def test_end_is_one_piece_with_the_answer(house: House) -> None:
    await begun(house)
    await house.until("11-23 19:45")
    *_, closing, card = await house.owed()
    assert closing.startswith("guided: ✅ 答案：花生")
    assert closing.endswith("🏁 两道谜语，结束！\n这次还没有人作答，下次再来。")
    assert "第 7 段" in card
    assert "21:36 前发才有用" in card


async def test_late_piece_is_dropped_by_the_outbox(house: House) -> None:
    await begun(house)
    await house.jump("11-23 19:31")
    rows = await house.rows(
        "SELECT channel, expires_at FROM outbox WHERE dedup_key LIKE 'piece/2%' ORDER BY id"
    )
    assert [channel for channel, _ in rows] == ["assist", "app_message"]
    assert {str(when)[:16].replace("T", " ") for _, when in rows} == {"2026-11-23 11:32"}


async def test_rm_says_what_became_of_a_piece_once(house: House) -> None:
    await begun(house)
    assert await house.press("chen", "piece|sent|1") == ["卡片: 已发"]
    assert await house.press("chen", "piece|skipped|1") == ["卡片: 已确认过"]
    assert await house.press("li", "piece|sent|1") == ["卡片: 您没有权限"]
    assert await house.press("chen", "piece|sent|99") == ["卡片: 按钮已失效"]
    assert await pieces(house) == [(1, "sent")]


async def test_round_that_the_rm_begins_hands_over_its_opening(house: House) -> None:
    said = await house.say("chen", "开局 猜谜语 客户群 bank=two questions=2", None)
    script, opening, card, *_ = said
    assert script.startswith("chen: 🎮 **猜谜语**")
    assert opening.startswith("guided: 🏮 两道谜语")
    assert "第 1/2 题" in opening
    assert card.startswith("chen: 猜谜语·第 1 段｜")


async def test_summary_counts_pieces_as_they_are(house: House) -> None:
    await begun(house)
    await house.press("chen", "piece|sent|1")
    await house.until("11-23 19:31")
    await house.press("chen", "piece|skipped|2")
    await house.until("11-23 19:32")
    await house.until("11-23 19:45")
    await house.press("chen", "piece|sent|3")
    monday = at("11-23 00:00").astimezone(ZONE).date()
    (one,) = await house.database.read(
        lambda tx: handed(
            Scope(tx, (GUIDED,), monday, ZONE, ("chen",)),
            Crowd(tx, (GUIDED,), monday, ZONE, ("chen",)),
        )
    )
    assert (one.pieces, one.pieces_sent, one.pieces_on_time, one.pieces_skipped) == (7, 2, 1, 1)
