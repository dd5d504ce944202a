"""Callbacks about groups and contacts in any order, twice and lost: one end, over real HTTP."""

import random
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from bot.housekeeping import Housekeeping
from bot.letters import Origin
from bot.relations import Relations
from bot.roster import LAG, Roster
from sop.events import (
    ArchiveAgreed,
    ContactAdded,
    ContactRemoved,
    Event,
    Joined,
    Left,
    RosterChanged,
    TagsEdited,
    TransferFailed,
)
from tests.house import CHATS, House, opened

FIRST = CHATS["first"]
STATE = {
    "membership": "SELECT s.community, s.member, m.name, s.joined_at FROM membership s "
    "JOIN member m ON m.id = s.member WHERE s.left_at IS NULL ORDER BY 1, 2",
    "group_state": "SELECT chat_id, owner, name, version, members FROM group_state ORDER BY 1",
    "relation": "SELECT member, staff, since, remark, half FROM relation WHERE ended_at IS NULL "
    "ORDER BY 1, 2",
}
TABLES = ("membership", "member", "group_state", "relation", "inbox", "activity", "daily", "outbox")


class Readers:
    """Who reads groups and contacts, wired as in the application."""

    def __init__(self, house: House) -> None:
        def tell(tx: Any, effects: Any, key: str, now: Any) -> None:
            house.due.runtime.apply(tx, effects, Origin(key, now))

        self.house = house
        self.roster = Roster(house.database, house.api, house.settings, house.clock, tell=tell)
        self.relations = Relations(house.database, house.api, house.settings, house.clock)

    async def read(self) -> None:
        while await self.roster.step() + await self.relations.step():
            pass

    async def hear(self, *events: Event) -> None:
        """They arrive; what they leave open is asked of WeCom a moment later."""
        await self.house.hear(*events)
        await self.house.work()
        for event in events:
            if isinstance(event, Joined | Left | RosterChanged):
                if event.chat_id in self.house.stale:
                    self.roster.stale(event.chat_id)
            else:
                self.relations.unsure(event.member)
        await self.house.clock.advance(LAG)
        await self.read()

    async def state(self) -> dict[str, list[Any]]:
        return {name: await self.house.rows(query) for name, query in STATE.items()}


async def test_any_order_with_repetitions_ends_alike(bureau: Any) -> None:
    house, readers = bureau.house, Readers(bureau.house)
    await readers.read()
    saved = {name: await house.rows(f"SELECT * FROM {name}") for name in TABLES}
    events = await _a_busy_morning(bureau)
    ends = []
    chance = random.Random(7)
    for _ in range(25):
        await _restore(house, saved)
        order = [one for one in events for _ in range(chance.choice((1, 1, 2, 3)))]
        chance.shuffle(order)
        house.stale.clear()
        await readers.hear(*order)
        ends.append(await readers.state())
    assert ends == [ends[0]] * 25
    present = [(row[0], row[1]) for row in ends[0]["membership"]]
    assert present == [
        ("first", "wm1"),
        ("first", "wm3"),
        ("first", "wm4"),
        ("guided", "wm2"),
        ("second", "wm3"),
    ]
    assert [(row[0], row[1], row[3], bool(row[4])) for row in ends[0]["relation"]] == [
        ("wm1", "li", "王姐", False),
        ("wm2", "chen", "", False),
    ]


async def _a_busy_morning(bureau: Any) -> list[Event]:
    """wm1 leaves and comes back, wm2 leaves, wm3 and wm4 come; wm1 becomes and stays li's
    customer, wm2 is chen's after all, wm3 was li's for a while."""
    sandbox, clock = bureau.sandbox, bureau.house.clock
    group = sandbox.world.groups[FIRST]
    events: list[Event] = []

    async def change(what: type[Joined | Left], member: str, act: Callable[[], object]) -> None:
        await clock.advance(timedelta(seconds=7))
        before = group.version()
        act()
        after = group.version()
        if what is Joined:
            events.append(Joined(clock.now(), FIRST, (member,), 3, before, after))
        else:
            events.append(Left(clock.now(), FIRST, (member,), False, before, after))

    actions, mine = sandbox.actions, sandbox.group_actions
    await change(Left, "wm1", lambda: actions.leave(FIRST, "wm1"))
    await change(Joined, "wm3", lambda: actions.join(FIRST, member="wm3"))
    await change(Joined, "wm1", lambda: actions.join(FIRST, member="wm1"))
    await change(Left, "wm2", lambda: actions.leave(FIRST, "wm2"))
    await change(Joined, "wm4", lambda: actions.join(FIRST, member="wm4"))
    mine.rename(FIRST, "一群（新）")
    events.append(RosterChanged(clock.now(), FIRST, "change_name"))
    for staff, member, half in (("li", "wm1", True), ("li", "wm3", False), ("chen", "wm2", False)):
        (mine.add_half if half else actions.add_contact)(staff, member)
        events.append(ContactAdded(clock.now(), staff, member, "", "w", half))
        await clock.advance(timedelta(seconds=7))
    mine.add_back("li", "wm1")
    events.append(ContactAdded(clock.now(), "li", "wm1", "", ""))
    mine.remark("li", "wm1", "王姐")
    events.append(TagsEdited(clock.now(), "li", "wm1"))
    actions.remove_contact("li", "wm3")
    events.append(ContactRemoved(clock.now(), "li", "wm3", by_customer=True))
    actions.remove_contact("chen", "wm2")
    events.append(ContactRemoved(clock.now(), "chen", "wm2", by_customer=True))
    await clock.advance(timedelta(seconds=7))
    actions.add_contact("chen", "wm2")
    events.append(ContactAdded(clock.now(), "chen", "wm2", "", "w"))
    return events


async def _restore(house: House, saved: dict[str, list[tuple[Any, ...]]]) -> None:
    def work(tx: Any) -> None:
        for name in TABLES:
            tx.exec_driver_sql(f"DELETE FROM {name}")
        for name in ("member", "membership", "group_state", "relation", "activity", "daily"):
            for row in saved[name]:
                marks = ", ".join("?" for _ in row)
                tx.exec_driver_sql(f"INSERT INTO {name} VALUES ({marks})", row)

    await house.database.write(work)


async def test_version_that_fits_needs_no_reading(bureau: Any) -> None:
    house, readers = bureau.house, Readers(bureau.house)
    await readers.read()
    group = bureau.sandbox.world.groups[FIRST]
    last = group.version()
    bureau.sandbox.actions.leave(FIRST, "wm1")
    await readers.hear(Left(house.clock.now(), FIRST, ("wm1",), False, last, group.version()))
    assert house.stale == []
    versions = await house.rows(f"SELECT version FROM group_state WHERE chat_id = '{FIRST}'")
    assert versions == [(group.version(),)]
    last = group.version()
    bureau.sandbox.actions.leave(FIRST, "wm2")  # its callback is lost
    lost = group.version()
    bureau.sandbox.actions.join(FIRST, member="wm4")
    await readers.hear(Joined(house.clock.now(), FIRST, ("wm4",), 3, lost, group.version()))
    assert house.stale == [FIRST]
    present = await house.rows(
        "SELECT member FROM membership WHERE community = 'first' AND left_at IS NULL"
    )
    repairs = await house.rows("SELECT kind, subject, member FROM repair")
    assert (present, repairs, last != lost) == ([("wm4",)], [("leave", FIRST, "wm2")], True)


async def test_lost_callbacks_are_mended_at_night_and_counted(bureau: Any) -> None:
    house, readers = bureau.house, Readers(bureau.house)
    await readers.read()
    sandbox = bureau.sandbox
    sandbox.actions.join(FIRST, member="wm4")
    sandbox.actions.leave(FIRST, "wm1")
    sandbox.actions.add_contact("li", "wm2")
    sandbox.group_actions.rename(FIRST, "一群（新）")
    await house.clock.advance(timedelta(days=1))
    await readers.read()
    repairs = "SELECT kind, subject, member, detail FROM repair ORDER BY id"
    assert await house.rows(repairs) == [
        ("join", FIRST, "wm4", ""),
        ("leave", FIRST, "wm1", ""),
        ("group_name", FIRST, "", "一群 → 一群（新）"),
        ("contact", "li", "wm2", ""),
    ]
    counted = Housekeeping(house.database, house.clock)
    for _ in range(2):
        await counted.look()
        lines = [one for one in counted.metrics().decode().split("\n") if "repairs_total{" in one]
        assert lines == [
            'qunyun_repairs_total{kind="contact"} 1.0',
            'qunyun_repairs_total{kind="group_name"} 1.0',
            'qunyun_repairs_total{kind="join"} 1.0',
            'qunyun_repairs_total{kind="leave"} 1.0',
        ]
    await house.clock.advance(timedelta(days=1))
    await readers.read()
    assert len(await house.rows(repairs)) == 4


@pytest.mark.parametrize("lost", [False, True])
async def test_new_owner_is_told_of_once_and_confirms_from_now_on(bureau: Any, lost: bool) -> None:
    house, readers = bureau.house, Readers(bureau.house)
    await readers.read()
    await house.owed()
    bureau.sandbox.group_actions.pass_on(CHATS["guided"], "wang")
    if lost:
        await house.clock.advance(timedelta(days=1))
        await readers.read()
    else:
        await readers.hear(RosterChanged(house.clock.now(), CHATS["guided"], "change_owner"))
    text = (
        "⚠️ “客户群”的群主从陈明变成了王强：群发任务从现在起由王强确认。"
        "请管理员把 config.yaml 里 guided 的 owner 改成 wang。"
    )
    told = [one for one in await house.owed() if "群主" in one]
    assert told == [f"chen: {text}", f"wang: {text}"]
    owners = await house.rows("SELECT owner FROM group_state WHERE community = 'guided'")
    repairs = await house.rows("SELECT kind, detail FROM repair")
    assert (owners, repairs) == ([("wang",)], [("group_owner", "chen → wang")] if lost else [])
    await house.clock.advance(timedelta(days=1))
    await readers.read()
    assert [one for one in await house.owed() if "群主" in one] == []


@pytest.mark.parametrize("lost", [False, True])
async def test_dismissed_group_stops_its_plans_and_is_told_of_once(bureau: Any, lost: bool) -> None:
    house, readers = bureau.house, Readers(bureau.house)
    await readers.read()
    await house.owed()
    bureau.sandbox.group_actions.dismiss(FIRST)
    if lost:
        await house.clock.advance(timedelta(days=1))
        await readers.read()
    event = RosterChanged(house.clock.now(), FIRST, "dismiss")
    await readers.hear(event, event)
    text = "⚠️ “一群”已经解散：它的计划停了，不再发送。请管理员从 config.yaml 里去掉社群 first。"
    told = [one for one in await house.owed() if "解散" in one]
    assert told == [f"li: {text}", f"wang: {text}"]
    paused = await house.rows("SELECT id FROM community WHERE paused")
    repairs = await house.rows("SELECT kind FROM repair")
    there = await house.rows("SELECT count(*) FROM membership WHERE left_at IS NULL")
    assert (paused, repairs, there) == ([("first",)], [("dismissed",)] if lost else [], [(4,)])


async def test_half_added_customer_is_kept_though_wecom_tells_nothing(bureau: Any) -> None:
    house, readers = bureau.house, Readers(bureau.house)
    await readers.read()
    bureau.sandbox.group_actions.add_half("li", "wm1", "qr7")
    await readers.hear(ContactAdded(house.clock.now(), "li", "wm1", "qr7", "w", half=True))
    half = "SELECT member, state, half, ended_at FROM relation"
    assert await house.rows(half) == [("wm1", "qr7", 1, None)]
    await house.clock.advance(timedelta(days=1))
    await readers.read()
    assert await house.rows(half) == [("wm1", "qr7", 1, None)]
    bureau.sandbox.group_actions.add_back("li", "wm1")
    await house.clock.advance(timedelta(days=1))
    await readers.read()
    assert await house.rows(half) == [("wm1", "qr7", 0, None)]


async def test_what_became_of_a_transfer_is_recorded(bureau: Any) -> None:
    house = bureau.house
    now = house.clock.now()
    await house.hear(
        ContactAdded(now, "li", "wm1", "", "w"),
        ContactRemoved(now, "li", "wm1", by_customer=False, passed_on=True),
        TransferFailed(now, "chen", "wm1", "customer_limit_exceed"),
        TransferFailed(now, "chen", "wm1", "something_new"),
        ArchiveAgreed(now, "li", "wm1"),
    )
    await house.work()
    audit = await house.rows("SELECT actor, action, detail FROM audit WHERE subject = 'wm1'")
    assert audit[1:] == [
        ("li", "解除好友", "客户转给了别的同事"),
        ("chen", "客户继承失败", "接手的同事客户数已满"),
        ("chen", "客户继承失败", "something_new"),
    ]
    assert await house.rows("SELECT member, agreed FROM archive_consent") == [("wm1", 1)]


async def test_too_many_calls_give_wecom_a_rest(sqlite_url: str, canned: Any) -> None:
    """One refusal for frequency, and no group and no colleague is asked about for a minute."""
    async with opened(sqlite_url, "11-23 09:00", service=canned.url) as house:
        readers = Readers(house)
        canned.answers = [(200, {"errcode": 45009, "errmsg": "api freq out of limit"})]
        assert await readers.roster.step() + await readers.relations.step() == 0
        asked = len(canned.asked)
        await house.clock.advance(timedelta(seconds=59))
        assert await readers.roster.step() + await readers.relations.step() == 0
        assert (asked, len(canned.asked)) == (3, 3)  # the token, one group, one colleague
        people = [{"userid": "li", "type": 1}]
        canned.answers = [(200, {"errcode": 0, "group_chat": {"member_list": people}})]
        await house.clock.advance(timedelta(seconds=1))
        assert await readers.roster.step() == 3


@pytest.mark.parametrize(
    "answer",
    [
        (503, {}),
        (200, {"errcode": 60011, "errmsg": "no privilege"}),
        (200, {"errcode": 0, "external_contact_list": []}),
        (200, {"errcode": 0}),
        (200, {"errcode": 0, "external_contact_list": ["wm1"]}),
    ],
)
async def test_contacts_that_cannot_be_read_stay(
    sqlite_url: str, canned: Any, answer: tuple[int, Any]
) -> None:
    async with opened(sqlite_url, "11-23 09:00", service=canned.url) as house:
        await house.hear(
            ContactAdded(house.clock.now(), "li", "wm1", "", ""),
            ContactAdded(house.clock.now(), "chen", "wm1", "", ""),
        )
        await house.work()
        await house.clock.advance(timedelta(minutes=1))
        canned.answers = [answer]
        assert await Readers(house).relations.step() == 0
        kept = await house.rows("SELECT count(*) FROM relation WHERE ended_at IS NULL")
        assert kept == [(2,)]
        canned.answers = [(200, {"errcode": 84061, "errmsg": "not external contact"})]
        assert await Readers(house).relations.step() == 2
        kept = await house.rows("SELECT count(*) FROM relation WHERE ended_at IS NULL")
        assert kept == [(0,)]
