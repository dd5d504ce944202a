"""Draws among entrants: entering once, the frozen list, the public value, the winners."""

import json
from collections.abc import AsyncIterator, Mapping
from dataclasses import replace
from typing import Any

import pytest

from sop.community import Role
from sop.draws.entrants import entrants_hash, order
from tests.house import FESTIVAL, ONE_WEEK, SECOND, House, library_of, opened

VALUE = "2026-11-27 双色球第 2026136 期红球"
BIG: Mapping[str, Any] = {
    **FESTIVAL,
    "title": "年终大奖",
    "mode": "entrants",
    "public_value": VALUE,
    "keyword": "报名",
    "rules": [*FESTIVAL["rules"], "名单封存后不再增减。"],
}


def library(**more: Any) -> Any:
    return library_of(ONE_WEEK, {"pool": "small", "title": "小奖池", "budget": "20.00"}, BIG | more)


@pytest.fixture
async def house(sqlite_url: str) -> AsyncIterator[House]:
    """Friday evening, entering has just begun; the manager is an operator too."""
    async with opened(sqlite_url, "11-27 19:59", library()) as one:
        colleague = replace(one.settings.staff["wang"], roles=frozenset({Role.OPERATOR}))
        staff = {**one.settings.staff, "wang": colleague}
        one.due = replace(one.due, settings=replace(one.settings, staff=staff))
        await one.until("11-27 20:00")
        yield one


async def enter(house: House, *members: str) -> None:
    await house.owed()
    for member in members:
        (answer,) = await house.say(member, "报名")
        assert answer.startswith("回答: ✅ 已报名")


async def codes(house: House) -> dict[str, str]:
    """Member by code."""
    rows = await house.rows("SELECT code, member FROM entrant")
    return {str(code): str(member) for code, member in rows}


async def decide(house: House, value: str) -> None:
    await house.say("wang", f"开奖 festival {value}", None)
    await house.say("wang", f"开奖 festival {value} 确认", None)


async def test_notice_says_how_it_will_be_decided(house: House) -> None:
    (notice,) = await house.owed()
    ((commitment,),) = await house.rows("SELECT commitment FROM deck")
    assert notice == (
        "first: **🎁 年终大奖**\n"
        "周五节来了。\n"
        "\n"
        "**怎么报名**　20:30 截止，发“@群运 报名”，每人一次。\n"
        f"**怎么开奖**　截止后公布名单的指纹，再用“{VALUE}”和事先封存的种子排出中奖顺序，"
        "按顺序发完为止。\n"
        "**谁参加**　群成员；本行及合作方工作人员不参加\n"
        "**奖池**　共 3 份，中奖率＝份数÷报名人数：大红包 8.88 元 ×1、小红包 1.88 元 ×2\n"
        "**发奖**　中奖后第 5 个工作日发放，发“@群运 我的奖品”可查\n"
        "**主办方**　示例银行\n"
        "1. 群成员均可参加，每人一次。\n"
        "2. 以微信红包发放，逾期未领取视为放弃。\n"
        "3. 有疑问请私信客户经理。\n"
        "4. 名单封存后不再增减。\n"
        f"> 公平承诺 `{commitment}`\n"
        "> 种子已经封存，开奖时公布，任何人都能验证。"
    )


async def test_member_enters_once_and_hears_the_place(house: House) -> None:
    await house.owed()
    (first,) = await house.say("wm1", "报名")
    (second,) = await house.say("wm2", "报名")
    (again,) = await house.say("wm1", "报名")
    by_member = {member: code for code, member in (await codes(house)).items()}
    assert first == (
        "回答: ✅ 已报名“年终大奖”，您是第 1 位。\n"
        f"> 20:30 截止，用“{VALUE}”开奖　凭证 `{by_member['wm1']}`"
    )
    assert second.startswith("回答: ✅ 已报名“年终大奖”，您是第 2 位。\n")
    assert again == f"回答: 您已经报名“年终大奖”了，凭证 {by_member['wm1']}，等开奖就好。"
    assert await house.rows("SELECT count(*) FROM award") == [(0,)]


async def test_round_goes_from_entering_to_winners(house: House) -> None:
    members = [f"wm{number}" for number in range(5)]
    await enter(house, *members)
    await house.write("UPDATE member SET name = '赵' || id")
    await house.owed()
    await house.until("11-27 20:30")
    by_code = await codes(house)
    frozen, asked = await house.owed()
    assert asked == (
        f"wang: “年终大奖”报名截止，共 5 人。“{VALUE}”公布后请发：\n> 开奖 festival 公开值"
    )
    assert frozen == (
        "first: **年终大奖·报名截止**\n"
        "共 5 位群友报名，名单已经封存。\n"
        f"> 名单指纹 `{entrants_hash(list(by_code))}`\n"
        f"> 等“{VALUE}”公布后开奖，谁也改不了。"
    )
    assert await house.say("wm9", "报名") == [
        f"回答: “年终大奖”的报名已经截止，等“{VALUE}”公布后开奖。"
    ]
    await house.jump("11-27 21:20")
    (check,) = await house.say("wang", "开奖 年终大奖 03 09 12 20 25 31", None)
    assert check == (
        "wang: 开奖不能撤销，请核对：\n"
        "“年终大奖”5 人报名，奖品 3 份\n"
        f"事先说定：{VALUE}\n"
        "公开值：3 9 12 20 25 31（去掉了前面的零，按大小排列）\n"
        "没有错的话请发：\n"
        "> 开奖 festival 3 9 12 20 25 31 确认"
    )
    (other,) = await house.say("wang", "开奖 festival 03 09 12 20 25 32 确认", None)
    assert other == check.replace(" 31", " 32")
    assert await house.rows("SELECT count(*) FROM draw") == [(0,)]
    told = await house.say("wang", "开奖 festival 03 09 12 20 25 31 确认", None)
    ((seed, commitment, head),) = await house.rows("SELECT seed, commitment, head FROM deck")
    won = order(bytes.fromhex(seed), list(by_code), "3 9 12 20 25 31")[:3]
    cards = await house.rows("SELECT prize, amount_fen FROM card ORDER BY position")
    lines = [
        f"{place}. 赵＊＊（…{code[-4:]}）　{prize} {fen / 100:.2f} 元"
        for place, (code, (prize, fen)) in enumerate(zip(won, cards, strict=True), start=1)
    ]
    closing = "\n".join(
        [
            "first: **年终大奖·本期结束**",
            "公开值：3 9 12 20 25 31",
            "5 位群友报名，3 位中奖：",
            *lines,
            f"> 种子 `{seed}`",
            f"> 承诺值 `{commitment}`",
            f"> 日志末尾 `{head}`",
            "> 用种子、名单指纹和公开值，可以重排出同样的中奖顺序。",
        ]
    )
    done = "wang: 🎉 “年终大奖”已开奖，名单已发到群里。\n> 开奖不能撤销。"
    assert sorted(told) == sorted([closing, done])
    assert await house.rows("SELECT member FROM draw ORDER BY position") == [
        (by_code[code],) for code in won
    ]
    log = [json.loads(one) for (one,) in await house.rows("SELECT entry FROM deck_log")]
    assert [one["type"] for one in log] == ["freeze", "decide", "draw", "draw", "draw", "close"]
    assert await house.rows("SELECT committed_fen FROM budget") == [(1264,)]
    assert await house.say("wm9", "报名") == ["回答: 现在没有可以报名的抽奖，请留意群里的预告。"]
    again = await house.say("wang", "开奖 festival 03 09 12 20 25 31 确认", None)
    assert again[0].startswith("wang: 没有等着开奖的“festival”。")


async def test_value_is_not_taken_before_the_day_that_the_rules_name(sqlite_url: str) -> None:
    value = "2026-11-28 双色球第 2026137 期红球"
    async with opened(sqlite_url, "11-27 19:59", library(public_value=value)) as house:
        await house.until("11-27 20:00")
        await enter(house, "wm1")
        await house.until("11-27 20:30")
        early = f"wang: “{value}”要到 11 月 28 日才公布，公布以后才能开奖。"
        await house.owed()
        assert await house.say("wang", "开奖 festival 7", None) == [early]
        assert await house.say("wang", "开奖 festival 7 确认", None) == [early]
        assert await house.rows("SELECT count(*) FROM draw") == [(0,)]
        await house.jump("11-28 21:40")
        await decide(house, "7")
        assert await house.rows("SELECT member FROM draw") == [("wm1",)]


async def test_winners_that_are_posted_in_the_morning_are_announced_for_then(
    sqlite_url: str,
) -> None:
    long = {**BIG, "round": "standing", "starts": "2026-11-20", "ends": "2026-11-27"}
    async with opened(sqlite_url, "11-27 19:59", library_of(long)) as house:
        await enter(house, "wm1")
        await house.until("11-28 22:00")
        await house.owed()
        await house.say("wang", "开奖 festival 7", None)
        told = await house.say("wang", "开奖 festival 7 确认", None)
        assert told[-1] == (
            "wang: 🎉 “年终大奖”已开奖，名单会在 明天 08:30 发到群里（现在是免打扰时间）。\n"
            "> 开奖不能撤销。"
        )


async def test_fewer_entrants_than_cards_all_win_and_the_rest_returns(house: House) -> None:
    await enter(house, "wm1")
    await house.until("11-27 20:30")
    await decide(house, "7")
    ((fen,),) = await house.rows("SELECT amount_fen FROM award")
    assert await house.rows("SELECT budget_fen, committed_fen FROM budget") == [(fen, fen)]
    assert await house.rows("SELECT taken, close_reason FROM deck") == [(1, "已开奖")]


async def test_round_without_entrants_is_closed(house: House) -> None:
    await house.owed()
    await house.until("11-27 20:30")
    (closing,) = await house.owed()
    assert closing.split("\n")[:2] == [
        "first: **年终大奖·本期结束**",
        "没有人报名，下次早点来。",
    ]
    assert await house.rows("SELECT close_reason FROM deck") == [("没有人报名",)]


async def test_missing_value_is_asked_for_every_morning(house: House) -> None:
    await enter(house, "wm1")
    await house.until("11-27 20:30")
    await house.owed()
    reminder = (
        f"wang: “年终大奖”还没有开奖，群友在等。请查到“{VALUE}”后发：\n> 开奖 festival 公开值"
    )
    for day in (28, 29):
        await house.until(f"11-{day} 09:59")
        assert await house.owed() == []
        await house.until(f"11-{day} 10:00")
        assert await house.owed() == [reminder]


@pytest.mark.parametrize(
    ("who", "line", "answer"),
    [
        ("wang", "开奖", "wang: 请写活动名和公开值。"),
        ("wang", "开奖 festival", "wang: 请写活动名和公开值。"),
        ("wang", "开奖 festival 红球", "wang: 公开值要有数字或字母，最多 100 个字。"),
        ("wang", "开奖 别的 7", "wang: 没有等着开奖的“别的”。"),
        ("wang", "开奖 festival 7", "wang: “festival”的报名还没有截止，截止以后才能开奖。"),
        ("chen", "开奖 festival 7", "chen: 没有等着开奖的“festival”。"),
    ],
)
async def test_deciding_wrongly_is_refused(house: House, who: str, line: str, answer: str) -> None:
    await enter(house, "wm1")
    (said,) = await house.say(who, line, None)
    assert said.split("\n")[0] == answer


async def test_shared_deck_is_entered_from_both_communities(sqlite_url: str) -> None:
    plan = {**ONE_WEEK, "applies_to": {"labels": ["all"]}}
    shared = {**BIG, "shared": True}
    pool = {"pool": "small", "title": "小奖池", "budget": "20.00"}
    async with opened(sqlite_url, "11-27 19:59", library_of(plan, pool, shared)) as house:
        await house.until("11-27 20:00")
        notices = [one for one in await house.owed() if "🎁 年终大奖" in one.split("\n")[0]]
        assert [one.partition(":")[0] for one in notices] == ["first", "second"]
        assert await house.rows("SELECT round, community FROM deck") == [("2026-11-27", "")]
        assert (await house.say("wm1", "报名"))[0].startswith("回答: ✅ 已报名“年终大奖”，您是第 1")
        two = await house.say("wm2", "报名", SECOND)
        assert two[0].startswith("回答: ✅ 已报名“年终大奖”，您是第 2 位")
        assert (await house.say("wm1", "报名", SECOND))[0].startswith("回答: 您已经报名")
        await house.until("11-27 20:30")
        frozen = [one for one in await house.owed() if "报名截止" in one]
        assert [one.partition(":")[0] for one in frozen] == ["first", "second"]
        await decide(house, "7")
        assert sorted(await house.rows("SELECT member, community FROM award")) == [
            ("wm1", "first"),
            ("wm2", "second"),
        ]
