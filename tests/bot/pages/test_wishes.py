"""What members decide about their own data on the page, and what a colleague may not."""

import pytest

from storage import privacy

OUT = (
    "好的，不再统计您的活跃情况，也不再按它给您打标签、挑您发消息。"
    "签到、游戏、抽奖、积分和已经中的奖都不受影响（按活跃情况邀请的抽奖除外）。想恢复，请点下面的“恢复统计”。"
)
BACK = "好的，从现在起重新统计您的活跃情况。以前没有统计的不会补上。"
ASKED = "已登记，管理员会在 15 天内删除，现在起不再统计您。改主意了，请点下面的“撤回删除申请”。"


async def test_opting_out_and_back_in_needs_no_consent(bank) -> None:
    phone = bank.phone()
    await bank.opened(phone, "wm1")
    page = await phone.press(await phone.get("/m/data"), wish="out")
    out = await bank.house.database.read(privacy.opted_out)
    assert (page.path, page.lines[0], out) == (
        "/m/data",
        OUT,
        {"wm1"},
    )
    back = await phone.press(page, wish="in")
    assert (back.lines[0], await bank.house.database.read(privacy.opted_out)) == (
        BACK,
        set(),
    )


async def test_erasure_is_asked_for_with_a_tick_and_taken_back(bank) -> None:
    phone = await bank.member("wm1")
    page = await phone.press(await phone.get("/m/data"), wish="erase")
    assert page.lines[0] == "要删除请先勾选“我确定”。"
    assert await bank.house.database.read(privacy.requests) == []
    asked = await phone.press(page, wish="erase", sure="yes")
    (request,) = await bank.house.database.read(privacy.requests)
    assert (asked.lines[0], request.member) == (ASKED, "wm1")
    kept = await phone.press(asked, wish="keep")
    assert (kept.lines[0], await bank.house.database.read(privacy.requests)) == (
        "好的，不删除了。想恢复统计，请点下面的“恢复统计”。",
        [],
    )


@pytest.mark.parametrize("wish", ["nonsense", "erase", "keep"])
async def test_nonsense_and_half_wishes_change_nothing(bank, wish) -> None:
    phone = await bank.member("wm1")
    key = (await phone.get("/m/data")).field("key")
    page = await phone.post("/m/data", {"key": key, "wish": wish})
    asked = await bank.house.database.read(privacy.requests)
    assert (page.status, asked, await bank.house.database.read(privacy.opted_out)) == (
        200,
        [],
        set(),
    )


async def test_colleagues_have_no_wishes(bank) -> None:
    phone = bank.phone()
    await bank.opened(phone, "chen")
    page = await phone.get("/m/data")
    assert (page.status, [fields for _, fields in page.forms]) == (200, [])
