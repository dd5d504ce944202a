"""What was given once more for a prize that came to nothing, in the week's money."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from storage import money, payouts
from storage.database import Database
from storage.figures.money import Purse, SourceNumbers, sources
from storage.figures.scope import Scope
from storage.types import order_number
from tests import deck_house

MONDAY = date(2026, 11, 23)
OPENED = datetime(2026, 11, 23, 12, tzinfo=UTC)
CLAIM_WITHIN = timedelta(days=7)


def week(tx: Connection) -> Scope:
    return Scope(tx, ("c1",), MONDAY, ZoneInfo("Asia/Shanghai"), ())


def again(tx: Connection, order_no: str, now: datetime) -> str:
    """The prize comes to nothing and is given once more; the new order's number."""
    payouts.expire(tx, order_no, "没有领取", now)
    return payouts.reissue(tx, order_no, "boss", now.date(), CLAIM_WITHIN, now).order_no


def drawn(tx: Connection) -> str:
    """A deck of two cards of which one was drawn; the prize's order."""
    deck = deck_house.open_deck(tx, OPENED, [("红包", 300), ("红包", 200)], budget_fen=1000)
    deck_house.take(tx, deck, 0, "m1", OPENED)
    return order_number(f"draw/{deck}/m1/1")


async def test_prize_of_a_deck_that_was_given_once_more_is_committed_again(
    database: Database,
) -> None:
    """Regression: 补发 of a deck's prize was missing in 已发出, which fell to nothing."""

    def work(tx: Connection) -> None:
        again(tx, drawn(tx), OPENED + timedelta(hours=1))

    await database.write(work)
    assert await database.read(lambda tx: sources(week(tx))) == (
        SourceNumbers("friday", 1000, 600, 0, 300, winners=1),
    )


async def test_prize_that_was_given_three_times_is_paid_once(database: Database) -> None:
    def work(tx: Connection) -> None:
        second = again(tx, drawn(tx), OPENED + timedelta(hours=1))
        third = again(tx, second, OPENED + timedelta(hours=2))
        paid_at = OPENED + timedelta(hours=3)
        payouts.approve(tx, third, 300, "finance", paid_at)
        payouts.submit(tx, third, paid_at, paid_at)
        payouts.paid(tx, third, "ok", paid_at)

    await database.write(work)
    assert await database.read(lambda tx: sources(week(tx))) == (
        SourceNumbers("friday", 1000, 900, 300, 600, winners=1),
    )


async def test_prize_given_once_more_after_the_week_counts_in_the_next(database: Database) -> None:
    def work(tx: Connection) -> None:
        again(tx, drawn(tx), OPENED + timedelta(days=7))

    await database.write(work)
    assert await database.read(lambda tx: sources(week(tx))) == (
        SourceNumbers("friday", 1000, 300, 0, 0, winners=1),
    )


async def test_weeks_read_at_once_are_what_each_is_alone(database: Database) -> None:
    """A deck that closed last week, one that stays open, a pool that paid last week first."""

    def work(tx: Connection) -> None:
        last_week = OPENED - timedelta(days=7)
        old = deck_house.open_deck(tx, last_week, [("红包", 300)], campaign="old")
        deck_house.take(tx, old, 0, "m2", last_week)
        deck_house.close(tx, old, "时间到", last_week + timedelta(hours=1))
        again(tx, order_number(f"draw/{old}/m2/1"), OPENED)
        drawn(tx)
        money.award(
            tx, key="game/1/m1", source="pool/games", budget_fen=5000, community="c1",
            member="m1", prize="红包", amount_fen=500, payable_on=MONDAY, now=last_week,
        )  # fmt: skip

    def read(tx: Connection) -> list[tuple[SourceNumbers, ...]]:
        purse, this = Purse(week(tx)), week(tx)
        weeks = [replace(this, monday=MONDAY - timedelta(weeks=back)) for back in range(7)]
        together = [purse.sources(one) for one in weeks]
        assert together == [sources(one) for one in weeks]
        return together

    await database.write(work)
    assert await database.read(read) == [
        (
            SourceNumbers("friday", 1000, 300, 0, 0, winners=1),
            SourceNumbers("pool/games", 5000, 500, 0, 0, winners=0),
        ),
        (
            SourceNumbers("old", 300, 300, 0, 0, winners=1),
            SourceNumbers("pool/games", 5000, 500, 0, 0, winners=1),
        ),
        *[()] * 5,
    ]
