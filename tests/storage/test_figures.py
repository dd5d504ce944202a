"""The weekly counts over a small world, computed by hand, on both databases.

The week is 2026-11-23 to 11-29 in Shanghai; the communities asked for are `a` (robot, owner lin)
and `b` (assist, owner wang). `c`, the staff member `s1` and everything outside the week must not
show.
"""

from datetime import UTC, date, datetime, timedelta
from functools import partial
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import Connection, insert

from storage import activity, follow_ups, games, money, occurrences, payouts, people
from storage.activity import Action
from storage.database import Database
from storage.figures import (
    FunnelNumbers,
    GameNumbers,
    OwnerNumbers,
    SourceNumbers,
    StepNumbers,
    ViaNumbers,
    WeekNumbers,
    week_numbers,
)
from storage.tables.people import Member, Membership
from storage.tables.work import Occurrence
from storage.types import order_number, table
from tests import deck_house

SHANGHAI = ZoneInfo("Asia/Shanghai")
MONDAY = date(2026, 11, 23)
PAYABLE = date(2026, 12, 4)
OCTOBER = "2026-10-01T12:00"


def at(local: str) -> datetime:
    """A Shanghai time such as `2026-11-24T19:30`, as an instant."""
    return datetime.fromisoformat(local).replace(tzinfo=SHANGHAI).astimezone(UTC)


def day(offset: int) -> date:
    return MONDAY + timedelta(days=offset)


STAYS = [
    ("a", "m1", OCTOBER, None, ""),
    ("b", "m1", "2026-11-01T12:00", None, ""),
    ("a", "m2", OCTOBER, None, ""),
    ("a", "m3", OCTOBER, None, ""),
    ("a", "m4", "2026-11-20T12:00", None, ""),
    ("a", "m5", OCTOBER, "2026-11-26T12:00", ""),
    ("a", "m6", "2026-11-23T00:00", None, "qr"),
    ("b", "m7", "2026-11-25T12:00", "2026-11-27T12:00", "invite"),
    ("a", "m8", "2026-09-01T12:00", OCTOBER, ""),
    ("b", "m8", "2026-11-28T12:00", None, "qr"),
    ("b", "m9", OCTOBER, "2026-11-24T12:00", ""),
    ("a", "m9", "2026-11-24T12:05", None, ""),
    ("b", "m10", OCTOBER, None, ""),
    ("a", "m11", "2026-11-30T00:00", None, ""),
    ("a", "s1", OCTOBER, None, ""),
    ("c", "x1", OCTOBER, None, ""),
]

ACTIONS = [
    # before the week: only m1, m9 (on the very first day that counts) and m10 were not silent
    ("a", "m1", "message", date(2026, 11, 20), 1),
    ("a", "m2", "message", date(2026, 11, 8), 1),
    ("b", "m9", "message", date(2026, 11, 9), 1),
    ("b", "m10", "message", date(2026, 11, 22), 1),
    ("a", "m1", "message", day(0), 3),
    ("b", "m1", "message", day(0), 1),
    ("a", "m6", "join", day(0), 1),
    ("a", "m2", "checkin", day(1), 1),
    ("a", "m6", "message", day(1), 2),
    ("a", "m6", "answer", day(1), 1),
    ("a", "m6", "draw", day(1), 1),
    ("b", "m9", "leave", day(1), 1),
    ("a", "m9", "join", day(1), 1),
    ("a", "m1", "answer", day(2), 1),
    ("b", "m7", "join", day(2), 1),
    ("a", "m5", "leave", day(3), 1),
    ("b", "m7", "leave", day(4), 1),
    ("b", "m8", "join", day(5), 1),
    ("b", "m10", "message", day(7), 1),
    ("a", "s1", "message", day(2), 9),
    ("c", "x1", "message", day(2), 9),
]

OCCURRENCES = [
    # step, day, community, planned for, ran, status, by, confirmed
    ("mon", 0, "a", "2026-11-23T09:30", "2026-11-23T09:30", "done", None, None),
    ("mon", 0, "b", "2026-11-23T09:30", "2026-11-23T10:00", "done", None, "2026-11-23T10:10"),
    ("tue", 1, "a", "2026-11-24T19:30", "2026-11-24T20:01", "done", None, None),
    ("tue", 1, "b", "2026-11-24T19:30", "2026-11-24T20:30", "asked", None, None),
    ("wed", 2, "a", "2026-11-25T09:30", "2026-11-25T11:00", "skipped", "lin", None),
    ("wed", 2, "b", "2026-11-25T09:30", "2026-11-25T09:30", "skipped", None, None),
    ("thu", 3, "a", "2026-11-26T09:30", "2026-11-26T13:00", "skipped", None, None),
    ("thu", 3, "b", "2026-11-26T09:30", "2026-11-26T09:31", "done", None, None),
    ("thu", 3, "c", "2026-11-26T09:30", "2026-11-26T09:31", "done", None, None),
    # Regression: what still waits counted as missed; a report of its own week complained of itself.
    ("fri", 4, "a", "2026-11-27T18:00", None, "planned", None, None),
    ("sun", -1, "a", "2026-11-22T09:30", "2026-11-22T09:30", "done", None, None),
    ("next", 7, "a", "2026-11-30T09:30", "2026-11-30T09:30", "done", None, None),
]


def build(tx: Connection) -> None:
    """The whole world."""
    add_communities(tx)
    add_stays(tx)
    for community, member, kind, on, times in ACTIONS:
        moment = datetime(on.year, on.month, on.day, 4, tzinfo=UTC)
        activity.count(tx, [Action(community, member, kind, moment, on)] * times)
    add_games(tx)
    add_draws(tx)
    add_occurrences(tx)
    add_follow_ups(tx)


def add_communities(tx: Connection) -> None:
    rows = [
        people.CommunityRow(id, id, f"wr-{id}", owner, mode, [], "Asia/Shanghai")
        for id, owner, mode in (
            ("a", "lin", "robot"),
            ("b", "wang", "assist"),
            ("c", "zhao", "robot"),
        )
    ]
    people.sync_communities(tx, rows, at(OCTOBER))


def add_stays(tx: Connection) -> None:
    members = sorted({member for _, member, *_ in STAYS})
    names = [{"id": one, "name": one, "first_seen": at(OCTOBER)} for one in members]
    tx.execute(insert(table(Member)), names)
    stays = [
        {
            "community": community,
            "member": member,
            "joined_at": at(joined),
            "left_at": left and at(left),
            "via": via,
        }
        for community, member, joined, left, via in STAYS
    ]
    tx.execute(insert(table(Membership)), stays)


def add_games(tx: Connection) -> None:
    for community, game, began, players, winner, fen in (
        ("a", "quiz", "2026-11-22T23:50", ["m3"], "m3", 0),
        ("a", "dice", "2026-11-24T19:30", ["m1", "m6", "s1"], "m6", 500),
        ("b", "dice", "2026-11-26T19:30", ["m1"], "m1", 300),
        ("c", "dice", "2026-11-26T19:30", ["x1"], "x1", 0),
    ):
        start = at(began)
        session = games.begin(
            tx,
            community=community,
            game=game,
            options={},
            rewards=None,
            state={},
            seed="00",
            next_at=None,
            occurrence=None,
            started_by=None,
            now=start,
        )
        for player in players:
            games.played(tx, session, player, start)
        games.finish(tx, session, 1, {}, "时间到", [], start + timedelta(minutes=9))
        if fen:
            reward(tx, f"game/{session}/{winner}", community, winner, fen, start)


def reward(tx: Connection, key: str, community: str, member: str, fen: int, now: datetime) -> None:
    money.award(
        tx,
        key=key,
        source="pool/games",
        budget_fen=5000,
        community=community,
        member=member,
        prize="红包",
        amount_fen=fen,
        payable_on=PAYABLE,
        now=now,
    )
    if member == "m1":
        payouts.expire(tx, order_number(key), "无法发放", at("2026-11-28T12:00"))


def open_deck(
    tx: Connection, campaign: str, round: str, community: str | None, fens: list[int], now: str
) -> int:
    return deck_house.open_deck(
        tx,
        at(now),
        [("红包", fen) for fen in fens],
        campaign=campaign,
        round=round,
        community=community,
        budget_fen=1000 if community is None else 500,
    )


def add_draws(tx: Connection) -> None:
    hook = open_deck(tx, "join-hook", "standing", None, [200, 300, 100], "2026-11-01T12:00")
    old = open_deck(tx, "festival", "2026-11-20", "a", [188], "2026-11-20T20:00")
    fair = open_deck(tx, "festival", "2026-11-27", "a", [188, 88], "2026-11-27T20:00")
    other = open_deck(tx, "festival", "2026-11-27", "c", [188], "2026-11-27T20:00")
    for deck, position, community, member, drawn in (
        (hook, 0, "c", "x1", "2026-11-10T12:00"),
        (old, 0, "a", "m1", "2026-11-20T20:01"),
        (hook, 1, "a", "m6", "2026-11-24T20:00"),
        (fair, 0, "a", "m1", "2026-11-27T20:01"),
        (other, 0, "c", "x1", "2026-11-27T20:01"),
    ):
        deck_house.take(tx, deck, position, member, at(drawn), community=community)
    deck_house.close(tx, old, "时间到", at("2026-11-20T20:30"))
    pay(tx, f"draw/{hook}/x1/1", 200, at("2026-11-18T12:00"))
    pay(tx, f"draw/{hook}/m6/1", 300, at("2026-11-29T23:59"))
    pay(tx, f"draw/{fair}/m1/1", 188, at("2026-11-30T00:00"))


def pay(tx: Connection, key: str, fen: int, now: datetime) -> None:
    order_no = order_number(key)
    payouts.mature(tx, PAYABLE, now)
    payouts.approve(tx, order_no, fen, "finance", now)
    payouts.submit(tx, order_no, now, now)
    payouts.paid(tx, order_no, "ok", now)


def add_occurrences(tx: Connection) -> None:
    for step, offset, community, planned, ran, status, by, confirmed in OCCURRENCES:
        identity = f"p/{step}/{day(offset)}/{community}"
        window = at(planned) + timedelta(minutes=30)
        new = partial(
            occurrences.NewOccurrence,
            identity=identity,
            plan="p",
            step=step,
            day=day(offset),
            community=community,
            due_at=at(planned),
            window_ends_at=window,
        )
        rows = [new(key=identity, phase="run"), new(key=f"{identity}#remind", phase="remind")]
        occurrences.plan(tx, rows, at(planned))
        settled = {
            "status": status,
            "changed_by": by,
            "ran_at": ran and at(ran),
            "confirmed_at": confirmed and at(confirmed),
        }
        columns = table(Occurrence)
        tx.execute(columns.update().where(columns.c.key == identity).values(settled))


def add_follow_ups(tx: Connection) -> None:
    for key, staff, due, done in (
        ("f1", "lin", "2026-11-25T12:00", "2026-11-26T12:00"),
        ("f2", "lin", "2026-11-27T12:00", "2026-11-30T12:00"),
        ("f3", "wang", "2026-11-29T23:00", None),
        ("f4", "wang", "2026-11-30T12:00", None),
        ("called off", "lin", "2026-11-25T12:00", None),
        ("given up late", "lin", "2026-11-25T12:00", None),
        ("member left", "lin", "2026-11-25T12:00", None),
        ("put off", "wang", "2026-11-29T12:00", None),
    ):
        follow_ups.add(
            tx,
            key=key,
            community="a" if staff == "lin" else "b",
            member="m1",
            staff=staff,
            reason="沉默",
            due_at=at(due),
            now=at(OCTOBER),
        )
        if done is not None:
            (task,) = [one for one in follow_ups.open_for(tx, staff) if one.key == key]
            follow_ups.end(tx, task.key, "done", staff, "", at(done))
    follow_ups.end(tx, "called off", "dropped", "lin", "不用了", at("2026-11-25T11:00"))
    follow_ups.end(tx, "given up late", "dropped", "lin", "算了", at("2026-11-26T11:00"))
    follow_ups.end(tx, "member left", "dropped", "system", "已退群", at("2026-11-26T11:00"))
    follow_ups.put_off(tx, "put off", at("2026-12-01T12:00"), None)


EXPECTED = WeekNumbers(
    members_at_start=7,
    members_at_end=8,
    daily_members=(8, 8, 9, 8, 7, 8, 8),
    new=2,
    lost=2,
    joins=4,
    leaves=3,
    wau=6,  # m5 did nothing but leave
    dau=(2, 3, 2, 0, 0, 1, 0),
    speakers=2,
    messages=6,
    silent=1,
    returned=1,
    players=2,
    funnel=FunnelNumbers(joined=4, played=1, drew=1, claimed=1),
    settled_fen=300,
    follow_ups_due=5,  # one was given up late, one only put off
    follow_ups_done=1,
    steps=(
        StepNumbers("p", "mon", day(0), 2, 2, 2, 0, 1, 1),
        StepNumbers("p", "tue", day(1), 2, 1, 0, 0, 0, 0),
        StepNumbers("p", "wed", day(2), 0, 0, 0, 2, 0, 0),
        StepNumbers("p", "thu", day(3), 2, 1, 1, 0, 1, 0),
    ),
    games=(GameNumbers("dice", sessions=2, players=2, turns=3, reward_fen=800),),
    sources=(
        SourceNumbers("festival", 500, 188, 0, 0, winners=1),
        SourceNumbers("join-hook", 1000, 500, 500, 0, winners=1),
        SourceNumbers("pool/games", 5000, 800, 0, 300, winners=2),
    ),
    vias=(ViaNumbers("qr", 2, 2), ViaNumbers("", 1, 1), ViaNumbers("invite", 1, 0)),
    heard_members_at_end=8,
    owners=(
        OwnerNumbers("lin", 1, 3, 2, 1, 0, 0, 3, 1),
        OwnerNumbers("wang", 1, 3, 2, 2, 2, 1, 2, 0),
    ),
)


async def test_week_numbers_of_two_communities(database: Database) -> None:
    await database.write(build)
    numbers = partial(
        week_numbers,
        communities=["a", "b"],
        monday=MONDAY,
        zone=SHANGHAI,
        staff={"s1"},
        silent_days=14,
    )
    assert await database.read(numbers) == EXPECTED


async def test_week_numbers_of_one_community_count_its_own_persons(database: Database) -> None:
    """m9 is new to `a`, where the two together know it; m1 speaks in both."""
    await database.write(build)
    numbers = await database.read(
        partial(
            week_numbers,
            communities=["a"],
            monday=MONDAY,
            zone=SHANGHAI,
            staff={"s1"},
            silent_days=14,
        )
    )
    assert (numbers.members_at_start, numbers.members_at_end) == (5, 6)
    assert (numbers.new, numbers.lost, numbers.messages) == (2, 1, 5)
    assert numbers.owners == (OwnerNumbers("lin", 1, 3, 2, 1, 0, 0, 3, 1),)


async def test_messages_are_counted_where_they_are_heard(database: Database) -> None:
    """Of `b` nobody knows what is said there: the numbers of messages are those of `a` alone."""
    await database.write(build)
    week = partial(week_numbers, monday=MONDAY, zone=SHANGHAI, staff={"s1"}, silent_days=14)
    both = await database.read(partial(week, communities=["a", "b"], heard=["a"]))
    alone = await database.read(partial(week, communities=["a"]))
    assert both.members_at_end == EXPECTED.members_at_end
    assert both.wau == EXPECTED.wau
    assert (both.messages, both.heard_members_at_end) == (5, 6)
    assert (both.speakers, both.silent, both.returned) == (
        alone.speakers,
        alone.silent,
        alone.returned,
    )


async def test_week_numbers_follow_the_zone(database: Database) -> None:
    """m6 joined on Monday 00:00 in Shanghai: on Sunday, for UTC."""
    await database.write(build)
    numbers = await database.read(
        partial(
            week_numbers,
            communities=["a"],
            monday=MONDAY,
            zone=ZoneInfo("UTC"),
            staff={"s1"},
            silent_days=14,
        )
    )
    assert (numbers.members_at_start, numbers.joins) == (6, 2)


@pytest.mark.parametrize("communities", [["nowhere"], []])
async def test_week_numbers_without_members_are_zero(
    database: Database, communities: list[str]
) -> None:
    await database.write(build)
    numbers = await database.read(
        partial(
            week_numbers,
            communities=communities,
            monday=MONDAY - timedelta(weeks=52),
            zone=SHANGHAI,
            staff=(),
            silent_days=14,
        )
    )
    assert numbers == WeekNumbers(
        members_at_start=0,
        members_at_end=0,
        daily_members=(0,) * 7,
        new=0,
        lost=0,
        joins=0,
        leaves=0,
        wau=0,
        dau=(0,) * 7,
        speakers=0,
        messages=0,
        silent=0,
        returned=0,
        players=0,
        funnel=FunnelNumbers(0, 0, 0, 0),
        settled_fen=0,
        follow_ups_due=0,
        follow_ups_done=0,
        steps=(),
        games=(),
        sources=(),
        vias=(),
        owners=(),
        heard_members_at_end=0,
    )
