"""线索, 邀请, 渠道 as colleagues type them."""

import json
from collections.abc import AsyncIterator, Mapping
from datetime import timedelta
from typing import Any

import pytest

from bot.archive_feed import ArchiveFeed
from bot.wecom.message_archive import Record
from sop.events import Wrote
from storage import channel_ways, leads, onboarding
from storage.channel_ways import Wanted
from storage.leads import NewLead
from tests.house import FIRST, House, at, library_of, opened

CALL: Mapping[str, Any] = {
    "channel": "call",
    "title": "外呼",
    "applies_to": {"labels": ["all"]},
    "welcome": "您好。",
    "invitation": "欢迎来“{{ community.name }}”。",
    "leads": {
        "verification": "我是{{ owner }}，留了{{ benefit }}",
        "scripts": {"first": "{{ member }}，您好，我是{{ owner }}。"},
        "benefits": [{"name": "gift", "text": "礼品"}],
    },
}


@pytest.fixture
async def house(sqlite_url: str) -> AsyncIterator[House]:
    async with opened(sqlite_url, "11-24 10:00", library_of(CALL)) as one:
        await one.owed()
        yield one


def lead(line: int, name: str, staff: str = "li", priority: int = 2, note: str = "") -> NewLead:
    number, now = f"1381234{line:04}", at("11-24 09:00")
    shown = f"138****{line:04}"
    offer = ("gift", "礼品")
    return NewLead(
        "四月", line, "call", name, "sealed", number, shown, priority, staff, "", *offer, note, now
    )


async def fill(house: House, *rows: NewLead) -> None:
    await house.database.write(lambda tx: leads.add(tx, rows))


async def test_leads_are_listed_by_priority(house: House) -> None:
    await fill(house, lead(2, "王女士"), lead(3, "张先生", priority=1, note="下午打"))
    await fill(house, lead(4, "别人的", staff="chen"))
    assert await house.say("li", "线索", None) == [
        "li: **线索**　还有 2 位\n"
        "2. 张先生　138****0003　优先级 1　礼品　下午打\n"
        "1. 王女士　138****0002　优先级 2　礼品\n"
        "> 看话术：线索 2　记结果：线索 2 加上了（或 没接、不要）"
    ]
    assert await house.say("wang", "线索 全部", None) == [
        "wang: **线索**　还没打完的\n李静：2 位\n陈明：1 位"
    ]


async def test_lead_comes_with_what_to_say(house: House) -> None:
    await fill(house, lead(2, "王女士"))
    assert await house.say("li", "线索 1", None) == [
        "li: **王女士**　138****0002　优先级 2　还没打\n下面依次是：电话话术、加好友的验证语",
        "li: 王女士，您好，我是李静。",
        "li: 我是李静，留了礼品",
    ]


async def test_result_is_kept_and_taken_back(house: House) -> None:
    await fill(house, lead(2, "王女士"), lead(3, "张先生"))
    query = "SELECT status, note, done_at IS NULL FROM lead WHERE id = 1"
    said = await house.say("li", "线索 1 没接 晚上再打", None)
    seen = [said, await house.rows(query)]
    seen += [await house.say("li", "线索 1 不要", None), await house.rows(query)]
    await house.say("li", "撤销", None)
    seen.append(await house.rows(query))
    assert seen == [
        ["li: 📝 王女士：没接。还有 2 位。\n> 反悔请发：撤销"],
        [("unanswered", "晚上再打", 1)],
        ["li: 📝 王女士：不要。还有 1 位。\n> 反悔请发：撤销"],
        [("refused", "晚上再打", 0)],
        [("unanswered", "晚上再打", 1)],
    ]


async def test_lead_that_was_added_is_tied_to_the_new_contact(house: House) -> None:
    await fill(house, lead(2, "王女士"))

    def meet(tx: Any) -> None:
        onboarding.meet(tx, "wm1", "li", "call", at("11-24 09:30"), "none", None)
        onboarding.name(tx, "wm1", "王女士", at("11-24 09:30"))

    await house.database.write(meet)
    await house.say("li", "线索 1 加上了", None)
    assert await house.rows("SELECT status, member FROM lead") == [("added", "wm1")]


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("线索 9", "您名下没有 9 号线索，发“线索”看编号。"),
        ("线索 1", "您名下没有 1 号线索，发“线索”看编号。"),
        ("线索 2 好了", "“好了”看不懂，结果写：加上了、没接、不要。"),
        ("线索 全部", "“线索 全部”只有运营和主管可以看。"),
    ],
)
async def test_leads_of_others_are_nobodys_business(house: House, line: str, said: str) -> None:
    await fill(house, lead(2, "别人的", staff="chen"), lead(3, "张先生"))
    (answer,) = await house.say("li", line, None)
    assert answer.split("\n")[0] == f"li: {said}"


async def meet(house: House, member: str, name: str, gate: str = "none") -> None:
    def work(tx: Any) -> None:
        onboarding.meet(tx, member, "li", "call", house.clock.now(), gate, None)
        onboarding.name(tx, member, name, house.clock.now())

    await house.database.write(work)


async def way_in(house: House) -> None:
    def work(tx: Any) -> None:
        channel_ways.want(tx, Wanted("call", "group", FIRST, "call", "s"), house.clock.now())
        (way,) = channel_ways.every_way(tx)
        channel_ways.made(tx, way, "c1", "https://qr.example/1", house.clock.now())

    await house.database.write(work)


async def test_invitation_is_handed_over_alone(house: House) -> None:
    await meet(house, "wm1", "王芳")
    await way_in(house)
    assert await house.say("li", "邀请 王芳", None) == [
        "li: 💌 请把下面这段转发给王芳，扫码就能进“一群”。",
        "li: 欢迎来“一群”。\nhttps://qr.example/1",
    ]
    assert await house.rows("SELECT invited_at IS NULL FROM arrival") == [(0,)]


@pytest.mark.parametrize(("text", "answers"), [(" 进群 ", 2), ("我想进群", 0), ("好", 0)])
async def test_keyword_from_the_archive_brings_the_invitation(
    house: House, text: str, answers: int
) -> None:
    await meet(house, "wm1", "王芳")
    await way_in(house)
    await house.hear(Wrote(house.clock.now(), "wm1", "li", text))
    await house.hear(Wrote(house.clock.now(), "wm2", "li", text))
    await house.work()
    owed = await house.owed()
    marks = "SELECT asked_in_at IS NOT NULL, invited_at IS NOT NULL FROM arrival"
    assert len(owed) == answers
    assert await house.rows(marks) == [(bool(answers), bool(answers))]


class Archive:
    """A message archive with these records, and no more."""

    def __init__(self, *records: Record) -> None:
        self._records = records

    async def fetch(self, seq: int, limit: int) -> list[Record]:
        return [one for one in self._records if one.seq > seq][:limit]

    async def room_consents(self, room: str) -> list[dict[str, Any]]:
        return []


async def test_archive_hands_on_short_words_of_who_agreed(house: House) -> None:
    now = house.clock.now()

    def written(seq: int, sender: str, text: str, to: str = "li", kind: str = "text") -> Record:
        return Record(seq, f"m{seq}", "send", sender, "", now, kind, text, to)

    source = Archive(
        written(1, "wm1", "", "", "agree"),
        written(2, "wm1", "进群"),
        written(3, "wm1", "这句话比任何一个关键词都要长得多"),
        written(4, "wm1", "进群", "somebody"),
        written(5, "li", "进群", "wm1"),
        written(6, "wm2", "进群"),
    )
    feed = ArchiveFeed(house.database, source, source, house.settings, house.clock)
    await feed.step()
    kept = await house.rows("SELECT kind, order_key, event FROM inbox WHERE kind = 'Wrote'")
    assert [(kind, key, json.loads(event)["text"]) for kind, key, event in kept] == [
        ("Wrote", "wm1", "进群")
    ]


@pytest.mark.parametrize(
    ("gate", "line", "said"),
    [
        ("no", "邀请 王芳", "王芳核对下来不是本行客户，不能邀请进群。"),
        ("waiting", "邀请 王芳", "王芳的客户身份还在核对，核对好会告诉您，请过一会儿再邀请。"),
        (
            "yes",
            "邀请 王芳",
            "“一群”的入群二维码还没有开出来，请过几分钟再发，或请管理员看渠道列表。",
        ),
        (
            "yes",
            "邀请 李四",
            "没有找到“李四”。只能邀请最近加了您好友的客户，可以只写名字的一部分。",
        ),
        ("yes", "邀请", "请写客户的名字。"),
    ],
)
async def test_nobody_is_invited_by_mistake(house: House, gate: str, line: str, said: str) -> None:
    await meet(house, "wm1", "王芳", gate)
    (answer,) = await house.say("li", line, None)
    assert answer.split("\n")[0] == f"li: {said}"
    assert await house.rows("SELECT invited_at IS NULL FROM arrival") == [(1,)]


async def test_two_of_a_name_are_told_apart(house: House) -> None:
    await meet(house, "wm1", "王芳")
    await house.clock.advance(timedelta(minutes=1))
    await meet(house, "wm2", "王芳芳")
    await way_in(house)
    assert await house.say("li", "邀请 王", None) == [
        "li: 名字里有“王”的客户不止一位，请写明是哪一位：\n王芳芳：邀请 wm2\n王芳：邀请 wm1"
    ]
    assert (await house.say("li", "邀请 王芳", None))[0].startswith(
        "li: 💌 请把下面这段转发给王芳，"
    )
    assert (await house.say("li", "邀请 wm2", None))[0].startswith(
        "li: 💌 请把下面这段转发给王芳芳，"
    )


async def test_channels_show_how_far_their_customers_got(house: House) -> None:
    await meet(house, "wm1", "王芳")
    await meet(house, "wm2", "李四", "no")
    await house.join("wm1")
    await house.owed()
    await fill(house, lead(2, "甲"), lead(3, "乙"))
    await house.database.write(lambda tx: leads.settle(tx, 1, "added", "", None, None))
    await house.clock.advance(timedelta(minutes=1))
    assert await house.say("wang", "渠道", None) == [
        "wang: **渠道**　最近 30 天（10 月 25 日起）\n\n"
        "外呼\n添加 2 → 通过核对 1 → 欢迎 0 → 邀请 0 → 进群 1 → 玩游戏 0 → 抽奖 0\n"
        "不是本行客户 1 位（另计）\n\n"
        "名单线索，按权益\n外呼·gift：共 2，打过 1，加上 1（100%）"
    ]


async def test_words_after_a_command_that_takes_none_are_refused(house: House) -> None:
    assert await house.say("wang", "渠道 外呼", None) == [
        "wang: 没有看懂“外呼”，这条指令后面不用写别的。\n用法：渠道\n例：渠道"
    ]
