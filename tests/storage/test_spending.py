"""The rollup of money: what each source spent, by quarters of an hour."""

from datetime import UTC, date, datetime, timedelta
from importlib import import_module
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import Connection, delete, select, update

from storage import books, money, payouts, spending
from storage.database import Database
from storage.spending import quarter_of
from storage.tables.money import Award, Payout, Spending
from storage.types import order_number, table
from tests import deck_house

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
CLAIM_WITHIN = timedelta(days=7)
SPENDING = table(Spending)

Line = tuple[str, bool, str, int, int, int]
"""Source, whether from a deck, time, committed, settled, returned."""


def kept(tx: Connection) -> list[Line]:
    rows = tx.execute(select(SPENDING).order_by(SPENDING.c.source, SPENDING.c.quarter)).all()
    return [
        (one.source, one.deck > 0, f"{one.quarter:%H:%M}", *one[-3:]) for one in rows
    ]  # the number of the deck is the database's


def win(tx: Connection, key: str, fen: int, now: datetime, kind: str = "cash") -> str:
    return money.award(
        tx, key=key, source="pool/games", budget_fen=5000, community="c1", member="m1",
        prize="红包", amount_fen=fen, payable_on=date(2026, 11, 23), now=now, kind=kind,
    ).order_no  # fmt: skip


def pay(tx: Connection, order_no: str, fen: int, now: datetime) -> None:
    payouts.mature(tx, now.date() + timedelta(days=9), now)
    payouts.approve(tx, order_no, fen, "finance", now)
    payouts.submit(tx, order_no, now, now)
    payouts.paid(tx, order_no, "ok", now)


@pytest.mark.parametrize(
    ("at", "quarter"),
    [
        ("2026-11-23T00:00:00+00:00", "2026-11-23 00:00"),
        ("2026-11-23T00:14:59.999999+00:00", "2026-11-23 00:00"),
        ("2026-11-23T00:15:00+00:00", "2026-11-23 00:15"),
        ("2026-11-23T08:59:59+08:00", "2026-11-23 00:45"),
        ("2026-11-23T00:00:00+05:45", "2026-11-22 18:15"),
    ],
)
def test_quarter_of_an_hour(at: str, quarter: str) -> None:
    assert f"{quarter_of(datetime.fromisoformat(at)):%Y-%m-%d %H:%M}" == quarter


@pytest.mark.parametrize("zone", ["Asia/Shanghai", "Asia/Kathmandu", "Australia/Eucla", "UTC"])
def test_days_begin_at_a_quarter_of_an_hour(zone: str) -> None:
    midnight = datetime(2026, 11, 23, tzinfo=ZoneInfo(zone))
    assert quarter_of(midnight) == midnight


async def test_money_is_added_up_as_it_moves(database: Database) -> None:
    def work(tx: Connection) -> list[Line]:
        first = win(tx, "game/1/m1", 500, NOON)
        win(tx, "game/2/m1", 300, NOON + 14 * MINUTE)
        second = win(tx, "game/3/m1", 200, NOON + 15 * MINUTE)
        pay(tx, first, 500, NOON + 16 * MINUTE)
        payouts.reject(tx, second, "boss", "重复", NOON + 40 * MINUTE)
        return kept(tx)

    assert await database.write(work) == [
        ("pool/games", False, "12:00", 800, 0, 0),
        ("pool/games", False, "12:15", 200, 500, 0),
        ("pool/games", False, "12:30", 0, 0, 200),
    ]
    assert await database.read(books.wrong) == []


async def test_prize_of_a_deck_is_its_deck_s_when_it_is_given_once_more(database: Database) -> None:
    def work(tx: Connection) -> list[Line]:
        deck = deck_house.open_deck(tx, NOON, [("红包", 300), ("红包", 200)], budget_fen=1000)
        deck_house.take(tx, deck, 0, "m1", NOON)
        order = order_number(f"draw/{deck}/m1/1")
        payouts.expire(tx, order, "没有领取", NOON + 20 * MINUTE)
        payouts.reissue(tx, order, "boss", NOON.date(), CLAIM_WITHIN, NOON + 21 * MINUTE)
        return kept(tx)

    assert await database.write(work) == [
        ("friday", True, "12:00", 300, 0, 0),
        ("friday", True, "12:15", 300, 0, 300),
    ]
    assert await database.read(books.wrong) == []


async def test_points_cost_no_money(database: Database) -> None:
    def work(tx: Connection) -> list[Line]:
        win(tx, "game/1/m1", 0, NOON, kind="points")
        return kept(tx)

    assert await database.write(work) == []
    assert await database.read(books.wrong) == []


async def test_migration_fills_in_what_was_won_before(database: Database) -> None:
    known = (table(Award).c.order_no, table(Award).c.deck, table(Payout).c.community)
    query = select(*known).join_from(table(Award), table(Payout)).order_by(known[0])

    def all_of_it(tx: Connection) -> tuple[list[Line], list[object]]:
        return kept(tx), list(tx.execute(query).all())

    def work(tx: Connection) -> tuple[list[Line], list[object]]:
        pay(tx, win(tx, "game/1/m1", 500, NOON), 500, NOON + 30 * MINUTE)
        deck = deck_house.open_deck(tx, NOON, [("红包", 300)], budget_fen=1000)
        deck_house.take(tx, deck, 0, "m1", NOON)
        order = order_number(f"draw/{deck}/m1/1")
        payouts.expire(tx, order, "没有领取", NOON + 20 * MINUTE)
        payouts.reissue(tx, order, "boss", NOON.date(), CLAIM_WITHIN, NOON + 21 * MINUTE)
        return all_of_it(tx)

    def again(tx: Connection) -> tuple[list[Line], list[object]]:
        tx.execute(update(table(Award)).values(deck=0))
        tx.execute(update(table(Payout)).values(community=""))
        tx.execute(delete(SPENDING))
        import_module("storage.migrations.versions.0024_spending")._fill(tx)
        return all_of_it(tx)

    before = await database.write(work)
    assert [len(each) for each in before] == [4, 3]
    assert await database.write(again) == before


async def test_what_differs_is_told_and_made_anew(database: Database) -> None:
    def spoil(tx: Connection) -> list[Line]:
        pay(tx, win(tx, "game/1/m1", 500, NOON), 500, NOON + 30 * MINUTE)
        right = kept(tx)
        tx.execute(update(SPENDING).values(committed_fen=SPENDING.c.committed_fen + 1))
        return right

    right = await database.write(spoil)
    assert await database.read(spending.differing) == 2
    assert await database.read(books.wrong) == [
        "周报的资金汇总有 2 行和奖品不一致；请运行 qunyun rollups rebuild 改正"
    ]
    assert await database.write(spending.rebuild) == 2
    assert await database.read(kept) == right
    await database.write(lambda tx: tx.execute(delete(SPENDING)).rowcount)
    assert await database.read(spending.differing) == 2
    await database.write(spending.rebuild)
    assert await database.read(books.wrong) == []
