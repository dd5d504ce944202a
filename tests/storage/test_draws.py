"""Draws, over both databases: every card once, every chance once, never over budget."""

import asyncio
from collections import Counter
from collections.abc import Callable
from datetime import date, datetime

import pytest
from sqlalchemy import Connection, event, func, select, update

from storage import coupons, decks, draws, money, payout_rows
from storage.database import Database, open_database
from storage.deck_values import (
    AlreadyDrawn,
    AlreadyEntered,
    CardGone,
    CardRow,
    DeckClosed,
    DrawRow,
    EntrantRow,
    LogMoved,
)
from storage.money import BudgetLine, NoCouponLeft
from storage.tables.money import Award, Payout
from storage.tables.play import Deck, DeckLog, Draw
from storage.types import order_number, table
from tests import deck_house as house

At = Callable[[float], datetime]
CARDS = [("大红包", 888), ("红包", 188), ("红包", 100)]


def rows(tx: Connection) -> dict[str, int]:
    return {
        model.__tablename__: tx.execute(select(func.count()).select_from(table(model))).scalar_one()
        for model in (Award, DeckLog, Draw, Payout)
    }


def all_of(count: int) -> dict[str, int]:
    return dict.fromkeys(("award", "deck_log", "draw", "payout"), count)


async def test_taken_card_is_awarded_in_the_same_transaction(database: Database, at: At) -> None:
    deck = await database.write(lambda tx: house.open_deck(tx, at(0), CARDS))
    card = await database.write(
        lambda tx: house.take(tx, deck, 0, "wm1", at(1), request="r1", day=date(2026, 11, 24))
    )
    assert card == CardRow(0, "大红包", 888)
    draw = DrawRow(
        position=0,
        prize="大红包",
        amount_fen=888,
        kind="cash",
        points=0,
        community="c1",
        member="wm1",
        drawn_at=at(1),
        number=1,
        day=date(2026, 11, 24),
        code="code-wm1",
        receipt="h1",
        request="r1",
    )
    assert await database.read(lambda tx: draws.by_member(tx, deck, "wm1")) == [draw]
    assert await database.read(lambda tx: draws.of(tx, deck)) == [draw]
    order_no = order_number(f"draw/{deck}/wm1/1")
    payout = await database.read(lambda tx: payout_rows.get(tx, order_no))
    assert payout is not None
    assert (payout.source, payout.amount_fen, payout.payable_on) == ("friday", 888, house.PAYABLE)
    award = await database.read(lambda tx: money.get(tx, order_no))
    assert award is not None
    assert (award.kind, award.claim_by) == ("cash", house.CLAIM_BY)
    assert await database.read(rows) == all_of(1)
    assert await database.read(money.budget_lines) == [BudgetLine("friday", 1176, 888, 0, 0)]


async def test_member_draws_as_often_as_numbered(database: Database, at: At) -> None:
    deck = await database.write(lambda tx: house.open_deck(tx, at(0), CARDS))
    await database.write(lambda tx: house.take(tx, deck, 0, "wm1", at(1)))
    for position in (0, 1):
        with pytest.raises(AlreadyDrawn):
            await database.write(lambda tx, p=position: house.take(tx, deck, p, "wm1", at(2)))
    await database.write(lambda tx: house.take(tx, deck, 1, "wm1", at(2), number=2))
    mine = await database.read(lambda tx: draws.by_member(tx, deck, "wm1"))
    assert [(one.number, one.position) for one in mine] == [(1, 0), (2, 1)]
    assert await database.read(rows) == all_of(2)


async def test_request_draws_once(database: Database, at: At) -> None:
    deck = await database.write(lambda tx: house.open_deck(tx, at(0), CARDS))
    await database.write(lambda tx: house.take(tx, deck, 0, "wm1", at(1), request="r1"))
    with pytest.raises(AlreadyDrawn):
        await database.write(
            lambda tx: house.take(tx, deck, 1, "wm1", at(1), number=2, request="r1")
        )
    await database.write(lambda tx: house.take(tx, deck, 1, "wm2", at(1), request="r1"))
    assert await database.read(rows) == all_of(2)


@pytest.mark.parametrize("position", [0, 2])
async def test_card_that_is_not_next_cannot_be_taken(
    database: Database, at: At, position: int
) -> None:
    deck = await database.write(lambda tx: house.open_deck(tx, at(0), CARDS))
    await database.write(lambda tx: house.take(tx, deck, 0, "wm1", at(1)))
    with pytest.raises(CardGone):
        await database.write(lambda tx: house.take(tx, deck, position, "wm2", at(2)))
    assert await database.read(rows) == all_of(1)


async def test_empty_deck_has_no_card(database: Database, at: At) -> None:
    deck = await database.write(lambda tx: house.open_deck(tx, at(0), [("红包", 1)]))
    await database.write(lambda tx: house.take(tx, deck, 0, "wm1", at(1)))
    with pytest.raises(CardGone):
        await database.write(lambda tx: house.take(tx, deck, 1, "wm2", at(2)))


@pytest.mark.parametrize("how", ["closed", "over", "unknown", "undecided"])
async def test_closed_deck_gives_no_card(database: Database, at: At, how: str) -> None:
    mode = "entrants" if how == "undecided" else "instant"
    deck = await database.write(
        lambda tx: house.open_deck(tx, at(0), CARDS, closes_at=at(5), mode=mode)
    )
    if how == "closed":
        await database.write(lambda tx: house.close(tx, deck, "提前结束", at(1)))
    asked = 999 if how == "unknown" else deck
    now = at(5) if how == "over" else at(2)
    with pytest.raises(DeckClosed):
        await database.write(lambda tx: house.take(tx, asked, 0, "wm1", now))
    assert await database.read(rows) == all_of(0) | {"deck_log": int(how == "closed")}


async def test_log_that_has_grown_refuses_the_draw(database: Database, at: At) -> None:
    deck = await database.write(lambda tx: house.open_deck(tx, at(0), CARDS))
    stale = await database.read(lambda tx: house.link(tx, deck))
    await database.write(
        lambda tx: decks.amend(tx, deck, {}, None, house.link(tx, deck, type="amendment"))
    )
    with pytest.raises(LogMoved):
        await database.write(lambda tx: house.take(tx, deck, 0, "wm1", at(1), link=stale))


async def test_coupon_takes_the_oldest_code_or_nothing(database: Database, at: At) -> None:
    def open_one(tx: Connection) -> int:
        return decks.open_deck(
            tx,
            campaign="films",
            round="standing",
            community=None,
            cards=[CardRow(0, "电影票", 3000, "coupon"), CardRow(1, "电影票", 3000, "coupon")],
            seed="00",
            commitment="c",
            rules_hash="00",
            rules={},
            budget_fen=6000,
            payable_after=0,
            closes_at=None,
            now=at(0),
        )

    deck = await database.write(open_one)
    await database.write(lambda tx: coupons.add(tx, "films", "电影票", ["ABC"], at(0)))
    await database.write(lambda tx: house.take(tx, deck, 0, "wm1", at(1)))
    assert (
        await database.read(lambda tx: coupons.code(tx, order_number(f"draw/{deck}/wm1/1")))
        == "ABC"
    )
    with pytest.raises(NoCouponLeft):
        await database.write(lambda tx: house.take(tx, deck, 1, "wm2", at(1)))
    assert await database.read(rows) == all_of(1)


async def test_member_enters_once(database: Database, at: At) -> None:
    more = {"mode": "entrants", "closes_at": at(5)}
    deck = await database.write(lambda tx: house.open_deck(tx, at(0), CARDS, **more))
    await database.write(lambda tx: draws.enter(tx, deck, "c1", "wm1", "aa", at(1)))
    with pytest.raises(AlreadyEntered):
        await database.write(lambda tx: draws.enter(tx, deck, "c1", "wm1", "aa", at(2)))
    with pytest.raises(DeckClosed):
        await database.write(lambda tx: draws.enter(tx, deck, "c1", "wm2", "bb", at(5)))
    assert await database.read(lambda tx: draws.entrants(tx, deck)) == [
        EntrantRow("wm1", "c1", "aa", at(1))
    ]
    assert await database.read(lambda tx: draws.entrant_count(tx, deck)) == 1
    assert await database.read(lambda tx: draws.entrant_code(tx, deck, "wm1")) == "aa"
    assert await database.read(lambda tx: draws.entrant_code(tx, deck, "wm2")) is None


async def test_instant_deck_cannot_be_entered(database: Database, at: At) -> None:
    deck = await database.write(lambda tx: house.open_deck(tx, at(0), CARDS))
    with pytest.raises(DeckClosed):
        await database.write(lambda tx: draws.enter(tx, deck, "c1", "wm1", "aa", at(1)))


async def test_decided_deck_gives_its_cards_after_its_time(database: Database, at: At) -> None:
    more = {"mode": "entrants", "closes_at": at(5)}

    def work(tx: Connection) -> CardRow:
        deck = house.open_deck(tx, at(0), CARDS, **more)
        draws.enter(tx, deck, "c1", "wm1", "aa", at(1))
        decks.freeze(tx, deck, house.link(tx, deck), at(60), at(5))
        decks.decide(tx, deck, "7", house.link(tx, deck))
        return house.take(tx, deck, 0, "wm1", at(90))

    assert await database.write(work) == CardRow(0, "大红包", 888)


async def test_part_in_other_campaigns_is_known(database: Database, at: At) -> None:
    def work(tx: Connection) -> None:
        first = house.open_deck(tx, at(0), CARDS, campaign="a")
        second = house.open_deck(tx, at(0), CARDS, campaign="b", mode="entrants")
        house.open_deck(tx, at(0), CARDS, campaign="c")
        house.take(tx, first, 0, "wm1", at(1))
        draws.enter(tx, second, "c1", "wm1", "aa", at(1))

    await database.write(work)
    every = ["a", "b", "c"]
    assert await database.read(lambda tx: draws.taken_part(tx, "wm1", every)) == {"a", "b"}
    assert await database.read(lambda tx: draws.taken_part(tx, "wm1", ["c"])) == set()
    assert await database.read(lambda tx: draws.taken_part(tx, "wm2", every)) == set()


async def draw_next(database: Database, deck: int, member: str, now: datetime) -> str:
    """A draw as the bot makes it: reads which card is next and takes it, in one work."""

    def work(tx: Connection) -> CardRow:
        row = decks.lock(tx, deck)
        assert row is not None
        return house.take(tx, deck, row.taken, member, now)

    try:
        await database.write(work)
    except (CardGone, AlreadyDrawn) as error:
        return type(error).__name__
    return "won"


async def test_hundred_draws_on_the_last_ten_cards_are_ten_awards(
    database: Database, at: At
) -> None:
    deck = await database.write(lambda tx: house.open_deck(tx, at(0), [("红包", 100)] * 10))
    outcomes = await asyncio.gather(
        *(draw_next(database, deck, f"wm{n}", at(1)) for n in range(100))
    )
    assert Counter(outcomes) == {"won": 10, "CardGone": 90}
    assert await database.read(rows) == all_of(10)
    drawn = await database.read(lambda tx: draws.of(tx, deck))
    assert [row.position for row in drawn] == list(range(10))
    assert await database.read(money.budget_lines) == [BudgetLine("friday", 1000, 1000, 0, 0)]


async def test_draws_of_several_processes_are_exact(postgres_url: str, at: At) -> None:
    processes = [await open_database(postgres_url) for _ in range(4)]
    try:
        deck = await processes[0].write(lambda tx: house.open_deck(tx, at(0), [("红包", 100)] * 10))
        outcomes = await asyncio.gather(
            *(draw_next(processes[n % 4], deck, f"wm{n}", at(1)) for n in range(100))
        )
        assert Counter(outcomes) == {"won": 10, "CardGone": 90}
        assert await processes[0].read(rows) == all_of(10)
    finally:
        for one in processes:
            await one.close()


async def test_double_wishes_of_a_member_win_once(database: Database, at: At) -> None:
    deck = await database.write(lambda tx: house.open_deck(tx, at(0), [("红包", 100)] * 10))
    outcomes = await asyncio.gather(
        *(draw_next(database, deck, f"wm{n % 5}", at(1)) for n in range(20))
    )
    assert Counter(outcomes) == {"won": 5, "AlreadyDrawn": 15}


async def test_draw_is_a_dozen_statements_at_most(sqlite_url: str, at: At) -> None:
    database = await open_database(sqlite_url)
    seen: list[str] = []

    def work(tx: Connection) -> None:
        deck = house.open_deck(tx, at(0), CARDS)
        wish = house.wish(tx, deck, 0, "wm1", at(1))
        event.listen(tx, "before_cursor_execute", lambda *given: seen.append(given[2]))
        draws.take_card(tx, wish, at(1))

    await database.write(work)
    await database.close()
    assert len(seen) <= 12


async def test_broken_twin_of_the_draw_oversells(database: Database, at: At) -> None:
    """Reading in one transaction and writing in another is what the draw must not do: this
    proves that the tests above could fail."""
    deck = await database.write(lambda tx: house.open_deck(tx, at(0), [("红包", 100)] * 10))
    taken_of = select(table(Deck).c.taken).where(table(Deck).c.id == deck)

    async def draw(n: int) -> str:
        taken = await database.read(lambda tx: tx.execute(taken_of).scalar_one())
        if taken >= 10:
            return "gone"

        def work(tx: Connection) -> None:
            tx.execute(update(table(Deck)).values(taken=taken + 1))
            money.award(
                tx,
                key=f"twin/{n}",
                source="pool/twin",
                budget_fen=1_000_000,
                community="c1",
                member=f"wm{n}",
                prize="红包",
                amount_fen=100,
                payable_on=house.PAYABLE,
                now=at(1),
            )

        await database.write(work)
        return "won"

    outcomes = await asyncio.gather(*(draw(n) for n in range(100)))
    assert Counter(outcomes)["won"] > 10
    assert (await database.read(rows))["award"] == Counter(outcomes)["won"]
