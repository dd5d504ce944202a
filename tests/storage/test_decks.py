"""Decks, over both databases: opened once, within their budget, closed, amended, woken."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError, IntegrityError

from storage import deck_log, decks, money
from storage.database import Database
from storage.deck_values import AlreadyOpened, CardGone, CardRow, DeckRow, Link, LogMoved, LogRow
from storage.money import BudgetLine
from tests import deck_house as house

At = Callable[[float], datetime]
CARDS = [("大红包", 888), ("红包", 188), ("红包", 100)]


def open_deck(tx: Connection, now: datetime, **more: Any) -> int:
    return house.open_deck(tx, now, CARDS, **more)


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
        mode="instant",
        public_value="",
        value="",
        head="c0ffee",
        log_length=0,
        frozen_at=None,
        next_at=at(30),
        refused="",
    )
    assert await database.read(lambda tx: decks.deck(tx, "friday", "2026-11-27", "c1")) == row
    assert await database.read(lambda tx: decks.deck(tx, "friday", "2026-11-27", None)) is None
    assert await database.read(lambda tx: decks.get(tx, deck)) == row
    assert await database.read(lambda tx: decks.listing(tx, "friday")) == [row]
    assert await database.read(lambda tx: decks.listing(tx, "other")) == []
    assert await database.read(decks.unfinished) == [row]
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


async def test_cards_of_every_kind_are_kept(database: Database, at: At) -> None:
    cards = [
        CardRow(0, "电影票", 3000, "coupon"),
        CardRow(1, "保温杯", 3900, "gift"),
        CardRow(2, "积分", 0, "points", 50),
    ]

    def work(tx: Connection) -> int:
        return decks.open_deck(
            tx,
            campaign="gifts",
            round="standing",
            community=None,
            cards=cards,
            seed="00",
            commitment="00",
            rules_hash="00",
            rules={},
            budget_fen=6900,
            payable_after=5,
            closes_at=None,
            now=at(0),
        )

    deck = await database.write(work)
    assert await database.read(lambda tx: decks.cards(tx, deck)) == cards


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
        open_deck(tx, at(1), round="r1", closes_at=at(30))
        open_deck(tx, at(2), community="c2", round="r1")
        open_deck(tx, at(3), round="r0", closes_at=at(5))
        house.close(tx, open_deck(tx, at(4), round="r2"), "停止", at(4))
        frozen = open_deck(tx, at(4), round="r3", closes_at=at(30), mode="entrants")
        decks.freeze(tx, frozen, house.link(tx, frozen), at(60), at(4))

    await database.write(open_all)
    found = await database.write(lambda tx: decks.open_decks(tx, "c1", at(5)))
    assert [(row.round, row.community) for row in found] == [("r1", "c1"), ("standing", None)]
    assert await database.read(lambda tx: decks.open_decks(tx, "c1", at(5))) == found


async def test_closing_gives_back_what_nobody_drew_once(database: Database, at: At) -> None:
    def work(tx: Connection) -> list[bool]:
        deck = open_deck(tx, at(0), budget_fen=1500)
        house.take(tx, deck, 0, "wm1", at(1))
        return [house.close(tx, deck, reason, at(2)) for reason in ("时间到", "再次")]

    assert await database.write(work) == [True, False]
    (row,) = await database.read(decks.listing)
    assert (row.closed_at, row.close_reason, row.next_at) == (at(2), "时间到", None)
    assert await database.read(money.budget_lines) == [BudgetLine("friday", 888, 888, 0, 0)]


async def test_closing_one_round_leaves_the_others_their_budget(database: Database, at: At) -> None:
    def work(tx: Connection) -> None:
        first = open_deck(tx, at(0), round="r1")
        second = open_deck(tx, at(0), round="r2")
        house.close(tx, first, "时间到", at(1))
        for position in range(3):
            house.take(tx, second, position, f"wm{position}", at(2))

    await database.write(work)
    assert await database.read(money.budget_lines) == [BudgetLine("friday", 1176, 1176, 0, 0)]


async def test_log_takes_only_what_fits_on_its_head(database: Database, at: At) -> None:
    deck = await database.write(lambda tx: open_deck(tx, at(0)))
    good = Link({"type": "amendment", "previous": "c0ffee", "number": 0}, "h1")
    for bad in (
        Link({"previous": "other", "number": 0}, "x"),
        Link({"previous": "c0ffee", "number": 1}, "x"),
    ):
        with pytest.raises(LogMoved):
            await database.write(lambda tx, one=bad: decks.amend(tx, deck, {}, None, one))
    await database.write(lambda tx: decks.amend(tx, deck, {"new": 1}, at(9), good))
    with pytest.raises(LogMoved):
        await database.write(lambda tx: decks.amend(tx, deck, {}, None, good))
    assert await database.read(lambda tx: deck_log.entries(tx, deck)) == [
        LogRow(0, {"type": "amendment", "previous": "c0ffee", "number": 0}, "h1")
    ]
    row = await database.read(lambda tx: decks.get(tx, deck))
    assert row is not None
    assert (row.head, row.log_length, row.closes_at, row.next_at) == ("h1", 1, at(9), at(9))
    assert await database.read(lambda tx: decks.rules_in_force(tx, deck)) == {"new": 1}
    rules = await database.read(lambda tx: decks.rules(tx, deck))
    assert rules == {"campaign": "friday", "keyword": "抽奖"}


@pytest.mark.parametrize("verb", ["UPDATE deck_log SET hash = 'x'", "DELETE FROM deck_log"])
async def test_log_is_append_only(database: Database, at: At, verb: str) -> None:
    def work(tx: Connection) -> None:
        deck = open_deck(tx, at(0))
        house.take(tx, deck, 0, "wm1", at(1))

    await database.write(work)
    with pytest.raises(DBAPIError, match="append-only"):
        await database.write(lambda tx: tx.execute(text(verb)))


async def test_decks_are_woken_in_time(database: Database, at: At) -> None:
    for round, minute in (("r1", 9), ("r2", 5)):
        await database.write(
            lambda tx, r=round, m=minute: open_deck(tx, at(0), round=r, closes_at=at(m))
        )
    await database.write(lambda tx: open_deck(tx, at(0), round="standing"))
    assert await database.read(decks.next_due) == at(5)
    assert await database.read(lambda tx: decks.due(tx, at(4))) == []
    assert await database.read(lambda tx: decks.due(tx, at(9))) == [2, 1]
    await database.write(lambda tx: house.close(tx, 2, "时间到", at(9)))
    await database.write(lambda tx: decks.remind(tx, 1, at(60)))
    assert await database.read(lambda tx: decks.due(tx, at(9))) == []
    assert await database.read(decks.next_due) == at(60)


async def test_refused_edit_is_remembered(database: Database, at: At) -> None:
    deck = await database.write(lambda tx: open_deck(tx, at(0)))
    await database.write(lambda tx: decks.refuse(tx, deck, "hash"))
    row = await database.read(lambda tx: decks.lock(tx, deck))
    assert row is not None
    assert row.refused == "hash"
