"""Groups that configuration does not know, and owners who left: told once, over real HTTP."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from bot.group_sync import RETRY, GroupSync
from bot.letters import Origin
from bot.sandbox.seed import GroupSeed
from sop.community import Role
from tests.house import CHATS, House, opened


def sync_of(house: House, *roles: Role) -> GroupSync:
    """With further roles for the manager."""
    staff = dict(house.settings.staff)
    staff["wang"] = replace(staff["wang"], roles=staff["wang"].roles | set(roles))
    settings = replace(house.settings, staff=staff)

    def tell(tx: Any, effects: Any, key: str, now: Any) -> None:
        house.due.runtime.apply(tx, effects, Origin(key, now))

    return GroupSync(house.database, house.api, settings, house.clock, tell)


def found(bureau: Any, chat_id: str, name: str, *members: str) -> None:
    seed = GroupSeed(id=chat_id, name=name, owner="li", members=members)
    bureau.sandbox.world._add_group(seed, bureau.house.clock.now())


async def test_unknown_group_is_told_of_once(bureau: Any) -> None:
    house = bureau.house
    await house.owed()
    found(bureau, "wrNew", "理财<交流>群", "wm1", "wm2")
    assert await sync_of(house).step() == 1
    assert await house.owed() == []  # nobody here is administrator or operator
    rows = await house.rows("SELECT chat_id, community FROM group_state")
    assert rows == [("wrNew", "")]


@pytest.mark.parametrize("role", [Role.OPERATOR, Role.ADMIN])
async def test_operators_are_told_what_to_write_into_the_configuration(
    bureau: Any, role: Role
) -> None:
    house = bureau.house
    await house.owed()
    found(bureau, "wrNew", "理财群", "wm1", "wm2")
    found(bureau, "wrOther", "")
    sync = sync_of(house, role)
    assert await sync.step() == 1
    assert await house.owed() == [
        "wang: 发现 2 个还没有接入的客户群，要接入请写进 config.yaml：\n"
        "- 理财群，群主李静，3 人，chat_id: wrNew\n"
        "- （未命名），群主李静，1 人，chat_id: wrOther"
    ]
    assert await sync.step() == 0
    await house.clock.advance(timedelta(days=1))
    assert await sync.step() == 1
    assert await sync_of(house, role).step() == 1
    assert [one for one in await house.owed() if "客户群" in one] == []


async def test_owner_who_left_the_company_is_told_of_once(bureau: Any) -> None:
    house = bureau.house
    await house.owed()
    await house.write(
        "INSERT INTO group_state (chat_id, community, owner, name, version, members, status) "
        "VALUES ('wrGuided', 'guided', 'chen', '', '', 0, 0)"
    )
    bureau.sandbox.group_actions.owner_leaves(CHATS["guided"])
    assert await sync_of(house).step() == 1
    assert await sync_of(house).step() == 1
    assert await house.owed() == [
        "wang: ⚠️ “客户群”的群主已经离职：在管理后台“客户联系 → 离职继承”里"
        "把群交给在职的同事之前，群里的消息没有人能发。"
    ]


@pytest.mark.parametrize("answer", [(503, {}), (200, {"errcode": 60011, "errmsg": "no"})])
async def test_list_that_fails_is_read_an_hour_later(
    sqlite_url: str, canned: Any, answer: tuple[int, Any]
) -> None:
    async with opened(sqlite_url, "11-23 09:00", service=canned.url) as house:
        canned.answers = [answer]
        sync = sync_of(house)
        assert [await sync.step(), await sync.next_due()] == [0, None]
        canned.answers = [(200, {"errcode": 0, "group_chat_list": []})]
        await house.clock.advance(RETRY - timedelta(seconds=1))
        assert await sync.step() == 0
        await house.clock.advance(timedelta(seconds=1))
        assert await sync.step() == 1
