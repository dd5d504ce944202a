"""The calendar's rows, over both databases."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest

from storage import occurrences
from storage.database import Database
from storage.occurrences import NewOccurrence, OccurrenceRow

At = Callable[[float], datetime]
DAY = date(2026, 11, 23)
BRIEF = "weekly/mon-brief/2026-11-23/c1"


def occurrence(at: At, due: float = 0, community: str = "c1", phase: str = "run") -> NewOccurrence:
    identity = f"weekly/mon-brief/2026-11-23/{community}"
    key = identity if phase == "run" else f"{identity}#{phase}"
    return NewOccurrence(
        key, identity, "weekly", "mon-brief", DAY, community, phase, at(due), at(due + 30)
    )


def row(at: At, **changes: object) -> OccurrenceRow:
    plain = OccurrenceRow(
        key=BRIEF,
        identity=BRIEF,
        plan="weekly",
        step="mon-brief",
        day=DAY,
        community="c1",
        phase="run",
        planned_for=at(0),
        due_at=at(0),
        window_ends_at=at(30),
        status="planned",
        reason="",
        changed_by=None,
        ran_at=None,
        confirmed_at=None,
        confirmed_by=None,
    )
    return replace(plain, **changes)  # type: ignore[arg-type]


async def plan(database: Database, at: At, *rows: NewOccurrence) -> int:
    return await database.write(lambda tx: occurrences.plan(tx, rows, at(-60)))


async def test_planned_twice_is_one_row(database: Database, at: At) -> None:
    assert await plan(database, at, occurrence(at)) == 1
    assert await plan(database, at, occurrence(at, due=9), occurrence(at, 0, "c2")) == 1
    assert await database.read(lambda tx: occurrences.get(tx, BRIEF)) == row(at)


async def test_due_are_those_whose_time_has_come_in_order(database: Database, at: At) -> None:
    await plan(
        database,
        at,
        occurrence(at, 5, "c1"),
        occurrence(at, 1, "c2"),
        occurrence(at, 1, "c1", "remind"),
        occurrence(at, 9, "c3"),
    )
    due = await database.write(lambda tx: occurrences.due(tx, at(5), 10))
    assert [one.key for one in due] == [
        f"{BRIEF}#remind",
        "weekly/mon-brief/2026-11-23/c2",
        BRIEF,
    ]
    assert len(await database.write(lambda tx: occurrences.due(tx, at(5), 2))) == 2
    assert await database.read(occurrences.next_due) == at(1)


@pytest.mark.parametrize("status", ["done", "skipped", "asked", "failed"])
async def test_finished_occurrence_is_due_no_longer(
    database: Database, at: At, status: str
) -> None:
    await plan(database, at, occurrence(at))
    assert await database.write(lambda tx: occurrences.finish(tx, BRIEF, status, "因", at(1)))
    assert await database.write(lambda tx: occurrences.due(tx, at(9), 10)) == []
    assert await database.read(occurrences.next_due) is None
    expected = row(at, status=status, reason="因", ran_at=at(1))
    assert await database.read(lambda tx: occurrences.get(tx, BRIEF)) == expected


async def test_done_occurrence_is_finished_once(database: Database, at: At) -> None:
    await plan(database, at, occurrence(at))
    finish = [
        await database.write(lambda tx: occurrences.finish(tx, BRIEF, "done", "", at(1)))
        for _ in range(2)
    ]
    assert finish == [True, False]


async def test_skip_ahead_of_the_planner_is_kept(database: Database, at: At) -> None:
    assert await database.write(
        lambda tx: occurrences.override(
            tx, occurrence(at), "skipped", at(0), "节日", "lin", at(-60)
        )
    )
    assert await plan(database, at, occurrence(at)) == 0
    assert await database.read(lambda tx: occurrences.get(tx, BRIEF)) == row(
        at, status="skipped", reason="节日", changed_by="lin", ran_at=at(-60)
    )


async def test_postponed_occurrence_keeps_its_windows_length(database: Database, at: At) -> None:
    await plan(database, at, occurrence(at))
    await database.write(
        lambda tx: occurrences.override(
            tx, occurrence(at), "planned", at(45), "开会", "lin", at(-5)
        )
    )
    assert await database.write(lambda tx: occurrences.due(tx, at(44), 10)) == []
    assert await database.write(lambda tx: occurrences.due(tx, at(45), 10)) == [
        row(at, due_at=at(45), window_ends_at=at(75), reason="开会", changed_by="lin")
    ]


async def test_restored_occurrence_has_the_plans_time_again(database: Database, at: At) -> None:
    await plan(database, at, occurrence(at))
    await database.write(
        lambda tx: occurrences.override(
            tx, occurrence(at), "planned", at(45), "开会", "lin", at(-5)
        )
    )
    assert await database.write(lambda tx: occurrences.restore(tx, BRIEF)) is True
    assert await database.read(lambda tx: occurrences.get(tx, BRIEF)) == row(at)
    assert await database.write(lambda tx: occurrences.restore(tx, BRIEF)) is False


async def test_done_occurrence_cannot_be_skipped_or_restored(database: Database, at: At) -> None:
    await plan(database, at, occurrence(at))
    await database.write(lambda tx: occurrences.finish(tx, BRIEF, "done", "", at(1)))
    assert not await database.write(
        lambda tx: occurrences.override(tx, occurrence(at), "skipped", at(0), "晚", "lin", at(2))
    )
    assert await database.write(lambda tx: occurrences.restore(tx, BRIEF)) is False
    expected = row(at, status="done", ran_at=at(1))
    assert await database.read(lambda tx: occurrences.get(tx, BRIEF)) == expected


async def test_first_confirmation_counts(database: Database, at: At) -> None:
    await plan(database, at, occurrence(at))
    assert await database.write(lambda tx: occurrences.confirm(tx, BRIEF, "lin", at(3))) is True
    assert await database.write(lambda tx: occurrences.confirm(tx, BRIEF, "wang", at(4))) is False
    expected = row(at, confirmed_at=at(3), confirmed_by="lin")
    assert await database.read(lambda tx: occurrences.get(tx, BRIEF)) == expected


async def test_between_excludes_its_end_and_other_communities(database: Database, at: At) -> None:
    await plan(
        database, at, *(occurrence(at, due, f"c{due}") for due in (0, 5, 10)), occurrence(at, 6)
    )

    async def communities(*args: object) -> list[str]:
        rows = await database.read(
            lambda tx: occurrences.between(tx, at(0), at(10), *args)  # type: ignore[arg-type]
        )
        return [one.community for one in rows]

    assert await communities() == ["c0", "c5", "c1"]
    assert await communities(["c5", "c10"]) == ["c5"]
    assert await communities([]) == []


async def test_ran_counts_steps_that_were_carried_out(database: Database, at: At) -> None:
    await plan(database, at, occurrence(at), occurrence(at, 0, "c1", "remind"))
    for key in (BRIEF, f"{BRIEF}#remind"):
        await database.write(lambda tx, key=key: occurrences.finish(tx, key, "done", "", at(1)))
    before, after = DAY - timedelta(days=1), DAY + timedelta(days=1)
    once = {tuple(BRIEF.split("/")[:2]): 1}
    for first, last, found in (
        (DAY, DAY, once),
        (before, after, once),
        (before, before, {}),
        (after, after, {}),
    ):
        counted = await database.read(lambda tx, a=first, b=last: occurrences.ran(tx, "c1", a, b))
        assert counted == found


async def test_watermark_moves(database: Database, at: At) -> None:
    assert await database.read(lambda tx: occurrences.watermark(tx, "calendar")) is None
    for minute in (0, 5):
        await database.write(
            lambda tx, minute=minute: occurrences.set_watermark(tx, "calendar", at(minute))
        )
    assert await database.read(lambda tx: occurrences.watermark(tx, "calendar")) == at(5)


async def test_lock_finds_any_phase(database: Database, at: At) -> None:
    await plan(database, at, occurrence(at, -15, "c1", "remind"))
    found = await database.write(lambda tx: occurrences.lock(tx, f"{BRIEF}#remind"))
    assert found is not None
    assert (found.phase, found.due_at) == ("remind", at(-15))
    assert await database.write(lambda tx: occurrences.lock(tx, BRIEF)) is None


async def test_watermarks_are_found_by_how_their_names_begin(database: Database, at: At) -> None:
    names = ("a_b/c1", "acb/c1", "a%b/c1", "a#b/c1", "a\\b/c1")
    for name in names:
        await database.write(lambda tx, name=name: occurrences.set_watermark(tx, name, at(1)))
    found = [
        await database.read(lambda tx, name=name: occurrences.watermarks(tx, name[:3]))
        for name in names
    ]
    assert found == [{name: at(1)} for name in names]
