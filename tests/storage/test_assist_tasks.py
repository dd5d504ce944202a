"""What RMs are asked to send: kept, looked at when due, counted."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import Connection

from storage import assist_tasks, outbox, people
from storage.assist_tasks import NewTask, Tally
from storage.database import Database

At = Callable[[float], datetime]
ALL = ("one", "two")


@pytest.fixture
def new(at: At) -> NewTask:
    """Due at minute 0, on time until 30, withdrawn at 120."""
    return NewTask("p/s/d/one", "one", "li", "早报", "task", False, at(0), at(30), at(120))


def letter(occurrence: str, at: At, key: str = "k#0", channel: str = "group_task") -> Any:
    return outbox.NewLetter(
        dedup_key=key,
        channel=channel,
        target={"user": "li"},
        body={"text": "早"},
        order_key="task:li",
        not_before=at(0),
        created_at=at(0),
        occurrence=occurrence,
    )


async def test_new_task_waits_and_is_to_be_looked_at(
    database: Database, new: NewTask, at: At
) -> None:
    await database.write(lambda tx: assist_tasks.add(tx, new, ["wm2", "wm1"], at(0)))
    row = await database.read(lambda tx: assist_tasks.get(tx, new.occurrence))
    assert row is not None
    assert (row.status, row.msgid, row.next_at, row.reminders) == ("waiting", "", at(0), 0)
    assert await database.read(lambda tx: assist_tasks.receivers(tx, new.occurrence)) == {
        "wm1": "waiting",
        "wm2": "waiting",
    }
    assert await database.read(lambda tx: assist_tasks.get(tx, "p/s/d/two")) is None


async def test_task_made_anew_withdraws_what_wecom_holds(
    database: Database, new: NewTask, at: At
) -> None:
    def work(tx: Connection) -> None:
        assist_tasks.add(tx, new, ["wm1"], at(0))
        assist_tasks.change(tx, new.occurrence, ["waiting"], status="open", msgid="m1", reminders=2)
        assist_tasks.add(tx, replace(new, title="晚报"), [], at(5))

    await database.write(work)
    row = await database.read(lambda tx: assist_tasks.get(tx, new.occurrence))
    assert row is not None
    assert (row.title, row.status, row.msgid, row.withdraw, row.reminders) == (
        "晚报",
        "waiting",
        "",
        "m1",
        0,
    )
    assert await database.read(lambda tx: assist_tasks.receivers(tx, new.occurrence)) == {}


async def test_task_is_left_alone_while_its_letter_is_on_its_way(
    database: Database, new: NewTask, at: At
) -> None:
    def owed(tx: Connection) -> None:
        assist_tasks.add(tx, new, [], at(0))
        outbox.add(tx, [letter(new.occurrence, at), letter("p/s/d/two", at, "k#1")])

    async def seen() -> tuple[int, datetime | None]:
        rows = await database.read(lambda tx: assist_tasks.due(tx, at(1), 10))
        return len(rows), await database.read(assist_tasks.next_due)

    await database.write(owed)
    before = await seen()
    (sent,) = await database.write(lambda tx: outbox.claim(tx, at(0), at(1), 1))
    await database.write(lambda tx: outbox.sent(tx, sent.id, "m1", at(1)))
    assert (before, await seen()) == ((0, None), (1, at(0)))
    found = await database.read(lambda tx: outbox.latest(tx, new.occurrence, assist_tasks.CHANNEL))
    assert found is not None
    assert found.receipt == "m1"
    assert await database.read(lambda tx: assist_tasks.known_msgids(tx, at(0))) == {"m1"}
    assert await database.read(lambda tx: assist_tasks.known_msgids(tx, at(1))) == set()


async def test_change_needs_the_expected_state(database: Database, new: NewTask, at: At) -> None:
    def work(tx: Connection) -> list[bool]:
        assist_tasks.add(tx, new, [], at(0))
        name = new.occurrence
        return [
            assist_tasks.change(tx, name, ["open"], status="sent"),
            assist_tasks.change(tx, name, ["waiting", "open"], status="open", msgid="m1"),
            assist_tasks.give_up(tx, name, ["open"], status="skipped", next_at=at(1)),
            assist_tasks.give_up(tx, name, ["open"], status="skipped"),
        ]

    assert await database.write(work) == [False, True, True, False]
    row = await database.read(lambda tx: assist_tasks.get(tx, new.occurrence))
    assert row is not None
    assert (row.status, row.msgid, row.withdraw) == ("skipped", "", "m1")


async def test_open_and_unanswered_tasks(database: Database, new: NewTask, at: At) -> None:
    def work(tx: Connection) -> None:
        for number, status in enumerate(("open", "expired", "sent", "open")):
            one = replace(new, occurrence=f"o{number}", owner="li" if number else "zhou")
            assist_tasks.add(tx, one, [], at(0))
            told = at(40) if number == 3 else None
            asked = {"status": status, "asked_at": at(0), "escalated_at": told}
            assist_tasks.change(tx, one.occurrence, ["waiting"], **asked)

    await database.write(work)
    opened = await database.read(assist_tasks.open_tasks)
    early = await database.read(lambda tx: assist_tasks.unanswered(tx, at(29)))
    late = await database.read(lambda tx: assist_tasks.unanswered(tx, at(30)))
    assert [row.occurrence for row in opened] == ["o0", "o3"]
    assert (early, [row.occurrence for row in late]) == ([], ["o1", "o0"])


async def test_receivers_are_settled_one_by_one(database: Database, new: NewTask, at: At) -> None:
    def work(tx: Connection) -> dict[str, str]:
        assist_tasks.add(tx, new, ["wm1", "wm2", "wm3"], at(0))
        statuses = {"wm1": "sent", "wm2": "not_friend", "wm9": "sent"}
        assist_tasks.settle_receivers(tx, new.occurrence, statuses)
        return assist_tasks.receivers(tx, new.occurrence)

    assert await database.write(work) == {"wm1": "sent", "wm2": "not_friend", "wm3": "waiting"}


async def test_who_is_about_to_be_written_to(database: Database, new: NewTask, at: At) -> None:
    def work(tx: Connection) -> list[dict[str, datetime]]:
        for member in ("wm1", "wm2"):
            people.arrive(tx, "one", member, member, "", at(-100))
        people.depart(tx, "one", "wm2", at(-50))
        assist_tasks.add(tx, replace(new, single=True), ["wm1", "wm2"], at(0))
        before = assist_tasks.being_written(tx, "one")
        assist_tasks.change(tx, new.occurrence, ["waiting"], status="sent")
        return [before, assist_tasks.being_written(tx, "one")]

    assert await database.write(work) == [{"wm1": at(0)}, {}]


ENDS: tuple[tuple[str, dict[str, Any]], ...] = (
    ("sent", {"confirmed_at": 5, "on_time": True}),
    ("sent", {"confirmed_at": 50, "on_time": False, "escalated_at": 30}),
    ("capped", {"confirmed_at": 6, "capped": True}),
    ("expired", {"escalated_at": 30}),
    ("skipped", {}),
    ("cancelled", {}),
    ("failed", {"asked_at": None}),
    ("waiting", {"asked_at": None}),
    ("open", {}),
)


async def test_tally_counts_what_was_due(database: Database, new: NewTask, at: At) -> None:
    def work(tx: Connection) -> list[Tally]:
        for number, (status, more) in enumerate(ENDS):
            one = replace(new, occurrence=f"o{number}")
            assist_tasks.add(tx, one, [], at(0))
            given = {"asked_at": at(0), **more}
            given = {
                name: at(value) if name.endswith("_at") and isinstance(value, int) else value
                for name, value in given.items()
            }
            assist_tasks.change(tx, one.occurrence, ["waiting"], status=status, **given)
        elsewhere = replace(new, occurrence="far", community="three")
        later = replace(new, occurrence="later", due_at=at(600), window_ends_at=at(700))
        for other in (elsewhere, later):
            assist_tasks.add(tx, other, [], at(0))
        return [
            assist_tasks.tally(tx, ALL, at(0), at(600)),
            assist_tasks.tally(tx, ["two"], at(0), at(600)),
        ]

    counted, nothing = await database.write(work)
    assert counted == Tally(
        due=6,
        reminded=5,
        confirmed=3,
        sent=2,
        on_time=1,
        late=1,
        capped=1,
        skipped=1,
        expired=1,
        escalated=2,
    )
    assert nothing == Tally(0, 0, 0, 0, 0, 0, 0, 0, 0, 0)


async def test_held_letter_is_found_once(database: Database, at: At) -> None:
    def work(tx: Connection) -> list[Any]:
        outbox.add(tx, [letter("p/s/d/one", at)])
        (row,) = outbox.claim(tx, at(0), at(1), 1)
        on_its_way = outbox.found(tx, row.id, "m1", at(1))
        outbox.hold(tx, row.id, "不明", at(1))
        waits = [one.id for one in outbox.unsettled(tx, "group_task")] == [row.id]
        found = [outbox.found(tx, row.id, "m1", at(2)) for _ in range(2)]
        return [on_its_way, waits, found, outbox.unsettled(tx, "group_task")]

    assert await database.write(work) == [False, True, [True, False], []]
