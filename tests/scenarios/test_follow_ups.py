"""Follow-ups through the whole program: rules find members at night, RMs work through them, and
whatever happens nothing is forgotten."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import time, timedelta
from random import Random
from typing import Any

import pytest

from bot.digest_settings import DigestSettings
from bot.due import Due
from bot.letters import Origin
from sop.effects import BecomeContact, Count, Depart, FollowUp, OptOut, Tag
from sop.follow_ups import days_late, may_hold
from storage import follow_ups, people
from storage.follow_ups import FollowUpRow
from tests.house import FIRST, GUIDED, ZONE, House, at, content, library_of, opened

PLAN = {
    "plan": "days",
    "title": "每天",
    "applies_to": {"labels": ["first"]},
    "week": {"monday": [content("brief", "09:30")]},
}
SCRIPT = {"script": "hello", "title": "问候", "text": "您好，我是{{ owner }}。"}
RULE = {
    "follow": "quiet",
    "applies_to": {"labels": ["all"]},
    "who": {"silent_for": "14d"},
    "reason": "两周没动静了",
    "script": "hello",
    "priority": 1,
    "due": 1,
    "cool_down": "10d",
    "at_most": 2,
}
NAMES = {"wm1": "王芳", "wm2": "赵敏", "wm3": "钱进", "wm4": "孙丽"}
Rows = list[tuple[Any, ...]]


async def do(house: House, *effects: Any) -> None:
    now = house.clock.now()
    origin = Origin(f"test/{now.isoformat()}/{effects}", now)
    await house.database.write(lambda tx: house.due.runtime.apply(tx, effects, origin))


async def come(house: House, community: str, *who: str) -> None:
    """They have been there since October and did nothing."""

    def arrive(tx: Any) -> None:
        for one in who:
            people.arrive(tx, community, one, NAMES.get(one, one), "", at("10-01 10:00"))

    await house.database.write(arrive)


async def tasks(house: House) -> Rows:
    query = "SELECT member, staff, status, result FROM follow_up ORDER BY id"
    return await house.rows(query)


@pytest.fixture
async def house(database_url: str) -> AsyncIterator[House]:
    """Sunday evening; three quiet members of the first community, one of the customers' group."""
    library = library_of(PLAN, SCRIPT, RULE)
    async with opened(database_url, "11-22 20:00", library) as one:
        await come(one, FIRST, "wm1", "wm2", "wm3")
        await come(one, GUIDED, "wm4")
        yield one


async def test_rule_hands_over_at_night_with_numbers_script_and_day(house: House) -> None:
    await house.until("11-23 04:00")
    assert await house.owed() == []  # the digest says it
    query = (
        "SELECT member, community, staff, reason, script, priority, source FROM follow_up"
        " ORDER BY id"
    )
    why = "两周没动静了：入群 52 天，一直没有活跃行为（至少 14 天）"
    assert await house.rows(query) == [
        ("wm1", FIRST, "li", why, "您好，我是李静。", 1, "rule"),
        ("wm2", FIRST, "li", why, "您好，我是李静。", 1, "rule"),
        ("wm4", GUIDED, "chen", why, "您好，我是陈明。", 1, "rule"),
    ]
    rows = await house.database.read(lambda tx: follow_ups.every_open(tx))
    assert {row.due_at for row in rows} == {at("11-23 18:00")}
    await house.until("11-25 04:00")  # the third one's turn; nobody is handed over twice
    assert [row[0] for row in await tasks(house)] == ["wm1", "wm2", "wm4", "wm3"]


async def test_rule_hands_to_who_has_the_member_as_a_contact(house: House) -> None:
    now = house.clock.now()
    await do(house, BecomeContact("chen", "wm3", "", at=now))
    await do(house, Tag("wm1", "勿扰", "li", ""), OptOut("wm2"))
    await house.until("11-23 04:00")
    found = [(member, staff) for member, staff, _, _ in await tasks(house)]
    assert found == [("wm3", "chen"), ("wm4", "chen")]
    assert (await house.say("chen", "跟进", None))[0].startswith(
        "chen: **跟进**　2 位，今天 2 位\n1. 🔴 钱进（一群）"
    )
    await house.until("11-24 04:00")
    assert [row[:2] for row in await tasks(house)] == found


async def test_rule_rests_after_it_was_done(house: House) -> None:
    await house.until("11-23 09:00")
    await house.say("li", "完成 1 聊过了", None)
    await house.until("12-03 00:00")
    assert [row[0] for row in await tasks(house)].count("wm1") == 1
    await house.until("12-04 04:00")
    assert [row[0] for row in await tasks(house)].count("wm1") == 2


async def test_who_leaves_or_opts_out_is_followed_up_no_more(house: House) -> None:
    await house.until("11-23 09:00")
    await house.say("li", "跟进 赵敏 她自己说想聊聊", None)
    await do(house, Depart(FIRST, "wm1"), OptOut("wm2"), OptOut("wm4"))
    assert (await tasks(house))[0] == ("wm1", "li", "dropped", "已退群")
    await house.until("11-24 04:00")
    assert await tasks(house) == [
        ("wm1", "li", "dropped", "已退群"),
        ("wm2", "li", "dropped", "已退出统计"),
        ("wm4", "chen", "dropped", "已退出统计"),
        ("wm2", "li", "open", ""),
        ("wm3", "li", "open", ""),
    ]


@pytest.mark.parametrize(
    ("joins", "friend", "ended"),
    [
        (False, True, ("open", "")),
        (True, True, ("dropped", "已经进群")),
        (False, False, ("dropped", "已经不是好友")),
    ],
)
async def test_silence_of_a_newcomer_ends_by_itself(
    house: House, joins: bool, friend: bool, ended: tuple[str, str]
) -> None:
    now = house.clock.now()
    if friend:
        await do(house, BecomeContact("chen", "wm9", "", at=now))
    due = at("11-24 18:00")
    await do(house, FollowUp(FIRST, "wm9", "chen", "没进群", due, "silence/1", source="silence"))
    if joins:
        await house.join("wm9")
    await house.until("11-23 04:00")
    found = [row for row in await tasks(house) if row[0] == "wm9"]
    assert found == [("wm9", "chen", *ended)]


async def test_colleague_who_is_gone_passes_on_to_the_owner(house: House) -> None:
    due = at("11-30 18:00")
    await do(house, FollowUp(FIRST, "wm3", "gone", "问候", due, "p/s/1/first/wm3"))
    await house.until("11-23 04:00")
    assert [row for row in await tasks(house) if row[0] == "wm3"] == [("wm3", "li", "open", "")]
    assert await house.owed() == ["li: 📞 “一群”有 1 条跟进没有人负责了，转给您。\n> 看名单：跟进"]


async def test_staff_are_never_followed_up(house: House) -> None:
    await do(house, FollowUp(FIRST, "li", "chen", "问候", at("11-30 18:00"), "k"))
    assert await tasks(house) == []


# --- nothing is forgotten ------------------------------------------------------------------------


def _with_digest(due: Due) -> Due:
    return replace(due, settings=replace(due.settings, digest=DigestSettings(time(8, 45), {})))


async def _act(house: House, chance: Random, rows: list[FollowUpRow]) -> None:
    """Something that happens to a random follow-up, or to a random member."""
    member = chance.choice([*NAMES])
    one = chance.choice(rows) if rows else None
    kinds = ["note", "leave", "come", "speak", "stray"]
    kinds += ["done", "drop", "hand", "later", "press", "undo"] * 2 if one else []
    match chance.choice(kinds), one:
        case "note", _:
            await house.say("wang", f"跟进 {NAMES[member]} 想了解 {chance.randint(1, 5)}d", None)
        case "leave", _:
            await do(house, Depart(chance.choice([FIRST, GUIDED]), member))
        case "come", _:
            await come(house, chance.choice([FIRST, GUIDED]), member)
        case "speak", _:
            await do(house, Count(FIRST, member, "message"))
        case "stray", _:
            now = house.clock.now()
            staff = chance.choice(["gone", "wang", "chen", "li"])
            key = f"p/s/{now.isoformat()}/{member}"
            await do(house, FollowUp(FIRST, member, staff, "问候", now + timedelta(days=1), key))
        case "done", FollowUpRow():
            await house.say(one.staff, f"完成 {one.id} 好", None)
        case "drop", FollowUpRow():
            await house.say(one.staff, f"不跟 {one.id} 不用了", None)
        case "hand", FollowUpRow():
            await house.say("wang", f"转交 {one.id} {chance.choice(['陈明', '李静'])}", None)
        case "later", FollowUpRow():
            await house.say(one.staff, f"推迟 跟进{one.id} {chance.randint(1, 50)}h", None)
        case "press", FollowUpRow():
            await house.press(one.staff, f"follow|{chance.choice(['done', 'later'])}|{one.id}")
        case _:
            await house.say(chance.choice(["li", "chen", "wang"]), "撤销", None)


@pytest.mark.parametrize("seed", range(4))
async def test_nothing_is_forgotten(sqlite_url: str, seed: int) -> None:
    """On every working day after the digests each open follow-up is with a colleague who can act
    on it and finds it in the list, and the managers know of each that is two working days late."""
    chance = Random(seed)
    library = library_of(PLAN, SCRIPT, RULE)
    async with opened(sqlite_url, "11-22 20:00", library) as house:
        house.due = _with_digest(house.due)
        await come(house, FIRST, *NAMES)
        seen = 0
        for day in range(24):
            for _ in range(chance.randint(0, 4)):
                rows = await house.database.read(follow_ups.every_open)
                await _act(house, chance, rows)
            morning = at("11-23 09:00") + timedelta(days=day)
            await house.until(f"{morning.astimezone(ZONE):%m-%d %H:%M}")
            seen += await _all_known(house)
        assert seen > 0


async def _all_known(house: House) -> int:
    """How many are open; each is somebody's, and known to the managers once it is long late."""
    now = house.clock.now()
    rows = await house.database.read(follow_ups.every_open)

    def known(tx: Any) -> tuple[dict[str, int], set[str]]:
        """How late each is, and which are with somebody who can act on them."""
        facts, staff = house.due.facts(tx), house.due.settings.staff
        held = {
            row.key
            for row in rows
            if row.staff in staff and may_hold(facts, staff[row.staff], row.community, row.member)
        }
        return {row.key: days_late(facts, row.due_at, now, ZONE) for row in rows}, held

    days, held = await house.database.read(known)
    assert held == {row.key for row in rows}
    workday = house.workdays.is_workday(now.astimezone(ZONE).date())
    for row in rows:
        mine = await house.database.read(lambda tx, who=row.staff: follow_ups.open_for(tx, who))
        assert row.key in [one.key for one in mine]
        if workday and row.due_at < now and days[row.key] >= 2:
            assert row.escalated_at is not None
    return len(rows)
