"""The calendar: nothing lost by a restart, nothing doubled by a second one, nobody harmed by a
failing unit."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.due import LOOK_BACK
from sop.library import Library
from storage import outbox
from tests.house import (
    FESTIVAL,
    HOOK,
    ONE_WEEK,
    POOL,
    House,
    at,
    content,
    dice,
    library_of,
    opened,
)

EVERYWHERE = {**ONE_WEEK, "applies_to": {"labels": ["all"]}}


@pytest.fixture
async def house(sqlite_url: str) -> AsyncIterator[House]:
    """Sunday evening."""
    async with opened(sqlite_url, "11-22 21:00") as one:
        yield one


async def phases(house: House) -> list[tuple[str, str]]:
    rows = await house.rows("SELECT key, status FROM occurrence ORDER BY key")
    return [(key.removeprefix("week/"), status) for key, status in rows]


async def test_first_start_does_not_dig_up_the_past(sqlite_url: str) -> None:
    async with opened(sqlite_url, "11-23 09:10") as house:
        assert await phases(house) == []
        assert house.calendar.last_tick == at("11-23 09:10")


async def test_restart_loses_nothing(sqlite_url: str) -> None:
    async with opened(sqlite_url, "11-23 08:00") as house:
        await house.until("11-23 08:50")
        before = await phases(house)
    async with opened(sqlite_url, "11-23 09:10") as house:
        assert before == [("plain/2026-11-23/first#remind", "done")]
        assert await phases(house) == [("plain/2026-11-23/first", "done"), *before]
        assert [one.partition("\n")[0] for one in await house.owed()] == [
            "li: ⏰ **09:00 内容**　一群",
            "first: 内容 plain",
        ]


async def test_restart_in_the_middle_of_a_game_goes_on_with_it(sqlite_url: str) -> None:
    async with opened(sqlite_url, "11-24 19:29") as house:
        await house.until("11-24 19:30")
        await house.say("wm1", "掷")
    async with opened(sqlite_url, "11-24 20:30") as house:
        assert await house.rows("SELECT status, reason FROM game_session") == [
            ("finished", "时间到")
        ]
        assert await house.rows("SELECT member, amount_fen FROM award") == [("wm1", 500)]


async def test_two_calendars_on_one_database_double_nothing(database_url: str) -> None:
    library = library_of(EVERYWHERE, POOL, FESTIVAL, HOOK)
    async with opened(database_url, "11-23 08:00", library) as house:
        two = house.calendar, house.another_calendar()
        for when in ("11-23 09:00", "11-24 19:30", "11-24 19:40", "11-27 20:00", "11-27 20:30"):
            await house.clock.advance_to(at(when))
            await asyncio.gather(*(one.tick() for one in (*two, *two)))
        owed = await house.database.read(lambda tx: outbox.counts(tx))
        keys = await house.rows("SELECT count(DISTINCT dedup_key) FROM outbox")
        assert keys == [(owed["pending"],)]
        posts = [one.split("\n")[0] for one in await house.owed()]
        for line, times in (
            ("first: 内容 plain", 1),
            ("second: 内容 plain", 1),
            ("first: 🎲 **掷骰子，开始！**", 1),
            ("first: 🎲 本局结束，这次还没有人掷骰子。没关系，下次再一起玩。", 1),
            ("first: **🎁 见面礼**", 1),
            ("first: **🎁 周五节**", 1),
            ("first: **周五节·本期结束**", 1),
        ):
            assert (line, posts.count(line)) == (line, times)
        assert await house.rows("SELECT campaign, count(*) FROM deck GROUP BY 1 ORDER BY 1") == [
            ("festival", 2),
            ("hook", 1),
        ]


async def test_jump_of_a_day_judges_every_step_by_its_own_time(house: House) -> None:
    await house.jump("11-24 10:00")
    assert await phases(house) == [
        ("asking/2026-11-24/first", "asked"),
        ("plain/2026-11-23/first", "skipped"),
        ("plain/2026-11-23/first#remind", "skipped"),
    ]


async def test_steps_older_than_the_look_back_are_not_even_listed(house: House) -> None:
    assert timedelta(days=2) == LOOK_BACK
    await house.jump("11-27 12:00")
    assert [key for key, _ in await phases(house)] == []
    await house.jump("11-29 12:00")
    assert [key for key, _ in await phases(house)] == [
        "draw/2026-11-27/first",
        "draw/2026-11-27/first#announce",
    ]


async def test_clock_that_goes_back_repeats_nothing(sqlite_url: str) -> None:
    async with opened(sqlite_url, "11-23 09:00") as house:
        await house.jump("11-23 09:20")
        done = await phases(house)
    async with opened(sqlite_url, "11-23 08:40") as house:
        await house.until("11-23 09:30")
        assert await phases(house) == done


async def test_failing_unit_harms_no_other(house: House) -> None:
    steps = {"tuesday": [dice("a", "19:30"), content("b", "19:30")]}
    library = library_of({**ONE_WEEK, "week": steps}, POOL)
    house.due = replace(house.due, library=replace(library, pools={}))
    await house.until("11-24 19:29")
    await house.clock.advance_to(at("11-24 19:30"))
    await house.calendar.tick()
    assert await house.owed() == ["first: 内容 b"]
    assert await phases(house) == [
        ("a/2026-11-24/first", "planned"),
        ("b/2026-11-24/first", "done"),
    ]
    # It is tried again: mended in time, it runs.
    house.due = replace(house.due, library=library)
    await house.calendar.tick()
    assert await phases(house) == [("a/2026-11-24/first", "done"), ("b/2026-11-24/first", "done")]


async def test_step_that_left_the_plan_is_skipped_with_the_reason(house: House) -> None:
    await house.jump("11-24 12:00")
    await house.say("li", "推迟 dice 30m", None)
    house.due = replace(house.due, library=Library())
    await house.jump("11-24 20:00")
    assert await house.row("week/dice/2026-11-24/first") == ("skipped", "计划里已没有这一步")


async def test_plan_that_needs_an_unknown_year_rests_and_others_run(sqlite_url: str) -> None:
    shifting = {
        **ONE_WEEK,
        "plan": "shifting",
        "on_holiday": "skip",
        "week": {"monday": [content("careful", "09:00")]},
    }
    library = library_of({**ONE_WEEK, "week": {"monday": [content("plain", "09:00")]}}, shifting)
    async with opened(sqlite_url, "12-27 21:00", library, years=(2026,)) as house:
        await house.until("12-28 09:00")
        assert sorted(await house.owed()) == ["first: 内容 careful", "first: 内容 plain"]
        later = at("12-28 09:00") + timedelta(days=7)
        await house.clock.advance_to(later - timedelta(minutes=1))
        await house.work()
        await house.owed()
        await house.clock.advance_to(later)
        await house.work()
        assert await house.owed() == ["first: 内容 plain"]


async def test_library_without_plans_has_nothing_to_do(sqlite_url: str) -> None:
    async with opened(sqlite_url, "11-23 09:00", Library()) as house:
        assert await house.calendar.next_due() is None
        assert await house.calendar.tick() == 0
        await house.jump("11-24 09:00")
        assert await house.owed() == []


async def test_next_due_is_the_earliest_of_plan_game_deck_and_postponed_step(house: House) -> None:
    assert await house.calendar.next_due() == at("11-23 08:45")
    await house.until("11-24 19:30")
    assert await house.calendar.next_due() == at("11-24 19:35")
    await house.until("11-27 20:00")
    assert await house.calendar.next_due() == at("11-27 20:30")


async def test_next_due_is_a_payable_day_where_no_plan_is(sqlite_url: str) -> None:
    free = {key: value for key, value in HOOK.items() if key != "condition"}
    async with opened(sqlite_url, "11-24 12:00", library_of(free)) as house:
        await house.say("wm1", "抽奖")
        assert await house.rows("SELECT status, payable_on FROM payout") == [("held", "2026-12-01")]
        assert await house.calendar.next_due() == at("12-01 00:00")
        await house.clock.advance_to(at("12-01 00:00"))
        await house.calendar.tick()
        assert await house.rows("SELECT status FROM payout") == [("due",)]
        assert await house.calendar.next_due() is None


async def test_next_due_is_never_before_payouts_are_looked_at_again(sqlite_url: str) -> None:
    free = {key: value for key, value in HOOK.items() if key != "condition"}
    async with opened(sqlite_url, "11-24 12:00", library_of(free)) as house:
        await house.say("wm1", "抽奖")
        await house.clock.advance_to(at("11-30 23:40"))
        await house.calendar.tick()
        assert await house.calendar.next_due() == at("12-01 00:40")


async def test_payouts_mature_on_their_day_and_not_before(house: House) -> None:
    await house.until("11-27 20:00")
    await house.say("wm1", "抽奖")
    await house.until("12-03 23:00")
    assert await house.rows("SELECT status, payable_on FROM payout") == [("held", "2026-12-04")]
    await house.until("12-04 08:00")
    assert await house.rows("SELECT status FROM payout") == [("due",)]


async def test_calendar_wakes_by_itself_and_ends_cleanly(house: House) -> None:
    """APScheduler's alarms, on the machine's clock; what is due is judged by ours."""
    await house.clock.advance_to(at("11-23 09:00"))
    running = asyncio.create_task(house.another_calendar(tick_seconds=0.02).run())
    async with asyncio.timeout(10):
        while await house.row("week/plain/2026-11-23/first") != ("done", ""):
            pass
        await house.clock.advance_to(at("11-24 09:00"))
        while await house.row("week/asking/2026-11-24/first") != ("done", ""):
            pass
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
