"""One person, two ids, in the numbers of a week: what keeps the old id counts for the person."""

from collections.abc import Callable
from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from storage import games, merging, payouts
from storage.database import Database
from storage.figures import FunnelNumbers, WeekNumbers, week_numbers
from storage.figures.channels import FlowNumbers, flows
from storage.figures.crowd import Crowd
from storage.figures.scope import Scope
from storage.types import order_number
from tests import deck_house

MONDAY = date(2026, 11, 23)
SHANGHAI = ZoneInfo("Asia/Shanghai")
Local = Callable[[str], datetime]


def play_draw_and_be_paid(tx: Connection, member: str, position: int, at: datetime) -> None:
    """A round of a game, a card of the one deck, and its money, on one day."""
    if not position:
        deck_house.open_deck(
            tx, at, [("红包", 188), ("红包", 288), ("红包", 388)], campaign="festival",
            round="r", community="a", budget_fen=1000,
        )  # fmt: skip
    session = games.begin(
        tx, community="a", game="dice", options={}, rewards=None, state={}, seed="00",
        next_at=None, occurrence=None, started_by=None, now=at,
    )  # fmt: skip
    games.played(tx, session, member, at)
    games.finish(tx, session, 1, {}, "时间到", [], at)
    deck_house.take(tx, 1, position, member, at, community="a")
    order_no, fen = order_number(f"draw/1/{member}/1"), (188, 288, 388)[position]
    payouts.mature(tx, date(2026, 12, 31), at)
    payouts.approve(tx, order_no, fen, "finance", at)
    payouts.submit(tx, order_no, at, at)
    payouts.paid(tx, order_no, "ok", at)


def a_week(tx: Connection, live: Callable[..., None], local: Local) -> None:
    """`old` joined, played, drew and was paid; then was found to be `new`, who drew as well."""
    live(
        tx,
        [
            ("a", "old", "2026-11-23T09:00", None),
            ("a", "new", "2026-11-25T09:00", None),
            ("a", "other", "2026-11-25T09:00", None),
        ],
    )
    play_draw_and_be_paid(tx, "old", 0, local("2026-11-24T19:30"))
    play_draw_and_be_paid(tx, "new", 1, local("2026-11-26T19:30"))
    play_draw_and_be_paid(tx, "other", 2, local("2026-11-26T19:30"))
    merging.merge(tx, "old", "new", "wang", "换了微信", local("2026-11-27T12:00"))


async def test_merged_member_is_one_person_in_the_funnel(
    database: Database, live: Callable[..., None], local: Local
) -> None:
    def work(tx: Connection) -> WeekNumbers:
        a_week(tx, live, local)
        return week_numbers(tx, ["a"], MONDAY, SHANGHAI, staff=(), silent_days=14)

    found = await database.write(work)
    assert found.funnel == FunnelNumbers(joined=2, played=2, drew=2, claimed=2)
    assert [(one.source, one.winners) for one in found.sources] == [("festival", 2)]
    assert (found.settled_fen, found.players, found.joins) == (864, 2, 2)


async def test_draw_under_the_old_id_alone_is_the_persons(
    database: Database, live: Callable[..., None], local: Local
) -> None:
    def work(tx: Connection) -> FunnelNumbers:
        live(tx, [("a", one, "2026-11-23T09:00", None) for one in ("old", "new")])
        play_draw_and_be_paid(tx, "old", 0, local("2026-11-24T19:30"))
        merging.merge(tx, "old", "new", "wang", "换了微信", local("2026-11-27T12:00"))
        return week_numbers(tx, ["a"], MONDAY, SHANGHAI, staff=(), silent_days=14).funnel

    assert await database.write(work) == FunnelNumbers(joined=1, played=1, drew=1, claimed=1)


async def test_money_under_the_old_id_is_a_cost_of_the_persons_channel(
    database: Database, live: Callable[..., None], local: Local
) -> None:
    def work(tx: Connection) -> tuple[FlowNumbers, ...]:
        a_week(tx, live, local)
        crowd = Crowd(tx, ("a",), MONDAY, SHANGHAI, ())
        return flows(Scope(tx, ("a",), MONDAY, SHANGHAI, ()), crowd)

    (found,) = await database.write(work)
    assert (found.joined, found.cost_fen) == (2, 864)
