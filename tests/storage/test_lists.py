"""Used items of lists, newcomers of a day, what ran in a month: over both databases."""

from collections.abc import Callable
from datetime import date, datetime

from sqlalchemy import Connection

from storage import lists, occurrences, people
from storage.database import Database
from storage.occurrences import NewOccurrence

At = Callable[[float], datetime]


async def test_item_is_used_once_in_each_community(database: Database, at: At) -> None:
    def work(tx: Connection) -> None:
        lists.use(tx, "a", "tips", "two", "p/x/2026-11-23/a", at(0))
        lists.use(tx, "a", "tips", "one", "p/x/2026-11-24/a", at(1))
        lists.use(tx, "a", "tips", "two", "p/x/2026-11-25/a", at(2))
        lists.use(tx, "b", "tips", "one", "p/x/2026-11-23/b", at(0))
        lists.use(tx, "a", "topics", "one", "p/y/2026-11-23/a", at(0))

    await database.write(work)
    assert await database.read(lambda tx: lists.used(tx, "a", "tips")) == ["two", "one"]
    assert await database.read(lambda tx: lists.used(tx, "b", "tips")) == ["one"]
    assert len(await database.read(lists.everything)) == 4


async def test_item_given_back_was_never_used(database: Database, at: At) -> None:
    def work(tx: Connection) -> None:
        for occurrence, community, item in (("p/x/1/a", "a", "one"), ("p/y/1/a", "a", "two")):
            lists.use(tx, community, "tips", item, occurrence, at(0))
        lists.give_back(tx, "p/x/1/a")

    await database.write(work)
    assert await database.read(lambda tx: lists.used(tx, "a", "tips")) == ["two"]


async def test_newcomers_are_those_present_whose_stay_began_in_the_span(
    database: Database, at: At
) -> None:
    def work(tx: Connection) -> None:
        for member, minutes in (("early", -1), ("first", 0), ("gone", 5), ("last", 9)):
            people.arrive(tx, "a", member, member, "", at(minutes))
        people.arrive(tx, "b", "elsewhere", "elsewhere", "", at(1))
        people.arrive(tx, "a", "late", "late", "", at(10))
        people.depart(tx, "a", "gone", at(8))

    await database.write(work)
    found = await database.read(lambda tx: people.joined_between(tx, "a", at(0), at(10)))
    assert [one.member for one in found] == ["first", "last"]


async def test_steps_of_a_span_are_those_that_ran(database: Database, at: At) -> None:
    def work(tx: Connection) -> None:
        for day, community, phase in (
            ("2026-10-31", "a", "run"),
            ("2026-11-01", "a", "run"),
            ("2026-11-30", "a", "run"),
            ("2026-11-30", "a", "remind"),
            ("2026-11-30", "b", "run"),
            ("2026-12-01", "a", "run"),
        ):
            key = f"p/s/{day}/{community}#{phase}"
            row = NewOccurrence(
                key, key, "p", "s", date.fromisoformat(day), community, phase, at(0), at(30)
            )
            occurrences.plan(tx, [row], at(0))
            occurrences.finish(tx, key, "done", "", at(1))
        waiting = NewOccurrence("w", "w", "p", "w", date(2026, 11, 5), "a", "run", at(0), at(30))
        occurrences.plan(tx, [waiting], at(0))

    await database.write(work)
    counts = [
        await database.read(lambda tx, span=span: occurrences.ran(tx, "a", *span))
        for span in (
            (date(2026, 11, 1), date(2026, 11, 30)),
            (date(2026, 12, 1), date(2026, 12, 31)),
            (date(2026, 9, 1), date(2026, 9, 30)),
        )
    ]
    assert counts == [{("p", "s"): 2}, {("p", "s"): 1}, {}]
