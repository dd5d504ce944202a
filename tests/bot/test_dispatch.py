"""The dispatcher: order per chat, a poisoned event, roster events, the keys of answers."""

import json
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest

from bot.flood import TOO_FAST
from sop.events import (
    ContactAdded,
    ContactRemoved,
    Joined,
    Left,
    ReplyTo,
    RosterChanged,
    Said,
    TagsEdited,
)
from storage import inbox
from tests.house import NOTICE, House, at, opened

HELP = "回答: @我 时可以说：签到、我的奖品；游戏开始后 @我 作答。"


@pytest.fixture
async def house(sqlite_url: str) -> AsyncIterator[House]:
    async with opened(sqlite_url, "11-23 12:00") as one:
        yield one


@pytest.fixture
async def anywhere(database_url: str) -> AsyncIterator[House]:
    """On each kind of database in turn."""
    async with opened(database_url, "11-23 12:00") as one:
        yield one


def said(sender: str, text: str, chat: str = "wrFirst") -> Said:
    return Said(at("11-23 12:00"), sender, chat, text, ReplyTo("aibot_reply", {"url": text}))


async def statuses(house: House) -> list[tuple[Any, ...]]:
    return await house.rows("SELECT id, status, attempts FROM inbox ORDER BY id")


async def poison(house: House, number: int, **values: str) -> None:
    """Spoils a stored event."""
    for column, value in values.items():
        await house.write(f"UPDATE inbox SET {column} = '{value}' WHERE id = {number}")


@pytest.mark.parametrize("spoil", [{"kind": "Unheard"}, {"event": "{}"}])
async def test_poisoned_event_is_set_aside_and_its_chat_goes_on(
    anywhere: House, spoil: dict[str, str]
) -> None:
    """Regression: what could not even be read stopped every chat for ever."""
    house = anywhere
    await house.hear(
        said("wm1", "一"), said("wm2", "二"), said("wm3", "三"), said("wm4", "四", "wrSecond")
    )
    await poison(house, 2, **spoil)
    assert await house.dispatcher.step() == 4
    assert await statuses(house) == [
        (1, "done", 0),
        (2, "pending", 1),
        # Regression: it overtook the one before it.
        (3, "pending", 0),
        (4, "done", 0),
    ]
    await house.work()
    assert await statuses(house) == [
        (1, "done", 0),
        (2, "dead", 5),
        (3, "done", 0),
        (4, "done", 0),
    ]
    assert await house.rows("SELECT member FROM activity WHERE kind = 'message' ORDER BY id") == [
        ("wm1",),
        ("wm4",),
        ("wm3",),
    ]


async def test_failure_in_the_middle_leaves_nothing_of_its_event(house: House) -> None:
    await house.hear(said("wm1", "签到"), said("wm1", "抽奖"))
    gone = dict.fromkeys(("aibot_reply",))
    channels = {k: v for k, v in house.due.runtime._channels.items() if k not in gone}
    whole = house.due
    house.due = replace(whole, runtime=type(whole.runtime)(whole.settings, channels, whole.library))
    assert await house.dispatcher.step() == 2
    assert await statuses(house) == [(1, "pending", 1), (2, "pending", 0)]
    assert await house.rows("SELECT count(*) FROM activity") == [(0,)]
    house.due = whole
    await house.work()
    assert await statuses(house) == [(1, "done", 1), (2, "done", 0)]
    assert await house.rows("SELECT kind, count(*) FROM activity GROUP BY kind ORDER BY 1") == [
        ("checkin", 1),
        ("join", 1),
        ("message", 2),
    ]


async def test_error_is_kept_with_the_event(house: House) -> None:
    await house.hear(said("wm1", "一"))
    await poison(house, 1, kind="Unheard")
    await house.work()
    assert await house.rows("SELECT status, error FROM inbox") == [("dead", "KeyError: 'Unheard'")]


async def test_events_of_a_chat_are_handled_in_their_order(anywhere: House) -> None:
    house = anywhere
    await house.hear(*(said(f"wm{number % 10}", f"第{number}句") for number in range(120)))
    await house.work()
    rows = await house.rows("SELECT target FROM outbox ORDER BY id")
    urls = [(json.loads(one) if isinstance(one, str) else one)["url"] for (one,) in rows]
    assert urls == [f"第{number}句" for number in range(120)]


@pytest.mark.parametrize("floods", [1, 7])
async def test_flooded_group_does_not_slow_another(anywhere: House, floods: int) -> None:
    """5,000 events wait in groups before the one event of another: it is among the first 50."""
    house, now = anywhere, anywhere.clock.now()
    flood = [
        inbox.NewEvent(f"f/{n}", f"wrFlood{n % floods}", "RosterChanged", changed, now)
        for n in range(5_000)
        for changed in [
            {"at": now.isoformat(), "chat_id": f"wrFlood{n % floods}", "what": "change_notice"}
        ]
    ]
    await house.database.write(lambda tx: inbox.add(tx, flood))
    await house.hear(said("wm1", "签到"))
    assert await house.dispatcher.step() == 50
    assert await house.owed() == ["回答: ✅ 签到成功，今天是第 1 天，明天继续。"]
    left = "SELECT count(*) FROM inbox WHERE status = 'pending'"
    assert await house.rows(left) == [(4_951,)]


async def test_every_chat_has_its_turn_when_there_are_more_than_places(anywhere: House) -> None:
    """120 groups with 20 events each: three steps have heard each of them."""
    house, now = anywhere, anywhere.clock.now()
    events = [
        inbox.NewEvent(f"{c}/{n}", chat, "RosterChanged", {**changed, "chat_id": chat}, now)
        for changed in [{"at": now.isoformat(), "what": "change_notice"}]
        for c in range(120)
        for chat in [f"wr{c:03}"]
        for n in range(20)
    ]
    await house.database.write(lambda tx: inbox.add(tx, events))
    assert [await house.dispatcher.step() for _ in range(3)] == [50, 50, 50]
    heard = "SELECT count(DISTINCT order_key), count(*) FROM inbox WHERE status = 'done'"
    assert await house.rows(heard) == [(120, 150)]


async def test_member_who_floods_is_told_once_and_only_counted(house: House) -> None:
    await house.join("wm1", "wm2")
    answers = [await house.say("wm1", "签到") for _ in range(23)]
    assert answers[:2] == [
        ["回答: ✅ 签到成功，今天是第 1 天，明天继续。"],
        ["回答: 今天已经签到过了，连续签到 1 天，明天再来。"],
    ]
    assert answers[19:] == [answers[1], [f"回答: {TOO_FAST}"], [], []]
    counted = "SELECT member, kind, n FROM daily ORDER BY 1, 2"
    assert await house.rows(counted) == [
        ("wm1", "checkin", 1),
        ("wm1", "join", 1),
        ("wm1", "message", 23),
        ("wm2", "join", 1),
    ]
    assert await house.say("wm2", "签到") == answers[0]
    await house.jump("11-23 12:01")
    assert await house.say("wm1", "签到") == answers[1]


async def test_stranger_who_floods_the_bot_in_private_is_answered_no_more(house: House) -> None:
    answers = [await house.say("wmStranger", "您好", None) for _ in range(22)]
    assert [len(one) for one in answers] == [1] * 21 + [0]
    assert answers[20] == [f"wmStranger: {TOO_FAST}"]


async def test_colleague_has_no_limit(house: House) -> None:
    answers = [await house.say("wang", "状态", None) for _ in range(22)]
    assert {len(one) for one in answers} == {1}
    assert len({one for (one,) in answers}) == 1


async def test_event_heard_twice_is_answered_once(house: House) -> None:
    await house.hear(said("wm1", "签到"))
    row = inbox.NewEvent("heard/1", "wrFirst", "Said", {}, house.clock.now())
    assert await house.database.write(lambda tx: inbox.add(tx, [row])) == 0
    await house.work()
    assert len(await house.owed()) == 1


async def test_answers_are_owed_after_the_inbox_was_emptied(house: House) -> None:
    """Regression: SQLite gave the numbers again, and answers were taken for owed already."""
    await house.say("wm1", "签到")
    forget = house.clock.now().replace(day=25)
    assert await house.database.write(lambda tx: inbox.purge(tx, forget)) == 1
    assert await house.say("wm2", "签到") == ["回答: ✅ 签到成功，今天是第 1 天，明天继续。"]


async def test_join_leave_and_change_ask_for_the_roster(house: House) -> None:
    now = house.clock.now()
    await house.hear(
        Joined(now, "wrFirst", ("wm1", "li")),
        Left(now, "wrSecond", ("wm9",)),
        RosterChanged(now, "wrGuided", "change_name"),
        Joined(now, "wrUnknown", ("wm1",)),
    )
    await house.work()
    assert sorted(house.stale) == ["wrFirst", "wrGuided", "wrSecond", "wrUnknown"]
    assert await house.owed() == [f"first: 👋 欢迎新朋友加入一群！{NOTICE}"]
    assert await house.rows("SELECT member, community FROM membership") == [("wm1", "first")]
    assert await house.rows("SELECT action, subject, detail FROM audit") == [
        ("群变更", "wrGuided", "change_name")
    ]


async def test_join_of_staff_or_of_nobody_named_greets_nobody(house: House) -> None:
    now = house.clock.now()
    await house.hear(Joined(now, "wrFirst", ("li", "wang")), Joined(now, "wrFirst", ()))
    await house.work()
    assert await house.owed() == []
    assert await house.rows("SELECT count(*) FROM membership") == [(0,)]


GREETED = "SELECT quiet_hours, zone, dedup_key FROM outbox WHERE channel = 'group_robot' ORDER BY 3"
MORNING = "2026-11-24T00:30:00+00:00#0"


async def test_newcomers_of_a_night_are_greeted_together_in_the_morning(
    database_url: str,
) -> None:
    """Regression: each of them woke the whole group."""
    async with opened(database_url, "11-23 21:29") as house:
        assert await house.join("wm1") == [f"first: 👋 欢迎新朋友加入一群！{NOTICE}"]
        await house.jump("11-23 21:30")
        assert await house.join("wm2") == [f"first: 👋 欢迎夜里进群的新朋友加入一群！{NOTICE}"]
        await house.jump("11-24 08:29")
        assert await house.join("wm3", "wm4") == []
        joined = await house.join("wm5", community="second")
        assert joined == [f"second: 👋 欢迎夜里进群的新朋友加入二群！{NOTICE}"]
        assert await house.rows(GREETED) == [
            ("21:30-08:30", "Asia/Shanghai", "event/heard/1#0"),
            ("21:30-08:30", "Asia/Shanghai", f"greeting/first/{MORNING}"),
            ("21:30-08:30", "Asia/Shanghai", f"greeting/second/{MORNING}"),
        ]
        await house.jump("11-24 08:30")
        assert await house.join("wm6") == [f"first: 👋 欢迎新朋友加入一群！{NOTICE}"]
        assert await house.rows("SELECT count(*) FROM membership") == [(6,)]


async def test_member_who_leaves_and_comes_back_has_two_stays(house: House) -> None:
    now = house.clock.now()
    await house.join("wm1")
    await house.hear(Left(now, "wrFirst", ("wm1",)), Left(now, "wrUnknown", ("wm1",)))
    await house.work()
    await house.say("wm1", "签到")
    stays = "SELECT member, left_at IS NULL FROM membership ORDER BY id"
    assert [(one, bool(still)) for one, still in await house.rows(stays)] == [
        ("wm1", False),
        ("wm1", True),
    ]


@pytest.mark.parametrize(
    ("event", "audited"),
    [
        (ContactAdded(at("11-23 12:00"), "li", "wm1", "", "w"), ("li", "添加客户", "渠道 未知")),
        (ContactAdded(at("11-23 12:00"), "li", "wm1", "c7", "w"), ("li", "添加客户", "渠道 c7")),
        (
            ContactRemoved(at("11-23 12:00"), "li", "wm1", True),
            ("li", "解除好友", "客户删除了客户经理"),
        ),
        (
            ContactRemoved(at("11-23 12:00"), "li", "wm1", False),
            ("li", "解除好友", "客户经理删除了客户"),
        ),
        (TagsEdited(at("11-23 12:00"), "li", "wm1"), ("li", "在企业微信改了标签或备注", "")),
    ],
)
async def test_what_happens_between_colleague_and_customer_is_audited(
    house: House, event: Any, audited: tuple[str, str, str]
) -> None:
    await house.hear(event)
    await house.work()
    assert await house.rows("SELECT actor, action, detail FROM audit") == [audited]


@pytest.mark.parametrize(
    ("sender", "community", "answer"),
    [
        (
            "wm1",
            None,
            "wm1: 您好，我是社群助手。这里只接受本行同事的指令；有问题请联系您的客户经理。",
        ),
        ("wm1", "first", HELP),
        ("li", None, "li: 没看懂这条指令。发“帮助”看看能做什么。"),
        (
            "li",
            "first",
            "回答: 没看懂这条指令，发“帮助”看看能做什么。游戏和抽奖请成员参加，员工不计名次。",
        ),
    ],
)
async def test_words_without_a_meaning(
    house: House, sender: str, community: str | None, answer: str
) -> None:
    assert await house.say(sender, "一二三四五", community) == [answer]


async def test_group_that_is_not_served(house: House) -> None:
    await house.hear(said("li", "今日", "wrElsewhere"))
    await house.work()
    assert await house.owed() == [
        "回答: 这个群还没有接入群运。请管理员在 config.yaml 里加上 chat_id: wrElsewhere"
    ]


async def test_endless_message_is_answered_with_help(house: House) -> None:
    assert await house.say("wm1", "签到" * 5000) == [HELP]


async def test_member_who_speaks_before_the_join_is_heard_of_is_a_member(house: House) -> None:
    await house.say("wm1", "签到")
    assert await house.rows("SELECT member, community FROM membership") == [("wm1", "first")]
    assert (await house.join("wm1")) == [f"first: 👋 欢迎新朋友加入一群！{NOTICE}"]
    assert await house.rows("SELECT count(*) FROM membership") == [(1,)]
