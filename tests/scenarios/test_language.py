"""The plan language in a running house: scripts, lists, newcomers, variants, ceilings, stamps."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

from sop.sheet import content_hash
from storage import reviews
from tests.house import FIRST, GUIDED, SECOND, House, content, library_of, opened

SCRIPT = {
    "script": "hello",
    "title": "问好",
    "variables": {"hall": "一楼大厅"},
    "text": "{{ community.name }}，请到{{ hall }}。",
}
LIST = {
    "list": "tips",
    "title": "小知识",
    "items": [{"id": f"t{one}", "text": f"第 {one} 条"} for one in range(1, 5)],
}


def plan(steps: list[dict[str, Any]], **more: Any) -> dict[str, Any]:
    """A plan for every community that has its steps each weekday."""
    days = ("monday", "tuesday", "wednesday", "thursday", "friday")
    week = {day: [{**one, "id": f"{day[:3]}-{one['id']}"} for one in steps] for day in days}
    return {"plan": "p", "title": "计划", "applies_to": {"labels": ["first"]}, "week": week, **more}


@asynccontextmanager
async def house_with(url: str, *files: Any, **changes: Any) -> AsyncIterator[House]:
    """A house on Sunday evening whose first community is changed like this."""
    async with opened(url, "11-22 21:00", library_of(*files)) as house:
        first, *others = house.settings.communities
        changed = replace(house.settings, communities=(replace(first, **changes), *others))
        house.settings = changed
        house.due = replace(house.due, settings=changed)
        await house.work()
        yield house


async def test_one_script_serves_several_steps(sqlite_url: str) -> None:
    steps = [
        {"id": "a", "at": "09:00", "content": {"script": "hello"}},
        {"id": "b", "at": "10:00", "content": {"script": "hello"}},
    ]
    async with house_with(sqlite_url, plan(steps), SCRIPT) as house:
        await house.until("11-23 10:00")
        assert await house.owed() == ["first: 一群，请到一楼大厅。"] * 2


async def test_list_gives_the_next_item_until_it_is_used_up(sqlite_url: str) -> None:
    step = {"id": "tip", "at": "09:00", "content": {"list": "tips"}}
    async with house_with(sqlite_url, plan([step]), LIST) as house:
        await house.until("11-27 09:00")
        assert [one for one in await house.owed() if not one.startswith("wang")] == [
            "first: 第 1 条",
            "first: 第 2 条",
            "first: 第 3 条",
            "first: 第 4 条",
            "li: 内容清单“小知识”在“一群”已经全部发过，请运营在 tips 里补充新条目。",
        ]
        assert await house.row("p/fri-tip/2026-11-27/first") == (
            "skipped",
            "内容清单“小知识”在“一群”已经全部发过，请运营在 tips 里补充新条目。",
        )


async def test_monthly_ceiling_skips_the_rest_of_the_month(sqlite_url: str) -> None:
    steps = [content("a", "09:00")]
    async with house_with(sqlite_url, plan(steps), monthly_ceiling=2) as house:
        await house.until("12-01 09:00")
        assert await house.owed() == [
            "first: 内容 a",
            "first: 内容 a",
            *(
                f"li: ⏭ 一群 09:00 的“内容”没有发送：本群本月已收到 2 条群发，到了上限。\n"
                f"> 仍要发送：发送 {day}-a"
                for day in ("wed", "thu", "fri", "mon")
            ),
            "first: 内容 a",
        ]


async def test_step_without_a_stamp_is_not_sent_and_all_are_told_before(sqlite_url: str) -> None:
    steps = [content("a", "09:00", remind="15m")]
    async with house_with(sqlite_url, plan(steps), review=True) as house:
        await house.until("11-23 09:00")
        assert await house.owed() == [
            "li: ⚠️ 接下来有 1 步还没有审核章，到点不会发送：\n"
            "周一 11 月 23 日 09:00 “内容”（p/mon-a）：一群\n"
            "> config.yaml 里还没有合规审核（roles: [reviewer]），请管理员先加上。",
            "li: ⚠️ 一群 09:00 的“内容”还没有审核章，到点不会发送。",
            "li: ⏭ 一群 09:00 的“内容”没有发送：还没有审核章。\n> 合规审核盖章以后可发：发送 mon-a",
        ]
        assert await house.row("p/mon-a/2026-11-23/first") == ("skipped", "还没有审核章")
        # Regression: it was called sent, and then sending it by hand was suggested once more.
        assert await house.say("li", "发送 mon-a") == [
            "回答: 今天 09:00 的“内容”还没有审核章，不能发送。\n"
            "> config.yaml 里还没有合规审核（roles: [reviewer]），请管理员先加上。"
        ]


async def test_stamped_step_is_sent_and_an_edit_voids_the_stamp(sqlite_url: str) -> None:
    steps = [content("a", "09:00")]
    async with house_with(sqlite_url, plan(steps), review=True) as house:
        for day in ("mon", "tue"):
            await stamp(house, f"{day}-a")
        await house.until("11-23 09:00")
        assert (await house.owed())[-1] == "first: 内容 a"
        edited = library_of(plan([content("a", "09:00", content={"text": "改过的内容"})]))
        house.due = replace(house.due, library=edited)
        await house.until("11-24 09:00")
        assert await house.row("p/tue-a/2026-11-24/first") == ("skipped", "还没有审核章")


async def stamp(house: House, step_id: str) -> None:
    """A reviewer approved the step as it is in the library."""
    week = house.due.library.plans["p"]
    step = week.step(step_id)
    assert step is not None
    code = content_hash(week, step, house.due.library)
    given = {"plan": "p", "step": step_id, "hash": code, "sheet": "", "by": "x", "note": ""}
    await house.database.write(lambda tx: reviews.stamp(tx, **given, now=house.clock.now()))


async def test_variant_of_each_community_is_sent_there(sqlite_url: str) -> None:
    variants = {name: {"content": {"text": f"版本 {name}"}} for name in ("a", "b")}
    week = {
        "plan": "ab",
        "title": "试一试",
        "applies_to": {"labels": ["all"]},
        "week": {"monday": [{"id": "hook", "at": "09:00", "variants": variants}]},
    }
    async with opened(sqlite_url, "11-22 21:00", library_of(week)) as house:
        await house.until("11-23 09:00")
        found = {one.partition(": ")[0]: one.partition("版本 ")[2] for one in await house.owed()}
        chosen = {
            community: step.variant
            for community in (FIRST, SECOND, GUIDED)
            if (step := house.library.plans["ab"].in_community(community).step("hook"))
        }
        assert {name: found[name] for name in (FIRST, SECOND)} == {
            name: chosen[name] for name in (FIRST, SECOND)
        }


async def test_newcomers_step_comes_only_for_newcomers(sqlite_url: str) -> None:
    newcomers = {
        "plan": "new",
        "title": "新人",
        "applies_to": {"labels": ["first"]},
        "after_join": {"1": [{"id": "hello", "at": "10:00", "follow_up": {"reason": "打个招呼"}}]},
    }
    async with opened(sqlite_url, "11-22 21:00", library_of(newcomers)) as house:
        await house.until("11-23 15:00")
        await house.join("wm1", "wm2")
        await house.until("11-24 09:00")
        await house.hear()
        await house.until("11-26 12:00")
        rows = await house.rows("SELECT key, status FROM occurrence ORDER BY key")
        assert rows == [("new/hello/2026-11-24/first", "done")]
        due = await house.rows("SELECT member FROM follow_up ORDER BY member")
        assert due == [("wm1",), ("wm2",)]


async def test_waiver_is_written_into_the_audit_once(sqlite_url: str) -> None:
    waive = [{"rule": "absolute.statutory", "reason": "引用监管文件的原文，合规部已书面同意"}]
    steps = [content("a", "09:00", content={"text": "全网最低"}, waive=waive)]
    async with house_with(sqlite_url, plan(steps)) as house:
        house.due = replace(house.due, library=replace(house.due.library))  # read again
        await house.until("11-24 10:00")
        rows = await house.rows("SELECT actor, action, detail FROM audit WHERE action = '合规豁免'")
        assert rows == [("library", "合规豁免", "引用监管文件的原文，合规部已书面同意")]
