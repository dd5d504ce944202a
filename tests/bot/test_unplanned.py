"""Words besides the plans in communities that ask for review: held until they are stamped, given
out then, held again by an edit or by 退回. What goes on without words goes on."""

from collections.abc import AsyncIterator, Mapping
from dataclasses import replace
from typing import Any

import pytest

from bot.acts import OpenRound, RevokeStamp
from bot.runtime import Runtime
from sop.channel import Channel
from sop.community import Role, Staff
from sop.library import Library
from sop.referral import code_of
from sop.sheet import file_sheet, sheet
from sop.spoken import Spoken
from sop.unplanned import speaking
from storage import leads, referrals, reviews
from storage.leads import NewLead
from tests.house import FESTIVAL, FIRST, House, library_of, opened

EVERYWHERE = {"labels": ["all"]}
HOOK: Mapping[str, Any] = {
    **FESTIVAL,
    "campaign": "hook",
    "title": "见面礼",
    "round": "standing",
    "opening": "欢迎。",
}
POINTS: Mapping[str, Any] = {
    "points": "spring",
    "title": "春风积分",
    "applies_to": EVERYWHERE,
    "earn": {"checkin": 5},
    "redeem": [
        {"number": 1, "item": "便利贴", "kind": "gift", "points": 5, "stock": 9, "value": "2.00"}
    ],
}
CALL: Mapping[str, Any] = {
    "channel": "call",
    "title": "外呼",
    "applies_to": EVERYWHERE,
    "introduction": "我是{{ owner }}，群里有小知识。",
    "leads": {"verification": "我是{{ owner }}"},
}
BANK: Mapping[str, Any] = {
    "bank": "facts",
    "title": "常识",
    "questions": [{"id": "q1", "ask": "一加一？", "answer": "2"}],
}
FRIENDS: Mapping[str, Any] = {
    "referral": "friends",
    "title": "老友介绍",
    "applies_to": EVERYWHERE,
    "invitation": "由朋友自己决定。",
}
FILES = (FESTIVAL, HOOK, POINTS, CALL, BANK)
ASK = "> 请合规审核（沈洁）看过后盖章。"


def notice(drawn: str, everywhere: str) -> str:
    """What is held, in these communities; where nobody can draw, no round waits for a stamp."""
    return (
        "⚠️ 有 3 份计划以外的文字还没有审核章，盖章以前不会用：\n"
        f"活动“见面礼”（campaign:hook）不开启；已经开启的照常进行：{drawn}\n"
        f"积分计划“春风积分”（points:spring）积分照记，成员看不到积分、积分榜和兑换清单：{everywhere}\n"
        f"渠道“外呼”（channel:call）{Channel.held}：{everywhere}\n"
    )


@pytest.fixture
async def new(sqlite_url: str) -> AsyncIterator[House]:
    """Tuesday 10:00; every community asks for review, and there is an operator and a reviewer."""
    async with opened(sqlite_url, "11-24 10:00", Library()) as one:
        new = (
            Staff("yun", "赵芸", frozenset({Role.OPERATOR}), frozenset()),
            Staff("shen", "沈洁", frozenset({Role.REVIEWER}), frozenset()),
        )
        known = one.due.settings
        asking = tuple(replace(place, review=True) for place in known.communities)
        staff = {**known.staff, **{one.id: one for one in new}}
        one.due = replace(one.due, settings=replace(known, communities=asking, staff=staff))
        use(one, library_of(*FILES))
        yield one


@pytest.fixture
async def house(new: House) -> House:
    """The same, after everybody has heard of what is held."""
    await new.work()
    await new.owed()
    return new


def use(house: House, library: Library) -> None:
    """The library from now on."""
    due = house.due
    runtime = Runtime(due.settings, due.runtime._channels, library)
    house.due = replace(due, library=library, runtime=runtime)


def file(house: House, subject: str) -> Spoken:
    return next(one for one in speaking(house.due.library) if one.subject == subject)


async def stamp(house: House, subject: str) -> list[str]:
    """沈洁 stamps it: everything owed because of it."""
    sheet = file_sheet(file(house, subject), house.due.library)
    return await house.say("shen", f"审核 {subject} 通过 {sheet.short}", None)


async def test_afternoon_says_what_is_held_and_where(new: House) -> None:
    house = new
    await house.work()
    owed = await house.owed()
    assert [one for one in owed if "⚠️" in one] == [
        f"shen: {notice('一群、二群', '一群、二群、客户群')}> 看内容、盖章请发：审核",
        f"yun: {notice('一群、二群', '一群、二群、客户群')}{ASK}",
        f"li: {notice('一群', '一群')}{ASK}",
        f"chen: {notice('二群', '二群、客户群')}{ASK}",
    ]
    await house.until("11-24 15:59")
    assert await house.owed() == []
    await house.until("11-24 16:01")
    assert len([one for one in await house.owed() if "⚠️" in one]) == 4


async def test_what_is_stamped_is_told_of_no_more_and_an_edit_is_told_at_once(
    house: House,
) -> None:
    for subject in ("campaign:hook", "points:spring", "channel:call"):
        await stamp(house, subject)
    await house.until("11-24 16:01")
    assert not [one for one in await house.owed() if "⚠️" in one]
    use(house, library_of(*FILES[:3], {**CALL, "introduction": "改过。"}, BANK))
    await house.work()
    assert [one for one in await house.owed() if one.startswith("yun")] == [
        "yun: ⚠️ 有 1 份计划以外的文字还没有审核章，盖章以前不会用：\n"
        "渠道“外呼”（channel:call）不自动发欢迎语，自我介绍、邀请的话和线索话术都不给："
        f"一群、二群、客户群\n{ASK}"
    ]
    # Who adds them is nothing that customers read.
    use(house, library_of(*FILES[:3], {**CALL, "staff": ["chen"]}, BANK))
    await house.work()
    assert await house.owed() == []


async def test_standing_round_is_opened_once_its_notice_is_stamped(house: House) -> None:
    assert await house.rows("SELECT campaign FROM deck") == []
    said = await stamp(house, "campaign:hook")
    assert await house.rows("SELECT campaign FROM deck") == [("hook",)]
    assert any(one.startswith("first: **🎁 见面礼**") for one in said)
    # The open round goes on when its file is edited: what its members were told counts.
    use(house, library_of(*FILES[:1], {**HOOK, "opening": "改过。"}, *FILES[2:]))
    await house.work()
    await house.owed()
    (card,) = await house.say("wmA", "抽奖", FIRST)
    assert "恭喜" in card


@pytest.mark.parametrize("campaign", ["hook", "festival"])
async def test_round_is_not_opened_by_hand_without_a_stamp(house: House, campaign: str) -> None:
    act = OpenRound(by="yun", campaign=campaign, community=FIRST, seconds=600)

    async def ask() -> str:
        await house.database.write(lambda tx: act.do(tx, house.clock.now()))
        await house.work()
        return next(one for one in await house.owed() if one.startswith("yun:"))

    title = {"hook": "见面礼", "festival": "周五节"}[campaign]
    assert await ask() == (
        f"yun: “{title}”没有开启：公告还没有审核章。请合规审核发：审核 campaign:{campaign}"
    )
    await stamp(house, f"campaign:{campaign}")
    if campaign == "festival":
        assert await ask() == f"yun: “{title}”已开启，公告已发到群里。"


async def test_points_are_counted_and_told_once_stamped(house: House) -> None:
    await house.join("wmA")
    await house.say("wmA", "签到")
    hidden = "回答: 积分照常记着，这里的说明和兑换还在准备，过两天再来看。"
    assert await house.say("wmA", "积分") == [hidden]
    assert await house.say("wmA", "积分榜") == [hidden]
    assert await house.say("wmA", "兑换") == [hidden]
    assert await house.say("wmA", "兑换 1") == [hidden]
    await stamp(house, "points:spring")
    assert await house.say("wmA", "积分") == [
        "回答: 💰 春风积分：您有 5 分。\n> 发“积分榜”看排名，发“兑换”看能换什么"
    ]


async def test_invitation_carries_its_words_once_they_are_stamped(house: House) -> None:
    use(house, library_of(FRIENDS))
    await house.work()
    await house.join("wmA")
    await house.say("wmA", "邀请")
    way = code_of(FIRST, "wmA")
    await house.database.write(lambda tx: referrals.ready(tx, way, "c1", "https://qr/1"))
    bare = [
        "回答: 💌 您的专属邀请：[点开二维码](https://qr/1)\n"
        "> 新朋友第一次进群、留满 7 天才计入；每天最多 3 位，每月最多 10 位。"
    ]
    assert await house.say("wmA", "邀请") == bare
    await stamp(house, "referral:friends")
    assert await house.say("wmA", "邀请") == [bare[0].replace("\n>", "\n由朋友自己决定。\n>")]


async def test_texts_of_a_channel_are_not_given_to_colleagues(house: House) -> None:
    known = ("四月", 1, "call", "王女士", "sealed", "number", "138****0001", 1, "li")
    row = NewLead(*known, "", "gift", "礼品", "", house.clock.now())
    await house.database.write(lambda tx: leads.add(tx, [row]))
    assert "礼品" not in (await house.say("li", "线索", None))[0]
    assert await house.say("li", "线索 1", None) == [
        "li: **王女士**　138****0001　优先级 1　还没打\n"
        "⚠️ 话术和验证语还没有审核章，先不给；请催一下合规审核。"
    ]
    assert len(await house.say("li", "欢迎 一群", None)) == 2
    await stamp(house, "channel:call")
    assert "礼品" in (await house.say("li", "线索", None))[0]
    assert (await house.say("li", "线索 1", None))[1:] == ["li: 我是李静"]
    assert (await house.say("li", "欢迎 一群", None))[2:] == ["li: 我是李静，群里有小知识。"]


async def test_questions_are_not_asked_by_hand_without_a_stamp(house: House) -> None:
    refused = f"li: 题库“常识”还没有审核章，不能用来开局。\n{ASK}"
    assert await house.say("li", "开局 知识问答 questions=1 一群", None) == [refused]
    await stamp(house, "bank:facts")
    assert (await house.say("li", "开局 知识问答 questions=1 一群", None))[0].startswith("first: ")


async def test_bank_that_was_read_with_a_step_is_asked_by_hand_too(house: House) -> None:
    game = {"name": "quiz", "bank": "facts", "questions": 1}
    plan = {
        "plan": "week",
        "title": "一周",
        "applies_to": EVERYWHERE,
        "week": {"friday": [{"id": "quiz", "at": "20:00", "game": game}]},
    }
    use(house, library_of(*FILES, plan))
    await house.work()
    listed = house.due.library.plans["week"]
    step = sheet(listed, listed.step("quiz"), house.due.library)
    await house.say("shen", f"审核 week/quiz 通过 {step.short}", None)
    assert (await house.say("li", "开局 知识问答 questions=1 一群", None))[0].startswith("first: ")


async def test_reviewer_reads_stamps_and_sends_back_in_chat(house: House) -> None:
    assert await house.say("shen", "审核", None) == [
        "shen: **待审核 3 份**，没有审核章就不会发送\n"
        "**计划以外的文字**\n"
        "2. 活动“见面礼”（campaign:hook）❗ 从未盖章\n"
        "4. 积分计划“春风积分”（points:spring）❗ 从未盖章\n"
        "5. 渠道“外呼”（channel:call）❗ 从未盖章\n"
        "> 看内容请发：审核 2"
    ]
    assert (await house.say("shen", "审核 全部", None))[0].split("\n")[2] == (
        "1. 活动“周五节”（campaign:festival）➖ 随用它的步骤一起审"
    )
    shown = file_sheet(file(house, "channel:call"), house.due.library)
    text, *_ = await house.say("shen", "审核 5", None)
    assert text.startswith(
        f"shen: 审核单 5　channel:call　校验码 {shown.short}\n❗ 从未盖章\n\n渠道：call"
    )
    assert await house.press("shen", f"review|stamp|channel:call|{shown.hash}") == ["卡片: 已盖章"]
    assert await house.press("shen", f"review|stamp|channel:call|{shown.hash}") == [
        "卡片: 已经盖过章"
    ]
    assert await house.say("shen", "审核 call 退回 太长", None) == [
        "yun: ↩️ 沈洁退回了“渠道 · 外呼”（channel:call）：太长\n"
        f"> 改好文件后请再提请审核。没有审核章时：{Channel.held}。",
        "shen: ↩️ 已退回：渠道 · 外呼（channel:call），已告诉撰稿人和运营。",
    ]
    assert (await house.say("shen", "审核", None))[0].split("\n")[4] == (
        "5. 渠道“外呼”（channel:call）↩️ 11-24 10:00 被沈洁撤销：太长"
    )


async def test_who_wrote_it_does_not_stamp_it(house: House) -> None:
    use(house, library_of({**CALL, "author": "shen"}))
    await house.work()
    await house.owed()
    shown = file_sheet(file(house, "channel:call"), house.due.library)
    assert await house.say("shen", f"审核 call 通过 {shown.short}", None) == [
        "shen: 渠道“外呼”是您写的，请另一位合规审核盖章。"
    ]


async def test_agenda_names_what_is_held_here(house: House) -> None:
    line = "❗ 还没有审核章，先不用：活动“见面礼”、积分计划“春风积分”、渠道“外呼”"
    for command in ("今日 一群", "本周 一群"):
        assert (await house.say("li", command, None))[0].split("\n")[-1] == line
    for subject in ("campaign:hook", "points:spring", "channel:call"):
        await stamp(house, subject)
    assert line not in (await house.say("li", "今日 一群", None))[0]


async def test_terminal_takes_a_stamp_back(house: House) -> None:
    await stamp(house, "channel:call")
    act = RevokeStamp(by="shen", plan="channel:call", step="", reason="写错了")
    done = await house.database.write(lambda tx: act.do(tx, house.clock.now()))
    assert done == "撤销了 channel:call 的审核章：重新盖章之前不会再发送"
    rows = await house.database.read(lambda tx: reviews.history(tx, "channel:call", ""))
    assert [(one.stamped_by, one.revoked_by, one.reason) for one in rows] == [
        ("shen", "shen", "写错了")
    ]


async def test_where_nobody_asks_for_review_everything_is_said(new: House) -> None:
    house = new
    free = tuple(replace(one, review=False) for one in house.due.settings.communities)
    house.due = replace(house.due, settings=replace(house.due.settings, communities=free))
    await house.work()
    assert await house.rows("SELECT campaign FROM deck") == [("hook",)]
    assert not [one for one in await house.owed() if "审核" in one]


SCRIPT = {"script": "ask", "title": "问候", "text": "{{ owner }}问您好。"}
RULE: Mapping[str, Any] = {
    "follow": "quiet",
    "applies_to": {"labels": ["first"]},
    "who": {"without_tags": ["老人"]},
    "reason": "问问近况",
    "script": "ask",
}
STEP: Mapping[str, Any] = {
    "plan": "daily",
    "title": "每天",
    "applies_to": {"labels": ["first"]},
    "week": {
        "wednesday": [
            {
                "id": "ask",
                "at": "09:00",
                "follow_up": {
                    "reason": "问问近况",
                    "script": "ask",
                    "to": {"without_tags": ["老人"]},
                },
            }
        ]
    },
}
TASKS = "SELECT key, reason, script FROM follow_up"


@pytest.mark.parametrize("stamped", [False, True], ids=["unread", "stamped"])
async def test_rule_hands_out_its_script_only_with_a_stamp(house: House, stamped: bool) -> None:
    use(house, library_of(RULE, SCRIPT))
    await house.work()
    await house.join("wmA")
    if stamped:
        await stamp(house, "follow:quiet")
    await house.until("11-25 08:00")
    ((_, reason, script),) = await house.rows(TASKS)
    held = reason.endswith("（话术未审核）")
    assert (held, script) == (not stamped, "李静问您好。" if stamped else "")


@pytest.mark.parametrize("stamped", [False, True], ids=["unread", "stamped"])
async def test_step_hands_out_its_script_only_with_a_stamp(house: House, stamped: bool) -> None:
    await house.jump("11-24 10:01")
    use(house, library_of(STEP, SCRIPT))
    await house.work()
    warned = await house.owed()
    assert warned[0] == (
        "shen: ⚠️ 接下来有 1 步的话术还没有审核章，到点照派，不带话术：\n"
        "周三 11 月 25 日 09:00 “跟进”（daily/ask）：一群\n"
        "> 看内容、盖章请发：审核"
    )
    await house.join("wmA")
    if stamped:
        known = house.due.library.plans["daily"]
        step = known.step("ask")
        assert step is not None
        shown = sheet(known, step, house.due.library)
        await house.say("shen", f"审核 daily/ask 通过 {shown.short}", None)
    assert "到点不发" not in (await house.say("li", "本周 一群", None))[0]
    await house.until("11-25 09:01")
    assert await house.rows(TASKS) == [
        (
            "daily/ask/2026-11-25/first/wmA",
            "问问近况" if stamped else "问问近况（话术未审核）",
            "李静问您好。" if stamped else "",
        )
    ]
    assert await house.row("daily/ask/2026-11-25/first") == ("done", "")
