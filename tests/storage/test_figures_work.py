"""What RMs were handed, how follow-ups ended, which rounds were played; on both databases.

The week is 2026-11-23 to 11-29 in Shanghai. `a` (owner lin) is in assist mode, `b` (owner wang) is
the robot's; `z` is another scope's. `s1` is staff.
"""

from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import Connection, insert

from sop.review import NOT_STAMPED
from storage import assist_tasks, follow_ups, games, occurrences, people
from storage.database import Database
from storage.figures import work
from storage.figures.crowd import Crowd
from storage.figures.handed import HandedNumbers, handed
from storage.figures.outcomes import OutcomeNumbers, origin_of, outcomes
from storage.figures.rounds import RoundNumbers, rounds
from storage.figures.scope import Scope
from storage.tables.people import Member, Membership
from storage.tables.work import Occurrence
from storage.types import table

SHANGHAI = ZoneInfo("Asia/Shanghai")
MONDAY = date(2026, 11, 23)


def at(local: str) -> datetime:
    """`24 19:30` of November in Shanghai."""
    day, clock = local.split()
    return datetime.fromisoformat(f"2026-11-{day}T{clock}").replace(tzinfo=SHANGHAI)


def week(tx: Connection) -> Scope:
    return Scope(tx, ("a", "b"), MONDAY, SHANGHAI, ("s1",))


def crowd(tx: Connection) -> Crowd:
    return Crowd(tx, ("a", "b"), MONDAY, SHANGHAI, ("s1",))


def communities(tx: Connection) -> None:
    owners = {"a": ("lin", "assist"), "b": ("wang", "robot"), "z": ("zhao", "assist")}
    rows = [
        people.CommunityRow(id, id, f"wr-{id}", owner, mode, [], "Asia/Shanghai")
        for id, (owner, mode) in owners.items()
    ]
    people.sync_communities(tx, rows, at("01 09:00"))


def occurrence(tx: Connection, step: str, community: str, when: str, **settled: Any) -> str:
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
    values = {"status": "done", "ran_at": moment, **settled}
    mine = table(Occurrence).c.key == identity
    tx.execute(table(Occurrence).update().where(mine).values(**values))
    return identity


def task(tx: Connection, step: str, community: str, when: str, status: str, **more: Any) -> None:
    """Handed out on time; what became of it."""
    moment = at(when)
    confirmed = more.pop("confirmed", None)
    settled = {} if confirmed is None else {"confirmed_at": at(confirmed)}
    if status == "skipped":
        settled = {"status": "skipped", "changed_by": "lin"}
    identity = occurrence(tx, step, community, when, **settled)
    later = moment + timedelta(hours=2)
    new = assist_tasks.NewTask(
        identity, community, "lin", step, "task", False, moment, moment, later
    )
    assist_tasks.add(tx, new, [], moment)
    values = {"status": status, "asked_at": moment, **more}
    assert assist_tasks.change(tx, identity, ["waiting"], **values)


def tasks(tx: Connection) -> None:
    communities(tx)
    task(tx, "mon", "a", "23 09:30", "sent", confirmed="23 09:40", on_time=True)
    task(tx, "tue", "a", "24 09:30", "sent", confirmed="24 12:00", on_time=False)
    task(tx, "wed", "a", "25 09:30", "capped", capped=True)
    task(tx, "thu", "a", "26 09:30", "expired")
    task(tx, "fri", "a", "27 09:30", "skipped")
    task(tx, "sat", "a", "28 09:30", "open")
    task(tx, "next", "a", "30 09:30", "sent", confirmed="30 09:40", on_time=True)
    task(tx, "mon", "z", "23 09:30", "sent", confirmed="23 09:40", on_time=True)
    occurrence(tx, "late", "a", "28 10:00", status="failed")
    occurrence(tx, "mon", "b", "23 09:30")


def follow(
    tx: Connection,
    key: str,
    made: str,
    due: str,
    *,
    staff: str = "wang",
    source: str = "rule",
    ended: tuple[str, str] | None = None,
    community: str = "b",
) -> None:
    follow_ups.add(
        tx,
        key=key,
        community=community,
        member="m1" if "staff" not in key else "s1",
        staff=staff,
        reason="沉默",
        due_at=at(due),
        now=at(made),
        source=source,
    )
    if ended is not None:
        status, when = ended
        follow_ups.end(tx, key, status, staff, "", at(when))


def follow_all(tx: Connection) -> None:
    communities(tx)
    follow(tx, "rule/quiet/b/m1/1", "20 09:00", "22 18:00", ended=("done", "23 10:00"))
    follow(tx, "rule/quiet/b/m1/2", "23 09:00", "25 18:00", ended=("done", "25 10:00"))
    follow(tx, "rule/quiet/b/m1/3", "23 09:00", "25 18:00", ended=("dropped", "26 10:00"))
    follow(tx, "rule/quiet/b/m1/4", "23 09:00", "25 18:00")
    follow(tx, "rule/quiet/b/m1/5", "23 09:00", "29 18:00", ended=("done", "30 10:00"))
    follow(tx, "rule/quiet/b/m1/6", "29 09:00", "30 18:00")  # there is time
    follow(tx, "rule/quiet/b/m1/7", "01 09:00", "03 18:00", ended=("done", "22 23:59"))
    follow(tx, "rule/quiet/z/m1/8", "23 09:00", "25 18:00", community="z")
    follow(tx, "rule/quiet/b/staff/9", "23 09:00", "25 18:00")
    follow(tx, "p/call/2026-11-23/b/m1", "23 09:00", "24 18:00", source="step", staff="lin")
    follow(tx, "gathering/3/m1", "23 09:00", "30 18:00", source="step")
    follow(tx, "command/lin/m1/x", "23 09:00", "24 18:00", source="command", staff="lin",
           ended=("done", "24 10:00"))  # fmt: skip
    follow(tx, "rule/old/b/m1/1", "01 09:00", "30 18:00")  # nothing happened to it


async def test_handed_tells_what_became_of_each_task(database: Database) -> None:
    await database.write(tasks)
    assert await database.read(lambda tx: handed(week(tx), crowd(tx))) == (
        HandedNumbers(
            "lin",
            due=6,
            reminded=5,
            confirmed=2,
            sent=2,
            on_time=1,
            late=1,
            capped=1,
            skipped=1,
            expired=1,
            follow_ups_due=0,
            follow_ups_done=0,
            follow_ups_overdue=0,
        ),
    )


async def test_handed_counts_follow_ups_for_who_holds_them(database: Database) -> None:
    await database.write(follow_all)
    found = await database.read(lambda tx: handed(week(tx), crowd(tx)))
    counts = {
        one.staff: (one.follow_ups_due, one.follow_ups_done, one.follow_ups_overdue)
        for one in found
    }
    # Due by the first date: of wang's rule 2 to 5, all but the dropped one still due or done.
    assert counts == {"lin": (2, 1, 1), "wang": (4, 1, 2)}


async def test_outcomes_by_what_they_came_from(database: Database) -> None:
    await database.write(follow_all)
    assert await database.read(lambda tx: outcomes(week(tx))) == (
        OutcomeNumbers("command", "command", created=1, done=1, dropped=0, overdue=0),
        OutcomeNumbers("gathering", "step", created=1, done=0, dropped=0, overdue=0),
        OutcomeNumbers("p/call", "step", created=1, done=0, dropped=0, overdue=1),
        OutcomeNumbers("rule/quiet", "rule", created=5, done=2, dropped=1, overdue=2),
    )


@pytest.mark.parametrize(
    ("key", "source", "origin"),
    [
        ("rule/quiet/b/m1/2026-11-23", "rule", "rule/quiet"),
        ("p/call/2026-11-23/b/m1", "step", "p/call"),
        ("gathering/3/m1", "step", "gathering"),
        ("silence/7", "silence", "silence"),
        ("command/lin/m1/x", "command", "command"),
        ("odd", "step", "step"),
    ],
)
def test_origin_is_read_from_the_key(key: str, source: str, origin: str) -> None:
    assert origin_of(key, source) == origin


def played(
    tx: Connection, community: str, game: str, began: str, players: list[str], step: str = ""
) -> None:
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
        occurrence=f"p/{step}/{start.date()}/{community}" if step else None,
        started_by=None if step else "lin",
        now=start,
    )
    for player in players:
        games.played(tx, session, player, start + timedelta(minutes=1))
    games.finish(tx, session, 1, {}, "时间到", [], start + timedelta(minutes=9))


def play(tx: Connection) -> None:
    communities(tx)
    names = [{"id": f"m{n}", "name": f"m{n}", "first_seen": at("01 09:00")} for n in range(1, 7)]
    tx.execute(insert(table(Member)), [*names, {**names[0], "id": "s1"}])
    for community, member, since, until in (
        ("a", "m1", "01 09:00", None),
        ("a", "m2", "01 09:00", "24 08:00"),
        ("a", "m3", "24 23:00", None),
        ("a", "m4", "25 00:00", None),
        ("a", "s1", "01 09:00", None),
        ("b", "m1", "01 09:00", None),
        ("b", "m5", "01 09:00", "23 23:59"),
        ("z", "m6", "01 09:00", None),
    ):
        row = {"community": community, "member": member, "joined_at": at(since), "via": ""}
        left = None if until is None else at(until)
        tx.execute(insert(table(Membership)).values(**row, left_at=left))
    played(tx, "a", "dice", "24 19:30", ["m1", "s1"], "tue-dice")
    played(tx, "b", "dice", "24 19:30", ["m1"], "tue-dice")
    played(tx, "z", "dice", "24 19:30", ["m6"], "tue-dice")
    played(tx, "a", "dice", "26 20:00", ["m1", "m3"], "thu-dice")
    played(tx, "a", "dice", "26 21:00", [])
    played(tx, "b", "puzzle", "26 19:00", ["m4"])  # joined for it, and is not told of yet
    played(tx, "a", "dice", "30 00:00", ["m1"], "tue-dice")


async def test_rounds_by_day_with_who_was_there(database: Database) -> None:
    """m2 left on Tuesday and m3 came on it; m4 came at midnight. m1 is one person in two."""
    await database.write(play)
    assert await database.read(lambda tx: rounds(week(tx), crowd(tx))) == (
        RoundNumbers(
            "dice",
            date(2026, 11, 24),
            ("p/tue-dice/2026-11-24/a", "p/tue-dice/2026-11-24/b"),
            sessions=2,
            players=1,
            members=3,
        ),
        RoundNumbers(
            "dice", date(2026, 11, 26), ("p/thu-dice/2026-11-26/a",), sessions=2, players=2,
            members=3,
        ),
        RoundNumbers("puzzle", date(2026, 11, 26), (), sessions=1, players=1, members=2),
    )  # fmt: skip


async def test_rounds_handed_tasks_and_outcomes_of_nobody_are_none(database: Database) -> None:
    found = await database.read(
        lambda tx: (rounds(week(tx), crowd(tx)), handed(week(tx), crowd(tx)), outcomes(week(tx)))
    )
    assert found == ((), (), ())


def unstamped(tx: Connection) -> None:
    communities(tx)
    occurrence(tx, "mon", "a", "23 09:30")
    skipped = {"status": "skipped", "reason": NOT_STAMPED}
    occurrence(tx, "tue", "a", "24 09:30", **skipped)
    occurrence(tx, "wed", "a", "25 09:30", **skipped, changed_by="lin")
    occurrence(tx, "thu", "a", "26 09:30", status="skipped", reason="今天已经发满了")


async def test_step_that_nobody_stamped_was_missed(database: Database) -> None:
    """Regression: a week of nothing but missing stamps was complete by a hundred percent."""
    await database.write(unstamped)
    ran = await database.read(lambda tx: work.ran(crowd(tx), MONDAY))
    assert [(one.step, one.due, one.executed) for one in ran] == [
        ("mon", True, True),
        ("tue", True, False),
        ("wed", False, False),
        ("thu", False, False),
    ]


def test_words_of_a_missing_stamp_are_the_reviews() -> None:
    assert work.NOT_STAMPED == NOT_STAMPED
