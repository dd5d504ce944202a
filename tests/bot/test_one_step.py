"""One step read back from a house that lived two weeks, on both databases."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from bot.one_step import outcome, read_step, who_took_part
from bot.summaries import scope_of
from sop.summary.one_step import TAKEN, Counts, Part, StepView
from storage.figures.one_step import Run
from storage.figures.work import Ran
from tests.house import (
    FESTIVAL,
    FIRST,
    GUIDED,
    POOL,
    SECOND,
    ZONE,
    House,
    at,
    content,
    dice,
    library_of,
    opened,
)

MONDAY = date(2026, 11, 23)
VOTE = {
    "subject": "下期想听什么",
    "text": "下期讲座由大家定。",
    "options": ["养老金", "反诈"],
    "open_for": "2h",
}
PLAN: dict[str, Any] = {
    "plan": "week",
    "title": "一周",
    "applies_to": {"labels": ["all"]},
    "week": {
        "monday": [content("brief", "09:00", window="30m")],
        "tuesday": [dice("dice", "19:30")],
        "wednesday": [{"id": "vote", "at": "10:00", "vote": VOTE}],
        "friday": [
            {
                "id": "draw",
                "at": "20:00",
                "window": "15m",
                "draw": {"campaign": "festival", "open_for": "30m"},
            }
        ],
    },
}


async def live(house: House) -> None:
    """Two weeks: in the first one nobody but wm1 plays; in the second one a start after a rest
    misses the game of two communities."""
    await house.join("wm1", "wm2", "wm3")
    await house.join("wm4", "wm1", community=SECOND)
    await house.join("wm5", community=GUIDED)
    await house.until("11-17 19:31")
    await house.say("wm1", "掷")
    await house.until("11-24 19:31")
    for member in ("wm1", "wm2", "li"):
        await house.say(member, "掷")
    await house.until("11-25 10:05")
    await house.say("wm1", "投票 1")
    await house.until("11-27 20:05")
    for member, place in (("wm1", FIRST), ("wm2", FIRST), ("wm4", SECOND)):
        await house.say(member, "抽奖", place)
    await house.until("11-30 09:00")


async def view(house: House, scope: str, step: str, monday: date = MONDAY) -> StepView | None:
    found = scope_of(house.settings, scope)
    assert found is not None
    library, now = house.due.library, house.clock.now()
    return await house.database.read(
        lambda tx: read_step(tx, house.settings, library, found, monday, ("week", step), now)
    )


async def lists(house: House, scope: str, step: str) -> dict[str, list[str]]:
    """Every list of the week that is not empty."""
    found = scope_of(house.settings, scope)
    assert found is not None
    library, now = house.due.library, house.clock.now()
    every = {
        which: await house.database.read(
            lambda tx, which=which: who_took_part(  # type: ignore[misc]
                tx, house.settings, library, found, MONDAY, ("week", step), which, now
            )
        )
        for which in TAKEN
    }
    return {which: sorted(who) for which, who in every.items() if who}


async def test_steps_of_two_weeks(database_url: str) -> None:
    library = library_of(PLAN, {**POOL, "budget": "100.00"}, FESTIVAL)
    async with opened(database_url, "11-16 08:00", library) as house:
        await live(house)
        game = await view(house, "all", "dice")
        assert game is not None
        unheard = (
            "跳过：“掷骰子”没有开局：“客户群”里机器人听不到成员说话，主持不了游戏；请按主持稿…"
        )
        assert game == StepView(
            "week",
            "dice",
            "掷骰子",
            "一周",
            MONDAY,
            "全部社群",
            (
                (MONDAY, Counts(2, 2, 2, 1, 0, 0, 2, 0, 4, {"played": 2, "paid": 0})),
                (date(2026, 11, 16), Counts(2, 2, 2, 1, 0, 0, 2, 0, 4, {"played": 1, "paid": 0})),
            ),
            (
                Part("李静", Counts(1, 1, 1, 0, 0, 0, 1, 0, 3, {"played": 2, "paid": 0}), "rm:li"),
                Part("陈明", Counts(1, 1, 1, 1, 0, 0, 1, 0, 2, {"played": 0}), "rm:chen"),
            ),
            (
                Part(
                    "一群",
                    Counts(1, 1, 1, 0, 0, 0, 1, 0, 3, {"played": 2, "paid": 0}),
                    "community:first",
                    "李静",
                    outcome="19:30 准时",
                ),
                Part(
                    "二群",
                    Counts(1, 1, 1, 0, 0, 0, 1, 0, 2, {"played": 0}),
                    "community:second",
                    "陈明",
                    outcome="19:30 准时",
                ),
                Part("客户群", Counts(cancelled=1), "community:guided", "陈明", outcome=unheard),
            ),
        )
        assert await lists(house, "all", "dice") == {"played": ["wm1", "wm2"]}
        draw = await view(house, "community:second", "draw")
        assert draw is not None
        assert draw.weeks[0][1] == Counts(1, 1, 1, 0, 0, 0, 1, 0, 2, {"drew": 1, "paid": 0})
        assert draw.runs == (
            Part("", draw.weeks[0][1], day=date(2026, 11, 27), outcome="20:00 准时"),
        )
        assert await lists(house, "all", "draw") == {"drew": ["wm1", "wm2", "wm4"]}
        assert await lists(house, "community:second", "draw") == {"drew": ["wm4"]}
        vote = await view(house, "rm:li", "vote")
        assert vote is not None
        assert vote.now == Counts(1, 1, 1, 0, 0, 0, 1, 0, 3, {"answered": 1})
        handed = await view(house, "community:guided", "brief")
        assert handed is not None
        assert handed.now == Counts(1, 1, 1, 0, 1, 0, 0, 0, 1)
        assert [one.outcome for one in handed.runs] == ["已提醒，客户经理还没有确认"]
        await house.write("UPDATE payout SET status = 'paid'")
        assert await lists(house, "all", "draw") == {
            "drew": ["wm1", "wm2", "wm4"],
            "paid": ["wm1", "wm2", "wm4"],
        }
        assert await view(house, "all", "nothing") is None
        early = await view(house, "all", "dice", date(2026, 11, 9))
        assert early is not None
        assert early.weeks == ((date(2026, 11, 9), Counts()),)


TUESDAY = date(2026, 11, 24)
DONE = Run(
    "week/dice/2026-11-24/first",
    Ran("week", "dice", TUESDAY, "first", True, True, True, False, False),
    "done",
    "",
    at("11-24 19:30"),
    at("11-24 19:30"),
    None,
    None,
    None,
    None,
)
LATE = replace(DONE.ran, on_time=False)
MISSED = replace(DONE.ran, executed=False, on_time=False)
OFF = replace(MISSED, due=False)


@pytest.mark.parametrize(
    ("run", "told"),
    [
        (DONE, "19:30 准时"),
        (replace(DONE, ran=LATE, ran_at=at("11-24 19:53")), "19:53 晚 23 分钟"),
        (replace(DONE, ran=LATE, ran_at=at("11-25 08:31")), "11-25 08:31 晚 13 小时 1 分"),
        (replace(DONE, ran=MISSED, status="skipped", reason="错过了。"), "没有执行：错过了"),
        (replace(DONE, ran=MISSED, status="asked", reason="晚了"), "晚了，等客户经理决定"),
        (replace(DONE, ran=MISSED, status="failed"), "没有执行"),
        (replace(DONE, ran=OFF, status="skipped", reason="下雨 <b>"), "跳过：下雨 b"),
        (
            replace(DONE, task="sent", task_on_time=True, sent_at=at("11-24 19:42")),
            "19:42 客户经理按时发出",
        ),
        (
            replace(DONE, task="sent", task_on_time=False, sent_at=at("11-24 21:00")),
            "21:00 客户经理晚发",
        ),
        (replace(DONE, task="open"), "已提醒，客户经理还没有确认"),
        (replace(DONE, task="waiting"), "正在交给客户经理"),
        (replace(DONE, task="capped"), "到了企业微信的群发上限，没有发出"),
        (replace(DONE, task="skipped"), "客户经理跳过"),
        (replace(DONE, task="expired"), "一直没有确认，已撤回"),
        (replace(DONE, task="cancelled"), "已取消"),
        (replace(DONE, task="failed"), "没有发出"),
    ],
)
def test_outcome_in_words(run: Run, told: str) -> None:
    assert outcome(run, ZONE) == told


def test_reason_is_cut() -> None:
    run = replace(DONE, ran=OFF, status="skipped", reason="长" * 99)
    assert outcome(run, ZONE) == f"跳过：{'长' * 39}…"
