"""Labels and WeCom's customer tags over real HTTP: put there, read back, refused, overtaken."""

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest

from bot.clock import MovableClock
from bot.letters import Origin
from bot.relations import LAG, Relations
from bot.sandbox.seed import (
    AibotSeed,
    AppSeed,
    CorpSeed,
    CustomerSeed,
    Seed,
    StaffSeed,
    TagGroupSeed,
)
from bot.sandbox.server import Sandbox
from bot.sandbox.tags import CUSTOMER_CAP, TAG_CAP
from bot.tag_sync import AGAIN, RETRY, TagSync
from sop.effects import BecomeContact, Effect, EndContact, SetRemark, Tag, Untag
from tests.house import House, at, library_of, opened

GROUP: Mapping[str, Any] = {
    "tags": "关注",
    "items": [{"tag": "关注存款", "keeps": "90d"}, {"tag": "关注养老"}],
}
OWN: Mapping[str, Any] = {"tags": "自用", "sync": False, "items": [{"tag": "仅群运"}]}
SEED = Seed(
    corp=CorpSeed("ww1", "示例银行"),
    app=AppSeed(agent_id=1000002, secret="s", token="t", aes_key="k" * 43),
    aibot=AibotSeed(id="aib1", secret="b", token="t", aes_key="k" * 43),
    staff=(StaffSeed("li", "李静"), StaffSeed("chen", "陈明")),
    customers=(
        CustomerSeed("wm1", "甲", ("li", "chen")),
        CustomerSeed("wm2", "乙", ("li",)),
        CustomerSeed("wm3", "丙"),
    ),
    tag_groups=(TagGroupSeed("等级", ("金卡", "关注养老")),),
)
LABELS = "SELECT member, tag, source, added_by FROM tag WHERE removed_at IS NULL ORDER BY id"
OWED = 'SELECT member, staff, tag, "add", status, reason FROM tag_push ORDER BY 1, 2, 3'


@dataclass
class Stage:
    """The house, its WeCom, and who speaks about customers."""

    house: House
    sandbox: Sandbox

    def __post_init__(self) -> None:
        house = self.house
        self.sync = TagSync(house.database, house.api, lambda: house.due, house.clock)
        self.relations = Relations(house.database, house.api, house.settings, house.clock)

    async def apply(self, *effects: Effect) -> None:
        """As in the transaction of an event."""
        house = self.house
        origin = Origin(f"test/{house.clock.now().isoformat()}", house.clock.now())
        await house.database.write(lambda tx: house.due.runtime.apply(tx, effects, origin))

    async def edited(self, member: str) -> None:
        """A callback told of a change; it is read a moment later."""
        await self.house.clock.advance(timedelta(seconds=30))
        self.relations.unsure(member)
        await self.house.clock.advance(LAG)
        assert await self.relations.step() == 1

    def stands(self, staff: str, member: str) -> list[str]:
        """Names of the tags on a customer at WeCom."""
        world = self.sandbox.world
        found = [world.find_tag(one) for one in world.relations[staff, member].tags]
        return sorted(one[1].name for one in found if one)

    def groups(self) -> dict[str, list[str]]:
        groups = self.sandbox.world.tag_groups.values()
        return {one.name: [tag.name for tag in one.tags] for one in groups}


@pytest.fixture
async def stage(database_url: str) -> AsyncIterator[Stage]:
    """Monday 09:00; contacts have been read."""
    clock = MovableClock(at("11-23 09:00"), seed=b"tags")
    sandbox = Sandbox(clock, SEED)
    await sandbox.start()
    library = library_of(GROUP, OWN)
    async with opened(database_url, "", library, service=sandbox.url, clock=clock) as house:
        one = Stage(house, sandbox)
        await one.relations.step()
        yield one
    await sandbox.close()


async def test_missing_tags_are_made_and_known_names_are_used(stage: Stage) -> None:
    assert await stage.sync.step() == 1
    assert stage.groups() == {"等级": ["金卡", "关注养老"], "关注": ["关注存款"]}
    rows = await stage.house.rows("SELECT group_name, name, own FROM corp_tag")
    assert {(group, name, bool(own)) for group, name, own in rows} == {
        ("关注", "关注存款", True),
        ("等级", "关注养老", False),
        ("等级", "金卡", False),
    }
    assert await stage.sync.step() == 0


async def test_label_goes_to_every_colleague_and_comes_off_again(stage: Stage) -> None:
    await stage.sync.step()
    await stage.apply(
        Tag("wm1", "关注存款", "rule:关注存款", "常问"), Tag("wm1", "仅群运", "li", "")
    )
    assert await stage.sync.step() == 2
    assert stage.stands("li", "wm1") == stage.stands("chen", "wm1") == ["关注存款"]
    assert await stage.house.rows(LABELS) == [
        ("wm1", "关注存款", "rule", "rule:关注存款"),
        ("wm1", "仅群运", "staff", "li"),
    ]
    await stage.apply(Untag("wm1", "关注存款", "rule:关注存款"))
    assert await stage.sync.step() == 2
    assert (stage.stands("li", "wm1"), stage.stands("chen", "wm1")) == ([], [])
    assert await stage.house.rows(OWED) == []


async def test_label_has_the_last_day_that_its_group_says(stage: Stage) -> None:
    await stage.apply(Tag("wm1", "关注存款", "li", ""), Tag("wm1", "关注养老", "li", ""))
    assert [
        (tag, str(day) if day else None)
        for tag, day in await stage.house.rows("SELECT tag, expires_on FROM tag ORDER BY id")
    ] == [("关注存款", "2027-02-21"), ("关注养老", None)]


async def test_change_that_was_not_made_yet_is_overtaken(stage: Stage) -> None:
    await stage.apply(Tag("wm2", "关注存款", "li", ""))
    await stage.house.clock.advance(timedelta(seconds=1))
    await stage.apply(Untag("wm2", "关注存款", "li"))
    rows = await stage.house.rows(OWED)
    assert [(one[2], bool(one[3]), one[4]) for one in rows] == [("关注存款", False, "waiting")]
    await stage.sync.step()
    assert (stage.stands("li", "wm2"), await stage.house.rows(OWED)) == ([], [])


async def test_label_of_old_and_new_contacts_is_made_up_for(stage: Stage) -> None:
    await stage.house.write(
        "INSERT INTO tag (member, tag, added_by, reason, added_at)"
        " VALUES ('wm2', '关注存款', 'li', '', '2026-11-01 00:00:00.000000+00:00')"
    )
    assert await stage.sync.step() == 2
    assert stage.stands("li", "wm2") == ["关注存款"]
    stage.sandbox.actions.add_contact("chen", "wm2")
    await stage.apply(BecomeContact("chen", "wm2", ""))
    await stage.sync.step()
    assert stage.stands("chen", "wm2") == ["关注存款"]


async def test_tag_put_on_by_hand_becomes_a_label_and_goes_with_it(stage: Stage) -> None:
    await stage.sync.step()
    stage.sandbox.actions.edit_tags("chen", "wm1", ["金卡"], [])
    await stage.edited("wm1")
    assert await stage.house.rows(LABELS) == [("wm1", "金卡", "wecom", "chen")]
    assert await stage.sync.step() == 0
    stage.sandbox.actions.edit_tags("chen", "wm1", [], ["金卡"])
    await stage.edited("wm1")
    assert await stage.house.rows(LABELS) == []
    gone = await stage.house.rows("SELECT tag, removed_by FROM tag")
    assert gone == [("金卡", "chen")]


async def test_our_own_tag_is_no_sign_of_a_hand(stage: Stage) -> None:
    await stage.sync.step()
    await stage.apply(Tag("wm1", "关注存款", "rule:关注存款", "常问"))
    await stage.sync.step()
    await stage.edited("wm1")
    assert await stage.house.rows(LABELS) == [("wm1", "关注存款", "rule", "rule:关注存款")]


async def test_label_stays_until_no_colleague_shows_it(stage: Stage) -> None:
    await stage.sync.step()
    await stage.apply(Tag("wm1", "关注存款", "rule:关注存款", "常问"))
    await stage.sync.step()
    stage.sandbox.actions.edit_tags("li", "wm1", [], ["关注存款"])
    await stage.edited("wm1")
    assert len(await stage.house.rows(LABELS)) == 1
    stage.sandbox.actions.edit_tags("chen", "wm1", [], ["关注存款"])
    await stage.edited("wm1")
    assert await stage.house.rows(LABELS) == []
    assert await stage.house.rows("SELECT removed_by FROM tag") == [("chen",)]


async def test_answer_older_than_our_own_change_says_nothing(stage: Stage) -> None:
    await stage.sync.step()
    await stage.apply(Tag("wm2", "关注存款", "li", ""))
    await stage.sync.step()
    stage.sandbox.world.relations["li", "wm2"].tags.clear()
    stage.relations.unsure("wm2")
    await stage.house.clock.advance(LAG)
    await stage.relations.step()
    assert len(await stage.house.rows(LABELS)) == 1


async def test_tag_that_was_made_today_is_looked_up(stage: Stage) -> None:
    await stage.sync.step()
    world = stage.sandbox.world
    group = next(iter(world.tag_groups.values()))
    world.add_tag(group, "钻石", 0, stage.house.clock.now(), own=False)
    stage.sandbox.actions.edit_tags("li", "wm2", ["钻石"], [])
    await stage.edited("wm2")
    assert await stage.house.rows(LABELS) == []
    assert await stage.sync.step() == 1
    assert await stage.house.rows(LABELS) == [("wm2", "钻石", "wecom", "li")]


async def test_parting_is_no_sign_of_a_hand(stage: Stage) -> None:
    await stage.sync.step()
    await stage.apply(Tag("wm2", "关注存款", "li", ""))
    await stage.sync.step()
    stage.sandbox.actions.remove_contact("li", "wm2")
    await stage.apply(EndContact("li", "wm2"))
    stage.sandbox.actions.add_contact("li", "wm2")
    await stage.edited("wm2")
    assert len(await stage.house.rows(LABELS)) == 1


async def test_busy_customer_is_tried_again(stage: Stage) -> None:
    await stage.sync.step()
    stage.sandbox.faults.set("tags_busy", 1)
    await stage.apply(Tag("wm2", "关注存款", "li", ""))
    assert await stage.sync.step() == 0
    assert [one[4:] for one in await stage.house.rows(OWED)] == [
        ("waiting", "同一客户正被另一个操作修改，稍后重试（企业微信错误码 45035）")
    ]
    await stage.house.clock.advance(RETRY)
    assert await stage.sync.step() == 1
    assert stage.stands("li", "wm2") == ["关注存款"]


async def test_customer_who_is_gone_is_let_be(stage: Stage) -> None:
    await stage.sync.step()
    await stage.apply(Tag("wm2", "关注存款", "li", ""))
    del stage.sandbox.world.relations["li", "wm2"]
    assert await stage.sync.step() == 1
    assert [one[4:] for one in await stage.house.rows(OWED)] == [
        (
            "dropped",
            "员工与客户不是好友：客户删除了员工，或员工还没有通过；请员工重新添加客户"
            "（企业微信错误码 84061）",
        )
    ]
    assert await stage.house.owed() == []


async def test_full_customer_is_told_to_the_colleague(stage: Stage) -> None:
    world = stage.sandbox.world
    group = next(iter(world.tag_groups.values()))
    for number in range(CUSTOMER_CAP):
        tag = world.add_tag(group, f"满{number}", 0, stage.house.clock.now(), own=False)
        world.relations["li", "wm2"].tags.add(tag.id)
    await stage.sync.step()
    await stage.house.write("UPDATE member SET name = '乙' WHERE id = 'wm2'")
    await stage.apply(Tag("wm2", "关注存款", "li", ""))
    assert await stage.sync.step() == 1
    assert await stage.house.owed() == [
        "li: ⚠️ 乙的标签“关注存款”没有写进企业微信："
        "这位客户身上的标签已到企业微信的上限：先摘掉几个（企业微信错误码 40144）。"
    ]
    assert [one[4] for one in await stage.house.rows(OWED)] == ["failed"]


async def test_room_is_made_first_on_a_full_customer(stage: Stage) -> None:
    await stage.sync.step()
    await stage.apply(Tag("wm2", "关注存款", "li", ""))
    await stage.sync.step()
    world = stage.sandbox.world
    group = next(iter(world.tag_groups.values()))
    for number in range(CUSTOMER_CAP - 2):
        tag = world.add_tag(group, f"满{number}", 0, stage.house.clock.now(), own=False)
        world.relations["li", "wm2"].tags.add(tag.id)
    silver = world.add_tag(group, "银卡", 0, stage.house.clock.now(), own=False)
    world.relations["li", "wm2"].tags.add(silver.id)
    await stage.apply(Untag("wm2", "关注存款", "li"), Tag("wm2", "关注养老", "li", ""))
    await stage.sync.step()
    await stage.house.clock.advance(RETRY)
    await stage.sync.step()
    assert {"关注存款", "关注养老"} & set(stage.stands("li", "wm2")) == {"关注养老"}


async def test_tags_beyond_the_companys_cap_wait_until_there_is_room(stage: Stage) -> None:
    world = stage.sandbox.world
    group = next(iter(world.tag_groups.values()))
    for number in range(TAG_CAP - 2):
        world.add_tag(group, f"旧{number}", 0, stage.house.clock.now(), own=False)
    await stage.house.clock.advance(timedelta(hours=1))
    assert await stage.sync.step() == 0
    assert "关注" not in stage.groups()
    await stage.apply(Tag("wm2", "关注存款", "li", ""))
    assert await stage.sync.step() == 1
    assert [one[2:5] for one in await stage.house.rows(OWED)] == [("关注存款", True, "waiting")]
    await stage.house.clock.advance(AGAIN)
    group.tags.clear()
    await stage.sync.step()
    await stage.house.clock.advance(AGAIN)
    await stage.sync.step()
    assert stage.stands("li", "wm2") == ["关注存款"]


async def test_lost_answer_is_asked_again(stage: Stage) -> None:
    await stage.sync.step()
    await stage.apply(Tag("wm2", "关注存款", "li", ""))
    stage.sandbox.faults.set("read_down", 1)
    assert await stage.sync.step() == 0
    await stage.house.clock.advance(RETRY)
    assert await stage.sync.step() == 1
    assert stage.stands("li", "wm2") == ["关注存款"]


async def test_remark_is_written_and_known(stage: Stage) -> None:
    await stage.apply(SetRemark("wm2", "li", remark="老李"))
    await stage.apply(SetRemark("wm2", "li", description="喜欢下午来电话"))
    await stage.sync.step()
    relation = stage.sandbox.world.relations["li", "wm2"]
    assert (relation.remark, relation.description) == ("老李", "喜欢下午来电话")
    query = "SELECT remark, description FROM relation WHERE member = 'wm2'"
    assert await stage.house.rows(query) == [("老李", "喜欢下午来电话")]
    assert await stage.house.rows("SELECT * FROM remark_write") == []


async def test_remark_that_is_refused_is_told(stage: Stage) -> None:
    await stage.house.write("UPDATE member SET name = '乙' WHERE id = 'wm2'")
    await stage.apply(SetRemark("wm2", "li", remark="长" * 21))
    await stage.sync.step()
    assert await stage.house.owed() == [
        "li: ⚠️ 乙的备注没有写进企业微信："
        "参数不合法，多半是内容太长或缺少字段（企业微信错误码 40058）。"
    ]
    assert await stage.house.rows("SELECT status FROM remark_write") == [("failed",)]
    assert await stage.sync.step() == 0
