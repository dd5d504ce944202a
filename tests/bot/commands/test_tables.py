"""名单 of a segment and 导出: numbers first, names masked, words that no spreadsheet executes."""

import io
from datetime import date
from typing import Any

import openpyxl
import pytest

from bot.workbook import neutral, workbook
from storage import follow_ups, outbox, tags
from tests.prize_deeds import award

HEAD = ["成员", "社群", "入群", "生命周期", "价值", "最近活跃", "标签"]
WARNING = "\n> 里面有客户资料，请勿转发，用完即删。"


@pytest.fixture
async def crowd(bank_anywhere: Any) -> Any:
    """Two silent members in Li's first group, one new one in each of her groups."""
    bank = bank_anywhere
    await bank.arrive("wealth-01", "wm1", "王芳", 20)
    await bank.arrive("wealth-01", "wm2", "=赵敏", 20)
    await bank.arrive("wealth-01", "wm3", "新来的", 1)
    await bank.arrive("wealth-02", "wm4", "周周", 2)
    await bank.arrive("salary-01", "wm5", "陈家客户", 20)
    now = bank.clock.now()
    await bank.write(lambda tx: tags.add(tx, "wm1", "老朋友", "li", "", now))
    return bank


async def test_members_of_a_segment(crowd: Any) -> None:
    assert await crowd.reply("li", "名单 沉睡成员") == (
        "**沉睡成员**　2 位（2 个社群，共 4 人次）\n财富一群：2 位\n\n=赵敏、王芳\n"
        "> 全部名单请发：导出 沉睡成员"
    )
    assert await crowd.reply("wang", "名单 sleeping 代发 客户群") == (
        "**沉睡成员**　1 位（1 个社群，共 1 人次）\n\n陈＊＊\n> 全部名单请发：导出 沉睡成员"
    )
    assert await crowd.reply("chen", "名单 新成员") == (
        "**新成员**　0 位（1 个社群，共 1 人次）\n现在没有符合条件的成员。"
    )
    assert await crowd.reply("admin", "名单 沉睡成员") == (
        "人群名单只有客户经理、运营、主管可以看。"
    )


async def test_many_members_are_counted_and_the_first_named(crowd: Any) -> None:
    for number in range(10, 35):
        await crowd.arrive("wealth-02", f"wm{number}", f"成员{number}", 3)
    told = (await crowd.reply("li", "名单 新成员 财富二群")).split("\n")
    assert told[0] == "**新成员**　26 位（1 个社群，共 26 人次）"
    assert told[2].split("、") == ["周周", *(f"成员{number}" for number in range(10, 29))]
    assert told[3:] == ["……等 26 位", "> 全部名单请发：导出 新成员"]


async def test_what_is_campaign_and_segment_is_asked_back(crowd: Any) -> None:
    await award(crowd, "k1", "wm1", 588, source="沉睡成员")
    told = (await crowd.reply("li", "名单 沉睡成员")).split("\n")
    assert told[:2] == ["“沉睡成员”既是活动也是人群，请写明：", "> 名单 人群 sleeping"]
    assert (await crowd.reply("li", "名单 人群 sleeping")).startswith("**沉睡成员**　2 位")


@pytest.mark.parametrize(
    ("line", "told"),
    [
        (
            "名单 沉睡",
            "没有叫“沉睡”的活动、奖池或人群。您是想看：“曾经活跃的沉睡成员”、“沉睡成员”？",
        ),
        ("导出 沉睡成圆", "没有叫“沉睡成圆”的人群。您是想写：“沉睡成员”？"),
        ("导出 谁都不像", "没有叫“谁都不像”的人群。有哪些人群请发：名单 人群"),
    ],
)
async def test_segment_that_is_not_there_is_guessed_at(crowd: Any, line: str, told: str) -> None:
    assert (await crowd.reply("li", line)).split("\n")[0] == told


async def test_segments_are_listed(crowd: Any) -> None:
    told = (await crowd.reply("li", "名单 人群")).split("\n")
    assert told[0] == "**人群**"
    assert {"沉睡成员", "新成员", "高价值成员"} <= set(told[1].split("、"))


async def exported(bank: Any, sender: str, line: str) -> tuple[dict[str, Any], str]:
    """The table that is owed by a line, and the words beside it."""
    await bank.say(sender, line)
    answer, file = await bank.write(outbox.listing, None, 2)
    if "file" in answer.body:
        answer, file = file, answer
    assert file.target == {"user": sender}
    return file.body["file"], answer.body["markdown"]


async def test_export_of_a_segment(crowd: Any) -> None:
    table, told = await exported(crowd, "li", "导出 沉睡成员")
    assert table == {
        "name": "沉睡成员",
        "head": HEAD,
        "rows": [
            ["=赵敏", "财富一群", "2026-11-04", "", "", "", ""],
            ["王芳", "财富一群", "2026-11-04", "", "", "", "老朋友"],
        ],
    }
    assert told == "📄 “沉睡成员”2 行，文件马上发到您的“群运助手”。" + WARNING
    assert (await crowd.audited())[-1] == ("li", "导出", "segment/sleeping", "2 行")


async def test_export_masks_names_for_everybody_but_the_own_rm(crowd: Any) -> None:
    table, _ = await exported(crowd, "wang", "导出 沉睡成员")
    assert [row[0] for row in table["rows"]] == ["=＊＊", "王＊＊", "陈＊＊"]


async def test_export_of_winners(crowd: Any) -> None:
    due = date(2026, 12, 1)
    await award(crowd, "k1", "wm1", 588, payable_on=due, now=crowd.clock.now())
    table, _ = await exported(crowd, "li", "导出 名单 join-hook")
    assert table["name"] == "入群见面礼·名单"
    assert [row[:6] for row in table["rows"]] == [
        ["王芳", "财富一群", "见面红包 5.88 元", "2026-11-24", "2026-12-01", "待到期"]
    ]
    assert await crowd.reply("chen", "导出 名单 join-hook") == (
        "“入群见面礼·名单”里现在一行也没有，没有导出。"
    )


async def test_export_of_follow_ups(crowd: Any) -> None:
    now = crowd.clock.now()
    for number, (community, staff) in enumerate((("wealth-01", "li"), ("salary-01", "chen")), 1):
        await crowd.write(
            lambda tx, number=number, community=community, staff=staff: follow_ups.add(
                tx,
                key=f"f{number}",
                community=community,
                member="wm1" if staff == "li" else "wm5",
                staff=staff,
                reason="想了解定投",
                due_at=now,
                now=now,
            )
        )
    mine, _ = await exported(crowd, "li", "导出 跟进")
    assert mine["rows"] == [["1", "王芳", "财富一群", "李静", "中", "2026-11-24", "想了解定投"]]
    every, _ = await exported(crowd, "wang", "导出 跟进")
    assert [row[1:4] for row in every["rows"]] == [
        ["陈＊＊", "代发 客户群", "陈明"],
        ["王＊＊", "财富一群", "李静"],
    ]


async def test_export_in_group_goes_to_the_sender_alone(crowd: Any) -> None:
    await crowd.say("li", "导出 沉睡成员", "wr01")
    rows = await crowd.write(outbox.listing, None, 3)
    assert sorted(row.channel for row in rows) == ["aibot_reply", "app_message", "app_message"]
    assert [row.target for row in rows if "file" in row.body] == [{"user": "li"}]


@pytest.mark.parametrize(
    "value",
    ["=1+1", "+86", "-1", "@SUM(A1)", "\tx", "\r=1", "＝1", '=HYPERLINK("http://x","y")'],
)
def test_cell_never_becomes_a_formula(value: str) -> None:
    book = openpyxl.load_workbook(io.BytesIO(workbook(["成员"], [[value]])))
    (cell,) = book.active[2]
    assert cell.data_type == "s"
    assert cell.value[0] == "'"


def test_workbook_is_read_back() -> None:
    data = workbook(["成员", "社群"], [["王芳", "财富一群"], ["a\x00b", ""]])
    rows = [[cell.value for cell in row] for row in openpyxl.load_workbook(io.BytesIO(data)).active]
    assert rows == [["成员", "社群"], ["王芳", "财富一群"], ["a b", ""]]


def test_neutral_leaves_words_alone() -> None:
    assert neutral("王芳=好") == "王芳=好"
