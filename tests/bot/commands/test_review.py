"""审核 in chat: the list, the sheet with its buttons, yes, no, and what each leaves behind."""

from dataclasses import replace
from typing import Any

import pytest

from bot.wecom.events_json import kind_of, to_json
from sop.events import Pressed, ReplyTo
from sop.library import Library
from sop.sheet import Sheet, sheet
from storage import inbox, outbox, reviews
from tests.house import content, library_of

USAGE = "\n用法：审核〔步骤〔通过 校验码〕〔退回 原因〕〕，步骤写编号或名称\n例：审核 3"


def library(text: str = "早上好", author: str | None = "yun") -> Library:
    """Two plans: one for communities that want stamps, one for a community that wants none."""
    week: dict[str, Any] = {
        "plan": "week",
        "title": "标准周",
        "applies_to": {"labels": ["wealth"]},
        "week": {
            "wednesday": [{"id": "hello", "at": "09:30", "content": {"text": text}}],
            "friday": [{"id": "lucky", "at": "20:00", "game": {"name": "dice"}}],
            "sunday": [{"id": "sum", "at": "20:00", "report": {"week": "this"}}],
        },
    }
    if author is not None:
        week["author"] = author
    salary: dict[str, Any] = {
        "plan": "salary",
        "title": "代发周",
        "applies_to": {"communities": ["salary-01"]},
        "dates": {"2027-01-04": [content("hello", "09:30")]},
    }
    return library_of(week, salary)


def use(bank: Any, changed: Library) -> None:
    """The library as it is from now on; two of the three communities want stamps."""
    settings = bank.due.settings
    communities = tuple(replace(one, review=one.id != "salary-01") for one in settings.communities)
    bank.due = replace(
        bank.due, library=changed, settings=replace(settings, communities=communities)
    )


@pytest.fixture
def reviewed(bank: Any) -> Any:
    """Tuesday noon; nothing is stamped yet."""
    use(bank, library())
    return bank


def sheet_of(bank: Any, step: str, plan: str = "week") -> Sheet:
    chosen = bank.due.library.plans[plan]
    return sheet(chosen, chosen.step(step), bank.due.library)


async def press(bank: Any, sender: str, key: str) -> list[tuple[str, str]]:
    """A button of a card: what is owed by it."""
    bank._typed += 1
    to = ReplyTo("card_update", {"response_code": "c", "user": sender})
    event = Pressed(bank.clock.now(), sender, "t", key, to)
    row = inbox.NewEvent(f"typed/{bank._typed}", sender, kind_of(event), to_json(event), event.at)
    await bank.write(inbox.add, [row])
    assert await bank.dispatcher.step() == 1
    return await bank.owed()


async def stamps(bank: Any) -> list[tuple[str, str, str | None]]:
    """(plan/step, by, revoked by) of every stamp."""
    rows = [
        one
        for plan, step in (("week", "hello"), ("week", "lucky"), ("salary", "hello"))
        for one in await bank.write(reviews.history, plan, step)
    ]
    return [(f"{one.plan}/{one.step}", one.stamped_by, one.revoked_by) for one in rows]


async def test_list_says_what_waits_and_when_it_is_due(reviewed: Any) -> None:
    assert await reviewed.reply("shen", "审核") == (
        "**待审核 2 步**，没有审核章就不会发送\n"
        "**标准周**（week）\n"
        "2. 内容（hello）下次 周三 11 月 25 日 09:30　❗ 从未盖章\n"
        "3. 掷骰子（lucky）下次 周五 11 月 27 日 20:00　❗ 从未盖章\n"
        "> 看内容请发：审核 2"
    )


async def test_list_of_everything_shows_what_needs_no_stamp_too(reviewed: Any) -> None:
    await reviewed.say("shen", f"审核 2 通过 {sheet_of(reviewed, 'hello').short}")
    assert await reviewed.reply("shen", "review all") == (
        "**共 3 步**\n"
        "**代发周**（salary）\n"
        "1. 内容（hello）两周内不执行　➖ 不需要盖章\n"
        "**标准周**（week）\n"
        "2. 内容（hello）下次 周三 11 月 25 日 09:30　✅ 沈洁 11-24 12:00 盖章\n"
        "3. 掷骰子（lucky）下次 周五 11 月 27 日 20:00　❗ 从未盖章"
    )


async def test_sheet_comes_with_a_card_that_knows_what_was_read(reviewed: Any) -> None:
    shown = sheet_of(reviewed, "hello")
    texts = await reviewed.say("shen", "审核 2")
    assert "".join(text for _, text in texts) == (
        f"审核单 2　week/hello　校验码 {shown.short}\n❗ 从未盖章\n\n{shown.text}"
    )
    (card,) = [
        row.body["card"]
        for row in await reviewed.write(outbox.listing, None, 10)
        if "card" in row.body
    ]
    assert (card["title"], card["buttons"]) == (
        "审核 2：内容",
        [
            {"text": "通过", "key": f"review|stamp|week/hello|{shown.hash}"},
            {"text": "退回", "key": f"review|return|week/hello|{shown.hash}"},
        ],
    )


@pytest.mark.parametrize(
    "line",
    [
        "审核 2 通过 {code}",
        "审核 通过 2 {code}",
        "review 2号 OK {CODE}",
        "审核 week/hello 通过 {code}",
        "审核 lucky 通过 {other}",
    ],
)
async def test_typed_yes_stamps(reviewed: Any, line: str) -> None:
    step = "lucky" if "lucky" in line else "hello"
    shown = sheet_of(reviewed, step)
    typed = line.format(code=shown.hash[:4], CODE=shown.short.upper(), other=shown.hash)
    title = {"hello": "标准周 · 内容", "lucky": "标准周 · 掷骰子"}[step]
    assert await reviewed.reply("shen", typed) == f"✅ 已盖章：{title}（week/{step}）"
    assert await stamps(reviewed) == [(f"week/{step}", "shen", None)]
    assert await reviewed.audited() == [("shen", "盖审核章", f"week/{step}", shown.short)]


async def test_second_yes_changes_nothing(reviewed: Any) -> None:
    code = sheet_of(reviewed, "hello").short
    await reviewed.say("shen", f"审核 2 通过 {code}")
    answer = await reviewed.reply("shen", f"审核 2 通过 {code}")
    assert answer == "“标准周 · 内容”已经盖过章，内容没有变。"
    assert await stamps(reviewed) == [("week/hello", "shen", None)]


async def test_button_stamps_once(reviewed: Any) -> None:
    key = f"review|stamp|week/hello|{sheet_of(reviewed, 'hello').hash}"
    answers = [await press(reviewed, "shen", key) for _ in range(2)]
    assert answers == [[("shen", "已盖章")], [("shen", "已经盖过章")]]
    assert await stamps(reviewed) == [("week/hello", "shen", None)]


async def test_edit_after_reading_is_not_stamped(reviewed: Any) -> None:
    read = sheet_of(reviewed, "hello")
    use(reviewed, library(text="晚上好"))
    assert await reviewed.reply("shen", f"审核 2 通过 {read.short}") == (
        "校验码对不上，没有盖章：内容可能在您看过之后改过。\n> 请重新看：审核 2"
    )
    assert await press(reviewed, "shen", f"review|stamp|week/hello|{read.hash}") == [
        ("shen", "内容已改，没有盖章"),
        ("shen", "“标准周 · 内容”在您看过之后改过，没有盖章。请重新看：审核 week/hello"),
    ]
    assert await stamps(reviewed) == []


async def test_edit_after_the_stamp_voids_it_and_is_shown(reviewed: Any) -> None:
    await reviewed.say("shen", f"审核 2 通过 {sheet_of(reviewed, 'hello').short}")
    use(reviewed, library(text="晚上好"))
    assert (await reviewed.reply("shen", "审核")).split("\n")[2] == (
        "2. 内容（hello）下次 周三 11 月 25 日 09:30　✏️ 11-24 12:00 沈洁盖章之后改过"
    )
    text = "".join(text for _, text in await reviewed.say("shen", "审核 2"))
    assert text.endswith("\n\n与上次盖章时相比：\n-   正文：早上好\n+   正文：晚上好")


@pytest.mark.parametrize("verb", ["审核 2 退回 数字 不对", "审核 退回 2 数字 不对"])
async def test_no_ends_the_stamp_and_tells_author_and_operators(reviewed: Any, verb: str) -> None:
    use(reviewed, library(author="li"))
    await reviewed.say("shen", f"审核 2 通过 {sheet_of(reviewed, 'hello').short}")
    told = (
        "↩️ 沈洁退回了“标准周 · 内容”（week/hello）：数字 不对\n"
        "> 改好计划文件后请再提请审核；没有审核章，到点不会发送。"
    )
    assert sorted(await reviewed.say("shen", verb)) == [
        ("li", told),
        ("shen", "↩️ 已退回：标准周 · 内容（week/hello），已告诉撰稿人和运营。"),
        ("yun", told),
    ]
    assert await stamps(reviewed) == [("week/hello", "shen", "shen")]
    assert (await reviewed.audited())[-1] == ("shen", "退回", "week/hello", "数字 不对")
    assert (
        (await reviewed.reply("shen", "审核"))
        .split("\n")[2]
        .endswith("↩️ 11-24 12:00 被沈洁撤销：数字 不对")
    )


async def test_button_for_no_asks_for_the_reason(reviewed: Any) -> None:
    key = f"review|return|week/hello|{sheet_of(reviewed, 'hello').hash}"
    assert await press(reviewed, "shen", key) == [
        ("shen", "请写退回原因"),
        ("shen", "退回请写明原因，发送：审核 week/hello 退回 原因"),
    ]


@pytest.mark.parametrize(
    ("line", "answer"),
    [
        ("审核 9", "没有“9”这一步。发送“审核 全部”可以看到每一步的编号。" + USAGE),
        ("审核 lukcy", "没有“lukcy”这一步。您是想输入“lucky”吗？" + USAGE),
        ("审核 hello", "有几个计划都有“hello”，请写编号：1 或 2。" + USAGE),
        ("审核 sum", "没有“sum”这一步。发送“审核 全部”可以看到每一步的编号。" + USAGE),
        ("审核 week", "“week”是一个计划，请写其中一步的编号：2、3。" + USAGE),
        ("审核 2 好的", "没有看懂“好的”：可以写“通过”或“退回”。" + USAGE),
        ("审核 通过", "请写是哪一步。" + USAGE),
        ("审核 2 通过", "请带上审核单里的校验码；发送“审核 2”可以看到。" + USAGE),
        ("审核 2 通过 1a", "校验码至少写前 4 位。" + USAGE),
        ("审核 2 退回", "请写退回的原因，撰稿人和运营会看到。" + USAGE),
    ],
)
async def test_wrong_line_answers_with_the_right_one(reviewed: Any, line: str, answer: str) -> None:
    assert await reviewed.reply("shen", line) == answer
    assert await stamps(reviewed) == []


@pytest.mark.parametrize("sender", ["li", "yun", "wang", "admin"])
async def test_nobody_but_a_reviewer_reviews(reviewed: Any, sender: str) -> None:
    key = f"review|stamp|week/hello|{sheet_of(reviewed, 'hello').hash}"
    assert await reviewed.reply(sender, "审核") == "“审核”只有合规审核可以用。"
    assert (await press(reviewed, sender, key))[0] == (sender, "您不能盖章")
    assert await stamps(reviewed) == []


@pytest.mark.parametrize(
    ("key", "answer"),
    [
        ("review|stamp|week/gone|0", "这一步已经不在了"),
        ("review|stamp|gone/hello|0", "这一步已经不在了"),
        ("review|", "这一步已经不在了"),
    ],
)
async def test_button_without_a_meaning(reviewed: Any, key: str, answer: str) -> None:
    assert await press(reviewed, "shen", key) == [("shen", answer)]


async def test_button_of_a_stranger_does_nothing(reviewed: Any) -> None:
    key = f"review|stamp|week/hello|{sheet_of(reviewed, 'hello').hash}"
    assert await press(reviewed, "wmMember", key) == [("wmMember", "您没有权限")]
    assert await stamps(reviewed) == []


async def test_author_reads_the_sheet_but_cannot_stamp_it(reviewed: Any) -> None:
    use(reviewed, library(author="shen"))
    shown = sheet_of(reviewed, "hello")
    assert await reviewed.say("shen", "审核 2") == [
        ("shen", f"审核单 2　week/hello　校验码 {shown.short}\n❗ 从未盖章\n\n{shown.text}")
    ]
    refused = "“标准周”是您写的，请另一位合规审核盖章。"
    assert await reviewed.reply("shen", f"审核 2 通过 {shown.short}") == refused
    assert await press(reviewed, "shen", f"review|stamp|week/hello|{shown.hash}") == [
        ("shen", "您不能盖章"),
        ("shen", refused),
    ]


async def test_sheet_too_long_for_a_phone_is_read_at_a_desk(reviewed: Any) -> None:
    use(reviewed, library(text="长" * 6000))
    shown = sheet_of(reviewed, "hello")
    length = len(f"审核单 2　week/hello　校验码 {shown.short}\n❗ 从未盖章\n\n{shown.text}")
    assert await reviewed.reply("shen", "审核 2") == (
        f"“标准周 · 内容”的审核单有 {length} 字，手机上看不全，请在电脑上看："
        "qunyun review show week/hello"
    )


async def test_asked_in_a_group_the_answer_is_private(reviewed: Any) -> None:
    answers = await reviewed.say("shen", "审核", "wr01")
    assert [to for to, _ in answers] == ["shen", "group"]
    assert answers[1][1] == "“审核”的结果已私信给您。"


async def test_nothing_waits(reviewed: Any) -> None:
    for number, step in ((2, "hello"), (3, "lucky")):
        await reviewed.say("shen", f"审核 {number} 通过 {sheet_of(reviewed, step).short}")
    assert await reviewed.reply("shen", "审核") == (
        "✅ 没有等待审核的步骤。\n> 看全部请发：审核 全部"
    )


async def test_week_says_what_lacks_its_stamp(reviewed: Any) -> None:
    assert (await reviewed.reply("li", "本周 财富一群")).split("\n")[3:] == [
        "1. 周三 09:30 内容（hello）❗ 没有审核章，到点不发",
        "2. 周五 20:00 掷骰子（lucky）❗ 没有审核章，到点不发",
        "3. 周日 20:00 周报（sum）⏳ 待发",
        "> 👉 下一步：明天 09:30 内容，还没有审核章，到点不会发送",
    ]
