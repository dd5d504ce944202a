"""Private messages, labels by rule and waiting follow-ups, over both databases."""

from collections.abc import Callable
from datetime import datetime

from sqlalchemy import Connection

from storage import contacts, follow_ups, people, tags
from storage.database import Database

At = Callable[[float], datetime]


async def present(database: Database, at: At) -> None:
    """Two members in two communities; one of them has left the first."""

    def arrive(tx: Connection) -> None:
        for community, member in (("c1", "wm1"), ("c1", "wm2"), ("c2", "wm2"), ("c1", "wm3")):
            people.arrive(tx, community, member, member, "", at(0))
        people.depart(tx, "c1", "wm3", at(1))

    await database.write(arrive)


async def last(database: Database, community: str) -> dict[str, datetime]:
    return await database.read(lambda tx: contacts.last(tx, community))


async def test_last_message_counts_wherever_it_came_from(database: Database, at: At) -> None:
    await present(database, at)
    await database.write(lambda tx: contacts.add(tx, ["wm1", "wm2", "wm3"], "p/s/1/c1", at(5)))
    await database.write(lambda tx: contacts.add(tx, ["wm2"], "p/s/1/c2", at(9)))
    await database.write(lambda tx: contacts.add(tx, ["wm1"], "p/s/1/c1", at(30)))
    assert await last(database, "c1") == {"wm1": at(5), "wm2": at(9)}
    assert await last(database, "c2") == {"wm2": at(9)}
    await database.write(lambda tx: contacts.withdraw(tx, "p/s/1/c2"))
    assert await last(database, "c2") == {"wm2": at(5)}
    await database.write(lambda tx: contacts.withdraw(tx, "p/s/1/c1"))
    assert await last(database, "c1") == {}


async def test_wearers_and_losers_of_a_label(database: Database, at: At) -> None:
    await present(database, at)

    def label(tx: Connection) -> None:
        for member in ("wm1", "wm2", "wm3"):
            tags.add(tx, member, "沉睡", "rule:沉睡", "久", at(1))
        tags.add(tx, "wm1", "别的", "lin", "", at(1))
        tags.remove(tx, "wm2", "沉睡", "lin", at(2))
        tags.add(tx, "wm2", "沉睡", "wang", "又", at(3))
        tags.remove(tx, "wm2", "沉睡", "rule:沉睡", at(4))

    await database.write(label)
    assert await database.read(lambda tx: tags.wearing(tx, "c1", "沉睡")) == {"wm1": "rule:沉睡"}
    assert await database.read(lambda tx: tags.wearing(tx, "c2", "沉睡")) == {}
    lost = {"wm2": {"lin", "rule:沉睡"}}
    assert await database.read(lambda tx: tags.taken_off(tx, "c1", "沉睡", at(1))) == lost
    late = {"wm2": {"rule:沉睡"}}
    assert await database.read(lambda tx: tags.taken_off(tx, "c1", "沉睡", at(2))) == late
    assert await database.read(lambda tx: tags.taken_off(tx, "c1", "沉睡", at(4))) == {}


async def test_communities_of_a_member_are_those_of_today(database: Database, at: At) -> None:
    await present(database, at)
    found = [
        await database.read(lambda tx, who=one: people.communities_of(tx, who))
        for one in ("wm1", "wm2", "wm3", "wm4")
    ]
    assert found == [{"c1"}, {"c1", "c2"}, set(), set()]


async def test_waiting_follow_ups_are_a_steps_own(database: Database, at: At) -> None:
    def give(tx: Connection) -> None:
        for key, member in (("p/a%/1/c1/wm1", "wm1"), ("p/a%/2/c1/wm2", "wm2"), ("p/ab/1", "wm3")):
            follow_ups.add(
                tx,
                key=key,
                community="c1",
                member=member,
                staff="lin",
                reason="",
                due_at=at(9),
                now=at(0),
            )
        (first, *_) = follow_ups.open_for(tx, "lin")
        follow_ups.end(tx, first.key, "done", "lin", "", at(1))

    await database.write(give)
    assert await database.read(lambda tx: follow_ups.waiting(tx, "c1", "p/a%/")) == {"wm2"}
    assert await database.read(lambda tx: follow_ups.waiting(tx, "c1", "p/ab/")) == {"wm3"}
    assert await database.read(lambda tx: follow_ups.waiting(tx, "c2", "p/ab/")) == set()
