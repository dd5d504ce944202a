"""apply(effects): every effect has a handler, a repeated origin owes nothing twice."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import get_args

import pytest
from sqlalchemy import Connection

from bot import runtime as module
from bot.letters import Origin
from sop import effects as does
from sop.effects import (
    Arrive,
    BeginGame,
    Button,
    Count,
    Depart,
    Effect,
    FollowUp,
    Post,
    Record,
    Reply,
    Reward,
    SettleCard,
    Tell,
)
from sop.events import ReplyTo
from storage import games, money
from tests.house import House, at, opened

NOW = at("11-23 12:00")
RESOLVED_BEFORE = {does.RunStep}
"""The dispatcher turns it into the effects of the step itself."""


@pytest.fixture
async def house(database_url: str) -> AsyncIterator[House]:
    async with opened(database_url, "11-23 12:00") as one:
        yield one


async def apply(house: House, *effects: Effect, key: str = "test", **more: object) -> None:
    origin = Origin(key, house.clock.now(), **more)  # type: ignore[arg-type]

    def work(tx: Connection) -> None:
        house.due.runtime.apply(tx, effects, origin)

    await house.database.write(work)


def test_every_effect_has_a_handler() -> None:
    assert set(get_args(Effect)) - RESOLVED_BEFORE == set(module.all_handlers())


async def test_same_origin_twice_owes_each_message_once(house: House) -> None:
    effects = (
        Post("first", "一"),
        Post("guided", "二"),
        Tell("li", "三"),
        Tell("li", "四", "卡片", (Button("好", "ok|x"),)),
        Reply("五"),
    )
    to = ReplyTo("app_message", {"user": "wang"})
    for _ in range(2):
        await apply(house, *effects, reply_to=to, order_key="app:wang")
    assert sorted(await house.owed()) == [
        "chen: 📣 请把下面的话转发到“客户群”：",
        "first: 一",
        "guided: 二",
        "li: 三",
        "li: 卡片｜四［好 ok|x］",
        "wang: 五",
    ]
    await apply(house, *effects, key="other", reply_to=to)
    assert len(await house.owed()) == 6


async def test_script_that_no_card_follows_says_first_where_it_goes(house: House) -> None:
    for key in ("a", "b"):
        await apply(house, Post("guided", "积分规则", quiet_hours="22:00-08:00", once="p"), key=key)
    rows = await house.rows(
        "SELECT dedup_key, channel, order_key, quiet_hours FROM outbox ORDER BY id"
    )
    assert rows == [
        ("p/whereto#0", "app_message", "app:chen/quiet", "22:00-08:00"),
        ("p#0", "assist", "app:chen/quiet", "22:00-08:00"),
    ]


async def test_message_is_owed_in_the_lane_of_its_conversation(house: House) -> None:
    await apply(
        house,
        Post("first", "现在"),
        Post("first", "早上再说", quiet_hours="21:30-08:30"),
        Post("guided", "请转发"),
        Tell("li", "现在"),
        Tell("li", "等会儿", not_before=NOW + timedelta(minutes=30)),
    )
    rows = await house.rows("SELECT channel, order_key, quiet_hours, zone FROM outbox ORDER BY id")
    # What waits must not hold up what can go.
    assert rows == [
        ("group_robot", "wrFirst", None, "Asia/Shanghai"),
        ("group_robot", "wrFirst/quiet", "21:30-08:30", "Asia/Shanghai"),
        ("app_message", "app:chen", None, "Asia/Shanghai"),
        ("assist", "app:chen", None, "Asia/Shanghai"),
        ("app_message", "app:li", None, None),
        ("app_message", "app:li/later", None, None),
    ]


async def test_long_text_is_cut_into_letters_in_order_and_nothing_is_lost(house: House) -> None:
    lines = [f"第 {number} 行，" + "长" * 30 for number in range(100)]
    await apply(house, Post("first", "\n".join(lines)))
    owed = [one.removeprefix("first: ") for one in await house.owed()]
    parts = [one.split("\n") for one in owed]
    assert [one.pop() for one in parts] == ["(1/3)", "(2/3)", "(3/3)"]
    assert [line for one in parts for line in one] == lines
    assert max(len(one.encode()) for one in owed) <= 4096


async def test_answer_without_a_conversation_is_dropped(house: House) -> None:
    await apply(house, Reply("没有人问"), SettleCard("没有卡片"))
    await apply(house, SettleCard("没有卡片"), reply_to=ReplyTo("app_message", {"user": "li"}))
    assert await house.owed() == []


async def test_staff_are_never_counted_as_members(house: House) -> None:
    begin = BeginGame("first", "dice", {}, {}, "00", None, None, None)
    await apply(house, begin)
    await apply(
        house,
        Arrive("first", "li"),
        Count("first", "wang", "message"),
        does.Played(1, "li"),
        Depart("first", "li"),
        key="staff",
    )
    assert [
        await house.rows(f"SELECT count(*) FROM {table}")
        for table in ("activity", "membership", "player")
    ] == [[(0,)], [(0,)], [(0,)]]


async def test_member_who_comes_and_goes_is_counted_once_each(house: House) -> None:
    for key in ("a", "b"):
        await apply(house, Arrive("first", "wm1", "小王"), key=key)
    for key in ("c", "d"):
        await apply(house, Depart("first", "wm1"), key=key)
    assert await house.rows("SELECT kind, count(*) FROM activity GROUP BY kind ORDER BY 1") == [
        ("join", 1),
        ("leave", 1),
    ]


async def test_count_belongs_to_the_local_day(house: House) -> None:
    await house.clock.advance_to(at("11-24 00:30"))
    await apply(house, Count("first", "wm1", "message"))
    assert [str(day) for (day,) in await house.rows("SELECT day FROM activity")] == ["2026-11-24"]


async def test_failing_effect_undoes_those_before_it(house: House) -> None:
    begin = BeginGame("first", "dice", {}, {}, "00", None, None, None)
    await apply(house, begin)
    with pytest.raises(games.AlreadyRunning):
        await apply(house, Post("first", "又一局"), Record("li", "开局", "first", ""), begin)
    assert await house.owed() == []
    assert await house.rows("SELECT count(*) FROM audit") == [(0,)]


def reward(key: str, fen: int) -> Reward:
    return Reward("small", "first", "wm1", fen, "骰子红包", 2000, "2026-11-30", key)


async def test_reward_is_given_once_and_never_above_the_budget(house: House) -> None:
    await apply(house, reward("game/1/wm1", 1500))
    await apply(house, reward("game/1/wm1", 1500))
    with pytest.raises(money.OverBudget):
        await apply(house, reward("game/2/wm1", 501))
    await apply(house, reward("game/3/wm1", 500))
    assert await house.rows("SELECT budget_fen, committed_fen FROM budget") == [(2000, 2000)]
    query = "SELECT event, debit, credit, amount_fen FROM ledger ORDER BY amount_fen"
    assert await house.rows(query) == [
        ("award", "budget/pool/small", "owed", 500),
        ("award", "budget/pool/small", "owed", 1500),
        ("fund", "bank", "budget/pool/small", 2000),
    ]


async def test_follow_up_with_a_known_key_is_one_task(house: House) -> None:
    task = FollowUp("first", "wm1", "li", "回访", NOW, "follow/wm1")
    await apply(house, task)
    await apply(house, task, key="again")
    assert await house.rows("SELECT member, staff, reason FROM follow_up") == [
        ("wm1", "li", "回访")
    ]


async def test_change_to_a_step_that_the_plan_has_no_more_does_nothing(house: House) -> None:
    gone = "week/gone/2026-11-24/first"
    await apply(house, does.SkipStep(gone, NOW, "li", "雨"), does.PostponeStep(gone, NOW, "li", ""))
    assert await house.row(gone) is None


async def test_card_number_differs_for_every_card(house: House) -> None:
    card = Tell("li", "还要吗", "问", (Button("要", "run|x"),))
    await apply(house, card, card)
    await apply(house, card, key="other")
    bodies = [row for (row,) in await house.rows("SELECT body FROM outbox")]
    assert len({str(one) for one in bodies}) == 3
