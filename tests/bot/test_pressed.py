"""Buttons of cards: who may press them, what they do, and what a second press does."""

from collections.abc import AsyncIterator

import pytest

from tests.house import ONE_WEEK, House, content, library_of, opened

ASKING = "week/asking/2026-11-24/first"
HANDED = "week/script/2026-11-24/guided"


@pytest.fixture
async def house(sqlite_url: str) -> AsyncIterator[House]:
    """Tuesday 10:00: the step of 09:00 was missed and its RM has been asked."""
    async with opened(sqlite_url, "11-23 12:00") as one:
        await one.jump("11-24 10:00")
        await one.owed()
        yield one


@pytest.fixture
async def guided(sqlite_url: str) -> AsyncIterator[House]:
    """Tuesday 09:00: the owner of the customer group has been handed a script."""
    plan = {**ONE_WEEK, "applies_to": {"labels": ["guided"]}}
    plan["week"] = {"tuesday": [content("script", "09:00")]}
    async with opened(sqlite_url, "11-24 08:59", library_of(plan)) as one:
        await one.until("11-24 09:00")
        yield one


async def audited(house: House) -> list[tuple[object, ...]]:
    return await house.rows("SELECT actor, action, subject, detail FROM audit ORDER BY id")


@pytest.mark.parametrize(
    ("who", "key"),
    [
        ("stranger", f"run|{ASKING}"),
        ("wmMember", f"run|{ASKING}"),
        ("chen", f"run|{ASKING}"),
        ("chen", f"skip|{ASKING}"),
        ("li", "run|week/plain/2026-11-23/second"),
        ("li", "run"),
        ("li", ""),
    ],
)
async def test_button_of_somebody_else_does_nothing(house: House, who: str, key: str) -> None:
    assert await house.press(who, key) == ["卡片: 您没有权限"]
    assert await audited(house) == []
    assert (await house.row(ASKING))[0] == "asked"  # type: ignore[index]


@pytest.mark.parametrize(
    ("key", "answer"),
    [
        ("run|week/gone/2026-11-24/first", "这一步已经不在了"),
        (f"dance|{ASKING}", "按钮已失效"),
    ],
)
async def test_button_without_a_meaning(house: House, key: str, answer: str) -> None:
    assert await house.press("li", key) == [f"卡片: {answer}"]
    assert await audited(house) == []


async def test_run_twice_sends_once(house: House) -> None:
    assert await house.press("li", f"run|{ASKING}") == ["first: 内容 asking", "卡片: 正在发送"]
    assert await house.press("li", f"run|{ASKING}") == ["卡片: 已经发过了"]
    assert await house.press("li", f"skip|{ASKING}") == ["卡片: 已经发过了"]
    assert await audited(house) == [("li", "补发", ASKING, "")]
    assert await house.row(ASKING) == ("done", "人工发送")


async def test_skip_twice_is_one_deed(house: House) -> None:
    answers = [await house.press("li", f"skip|{ASKING}") for _ in range(2)]
    assert answers == [["卡片: 已跳过"], ["卡片: 已跳过"]]
    assert await audited(house) == [("li", "跳过", ASKING, "卡片按钮")]
    assert await house.row(ASKING) == ("skipped", "客户经理选择跳过")


async def test_manager_may_answer_for_the_rm(house: House) -> None:
    assert await house.press("wang", f"skip|{ASKING}") == ["卡片: 已跳过"]
    assert await audited(house) == [("wang", "跳过", ASKING, "卡片按钮")]


async def test_script_is_handed_over_with_its_buttons(guided: House) -> None:
    (script,) = [one for one in await guided.owed() if "［" in one]
    assert script.endswith(f"［已发 sent|{HANDED}］［跳过 skip|{HANDED}］［推迟 later|{HANDED}］")


async def test_sent_counts_once(guided: House) -> None:
    await guided.owed()
    assert await guided.press("chen", f"sent|{HANDED}") == ["卡片: 已发，谢谢"]
    assert await guided.press("chen", f"sent|{HANDED}") == ["卡片: 已确认过"]
    assert await guided.press("chen", f"skip|{HANDED}") == ["卡片: 已经发过了"]
    assert await audited(guided) == [("chen", "确认已发", HANDED, "")]
    assert await guided.rows("SELECT confirmed_by FROM occurrence WHERE phase = 'run'") == [
        ("chen",)
    ]


async def test_handed_script_can_be_decided_against(guided: House) -> None:
    await guided.owed()
    assert sorted(await guided.press("chen", f"skip|{HANDED}")) == [
        "chen: 已跳过“内容”。周报里会用到原因，请补一句：跳过 script 原因",
        "卡片: 已跳过",
    ]
    assert await guided.row(HANDED) == ("skipped", "客户经理选择跳过")


async def test_later_asks_again_in_half_an_hour_without_the_script(guided: House) -> None:
    await guided.owed()
    settled, again = sorted(await guided.press("chen", f"later|{HANDED}"))[::-1]
    assert settled == "卡片: 30 分钟后再提醒"
    assert again == (
        "chen: 您说稍后再发｜客户群的话术在上面，发到群里后点“已发”。"
        f"［已发 sent|{HANDED}］［跳过 skip|{HANDED}］［推迟 later|{HANDED}］"
    )
    waits = "SELECT created_at, not_before FROM outbox ORDER BY id DESC LIMIT 2"
    rows = {
        (str(created)[:16], str(not_before)[:16])
        for created, not_before in await guided.rows(waits)
    }
    assert rows == {
        ("2026-11-24 01:00", "2026-11-24 01:00"),
        ("2026-11-24 01:00", "2026-11-24 01:30"),
    }
