"""Groups of communities are counted as the summary of the same communities would be."""

import random
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import Connection

from storage import games, money, occurrences, payouts
from storage.database import Database
from storage.figures import WeekNumbers, week_numbers
from storage.figures.crowd import Crowd
from storage.figures.groups import GroupNumbers, by_group
from storage.figures.scope import Scope
from storage.tables.work import Occurrence
from storage.types import order_number, table

SHANGHAI = ZoneInfo("Asia/Shanghai")
MONDAY = date(2026, 11, 23)
ALL = ("a", "b", "c")
GROUPS = (("a", "b", "c"), ("a",), ("b", "c"), ())
HEARD = ("a", "b")
STAFF = ("rm1",)
KINDS = ("message", "message", "join", "leave", "draw", "checkin")


def local(day: date, hour: int) -> datetime:
    return datetime(day.year, day.month, day.day, hour, tzinfo=SHANGHAI).astimezone(UTC)


def play(tx: Connection, community: str, day: date, *players: str) -> None:
    now = local(day, 12)
    session = games.begin(
        tx,
        community=community,
        game="dice",
        options={},
        rewards=None,
        state={},
        seed="00",
        next_at=None,
        occurrence=None,
        started_by=None,
        now=now,
    )
    for player in players:
        games.played(tx, session, player, now)
    games.finish(tx, session, 1, {}, "时间到", [], now + timedelta(minutes=5))


def pay(tx: Connection, community: str, member: str, fen: int, day: date) -> None:
    key = f"game/{community}/{member}/{day}"
    payable = day - timedelta(days=1)
    money.award(
        tx,
        key=key,
        source="pool/games",
        budget_fen=100_000,
        community=community,
        member=member,
        prize="红包",
        amount_fen=fen,
        payable_on=payable,
        now=local(payable, 12),
    )
    order_no, now = order_number(key), local(day, 12)
    payouts.mature(tx, day, now)
    payouts.approve(tx, order_no, fen, "finance", now)
    payouts.submit(tx, order_no, now, now)
    payouts.paid(tx, order_no, "ok", now)


def plan(tx: Connection, community: str, day: date, status: str, minutes: int) -> None:
    at = local(day, 9)
    key = f"p/s/{day}/{community}"
    row = occurrences.NewOccurrence(
        key=key,
        identity=key,
        plan="p",
        step="s",
        day=day,
        community=community,
        due_at=at,
        window_ends_at=at + timedelta(minutes=30),
        phase="run",
    )
    occurrences.plan(tx, [row], at)
    columns = table(Occurrence)
    settled = {"status": status, "ran_at": at + timedelta(minutes=minutes)}
    tx.execute(columns.update().where(columns.c.key == key).values(settled))


def build(tx: Connection, live: Callable[..., None], seed: int) -> None:
    """A month of some thirty people in three communities."""
    chance = random.Random(seed)
    first = MONDAY - timedelta(days=40)
    stays, deeds = [], []
    for number in range(30):
        who = f"m{number}" if number else "rm1"
        for community in chance.sample(ALL, chance.randint(1, 2)):
            joined = first + timedelta(days=chance.randrange(50))
            left = joined + timedelta(days=chance.randrange(30)) if chance.random() < 0.5 else None
            stays.append((community, who, f"{joined}T12:00", left and f"{left}T18:00"))
            if left and chance.random() < 0.5:
                stays.append((community, who, f"{left + timedelta(days=3)}T09:00", None))
            deeds += [
                (community, who, chance.choice(KINDS), f"{first + timedelta(days=day)}")
                for day in chance.sample(range(50), chance.choice((1, 12)))
            ]
    live(tx, stays, deeds)
    for day in range(7):
        community = chance.choice(ALL)
        today = MONDAY + timedelta(days=day)
        play(tx, community, today, *chance.sample([f"m{one}" for one in range(30)], 4))
        pay(tx, community, f"m{day + 1}", 100 + day, today)
        plan(tx, community, today, chance.choice(("done", "skipped")), chance.choice((5, 60)))


@pytest.mark.parametrize("seed", range(4))
async def test_a_groups_numbers_are_those_of_its_own_summary(
    database: Database, live: Callable[..., None], seed: int
) -> None:
    def work(tx: Connection) -> tuple[list[GroupNumbers], list[WeekNumbers]]:
        build(tx, live, seed)
        crowd = Crowd(tx, ALL, MONDAY, SHANGHAI, STAFF)
        week = Scope(tx, ALL, MONDAY, SHANGHAI, STAFF)
        alone = [
            week_numbers(tx, one, MONDAY, SHANGHAI, staff=STAFF, silent_days=14, heard=HEARD)
            for one in GROUPS
        ]
        return by_group(week, crowd, GROUPS, HEARD, 14), alone

    groups, alone = await database.write(work)
    assert groups == [
        GroupNumbers(
            members_at_start=one.members_at_start,
            members_at_end=one.members_at_end,
            member_days=sum(one.daily_members),
            new=one.new,
            lost=one.lost,
            wau=one.wau,
            silent=one.silent,
            players=one.players,
            due=sum(step.due for step in one.steps),
            executed=sum(step.executed for step in one.steps),
            on_time=sum(step.on_time for step in one.steps),
            settled_fen=one.settled_fen,
        )
        for one in alone
    ]


async def test_groups_by_hand(database: Database, live: Callable[..., None]) -> None:
    def work(tx: Connection) -> list[GroupNumbers]:
        october = "2026-10-01T12:00"
        live(
            tx,
            [
                ("a", "both", october, None),
                ("b", "both", october, None),
                ("a", "still", october, None),
                ("b", "fresh", "2026-11-25T12:00", None),
                ("b", "gone", october, "2026-11-24T12:00"),
                ("b", "rm1", october, None),
            ],
            [("b", "both", "message", "2026-11-23"), ("b", "fresh", "join", "2026-11-25")],
        )
        play(tx, "b", MONDAY, "both", "rm1")
        play(tx, "a", MONDAY, "both")
        pay(tx, "b", "both", 250, MONDAY)
        plan(tx, "a", MONDAY, "done", 60)
        plan(tx, "b", MONDAY, "done", 5)
        crowd = Crowd(tx, ALL, MONDAY, SHANGHAI, STAFF)
        week = Scope(tx, ALL, MONDAY, SHANGHAI, STAFF)
        return by_group(week, crowd, [("a", "b"), ("a",), ("b",), ("c",)], ALL, 14)

    assert await database.write(work) == [
        GroupNumbers(3, 3, 20, 1, 1, 2, 1, 1, 2, 2, 1, 250),
        GroupNumbers(2, 2, 14, 0, 0, 0, 2, 1, 1, 1, 0, 0),
        GroupNumbers(2, 2, 13, 1, 1, 2, 0, 1, 1, 1, 1, 250),
        GroupNumbers(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0),
    ]
