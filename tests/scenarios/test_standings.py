"""Where members stand, night by night, and segments made of it, through the whole program."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from bot.letters import Origin
from sop.effects import AnswerRight
from sop.segment import Conditions
from tests.house import House, content, library_of, opened

ASLEEP = {"segment": "asleep", "title": "睡着的人", "who": {"lifecycle": ["sleeping"]}}
KEEN = {"tag": "高手", "reason": "答得好", "who": {"answered_right": {"within": "28d"}}}
CLOSE = {
    "tag": "活跃圈",
    "reason": "R 高的人",
    "who": {"rfm": {"r": "4-5"}, "lifecycle": ["newcomer", "established"]},
}
PLAN: dict[str, Any] = {
    "plan": "week",
    "title": "一周",
    "applies_to": {"labels": ["first"]},
    "week": {
        "monday": [content("idle", "9:00")],
        "tuesday": [
            {
                "id": "wake",
                "at": "10:00",
                "title": "唤醒",
                "message": {"text": "好久不见。", "to": {"segment": "asleep"}},
            }
        ],
    },
}
STANDS = (
    "SELECT member, stage, stage_since, r, f, m, value, days, weight FROM standing ORDER BY member"
)
MOVES = "SELECT member, day, what, before, after FROM standing_change ORDER BY id"


@pytest.fixture
async def town(database_url: str) -> AsyncIterator[House]:
    """Sunday evening: 名1 never spoke since 1 October, 名2 spoke today, 名3 is new."""
    library = library_of(PLAN, ASLEEP, KEEN, CLOSE)
    async with opened(database_url, "11-22 20:00", library) as house:
        await house.join("wm1", "wm2", "wm3")
        for one in ("wm1", "wm2", "wm3"):
            await house.write(f"UPDATE member SET name = '名{one[2:]}' WHERE id = '{one}'")
        await house.write(
            "UPDATE membership SET joined_at = '2026-10-01 00:00:00.000000+00:00'"
            " WHERE member IN ('wm1', 'wm2')"
        )
        await house.say("wm2", "大家好")
        await house.owed()
        yield house


async def test_nights_move_members_and_steps_find_them(town: House) -> None:
    await town.until("11-24 04:00")
    assert [tuple(map(str, row)) for row in await town.rows(STANDS)] == [
        ("wm1", "sleeping", "2026-10-16", "1", "1", "1", "sleeping", "0", "0"),
        ("wm2", "established", "2026-11-01", "5", "5", "5", "valuable", "1", "1"),
        ("wm3", "newcomer", "2026-11-22", "1", "1", "1", "potential", "0", "0"),
    ]
    await town.say("wm1", "我回来了")
    await town.owed()
    await town.until("11-24 10:00")
    note, *_ = await town.owed()
    assert note == (
        "li: 💌 **唤醒**　一群\n请私信这 1 位成员（人群“睡着的人”），话术在下面：\n"
        "1. 名1\n> 不想再收私信的成员，请发：标签 名字 勿扰"
    )
    await town.until("12-01 04:00")
    assert [tuple(map(str, row)) for row in await town.rows(MOVES)][6:] == [
        ("wm1", "2026-11-25", "stage", "sleeping", "established"),
        ("wm1", "2026-11-25", "value", "sleeping", "valuable"),
        ("wm2", "2026-11-25", "value", "valuable", "active"),
        ("wm2", "2026-11-30", "stage", "established", "drifting"),
        ("wm2", "2026-11-30", "value", "active", "drifting"),
        ("wm3", "2026-11-30", "stage", "newcomer", "drifting"),
        ("wm3", "2026-11-30", "value", "potential", "drifting"),
    ]


async def test_standing_is_told_with_its_reasons(town: House) -> None:
    await town.until("11-24 04:00")
    found = await town.database.read(lambda tx: town.due.facts(tx).standings.of("first", "wm2"))
    assert found is not None
    assert (found.stage, found.value, found.why) == (
        "established",
        "valuable",
        (
            "入群 54 天（超过 30 天），最近 7 天里来过",
            "最近一次活跃在 2 天前（R5）",
            "28 天里有 1 天活跃（F5）",
            "28 天里参与分 1（M5）",
        ),
    )


async def test_rules_follow_the_same_nights_standing(town: House) -> None:
    origin = Origin("test", town.clock.now())
    right = [AnswerRight("first", "wm2"), AnswerRight("first", "wm2"), AnswerRight("first", "li")]
    await town.database.write(lambda tx: town.due.runtime.apply(tx, right, origin))
    await town.until("11-23 04:00")
    assert await town.rows("SELECT member, n FROM right_answer") == [("wm2", 2)]
    assert await town.rows("SELECT member, tag, reason FROM tag ORDER BY tag") == [
        (
            "wm2",
            "活跃圈",
            "R 高的人：稳定成员：入群 53 天（超过 30 天），最近 7 天里来过；R 是 5（4 至 5），"
            "2026-11-23",
        ),
        ("wm2", "高手", "答得好：28 天里答对 2 题（至少 1 题），2026-11-23"),
    ]


async def test_who_left_stands_nowhere(town: House) -> None:
    await town.until("11-23 04:00")
    await town.write("UPDATE membership SET left_at = joined_at WHERE member = 'wm2'")
    await town.until("11-24 04:00")
    rows = await town.rows("SELECT stage, r, f, m, value FROM standing WHERE member = 'wm2'")
    assert rows == [("left", 0, 0, 0, "")]


async def test_newcomer_of_today_is_one_before_the_first_night(town: House) -> None:
    who = Conditions.model_validate({"lifecycle": ["newcomer"]})
    now = town.clock.now()
    found = await town.database.read(lambda tx: town.due.facts(tx).choose("first", who, now))
    assert [one.id for one in found] == ["wm3"]
