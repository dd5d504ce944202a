"""What came of what was said: variants, private messages with links, scores; on both databases.

The week is 2026-11-23 to 11-29 in Shanghai. `a` and `b` are robot's, `c` is in assist mode; `z` is
another scope's. `s1` is staff.
"""

from datetime import date, datetime, timedelta
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, insert

from storage import activity, contacts, links, occurrences, people
from storage.activity import Action
from storage.database import Database
from storage.figures.nps import NpsNumbers, nps
from storage.figures.recalls import RecallNumbers, recalls
from storage.figures.scope import Scope
from storage.figures.variants import VariantNumbers, variants
from storage.tables.gatherings import Gathering
from storage.tables.people import Member, Membership
from storage.tables.work import Occurrence
from storage.types import table

SHANGHAI = ZoneInfo("Asia/Shanghai")
MONDAY = date(2026, 11, 23)
MEMBERS = ("m1", "m2", "m3", "m4", "m5", "m6", "s1")


def at(local: str) -> datetime:
    """`24 19:30` of November in Shanghai, `10-27 19:30` of another month."""
    month, _, rest = local.rpartition("-")
    day, clock = rest.split()
    return datetime.fromisoformat(f"2026-{month or 11}-{day}T{clock}").replace(tzinfo=SHANGHAI)


def week(tx: Connection) -> Scope:
    return Scope(tx, ("a", "b", "c"), MONDAY, SHANGHAI, ("s1",))


def communities(tx: Connection) -> None:
    modes = {"a": "robot", "b": "robot", "c": "assist", "z": "robot"}
    rows = [
        people.CommunityRow(id, id, f"wr-{id}", "lin", mode, [], "Asia/Shanghai")
        for id, mode in modes.items()
    ]
    people.sync_communities(tx, rows, at("01 09:00"))
    names = [{"id": one, "name": one, "first_seen": at("01 09:00")} for one in MEMBERS]
    tx.execute(insert(table(Member)), names)


def stay(tx: Connection, community: str, member: str, since: str, until: str = "") -> None:
    row: dict[str, Any] = {"community": community, "member": member, "joined_at": at(since)}
    left = {"left_at": at(until)} if until else {}
    tx.execute(insert(table(Membership)).values(**row, **left, via=""))


def did(tx: Connection, community: str, member: str, kind: str, when: str) -> None:
    moment = at(when)
    activity.count(tx, [Action(community, member, kind, moment, moment.date())])


def ran(
    tx: Connection, step: str, community: str, when: str, variant: str = "", **more: Any
) -> str:
    """The step was carried out; its identity."""
    moment = at(when)
    identity = f"p/{step}/{moment.date()}/{community}"
    new = occurrences.NewOccurrence(
        key=identity,
        identity=identity,
        plan="p",
        step=step,
        day=moment.date(),
        community=community,
        phase="run",
        due_at=moment,
        window_ends_at=moment + timedelta(minutes=30),
    )
    occurrences.plan(tx, [new], moment)
    occurrences.finish(tx, identity, "done", "", moment)
    occurrences.varied(tx, identity, variant)
    if more:
        mine = table(Occurrence).c.key == identity
        tx.execute(table(Occurrence).update().where(mine).values(**more))
    return identity


def posts(tx: Connection) -> None:
    """Of `tip`, `a` gets the variant long and `b` and `c` get short."""
    communities(tx)
    stay(tx, "a", "m1", "01 09:00")
    stay(tx, "a", "m2", "01 09:00", "24 19:30")  # left as it was posted
    stay(tx, "a", "m3", "24 19:31")  # came too late
    stay(tx, "a", "s1", "01 09:00")
    stay(tx, "b", "m1", "01 09:00")
    stay(tx, "b", "m4", "01 09:00")
    stay(tx, "c", "m4", "01 09:00")
    stay(tx, "c", "m5", "01 09:00")
    ran(tx, "tip", "a", "24 19:30", "long")
    ran(tx, "tip", "a", "17 19:30", "long")  # the week before: m2 was there
    ran(tx, "tip", "b", "24 19:30", "short")
    ran(tx, "tip", "c", "24 19:30", "short", confirmed_at=at("25 08:00"))
    ran(tx, "tip", "c", "17 19:30", "short")  # handed to the RM, and never confirmed
    ran(tx, "tip", "z", "24 19:30", "long")
    ran(tx, "tip", "b", "10-27 19:30", "short")  # five weeks ago
    ran(tx, "tip", "b", "26 19:30", "short", status="skipped")
    ran(tx, "plain", "a", "24 20:00")
    did(tx, "a", "m1", "message", "24 19:29")  # before
    did(tx, "a", "m1", "message", "26 00:00")  # too late
    did(tx, "a", "m2", "answer", "18 23:59")
    did(tx, "b", "m1", "join", "24 19:40")  # coming is no action
    did(tx, "b", "m4", "click", "24 19:30")  # not after
    did(tx, "c", "m4", "message", "25 07:59")
    did(tx, "c", "m5", "message", "26 23:59")
    did(tx, "a", "s1", "message", "24 20:00")


async def test_posted_variants_reach_who_was_there_and_count_who_acted_by_the_next_day(
    database: Database,
) -> None:
    await database.write(posts)
    assert await database.read(lambda tx: variants(week(tx))) == (
        VariantNumbers("p", "tip", "long", reached=2, acted=1, places=((2, 1),)),
        VariantNumbers("p", "tip", "short", reached=3, acted=1, places=((2, 0), (2, 1))),
    )


async def test_community_in_which_nobody_was_there_says_nothing_of_a_variant(
    database: Database,
) -> None:
    def work(tx: Connection) -> tuple[VariantNumbers, ...]:
        communities(tx)
        stay(tx, "a", "m1", "01 09:00")
        ran(tx, "tip", "a", "24 19:30", "long")
        ran(tx, "tip", "b", "24 19:30", "long")
        return variants(week(tx))

    long = VariantNumbers("p", "tip", "long", reached=1, acted=0, places=((1, 0),))
    assert await database.write(work) == (long,)


async def test_variants_of_a_week_without_any_are_none(database: Database) -> None:
    await database.write(communities)
    assert await database.read(lambda tx: variants(week(tx))) == ()


def letters(tx: Connection) -> None:
    """Of `recall`, m1 to m3 get the variant warm, m4 and m5 plain."""
    communities(tx)
    one = ran(tx, "recall", "a", "24 10:00")
    other = ran(tx, "recall", "b", "24 10:00")
    foreign = ran(tx, "recall", "z", "24 10:00")
    plain = ran(tx, "greet", "a", "24 11:00")
    late = ran(tx, "recall", "a", "20 10:00")
    contacts.add(tx, ["m1", "m2", "s1"], one, at("24 10:00"), "warm")
    contacts.add(tx, ["m4"], one, at("24 10:00"), "plain")
    contacts.add(tx, ["m1", "m3"], other, at("24 10:00"), "warm")
    contacts.add(tx, ["m6"], foreign, at("24 10:00"), "warm")
    contacts.add(tx, ["m6"], plain, at("24 11:00"))
    contacts.add(tx, ["m5"], late, at("23 09:00"), "plain")  # written once the RM found time
    contacts.add(tx, ["m6"], late, at("20 11:00"), "plain")  # of last week
    did(tx, "a", "m1", "message", "27 23:59")
    did(tx, "a", "m2", "message", "28 00:00")  # a day too late
    did(tx, "b", "m3", "click", "25 12:00")
    did(tx, "a", "m3", "message", "25 12:00")  # not written to there
    did(tx, "a", "m5", "answer", "26 12:00")
    tokens = {"t1": ("m1", one), "t2": ("m2", one), "t3": ("m3", other), "t5": ("m5", late)}
    made = [
        links.LinkRow(
            token, "https://x.example", occurrence[-1], member, occurrence, "guide", "",
            at("24 10:00"), at("30 10:00"),
        )
        for token, (member, occurrence) in tokens.items()
    ]  # fmt: skip
    # Of the whole community, not of a member: no recall by itself.
    common = links.LinkRow(
        "t9", "https://x.example", "a", None, plain, "guide", "", at("24 11:00"), at("30 11:00")
    )
    links.make(tx, [*made, common])
    for token, member, when, counted in (
        ("t1", "m1", "24 10:05", True),
        ("t1", "m1", "24 10:06", True),
        ("t2", "m2", "24 10:05", False),  # a machine
        ("t3", "m3", "28 00:01", True),  # too late
        ("t5", "m1", "24 10:07", True),  # somebody else's
        ("t9", None, "24 11:05", True),
    ):
        moment, why = at(when), "" if counted else "机器"
        place = "b" if token == "t3" else "a"
        links.click(tx, links.NewClick(token, place, member, moment, moment.date(), counted, why))


async def test_written_variants_count_who_acted_within_three_days(database: Database) -> None:
    await database.write(letters)
    assert await database.read(lambda tx: variants(week(tx))) == (
        VariantNumbers("p", "recall", "plain", reached=3, acted=1),
        VariantNumbers("p", "recall", "warm", reached=3, acted=2),
    )


async def test_recalls_count_written_opened_and_back(database: Database) -> None:
    """m1 opened and came back; m3 only clicked, and late; m5 came back without opening."""
    await database.write(letters)
    assert await database.read(lambda tx: recalls(week(tx))) == (
        RecallNumbers("p", "recall", written=5, clicked=1, back=2),
    )


async def test_a_known_message_keeps_its_variant(database: Database) -> None:
    def work(tx: Connection) -> None:
        communities(tx)
        identity = ran(tx, "recall", "a", "24 10:00")
        contacts.add(tx, ["m1"], identity, at("24 10:00"), "warm")
        contacts.add(tx, ["m1", "m2"], identity, at("24 10:05"), "plain")

    await database.write(work)
    assert await database.read(lambda tx: variants(week(tx))) == (
        VariantNumbers("p", "recall", "plain", reached=1, acted=0),
        VariantNumbers("p", "recall", "warm", reached=1, acted=0),
    )


def scores(tx: Connection) -> None:
    communities(tx)
    for number, (community, kind, closed, result) in enumerate(
        (
            ("a", "nps", "24 20:00", {"n": 10, "promoters": 5, "detractors": 2}),
            ("b", "nps", "29 23:59", {"n": 4, "promoters": 1, "detractors": 3}),
            ("a", "nps", "30 00:00", {"n": 9, "promoters": 9, "detractors": 0}),
            ("z", "nps", "24 20:00", {"n": 9, "promoters": 9, "detractors": 0}),
            ("a", "vote", "24 20:00", {"n": 9, "promoters": 9, "detractors": 0}),
            ("a", "nps", "25 20:00", {}),  # ended without being counted
            ("a", "nps", "25 21:00", {"n": 0, "promoters": 0, "detractors": 0}),
            ("a", "nps", "", {}),
        )
    ):
        closing = {"closed_at": at(closed)} if closed else {"next_at": at("30 20:00")}
        tx.execute(
            insert(table(Gathering)).values(
                community=community, kind=kind, occurrence=f"p/s{number}", options={}, phase="",
                seed="", opened_at=at("23 09:00"), closes_at=at("30 20:00"), reason="",
                result=result, **closing,
            )
        )  # fmt: skip


async def test_nps_adds_up_what_was_counted_in_the_week(database: Database) -> None:
    await database.write(scores)
    assert await database.read(lambda tx: nps(week(tx))) == NpsNumbers(6, 3, 5)


async def test_nps_of_nobody_is_zero_of_each(database: Database) -> None:
    empty = partial(Scope, communities=("a",), monday=MONDAY, zone=SHANGHAI, staff=())
    assert await database.read(lambda tx: nps(empty(tx))) == NpsNumbers(0, 0, 0)
