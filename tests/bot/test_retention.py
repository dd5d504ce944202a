"""What has been kept long enough goes, each kind of record in its time; the rest stays."""

from collections.abc import AsyncIterator, Callable
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, insert

from bot.retention import Retention
from storage import activity, audit, erasing, money, outbox, payouts, people, privacy, retention
from storage.books import wrong
from storage.tables import METADATA
from tests.house import FIRST, House, opened

DAY = timedelta(days=1)
At = Callable[[float], datetime]


@pytest.fixture
async def house(database_url: str) -> AsyncIterator[House]:
    async with opened(database_url, "11-23 09:00") as house:
        yield house


def nightly(house: House) -> Retention:
    return Retention(house.database, lambda: house.due, house.clock, done=lambda: None)


def days_ago(house: House, days: float) -> datetime:
    return house.clock.now() - days * DAY


async def test_raw_activity_goes_and_the_counts_of_days_stay(house: House) -> None:
    def fill(tx: Connection) -> None:
        for days in (100, 91, 89, 1):
            at = days_ago(house, days)
            activity.count(tx, [activity.Action(FIRST, "wm1", "message", at, at.date())])

    await house.database.write(fill)
    assert [await nightly(house).step() for _ in range(2)] == [2, 0]
    raw, counted = "SELECT count(*) FROM activity", "SELECT count(*) FROM daily"
    assert await house.rows(raw) + await house.rows(counted) == [(2,), (4,)]


async def test_letters_lose_their_words_but_posts_to_groups_keep_them(house: House) -> None:
    def fill(tx: Connection) -> None:
        for number, (channel, days) in enumerate(
            [("app_message", 31), ("app_message", 29), ("group_robot", 31), ("group_robot", 801)]
        ):
            at = days_ago(house, days)
            body = {"text": "请跟进张三"}
            new = outbox.NewLetter(f"k{number}", channel, {"user": "li"}, body, "o", at, at)
            outbox.add(tx, [new])
            (row, *_) = outbox.listing(tx)
            outbox.sent(tx, row.id, "", at)

    await house.write("DELETE FROM outbox")
    await house.database.write(fill)
    assert await nightly(house).step() == 2
    bodies = await house.database.read(lambda tx: [one.body for one in outbox.listing(tx)])
    assert bodies == [
        {"text": "请跟进张三"},
        {"text": "请跟进张三"},
        {"text": "（内容已过保存期限）"},
    ]


async def test_a_night_is_done_once_and_in_pieces(house: House) -> None:
    at = days_ago(house, 900)
    rows = [
        {"at": at, "actor": "li", "action": "查", "subject": "", "detail": "", "undo": []}
        for _ in range(1200)
    ]
    await house.database.write(
        lambda tx: (
            tx.execute(insert(METADATA.tables["audit"]), [r | {"undoable": False} for r in rows])
            and None
        )
    )
    worker = nightly(house)
    assert [await worker.step(), await worker.step()] == [1200, 0]
    await house.clock.advance(timedelta(hours=19))  # past 03:30
    await house.database.write(
        lambda tx: audit.append(tx, actor="li", action="查", subject="", detail="", undo=[], now=at)
    )
    assert [await worker.step(), await worker.step()] == [1, 0]


def won(tx: Connection, member: str, at: datetime, *, settled: bool) -> None:
    made = money.award(
        tx,
        key=f"game/1/{member}",
        source="pool/small",
        budget_fen=2000,
        community=FIRST,
        member=member,
        prize="红包",
        amount_fen=500,
        payable_on=date(2026, 11, 23),
        now=at,
    )
    if settled:
        payouts.mature(tx, date(2026, 11, 23), at)
        payouts.reject(tx, made.order_no, "wang", "试", at)


async def test_prizes_of_long_ago_stay_under_another_name(house: House) -> None:
    def fill(tx: Connection) -> None:
        won(tx, "wmOld", days_ago(house, 801), settled=True)
        won(tx, "wmNew", days_ago(house, 799), settled=True)
        won(tx, "wmOpen", days_ago(house, 801), settled=False)

    await house.database.write(fill)
    await nightly(house).step()
    rows = await house.rows("SELECT member, key FROM award ORDER BY member")
    (renamed,) = {member for member, _ in rows} - {"wmNew", "wmOpen"}
    assert rows == [
        (renamed, f"game/1/{renamed}"),
        ("wmNew", "game/1/wmNew"),
        ("wmOpen", "game/1/wmOpen"),
    ]
    assert (renamed[:3], len(renamed)) == ("qy-", 27)
    assert await house.database.read(wrong) == []


async def test_who_left_long_ago_is_erased_whole(house: House) -> None:
    def fill(tx: Connection) -> None:
        for member, gone in (("wmGone", 401), ("wmLately", 399), ("wmBack", 401)):
            people.arrive(tx, FIRST, member, f"名字{member}", "", days_ago(house, 500))
            people.depart(tx, FIRST, member, days_ago(house, gone))
        people.arrive(tx, FIRST, "wmBack", "", "", days_ago(house, 10))

    await house.database.write(fill)
    await nightly(house).step()
    found: list[Any] = await house.rows("SELECT id FROM member WHERE id LIKE 'wm%' ORDER BY id")
    proofs = await house.database.read(lambda tx: erasing.of(tx, "wmGone"))
    assert ([id for (id,) in found], [(one.by, one.reason) for one in proofs]) == (
        ["wmBack", "wmLately"],
        [("retention", "保存期限已过")],
    )


async def test_requests_that_wait_too_long_are_told_of_once_a_week(house: House) -> None:
    await house.database.write(
        lambda tx: privacy.ask_erasure(tx, "wm1", FIRST, days_ago(house, 16))
    )
    worker = nightly(house)
    await house.owed()
    told = []
    for _ in range(8):
        await worker.step()
        told.append(await house.owed())
        await house.clock.advance(DAY)
    late = "一群有一位成员申请删除资料已经 {} 天了，请尽快处理：qunyun members erase wm1"
    both = [f"{who}: {late}" for who in ("li", "wang")]
    assert told == [
        [one.format(16) for one in both],
        *[[]] * 6,
        [one.format(23) for one in both],
    ]


def test_terms_name_columns_that_are_there() -> None:
    unknown = [
        (one.table, one.since)
        for one in retention.TERMS
        if one.since not in METADATA.tables[one.table].columns
    ]
    assert unknown == []
