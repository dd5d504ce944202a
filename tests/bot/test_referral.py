"""Member gets member over real HTTP: invitation, joining by it, days, credit; and every abuse."""

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest

from bot.clock import MovableClock
from bot.inviting import RETRY, Inviting, came
from bot.relations import Relations
from bot.roster import Roster
from bot.sandbox.seed import AibotSeed, AppSeed, CorpSeed, CustomerSeed, GroupSeed, Seed, StaffSeed
from bot.sandbox.server import Sandbox
from sop.referral import code_of
from tests.house import CHATS, FIRST, SECOND, House, at, library_of, opened

PROGRAM: Mapping[str, Any] = {
    "referral": "friends",
    "title": "老友介绍",
    "applies_to": {"labels": ["all"]},
    "stay": "3d",
    "most": {"per_day": 2, "per_month": 4, "total": 5},
    "burst": {"joins": 4, "within": "1h"},
    "invitation": "发给朋友。",
}
POINTS: Mapping[str, Any] = {
    "points": "p",
    "title": "积分",
    "applies_to": {"labels": ["first"]},
    "earn": {"invited": 30},
}
SEED = Seed(
    corp=CorpSeed("ww1", "示例银行"),
    app=AppSeed(agent_id=1000002, secret="s", token="t", aes_key="k" * 43),
    aibot=AibotSeed(id="aib1", secret="b", token="t", aes_key="k" * 43),
    staff=(StaffSeed("li", "李静"), StaffSeed("chen", "陈明")),
    customers=(
        CustomerSeed("wm1", "甲", ("li",)),
        CustomerSeed("wm2", "乙"),
        CustomerSeed("wm3", "丙"),
    ),
    groups=(
        GroupSeed(
            id=CHATS[FIRST], name="一群", owner="li", kind="customer", members=("wm1", "wm2")
        ),
        GroupSeed(id=CHATS[SECOND], name="二群", owner="chen", kind="internal", members=("wm3",)),
        GroupSeed(
            id=CHATS["guided"], name="客户群", owner="chen", kind="customer", members=("wm3",)
        ),
    ),
)
LINES = "SELECT inviter, invited, status, reason FROM referral ORDER BY id"


@dataclass
class Stage:
    """The house, its WeCom, and what reads and makes ways into groups."""

    house: House
    sandbox: Sandbox

    def __post_init__(self) -> None:
        house = self.house
        heard = came(lambda: house.due)
        self.roster = Roster(house.database, house.api, house.settings, house.clock, heard)
        self.inviting = Inviting(house.database, house.api, lambda: house.due, house.clock)

    async def settle(self) -> None:
        """Groups are read, invitations made."""
        await self.house.clock.advance(timedelta(seconds=5))
        await self.inviting.step()
        for chat in CHATS.values():
            self.roster.stale(chat)
        await self.house.clock.advance(timedelta(seconds=5))
        await self.roster.step()
        await self.house.work()

    async def invite(self, member: str, community: str = FIRST) -> str:
        """A member's own way: the id that its QR code leads to."""
        await self.house.say(member, "邀请", community)
        await self.inviting.step()
        rows = await self.house.rows(
            f"SELECT config_id FROM invitation WHERE code = '{code_of(community, member)}'"
        )
        await self.house.owed()
        return str(rows[0][0])

    async def bring(self, way: str, *names: str) -> list[str]:
        """New customers scan the code, and the group is read."""
        ids = [str(self.sandbox.join_ways.use(way, name=name)["member"]) for name in names]
        await self.settle()
        return ids

    async def lines(self) -> list[tuple[str, ...]]:
        """(inviter, name of the invited, status, reason)."""
        people = self.sandbox.world.people
        rows = await self.house.rows(LINES)
        return [(one[0], people[one[1]].name, one[2], one[3]) for one in rows]


@pytest.fixture
async def stage(sqlite_url: str) -> AsyncIterator[Stage]:
    clock = MovableClock(at("11-23 09:00"), seed=b"referral")
    sandbox = Sandbox(clock, SEED)
    await sandbox.start()
    library = library_of(PROGRAM, POINTS)
    async with opened(sqlite_url, "", library, service=sandbox.url, clock=clock) as house:
        stage = Stage(house, sandbox)
        await stage.settle()
        await house.owed()
        yield stage
    await sandbox.close()


async def test_invitation_is_made_at_wecom_and_answers_who_asked(stage: Stage) -> None:
    house = stage.house
    assert await house.say("wm1", "邀请好友") == []
    assert await stage.inviting.step() == 1
    (answer,) = await house.owed()
    ((config_id,),) = await house.rows("SELECT config_id FROM invitation")
    url = f"{stage.sandbox.url}/connect/join/{config_id}"
    assert answer == (
        f"回答: 💌 您的专属邀请：[点开二维码]({url})\n发给朋友。\n"
        "> 新朋友第一次进群、留满 3 天才计入；每天最多 2 位，每月最多 4 位。"
    )
    assert await house.say("wm1", "邀请") == [answer]
    assert await stage.inviting.step() == 0
    assert len(stage.sandbox.join_ways.ways) == 1


async def test_invited_who_stays_is_credited_thanked_and_earns_points(stage: Stage) -> None:
    house = stage.house
    await stage.bring(await stage.invite("wm1"), "许晴")
    assert await stage.lines() == [("wm1", "许晴", "waiting", "")]
    await house.until("11-26 12:00")
    assert await stage.lines() == [("wm1", "许晴", "waiting", "")]
    await house.owed()
    await house.until("11-27 03:31")
    assert await stage.lines() == [("wm1", "许晴", "credited", "")]
    news = "li: 🎉 喜报（一群）：介绍来的新朋友留满了 3 天\n· 甲　1 位\n> 方便时请谢谢他们。"
    assert [one for one in await house.owed() if "喜报" in one] == [news]
    later = await house.rows("SELECT not_before FROM outbox WHERE body LIKE '%喜报%'")
    assert [str(one)[:16] for (one,) in later] == ["2026-11-27 01:00"]
    assert await house.rows("SELECT member, points, kind FROM points_entry") == [
        ("wm1", 30, "invited")
    ]
    (answer,) = await house.say("wm1", "邀请")
    assert answer.endswith("\n已经来了 1 位：已计入 1 位。")
    await house.until("11-28 12:00")
    assert await house.rows("SELECT count(*) FROM points_entry") == [(1,)]


async def test_invited_who_leaves_or_only_comes_back_does_not_count(stage: Stage) -> None:
    way = await stage.invite("wm1")
    gone, back = await stage.bring(way, "走了", "回来")
    for member in (gone, back):
        stage.sandbox.actions.leave(CHATS[FIRST], member)
    await stage.settle()
    await stage.house.clock.advance(timedelta(days=1))
    stage.sandbox.join_ways.use(way, member=back)
    await stage.settle()
    await stage.house.until("11-27 04:00")
    assert await stage.lines() == [
        ("wm1", "走了", "refused", "没有留满天数就退群了"),
        ("wm1", "回来", "refused", "没有留满天数就退群了"),
    ]
    (answer,) = (await stage.house.say("wm1", "邀请"))[-1:]
    assert answer.endswith("\n已经来了 2 位：不计入 2 位（没有留满天数就退群了）。")


async def test_inviter_who_leaves_is_not_credited(stage: Stage) -> None:
    await stage.bring(await stage.invite("wm1"), "许晴")
    stage.sandbox.actions.leave(CHATS[FIRST], "wm1")
    await stage.settle()
    await stage.house.until("11-27 04:00")
    assert await stage.lines() == [("wm1", "许晴", "refused", "介绍人已经不在群里")]


async def test_who_was_in_another_community_is_not_new(stage: Stage) -> None:
    way = await stage.invite("wm1")
    stage.sandbox.join_ways.use(way, member="wm3")
    await stage.settle()
    assert await stage.lines() == [("wm1", "丙", "refused", "不是第一次进群的新朋友")]


async def test_nobody_invites_themselves(stage: Stage) -> None:
    way = await stage.invite("wm1")
    stage.sandbox.actions.leave(CHATS[FIRST], "wm1")
    await stage.settle()
    stage.sandbox.join_ways.use(way, member="wm1")
    await stage.settle()
    assert await stage.lines() == [("wm1", "甲", "refused", "自己邀请自己不算")]


async def test_two_who_invite_each_other_count_once(stage: Stage) -> None:
    way = await stage.invite("wm1")
    (friend,) = await stage.bring(way, "许晴")
    back = await stage.invite(friend)
    stage.sandbox.actions.leave(CHATS[FIRST], "wm1")
    await stage.settle()
    stage.sandbox.join_ways.use(back, member="wm1")
    await stage.settle()
    assert await stage.lines() == [
        ("wm1", "许晴", "waiting", ""),
        (friend, "甲", "refused", "两个人互相邀请不算"),
    ]


async def test_caps_of_a_day_a_month_and_all_time(stage: Stage) -> None:
    way = await stage.invite("wm1")
    house = stage.house
    reasons: list[list[str]] = []
    for when, names in (
        ("11-23 12:00", "一二三"),
        ("11-24 12:00", "四五"),
        ("11-25 12:00", "六"),
        ("12-01 12:00", "七八"),
    ):
        await house.jump(when)
        before = len(await stage.lines())
        for name in names:
            await stage.bring(way, name)
            await house.clock.advance(timedelta(hours=1))
        reasons.append([one[3] for one in (await stage.lines())[before:]])
    assert reasons == [
        ["", "", "当天已经满 2 位"],
        ["", ""],
        ["当月已经满 4 位"],
        ["", "已经满 5 位的总数"],
    ]


async def test_clones_are_held_for_a_person(stage: Stage) -> None:
    """A thousand accounts by one inviter: nobody counts until somebody has looked."""
    house = stage.house
    way = await stage.invite("wm1")
    await stage.bring(way, *(f"小号{n}" for n in range(3)))
    await house.owed()
    group, world = stage.sandbox.world.groups[CHATS[FIRST]], stage.sandbox.world
    for n in range(3, 1000):  # at once, without telling the chat page of each
        clone = world.add_customer(f"小号{n}")
        group.add(clone, house.clock.now(), scene=3, state=code_of(FIRST, "wm1"))
    await stage.settle()
    counts = await house.rows(
        "SELECT status, reason, count(*) FROM referral GROUP BY status, reason ORDER BY 1, 2"
    )
    assert counts == [
        ("held", "短时间带来很多人，等客户经理核对", 2),
        ("refused", "当天已经满 2 位", 998),
    ]
    told = [one for one in await house.owed() if "新人" in one]
    assert told == [
        "li: 👀 甲的邀请在 1 小时内带来了 4 位新人，先都不计入。"
        "请核对是不是真人、是不是本行客户：\n"
        "> 没问题请发：邀请通过 甲\n> 有问题请发：邀请作废 甲"
    ]
    assert await house.say("li", "邀请榜", None) == [
        "li: **邀请榜**\n\n一群\n1. 甲　来了 2 位，已计入 0，还在等 0，待核对 2"
    ]
    await house.until("11-27 04:00")
    await house.owed()
    assert await house.rows("SELECT count(*) FROM points_entry") == [(0,)]
    assert await house.say("li", "邀请作废 甲", None) == ["li: 🚫 甲带来的 2 位不计入。"]
    assert await house.say("li", "邀请作废 甲", None) == ["li: 甲没有待核对的邀请。"]


async def test_held_ones_count_after_a_person_has_looked(stage: Stage) -> None:
    house = stage.house
    way = await stage.invite("wm1")
    await stage.bring(way, *(f"小号{n}" for n in range(4)))
    await house.owed()
    assert await house.say("li", "邀请通过 甲", None) == [
        "li: ✅ 甲带来的 2 位已放行，留满天数后计入。"
    ]
    await house.until("11-27 04:00")
    assert await house.rows("SELECT member, sum(points) FROM points_entry GROUP BY member") == [
        ("wm1", 60)
    ]


async def test_wecom_that_does_not_answer_is_asked_again(stage: Stage) -> None:
    house = stage.house
    await house.say("wm1", "邀请")
    stage.sandbox.faults.set("read_down", 1)
    assert await stage.inviting.step() == 0
    assert await stage.inviting.next_due() == house.clock.now() + RETRY
    assert await stage.inviting.step() == 0
    await house.clock.advance(RETRY)
    assert await stage.inviting.step() == 1
    assert "您的专属邀请" in (await house.owed())[0]


async def test_group_that_can_have_no_join_way_says_so(stage: Stage) -> None:
    """The second community is an internal group."""
    house = stage.house
    await house.say("wm3", "邀请", SECOND)
    assert await stage.inviting.step() == 1
    member, manager = await house.owed()
    assert member == "回答: 邀请码暂时开不出来，已经请客户经理处理，请过后再发“邀请”。"
    assert manager.startswith("chen: ⚠️ “二群”的成员邀请码开不出来：")
    await house.say("wm3", "邀请", SECOND)
    assert await stage.inviting.step() == 1


async def test_contacts_of_relationship_managers_are_read_every_day(stage: Stage) -> None:
    house = stage.house
    reader = Relations(house.database, house.api, house.settings, house.clock)
    customers = "SELECT member, staff FROM relation WHERE ended_at IS NULL"
    assert await reader.step() == 2
    assert await house.rows(customers) == [("wm1", "li")]
    assert await reader.step() == 0
    stage.sandbox.faults.set("callback_drop", 2)
    stage.sandbox.actions.remove_contact("li", "wm1")
    stage.sandbox.actions.add_contact("chen", "wm2")
    await house.clock.advance(timedelta(days=1))
    assert await reader.step() == 2
    assert await house.rows(customers) == [("wm2", "chen")]


async def test_contacts_that_cannot_be_read_are_read_an_hour_later(stage: Stage) -> None:
    house = stage.house
    reader = Relations(house.database, house.api, house.settings, house.clock)
    stage.sandbox.faults.set("read_down", 1)
    assert await reader.step() == 1
    assert await reader.step() == 0
    await house.clock.advance(timedelta(hours=1))
    assert await reader.step() == 1
