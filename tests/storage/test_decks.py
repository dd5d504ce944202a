"""Decks and draws, over both databases: every card once, every member once, never over budget."""

import asyncio
from collections import Counter
from collections.abc import Callable
from datetime import date, datetime

import pytest
from sqlalchemy import Connection, func, select, update
from sqlalchemy.exc import IntegrityError

from storage import decks, money
from storage.database import Database, open_database
from storage.decks import (
    AlreadyDrawn,
    AlreadyOpened,
    CardGone,
    CardRow,
    DeckClosed,
    DeckRow,
    DrawOutcome,
    DrawRow,
    Drew,
)
from storage.money import BudgetLine
from storage.tables.money import Award, Ledger, Payout
from storage.tables.play import Deck
from storage.types import order_number, table

At = Callable[[float], datetime]
PAYABLE = date(2026, 11, 30)
CARDS = [("大红包", 888), ("红包", 188), ("红包", 100)]


def open_deck(
    tx: Connection,
    now: datetime,
    cards: list[tuple[str, int]] = CARDS,
    community: str | None = "c1",
    round: str = "2026-11-27",
    closes_at: datetime | None = None,
    budget_fen: int | None = None,
) -> int:
    total = sum(fen for _, fen in cards)
    return decks.open_deck(
        tx,
        campaign="friday",
        round=round,
        community=community,
        cards=cards,
        seed="5eed",
        commitment="c0ffee",
        rules_hash="ab",
        rules={"campaign": "friday", "keyword": "抽奖"},
        budget_fen=total if budget_fen is None else budget_fen,
        payable_after=5,
        closes_at=closes_at,
        now=now,
    )


def take(tx: Connection, deck: int, position: int, member: str, now: datetime) -> CardRow:
    return decks.take_card(tx, deck, position, "c1", member, PAYABLE, now)


def rows(tx: Connection) -> dict[str, int]:
    return {
        model.__tablename__: tx.execute(select(func.count()).select_from(table(model))).scalar_one()
        for model in (Award, Ledger, Payout)
    }


async def test_opened_deck_is_found_by_name_and_id(database: Database, at: At) -> None:
    deck = await database.write(lambda tx: open_deck(tx, at(0), closes_at=at(30)))
    row = DeckRow(
        id=deck,
        campaign="friday",
        round="2026-11-27",
        community="c1",
        size=3,
        taken=0,
        sum_fen=1176,
        budget_fen=1176,
        seed="5eed",
        commitment="c0ffee",
        rules_hash="ab",
        payable_after=5,
        opened_at=at(0),
        closes_at=at(30),
        closed_at=None,
        close_reason="",
    )
    assert await database.read(lambda tx: decks.deck(tx, "friday", "2026-11-27", "c1")) == row
    assert await database.read(lambda tx: decks.deck(tx, "friday", "2026-11-27", None)) is None
    assert await database.read(lambda tx: decks.get(tx, deck)) == row
    assert await database.read(lambda tx: decks.listing(tx, "friday")) == [row]
    assert await database.read(lambda tx: decks.listing(tx, "other")) == []
    assert await database.read(lambda tx: decks.seed(tx, deck)) == "5eed"
    rules = await database.read(lambda tx: decks.rules(tx, deck))
    assert rules == {"campaign": "friday", "keyword": "抽奖"}
    assert await database.read(lambda tx: decks.cards(tx, deck)) == [
        CardRow(0, "大红包", 888),
        CardRow(1, "红包", 188),
        CardRow(2, "红包", 100),
    ]
    assert await database.read(lambda tx: decks.card(tx, deck, 1)) == CardRow(1, "红包", 188)
    with pytest.raises(CardGone):
        await database.read(lambda tx: decks.card(tx, deck, 3))


@pytest.mark.parametrize("community", ["c1", None])
async def test_deck_is_opened_once(database: Database, at: At, community: str | None) -> None:
    await database.write(lambda tx: open_deck(tx, at(0), community=community))
    with pytest.raises(AlreadyOpened):
        await database.write(lambda tx: open_deck(tx, at(1), community=community))


async def test_deck_that_costs_more_than_its_budget_is_refused(database: Database, at: At) -> None:
    with pytest.raises(IntegrityError):
        await database.write(lambda tx: open_deck(tx, at(0), budget_fen=1175))
    assert await database.read(money.budget_lines) == []


async def test_decks_of_a_campaign_add_up_their_budgets(database: Database, at: At) -> None:
    await database.write(lambda tx: open_deck(tx, at(0), budget_fen=2000))
    await database.write(lambda tx: open_deck(tx, at(0), round="2026-12-04"))
    assert await database.read(money.budget_lines) == [BudgetLine("friday", 3176, 0, 0, 0)]


async def test_open_decks_are_own_or_shared_and_in_time(database: Database, at: At) -> None:
    def open_all(tx: Connection) -> None:
        open_deck(tx, at(0), community=None, round="standing")
        open_deck(tx, at(1), community="c1", round="r1", closes_at=at(30))
        open_deck(tx, at(2), community="c2", round="r1")
        open_deck(tx, at(3), community="c1", round="r0", closes_at=at(5))
        decks.close_deck(tx, open_deck(tx, at(4), community="c1", round="r2"), "停止", at(4))

    await database.write(open_all)
    found = await database.write(lambda tx: decks.open_decks(tx, "c1", at(5)))
    assert [(row.round, row.community) for row in found] == [("r1", "c1"), ("standing", None)]
    assert await database.read(lambda tx: decks.open_decks(tx, "c1", at(5))) == found


async def test_taken_card_is_awarded_in_the_same_transaction(database: Database, at: At) -> None:
    deck = await database.write(lambda tx: open_deck(tx, at(0)))
    card = await database.write(lambda tx: take(tx, deck, 0, "wm1", at(1)))
    assert card == CardRow(0, "大红包", 888)
    draw = DrawRow(0, "大红包", 888, "c1", "wm1", at(1))
    assert await database.read(lambda tx: decks.drawn(tx, deck, "wm1")) == draw
    assert await database.read(lambda tx: decks.draws(tx, deck)) == [draw]
    (prize,) = await database.read(lambda tx: money.prizes(tx, "wm1"))
    assert prize == money.PrizeRow(
        order_no=order_number(f"draw/{deck}/wm1"),
        source="friday",
        community="c1",
        prize="大红包",
        amount_fen=888,
        won_at=at(1),
        payout_status="held",
        payable_on=PAYABLE,
    )
    assert await database.read(rows) == {"award": 1, "ledger": 1, "payout": 1}
    assert await database.read(money.budget_lines) == [BudgetLine("friday", 1176, 888, 0, 0)]


async def test_member_draws_once(database: Database, at: At) -> None:
    deck = await database.write(lambda tx: open_deck(tx, at(0)))
    await database.write(lambda tx: take(tx, deck, 0, "wm1", at(1)))
    for position in (0, 1):
        with pytest.raises(AlreadyDrawn):
            await database.write(lambda tx, p=position: take(tx, deck, p, "wm1", at(2)))
    assert await database.read(rows) == {"award": 1, "ledger": 1, "payout": 1}


@pytest.mark.parametrize("position", [0, 2])
async def test_card_that_is_not_next_cannot_be_taken(
    database: Database, at: At, position: int
) -> None:
    deck = await database.write(lambda tx: open_deck(tx, at(0)))
    await database.write(lambda tx: take(tx, deck, 0, "wm1", at(1)))
    with pytest.raises(CardGone):
        await database.write(lambda tx: take(tx, deck, position, "wm2", at(2)))


async def test_empty_deck_has_no_card(database: Database, at: At) -> None:
    deck = await database.write(lambda tx: open_deck(tx, at(0), [("红包", 1)]))
    await database.write(lambda tx: take(tx, deck, 0, "wm1", at(1)))
    with pytest.raises(CardGone, match=rf"^deck {deck} is empty$"):
        await database.write(lambda tx: take(tx, deck, 1, "wm2", at(2)))


@pytest.mark.parametrize("how", ["closed", "over", "unknown"])
async def test_closed_deck_gives_no_card(database: Database, at: At, how: str) -> None:
    deck = await database.write(lambda tx: open_deck(tx, at(0), closes_at=at(5)))
    if how == "closed":
        assert (
            await database.write(lambda tx: decks.close_deck(tx, deck, "提前结束", at(1))) is True
        )
        assert await database.write(lambda tx: decks.close_deck(tx, deck, "再次", at(2))) is False
    asked = 999 if how == "unknown" else deck
    now = at(5) if how == "over" else at(2)
    with pytest.raises(DeckClosed):
        await database.write(lambda tx: take(tx, asked, 0, "wm1", now))


async def test_decks_are_closed_in_time(database: Database, at: At) -> None:
    for round, minute in (("r1", 9), ("r2", 5)):
        await database.write(
            lambda tx, r=round, m=minute: open_deck(tx, at(0), round=r, closes_at=at(m))
        )
    await database.write(lambda tx: open_deck(tx, at(0), round="standing"))
    assert await database.read(decks.next_close) == at(5)
    due = await database.write(lambda tx: decks.due_to_close(tx, at(9)))
    assert [row.round for row in due] == ["r2", "r1"]
    await database.write(lambda tx: decks.close_deck(tx, due[0].id, "时间到", at(9)))
    closed = await database.write(lambda tx: decks.lock(tx, due[0].id))
    assert closed is not None
    assert (closed.closed_at, closed.close_reason) == (at(9), "时间到")
    assert await database.read(decks.next_close) == at(9)


async def test_many_draws_at_once_have_each_their_outcome(database: Database, at: At) -> None:
    deck = await database.write(lambda tx: open_deck(tx, at(0)))
    await database.write(lambda tx: take(tx, deck, 0, "wm1", at(1)))
    members = ["wm2", "wm1", "wm3", "wm2", "wm4"]
    outcomes = await database.write(
        lambda tx: decks.draw_many(tx, deck, members, "c1", PAYABLE, at(2))
    )
    assert outcomes == [
        DrawOutcome("wm2", Drew.WON, CardRow(1, "红包", 188)),
        DrawOutcome("wm1", Drew.ALREADY, CardRow(0, "大红包", 888)),
        DrawOutcome("wm3", Drew.WON, CardRow(2, "红包", 100)),
        DrawOutcome("wm2", Drew.ALREADY, CardRow(1, "红包", 188)),
        DrawOutcome("wm4", Drew.EMPTY),
    ]
    assert await database.read(rows) == {"award": 3, "ledger": 3, "payout": 3}
    assert await database.read(money.budget_lines) == [BudgetLine("friday", 1176, 1176, 0, 0)]


async def draw_next(database: Database, deck: int, member: str, now: datetime) -> str:
    """A draw as the bot makes it: reads which card is next and takes it, in one work."""

    def work(tx: Connection) -> CardRow:
        row = decks.lock(tx, deck)
        assert row is not None
        return take(tx, deck, row.taken, member, now)

    try:
        await database.write(work)
    except CardGone:
        return "gone"
    return "won"


async def test_hundred_draws_on_the_last_ten_cards_are_ten_awards(
    database: Database, at: At
) -> None:
    deck = await database.write(lambda tx: open_deck(tx, at(0), [("红包", 100)] * 10))
    outcomes = await asyncio.gather(
        *(draw_next(database, deck, f"wm{n}", at(1)) for n in range(100))
    )
    assert Counter(outcomes) == {"won": 10, "gone": 90}
    assert await database.read(rows) == {"award": 10, "ledger": 10, "payout": 10}
    drawn = await database.read(lambda tx: decks.draws(tx, deck))
    assert [row.position for row in drawn] == list(range(10))
    assert await database.read(money.budget_lines) == [BudgetLine("friday", 1000, 1000, 0, 0)]


async def test_draws_of_several_processes_are_exact(postgres_url: str, at: At) -> None:
    processes = [await open_database(postgres_url) for _ in range(4)]
    try:
        deck = await processes[0].write(lambda tx: open_deck(tx, at(0), [("红包", 100)] * 10))
        outcomes = await asyncio.gather(
            *(draw_next(processes[n % 4], deck, f"wm{n}", at(1)) for n in range(100))
        )
        assert Counter(outcomes) == {"won": 10, "gone": 90}
        assert await processes[0].read(rows) == {"award": 10, "ledger": 10, "payout": 10}
    finally:
        for one in processes:
            await one.close()


async def test_double_wishes_of_a_member_win_once(database: Database, at: At) -> None:
    deck = await database.write(lambda tx: open_deck(tx, at(0), [("红包", 100)] * 10))
    outcomes = await asyncio.gather(
        *(
            database.write(
                lambda tx, m=f"wm{n % 5}": decks.draw_many(tx, deck, [m], "c1", PAYABLE, at(1))
            )
            for n in range(20)
        )
    )
    assert Counter(one.result for (one,) in outcomes) == {Drew.WON: 5, Drew.ALREADY: 15}


async def test_broken_twin_of_the_draw_oversells(database: Database, at: At) -> None:
    """Reading in one transaction and writing in another is what the draw must not do: this
    proves that the tests above could fail."""
    deck = await database.write(lambda tx: open_deck(tx, at(0), [("红包", 100)] * 10))
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
                payable_on=PAYABLE,
                now=at(1),
            )

        await database.write(work)
        return "won"

    outcomes = await asyncio.gather(*(draw(n) for n in range(100)))
    assert Counter(outcomes)["won"] > 10
    assert (await database.read(rows))["award"] == Counter(outcomes)["won"]
