"""The plan language where its parts meet: what a colleague decides, nights, edits, midnights."""

from dataclasses import replace
from typing import Any

from sop.events import Left
from tests.house import GUIDED, House, content, library_of, opened

TIPS = {
    "list": "tips",
    "title": "小知识",
    "items": [{"id": f"t{one}", "text": f"第 {one} 条"} for one in range(1, 7)],
}


def week(*steps: dict[str, Any], labels: str = "first", **more: Any) -> dict[str, Any]:
    """A plan for Mondays."""
    return {
        "plan": "p",
        "title": "计划",
        "applies_to": {"labels": [labels]},
        "week": {"monday": list(steps)},
        **more,
    }


def edit(house: House, *files: Any) -> None:
    """Saves other files; they run from now on."""
    house.due = replace(house.due, library=library_of(*files))
    house.due.runtime._library = house.due.library


async def test_item_that_the_rm_did_not_send_is_the_next_one_again(database_url: str) -> None:
    """Regression: the group never read it, and it never came again."""
    steps = [content(one, f"1{one}:00", content={"list": "tips"}) for one in "012"]
    library = library_of(week(*steps, labels="guided"), TIPS)
    async with opened(database_url, "11-23 09:00", library) as house:
        await house.until("11-23 10:00")
        assert [one.partition("［")[0] for one in await house.owed()] == [
            "guided: 第 1 条",
            "guided: 客户群｜上面的话术请转发到群里，发完点“已发”。",
        ]
        assert await house.press("chen", f"skip|p/0/2026-11-23/{GUIDED}") == [
            "卡片: 已跳过",
            "chen: 已跳过“小知识”。周报里会用到原因，请补一句：跳过 0 原因",
        ]
        await house.until("11-23 11:00")
        assert (await house.owed())[0] == "guided: 第 1 条"
        await house.press("chen", f"sent|p/1/2026-11-23/{GUIDED}")
        await house.until("11-23 12:00")
        assert (await house.owed())[0] == "guided: 第 2 条"


async def test_announcement_keeps_quiet_hours_and_is_worthless_once_the_step_is_due(
    sqlite_url: str,
) -> None:
    """Regression: it woke the group at 08:00, half an hour before the quiet hours end."""
    dice = {"id": "dice", "at": "08:45", "announce": "45m", "game": {"name": "dice"}}
    library = library_of(week(dice, quiet_hours="21:30-08:30"))
    async with opened(sqlite_url, "11-22 21:00", library) as house:
        await house.until("11-23 08:00")
        assert await house.rows("SELECT quiet_hours, expires_at, order_key FROM outbox") == [
            ("21:30-08:30", "2026-11-23 00:45:00.000000+00:00", "wrFirst/quiet")
        ]


async def test_postponed_step_keeps_its_new_time_whatever_its_file_says_since(
    sqlite_url: str,
) -> None:
    library = library_of(week(content("a", "10:00")))
    async with opened(sqlite_url, "11-23 09:00", library) as house:
        await house.say("li", "推迟 a 2h")
        edit(house, week(content("a", "11:00", content={"text": "改过"})))
        await house.until("11-23 11:30")
        await house.owed()
        await house.until("11-23 18:00")
        assert await house.owed() == ["first: 改过"]
        assert await house.row("p/a/2026-11-23/first") == ("done", "")


async def test_step_moved_after_it_ran_does_not_run_again(sqlite_url: str) -> None:
    library = library_of(week(content("a", "10:00")))
    async with opened(sqlite_url, "11-23 09:00", library) as house:
        await house.until("11-23 10:00")
        edit(
            house,
            week(content("a", "15:00"), overrides={"first": {"steps": {"a": {"at": "16:00"}}}}),
        )
        await house.until("11-23 18:00")
        assert await house.owed() == ["first: 内容 a"]


async def test_override_jitter_and_variants_agree_with_what_a_colleague_postpones(
    database_url: str,
) -> None:
    variants = {name: {"content": {"text": f"版本 {name}"}} for name in ("a", "b")}
    step = {"id": "hook", "at": "10:00", "window": "20m", "variants": variants}
    own = {"first": {"steps": {"hook": {"at": "14:00"}}}}
    library = library_of(week(step, labels="all", jitter="9m", overrides=own))
    async with opened(database_url, "11-23 09:00", library) as house:
        here = library.plans["p"].in_community("first").step("hook")
        assert here is not None
        assert (here.at.hour, here.at.minute % 30 > 0) == (14, True)
        await house.until("11-23 11:00")
        others = [one.partition(":")[0] for one in await house.owed() if "版本" in one]
        assert sorted(others) == ["guided", "second"]
        await house.say("li", "推迟 hook 30m")
        await house.jump("11-23 13:59")
        await house.say("li", "撤销")
        rows = "SELECT due_at, planned_for FROM occurrence WHERE key = 'p/hook/2026-11-23/first'"
        ((due_at, planned_for),) = await house.rows(rows)
        assert due_at == planned_for
        await house.until(f"11-23 {here.at:%H:%M}")
        assert (await house.owed())[-1] == f"first: 版本 {here.variant}"


NEWCOMERS = {
    "plan": "new",
    "title": "新人",
    "applies_to": {"labels": ["first"]},
    "after_join": {
        "1": [{"id": "hello", "at": "10:00", "message": {"text": "您好", "risk_notice": False}}]
    },
}
WRITTEN = "SELECT member, occurrence FROM private_message ORDER BY occurrence, member"


async def test_newcomers_of_the_last_minute_belong_to_their_own_day(database_url: str) -> None:
    async with opened(database_url, "11-23 23:58", library_of(NEWCOMERS)) as house:
        await house.jump("11-23 23:59")
        await house.join("wm1")
        await house.jump("11-24 00:00")
        await house.join("wm2")
        await house.until("11-27 00:00")
        assert await house.rows(WRITTEN) == [
            ("wm1", "new/hello/2026-11-24/first"),
            ("wm2", "new/hello/2026-11-25/first"),
        ]


async def test_newcomer_who_left_is_left_alone_and_begins_anew_on_return(
    database_url: str,
) -> None:
    async with opened(database_url, "11-23 12:00", library_of(NEWCOMERS)) as house:
        await house.join("wm1", "wm2")
        await house.until("11-23 20:00")
        await house.hear(Left(house.clock.now(), "wrFirst", ("wm1",)))
        await house.work()
        await house.until("11-24 20:00")
        await house.join("wm1")
        await house.until("11-28 00:00")
        assert await house.rows(WRITTEN) == [
            ("wm2", "new/hello/2026-11-24/first"),
            ("wm1", "new/hello/2026-11-25/first"),
        ]


async def test_step_sent_by_hand_for_nobody_says_so(sqlite_url: str) -> None:
    """Regression: “正在交给客户经理”, and then nothing ever came."""
    library = library_of(week({"id": "call", "at": "15:00", "follow_up": {"reason": "问候"}}))
    async with opened(sqlite_url, "11-23 12:00", library) as house:
        assert (await house.say("li", "发送 call"))[1:] == [
            "li: “跟进”没有发送：现在没有符合条件的成员。"
        ]
