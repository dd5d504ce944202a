"""跟进, 完成, 不跟, 转交, 推迟跟进 as colleagues type them; Tuesday noon, 2026-11-24."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import Connection, text

from bot.letters import Origin
from sop.effects import FollowUp
from storage import follow_ups

SHANGHAI = ZoneInfo("Asia/Shanghai")


def at(when: str) -> datetime:
    """`2026-11-24 12:00` in Shanghai."""
    return datetime.strptime(when, "%Y-%m-%d %H:%M").replace(tzinfo=SHANGHAI)


async def sql(bank: Any, query: str) -> list[tuple[Any, ...]]:
    def run(tx: Connection) -> list[tuple[Any, ...]]:
        found = tx.execute(text(query))
        return [tuple(row) for row in found] if found.returns_rows else []

    found: list[tuple[Any, ...]] = await bank.write(run)
    return found


async def rows(bank: Any, where: str) -> list[tuple[Any, ...]]:
    """(status, who ended it, result) of follow-ups."""
    query = f"SELECT status, done_by, result FROM follow_up WHERE {where} ORDER BY id"
    return await sql(bank, query)


async def times(bank: Any, id: int) -> tuple[datetime, datetime | None]:
    """(due, reminder) of one."""
    row = await bank.write(follow_ups.get, id)
    return row.due_at, row.remind_at


async def give(bank: Any, number: int, staff: str = "li", **more: Any) -> None:
    """A follow-up; numbers count up from 1."""
    values = {
        "community": "wealth-01",
        "member": f"wm{number}",
        "staff": staff,
        "reason": f"原因 {number}",
        "due_at": at("2026-11-25 18:00"),
        "key": f"p/s/2026-11-24/wealth-01/wm{number}",
    } | more
    origin = Origin(f"test/{number}", bank.clock.now())
    await bank.write(bank.due.runtime.apply, [FollowUp(**values)], origin)


@pytest.fixture
async def desk(bank: Any) -> Any:
    """Four members of 财富一群 and what 李静 has to do about three of them."""
    for number, name in enumerate(("王芳", "赵敏", "钱进", "孙丽"), start=1):
        await bank.arrive("wealth-01", f"wm{number}", name, 30)
    await give(bank, 1, due_at=at("2026-11-20 18:00"))
    await give(bank, 2, due_at=at("2026-11-24 18:00"), priority=1, script="您好，我是李静。")
    await give(bank, 3)
    return bank


LIST = (
    "**跟进**　3 位，逾期 1 位，今天 1 位\n"
    "2. 🔴 赵敏（财富一群）　今天 18:00 前\n"
    "　　原因 2\n"
    "1. 王芳（财富一群）　‼️ 逾期 2 个工作日\n"
    "　　原因 1\n"
    "3. 钱进（财富一群）　明天 18:00 前\n"
    "　　原因 3\n"
    "> 看话术：跟进 2　记结果：完成 2 结果\n"
    "> 改天：推迟 跟进2 明天　不用跟了：不跟 2 原因"
)


@pytest.mark.parametrize("line", ["跟进", "谁该跟进", "follow"])
async def test_list_is_mine_by_importance_and_time(desk: Any, line: str) -> None:
    assert await desk.reply("li", line) == LIST


async def test_list_of_nobody_says_so(desk: Any) -> None:
    assert await desk.reply("chen", "跟进") == "**跟进**　没有要跟进的成员。"


@pytest.mark.parametrize("line", ["跟进 2", "跟进 2号", "跟进 跟进2"])
async def test_one_in_full_with_its_script_alone_and_a_card(desk: Any, line: str) -> None:
    full, script, card = await desk.say("li", line)
    assert full == (
        "li",
        "**2 号跟进　🔴 赵敏**　财富一群\n为什么：原因 2\n来由：计划里的步骤，今天 12:00\n"
        "期限：今天 18:00 前",
    )
    assert script == ("li", "您好，我是李静。")
    assert card[0] == "li"


async def test_done_with_result_is_off_the_list_and_can_be_undone(desk: Any) -> None:
    told = await desk.reply("li", "完成 2 约了周五到网点")
    assert told == "✅ 完成：赵敏，约了周五到网点。还有 2 位。\n> 反悔请发：撤销"
    assert await rows(desk, "id = 2") == [("done", "li", "约了周五到网点")]
    assert await desk.reply("li", "完成 2") == "2 号跟进（赵敏）已经完成过了。"
    told = await desk.reply("li", "撤销")
    assert told == "↩️ 已撤销今天 12:00 的“完成”（2 号跟进）。"
    assert await desk.reply("li", "跟进") == LIST


async def test_result_may_come_later(desk: Any) -> None:
    told = await desk.reply("li", "完成 3")
    assert told == "✅ 完成：钱进。还有 2 位。\n> 补一句结果：完成 3 结果\n> 反悔请发：撤销"
    await desk.reply("li", "完成 3 想开户")
    assert await rows(desk, "id = 3") == [("done", "li", "想开户")]
    await desk.reply("li", "撤销")
    assert await rows(desk, "id = 3") == [("done", "li", "")]


@pytest.mark.parametrize("line", ["完成 2 好", "不跟 2 不用", "推迟 跟进2 明天", "转交 2 李静"])
async def test_numbers_of_others_are_nobodys_business(desk: Any, line: str) -> None:
    told = await desk.reply("chen", line)
    assert told.split("\n")[0] == "您名下没有 2 号跟进，发“跟进”看编号。"
    assert await rows(desk, "id = 2") == [("open", None, "")]


@pytest.mark.parametrize("typed", ["9", "0", "-1", "二", "9" * 30, "２", "跟进"])
async def test_unknown_number_changes_nothing(desk: Any, typed: str) -> None:
    await desk.reply("li", f"不跟 {typed} 原因")
    wanted = [("dropped", "li", "原因")] if typed == "２" else [("open", None, "")]
    assert await rows(desk, "id = 2") == wanted
    assert await rows(desk, "id IN (1, 3)") == [("open", None, "")] * 2


async def test_drop_wants_a_reason_and_can_be_undone(desk: Any) -> None:
    told = await desk.reply("li", "不跟 3")
    assert told.split("\n")[0] == "请写为什么不跟了，周报里会用到。"
    told = await desk.reply("li", "不跟 3 已经在别处办了")
    assert told == "🗂 不再跟进钱进：已经在别处办了\n> 反悔请发：撤销"
    assert await rows(desk, "id = 3") == [("dropped", "li", "已经在别处办了")]
    assert await desk.reply("li", "完成 3") == "3 号跟进（钱进）已经不跟了：已经在别处办了"
    await desk.reply("li", "撤销")
    assert await rows(desk, "id = 3") == [("open", None, "")]


async def test_hand_on_tells_the_colleague_with_context(desk: Any) -> None:
    told = await desk.say("li", "转交 2 赵芸")
    assert told == [
        (
            "yun",
            "📞 李静转给您一位成员\n**2 号跟进　🔴 赵敏**　财富一群\n为什么：原因 2\n"
            "来由：计划里的步骤，今天 12:00，李静转来\n期限：今天 18:00 前",
        ),
        ("yun", "您好，我是李静。"),
        ("li", "🤝 已转交给赵芸：赵敏\n> 反悔请发：撤销"),
    ]
    assert (await desk.reply("li", "跟进 2")).startswith("您名下没有 2 号跟进")
    assert (await desk.reply("yun", "跟进")).startswith("**跟进**　1 位，今天 1 位\n2. 🔴 赵敏")
    told = await desk.say("li", "撤销")
    assert told[0] == ("yun", "李静收回了 2 号跟进。")
    assert await desk.reply("li", "跟进") == LIST


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("转交 2 陈明", "陈明不负责“财富一群”，不能转交。"),
        ("转交 2 李静", "这一位本来就是李静跟进。"),
        ("转交 2 王二", "没有叫“王二”的同事，请写姓名或 userid。"),
        ("转交 2 沈洁", "沈洁不负责“财富一群”，不能转交。"),
        ("转交 2", "请写转交哪一位，转给谁。"),
    ],
)
async def test_hand_on_to_whom_it_cannot_go(desk: Any, line: str, told: str) -> None:
    assert (await desk.reply("li", line)).split("\n")[0] == told
    assert await rows(desk, "staff = 'li'") == [("open", None, "")] * 3


async def test_manager_hands_on_what_is_anothers_and_reads_masked_names(desk: Any) -> None:
    told = await desk.say("wang", "转交 3 赵芸")
    assert told[1:] == [
        ("li", "王强把您的 3 号跟进转给了赵芸。"),
        ("wang", "🤝 已转交给赵芸：钱＊＊\n> 反悔请发：撤销"),
    ]
    assert await desk.reply("wang", "跟进 全部") == (
        "**跟进**　3 位，逾期 1 位，今天 1 位\n"
        "李静：2 位，逾期 1 位，今天 1 位，最早一位 ‼️ 逾期 2 个工作日\n"
        "赵芸：1 位，最早一位 明天 18:00 前\n"
        "> 看一位同事的：跟进 同事名字"
    )
    assert (await desk.reply("wang", "跟进 李静")).split("\n")[:2] == [
        "**跟进**　李静　2 位，逾期 1 位，今天 1 位",
        "2. 🔴 赵＊＊（财富一群）　今天 18:00 前",
    ]
    refusal = await desk.reply("li", "跟进 全部")
    assert refusal.split("\n")[0] == "“跟进 全部”只有运营和主管可以看。"


@pytest.mark.parametrize(
    ("line", "due", "remind"),
    [
        ("推迟 跟进2 明天", "2026-11-25 18:00", "2026-11-25 09:00"),
        ("推迟 跟进 2 明天 15:00", "2026-11-25 18:00", "2026-11-25 15:00"),
        ("推迟跟进 2 2h", "2026-11-24 18:00", "2026-11-24 14:00"),
        ("延后 跟进2号 周五晚上8点", "2026-11-27 20:00", "2026-11-27 20:00"),
    ],
)
async def test_put_off_is_due_later_and_reminds(
    desk: Any, line: str, due: str, remind: str
) -> None:
    await desk.reply("li", line)
    assert await times(desk, 2) == (at(due), at(remind))
    await desk.reply("li", "撤销")
    assert await times(desk, 2) == (at("2026-11-24 18:00"), None)


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ("", "请写推迟哪一位，推迟多久或推迟到什么时候。"),
        ("改天", "看不懂“改天”，可以写：2h、明天、明天 15:00、周五。"),
        ("9:00", "今天 09:00 已经过去了。"),
        ("31d", "最多推迟 30 天；暂时不用跟的，请发：不跟 2 原因"),
    ],
)
async def test_put_off_to_what_is_no_time(desk: Any, words: str, told: str) -> None:
    assert (await desk.reply("li", f"推迟 跟进2 {words}")).split("\n")[0] == told
    assert await times(desk, 2) == (at("2026-11-24 18:00"), None)


@pytest.mark.parametrize(
    ("line", "by", "due"),
    [
        ("跟进 孙丽 想了解定投", "明天 18:00", "2026-11-25 18:00"),
        ("跟进 孙丽 想了解 定投 周五 15:00", "周五 11 月 27 日 15:00", "2026-11-27 15:00"),
        ("跟进 孙丽 想了解定投 2h", "今天 14:00", "2026-11-24 14:00"),
    ],
)
async def test_noted_by_hand(desk: Any, line: str, by: str, due: str) -> None:
    told = await desk.reply("li", line)
    assert told == f"📌 记下了：{by} 前跟进孙丽。\n> 看名单：跟进　反悔请发：撤销"
    assert await times(desk, 4) == (at(due), None)
    await desk.reply("li", "撤销")
    assert await rows(desk, "id = 4") == [("dropped", "li", "撤销")]


async def test_manager_notes_for_the_rm(desk: Any) -> None:
    assert await desk.say("wang", "跟进 孙丽 投诉过一次 明天 10:00") == [
        (
            "wang",
            "📌 记下了：明天 10:00 前跟进孙＊＊，交给李静。\n> 看名单：跟进　反悔请发：撤销",
        ),
        ("li", "📞 王强请您在明天 10:00 前跟进一位成员：投诉过一次\n> 看名单：跟进"),
    ]


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("跟进 孙丽", "请写为什么要跟进。"),
        ("跟进 孙丽 后天", "请在“后天”前面写上为什么要跟进。"),
        ("跟进 孙丽 想了解 9:00", "今天 09:00 已经过去了。"),
        *(
            (f"跟进 孙丽 回访 {one}", f"看不懂时间“{one}”，请写以后的时间，例如 明天 15:00。")
            for one in ("昨天", "2026-13-45", "11-31", "13月45日", "25:00")
        ),
        (
            "跟进 不在的人 原因",
            "没有找到“不在的人”。只能查目前在群里的成员，可以只写名字的一部分。",
        ),
    ],
)
async def test_note_that_cannot_be_made(desk: Any, line: str, told: str) -> None:
    assert (await desk.reply("li", line)).split("\n")[0] == told
    assert await rows(desk, "id > 3") == []


async def test_list_in_a_group_goes_to_the_sender_alone(desk: Any) -> None:
    assert await desk.say("li", "跟进", "wr01") == [
        ("li", LIST),
        ("group", "“跟进”的结果已私信给您。"),
    ]


async def test_number_is_never_given_again(desk: Any) -> None:
    await sql(desk, "DELETE FROM follow_up WHERE id = 3")
    await give(desk, 4)
    assert await rows(desk, "id = 3") == []
    assert await rows(desk, "id = 4") == [("open", None, "")]


async def test_audit_holds_no_names_and_no_results(desk: Any) -> None:
    for line in ("跟进", "跟进 2", "完成 2 王太太要离婚", "跟进 孙丽 家里有事", "推迟 跟进3 1d"):
        await desk.reply("li", line) if line != "跟进 2" else await desk.say("li", line)
    assert await desk.audited() == [
        ("li", "跟进", "", ""),
        ("li", "跟进", "2", ""),
        ("li", "完成", "2", "2 号跟进"),
        ("li", "跟进", "wm4", "新建"),
        ("li", "推迟跟进", "3", "3 号跟进推迟到 明天 12:00"),
    ]
