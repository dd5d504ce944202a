"""Points over both databases: given once, never overdrawn, lapsing oldest first, redeemed."""

import asyncio
from collections.abc import Callable
from datetime import date, datetime
from functools import partial

import pytest
from sqlalchemy import Connection

from storage import people, points
from storage.database import Database
from storage.points import LapseRow, NotEnough, RankRow, WalletRow

At = Callable[[float], datetime]
NOV, DEC, JAN = date(2026, 11, 30), date(2026, 12, 31), date(2027, 1, 31)


async def test_points_are_given_once_for_each_key(database: Database, at: At) -> None:
    def work(tx: Connection) -> list[bool]:
        give = partial(points.give, tx, "wm1", "a")
        return [
            give(5, "checkin", "签到", "checkin/1", at(0)),
            give(5, "checkin", "签到", "checkin/1", at(9)),
            give(7, "won", "游戏获胜", "won/1", at(1), day=date(2026, 11, 24), expires_on=JAN),
        ]

    assert await database.write(work) == [True, False, True]
    assert await database.read(lambda tx: points.wallet(tx, "wm1")) == WalletRow(
        "wm1", 12, 12, False
    )
    assert await database.read(lambda tx: points.wallet(tx, "wm2")) == WalletRow("wm2", 0, 0, False)
    history = await database.read(lambda tx: points.history(tx, "wm1", 9))
    assert [(one.points, one.kind, one.day, one.expires_on) for one in history] == [
        (7, "won", date(2026, 11, 24), JAN),
        (5, "checkin", date(2026, 11, 23), None),
    ]


async def test_points_cannot_be_overdrawn(database: Database, at: At) -> None:
    def spend(tx: Connection, n: int, key: str) -> bool:
        return points.spend(tx, "wm1", "a", n, "draw", "抽奖", key, at(1))

    await database.write(lambda tx: points.give(tx, "wm1", "a", 10, "won", "", "won/1", at(0)))
    with pytest.raises(NotEnough):
        await database.write(lambda tx: spend(tx, 11, "draw/1"))
    assert await database.write(lambda tx: spend(tx, 4, "draw/1"))
    assert not await database.write(lambda tx: spend(tx, 4, "draw/1"))
    assert await database.write(lambda tx: spend(tx, 6, "draw/2"))
    with pytest.raises(NotEnough):
        await database.write(lambda tx: spend(tx, 1, "draw/3"))
    with pytest.raises(NotEnough):
        await database.write(
            lambda tx: points.spend(tx, "nobody", "a", 1, "draw", "", "draw/9", at(1))
        )
    assert await database.read(lambda tx: points.wallet(tx, "wm1")) == WalletRow(
        "wm1", 0, 10, False
    )
    history = await database.read(lambda tx: points.history(tx, "wm1", 9))
    assert [one.points for one in history] == [-6, -4, 10]


@pytest.mark.parametrize("n", [0, -3])
async def test_points_are_whole_and_positive(database: Database, at: At, n: int) -> None:
    for change in (points.give, points.spend):
        with pytest.raises(ValueError, match="points cannot be"):
            await database.write(lambda tx, c=change: c(tx, "wm1", "a", n, "won", "", "k", at(0)))
    assert await database.read(lambda tx: points.history(tx, "wm1", 9)) == []


async def test_of_many_who_spend_at_once_only_as_many_succeed_as_there_are_points(
    database: Database, at: At
) -> None:
    await database.write(lambda tx: points.give(tx, "wm1", "a", 30, "won", "", "won/1", at(0)))

    def spend(tx: Connection, number: int) -> bool:
        return points.spend(tx, "wm1", "a", 10, "draw", "", f"draw/{number}", at(1))

    spending = [database.write(partial(spend, number=number)) for number in range(8)]
    outcomes = await asyncio.gather(*spending, return_exceptions=True)
    assert sorted(type(one).__name__ for one in outcomes) == ["NotEnough"] * 5 + ["bool"] * 3
    assert await database.read(lambda tx: points.balance(tx, "wm1")) == 0


async def test_undone_points_were_never_earned(database: Database, at: At) -> None:
    def work(tx: Connection) -> None:
        points.give(tx, "wm1", "a", 50, "manual", "帮忙", "manual/1", at(0), given_by="li")
        points.give(tx, "wm1", "a", 5, "checkin", "签到", "checkin/1", at(0))
        points.spend(tx, "wm1", "a", 50, "undo", "", "manual/1/undo", at(1), given_by="li")

    await database.write(work)
    assert await database.read(lambda tx: points.wallet(tx, "wm1")) == WalletRow("wm1", 5, 5, False)
    today = date(2026, 11, 23)
    assert await database.read(lambda tx: points.given_by(tx, "li", today)) == 0
    assert await database.read(lambda tx: points.earned_on(tx, "wm1", today)) == {
        "checkin": 5,
        "manual": 50,
    }


def given(tx: Connection, at: At) -> None:
    """100 points that lapse in November, 50 in December, 20 never; 30 of another community."""
    points.give(tx, "wm1", "a", 100, "won", "", "1", at(0), expires_on=NOV)
    points.give(tx, "wm1", "a", 50, "won", "", "2", at(0), expires_on=DEC)
    points.give(tx, "wm1", "a", 20, "won", "", "3", at(0))
    points.give(tx, "wm1", "b", 30, "won", "", "4", at(0), expires_on=DEC)
    points.give(tx, "wm2", "a", 8, "won", "", "5", at(0), expires_on=NOV)


@pytest.mark.parametrize(
    ("spent", "lapsing"),
    [
        (0, [("wm1", 100, NOV), ("wm2", 8, NOV), ("wm1", 80, DEC)]),
        (60, [("wm1", 40, NOV), ("wm2", 8, NOV), ("wm1", 80, DEC)]),
        (100, [("wm2", 8, NOV), ("wm1", 80, DEC)]),
        (120, [("wm2", 8, NOV), ("wm1", 60, DEC)]),
        (200, [("wm2", 8, NOV)]),
    ],
)
async def test_what_lapses_is_what_nobody_spent_soonest_first(
    database: Database, at: At, spent: int, lapsing: list[tuple[str, int, date]]
) -> None:
    await database.write(lambda tx: given(tx, at))
    if spent:
        await database.write(lambda tx: points.spend(tx, "wm1", "a", spent, "draw", "", "s", at(1)))
    found = await database.read(lambda tx: points.lapsing(tx, "a", date(2026, 11, 1), JAN))
    assert found == [LapseRow(*one) for one in lapsing]
    later = await database.read(lambda tx: points.lapsing(tx, "a", NOV, DEC))
    assert [one.day for one in later] == [DEC] * (spent < 180)


async def test_lapsed_points_lapse_once(database: Database, at: At) -> None:
    await database.write(lambda tx: given(tx, at))

    def night(tx: Connection, community: str) -> list[tuple[str, int]]:
        rows = points.lapsing(tx, community, date(2026, 11, 1), DEC)
        for one in rows:
            key = f"expired/{community}/{one.member}/{one.day}"
            points.spend(tx, one.member, community, one.points, "expired", "", key, at(5))
        return [(one.member, one.points) for one in rows]

    nights = [await database.write(lambda tx, c=c: night(tx, c)) for c in "abab"]
    assert nights == [[("wm1", 100), ("wm2", 8), ("wm1", 80)], [], [], []]
    assert await database.read(lambda tx: points.balance(tx, "wm1")) == 20
    assert await database.read(lambda tx: points.balance(tx, "wm2")) == 0


async def test_member_sees_what_lapses_when(database: Database, at: At) -> None:
    await database.write(lambda tx: given(tx, at))
    await database.write(lambda tx: points.spend(tx, "wm1", "a", 130, "draw", "", "s", at(1)))
    assert await database.read(lambda tx: points.expiring(tx, "wm1", NOV)) == []
    assert await database.read(lambda tx: points.expiring(tx, "wm1", JAN)) == [
        LapseRow("wm1", 50, DEC)
    ]
    assert await database.read(lambda tx: points.expiring(tx, "wm2", NOV)) == [
        LapseRow("wm2", 8, NOV)
    ]


async def test_ranking_is_of_those_who_are_here_and_want_to_be_seen(
    database: Database, at: At
) -> None:
    def work(tx: Connection) -> None:
        earned = {"wm1": 20, "wm2": 50, "wm3": 50, "gone": 90, "hides": 80, "li": 70, "none": 0}
        for member, n in earned.items():
            people.arrive(tx, "a", member, f"名{member}", "", at(0))
            if n:
                points.give(tx, member, "b", n, "won", "", f"won/{member}", at(0))
        people.depart(tx, "a", "gone", at(1))
        points.hide(tx, "hides", True)
        points.hide(tx, "wm1", True)
        points.hide(tx, "wm1", False)
        points.spend(tx, "wm2", "b", 40, "draw", "", "draw/1", at(1))

    await database.write(work)
    ranking = await database.read(lambda tx: points.ranking(tx, "a", 10, ["li"]))
    assert ranking == [
        RankRow(1, "wm2", "名wm2", 50),
        RankRow(1, "wm3", "名wm3", 50),
        RankRow(3, "wm1", "名wm1", 20),
    ]
    assert await database.read(lambda tx: points.ranking(tx, "a", 1, ["li"])) == ranking[:1]
    places = [
        await database.read(lambda tx, one=one: points.place(tx, "a", one, ["li"]))
        for one in ("wm1", "hides", "gone", "none", "li")
    ]
    assert places == [ranking[2], None, None, None, None]


def redeem(tx: Connection, at: At, member: str, key: str, stock: int = 2) -> bool:
    return points.redeem(
        tx,
        key=key,
        program="p",
        item="雨伞",
        stock=stock,
        community="a",
        member=member,
        points=30,
        reason="兑换雨伞",
        day=date(2026, 11, 23),
        now=at(3),
    )


async def test_redemption_takes_stock_and_points_once(database: Database, at: At) -> None:
    await database.write(lambda tx: points.give(tx, "wm1", "a", 40, "won", "", "1", at(0)))
    assert await database.write(lambda tx: redeem(tx, at, "wm1", "redeem/1"))
    assert not await database.write(lambda tx: redeem(tx, at, "wm1", "redeem/1"))
    with pytest.raises(NotEnough):
        await database.write(lambda tx: redeem(tx, at, "wm1", "redeem/2"))
    assert await database.read(lambda tx: points.taken(tx, "p")) == {"雨伞": 1}
    assert await database.read(lambda tx: points.balance(tx, "wm1")) == 10
    times = await database.read(lambda tx: points.redemptions(tx, "wm1", "p", "雨伞"))
    assert times == [at(3)]


async def test_last_item_goes_to_one_of_many_who_want_it_at_once(
    database: Database, at: At
) -> None:
    def rich(tx: Connection) -> None:
        for number in range(6):
            points.give(tx, f"wm{number}", "a", 30, "won", "", f"{number}", at(0))

    await database.write(rich)
    wishes = [
        database.write(partial(redeem, at=at, member=f"wm{n}", key=f"redeem/{n}", stock=1))
        for n in range(6)
    ]
    outcomes = await asyncio.gather(*wishes, return_exceptions=True)
    assert sorted(type(one).__name__ for one in outcomes) == ["SoldOut"] * 5 + ["bool"]
    assert await database.read(lambda tx: points.taken(tx, "p")) == {"雨伞": 1}
    left = [await database.read(lambda tx, n=n: points.balance(tx, f"wm{n}")) for n in range(6)]
    assert sorted(left) == [0, 30, 30, 30, 30, 30]
