"""Rollups proved against raw actions: whatever happened they agree; what was tampered with is found
and mended."""

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, Engine, delete, select, update

from storage import activity, erasing, merging, people, rollups
from storage.activity import Action
from storage.database import Database
from storage.rollups import Wrong
from storage.sqlite import single
from storage.tables.people import Daily
from storage.types import table

At = Callable[[float], datetime]
MONDAY = date(2026, 11, 23)
NIGHT = datetime(2026, 11, 23, 16, 5, tzinfo=UTC)
"""Five past midnight on Tuesday in Shanghai."""
LONG_AGO = date(2026, 1, 1)
_DAILY = table(Daily)


def build(tx: Connection, at: At) -> None:
    activity.count(
        tx,
        [
            Action("a", "m1", "message", at(1), MONDAY),
            Action("a", "m1", "message", at(2), MONDAY),
            Action("a", "m2", "checkin", at(3), MONDAY),
            Action("b", "m1", "message", at(4), MONDAY + timedelta(days=1)),
        ],
    )


def rollup(tx: Connection) -> list[tuple[Any, ...]]:
    query = select(*_DAILY.c).order_by(*_DAILY.primary_key.columns)
    return [tuple(row) for row in tx.execute(query)]


_here = (_DAILY.c.community == "a") & (_DAILY.c.member == "m1")


@pytest.mark.parametrize(
    ("tampering", "missing", "extra"),
    [
        (update(_DAILY).where(_here).values(n=7), 1, 1),
        (update(_DAILY).where(_here).values(last_at=NIGHT), 1, 1),
        (update(_DAILY).where(_here).values(member="m9"), 1, 1),
        (delete(_DAILY).where(_DAILY.c.community == "a"), 2, 0),
    ],
)
async def test_tampered_day_is_found_and_mended(
    database: Database, at: At, tampering: Any, missing: int, extra: int
) -> None:
    await database.write(lambda tx: build(tx, at))
    right = await database.read(rollup)
    await database.write(lambda tx: tx.execute(tampering))
    wrong = await database.read(lambda tx: rollups.differing(tx, LONG_AGO))
    await database.write(lambda tx: rollups.rebuild(tx, "a", MONDAY))
    assert (wrong, await database.read(rollup)) == ([Wrong("a", MONDAY, missing, extra)], right)


async def test_rows_of_a_community_without_actions_are_found_and_go(
    database: Database, at: At
) -> None:
    await database.write(lambda tx: build(tx, at))
    row = {
        "community": "c", "day": MONDAY, "member": "m1", "kind": "message", "n": 1,
        "last_at": at(1),
    }  # fmt: skip
    await database.write(lambda tx: activity.add_days(tx, [row]))
    wrong = await database.read(lambda tx: rollups.differing(tx, LONG_AGO))
    rows = await database.write(lambda tx: rollups.rebuild(tx, "c", MONDAY))
    after = await database.read(lambda tx: rollups.differing(tx, LONG_AGO))
    assert (wrong, rows, after) == ([Wrong("c", MONDAY, 0, 1)], 0, [])


async def test_days_before_the_raw_rows_begin_are_left_alone(database: Database, at: At) -> None:
    await database.write(lambda tx: build(tx, at))
    await database.write(lambda tx: tx.execute(update(_DAILY).values(n=9)))
    tuesday = MONDAY + timedelta(days=1)
    wrong = await database.read(lambda tx: rollups.differing(tx, tuesday))
    assert wrong == [Wrong("b", tuesday, 1, 1)]


def test_provable_days_begin_after_the_last_forgotten_action() -> None:
    # 90 days before this instant is 2026-08-25 16:05 UTC: in the westernmost zones still the 25th,
    # in the easternmost the 26th, of which the morning is forgotten.
    assert rollups.provable_since(NIGHT) == date(2026, 8, 27)


async def test_event_of_yesterday_lands_in_yesterdays_row(database: Database) -> None:
    late = Action("a", "m1", "message", NIGHT - timedelta(minutes=10), MONDAY)
    early = Action("a", "m1", "message", NIGHT, MONDAY + timedelta(days=1))
    await database.write(lambda tx: activity.count(tx, [early]))
    await database.write(lambda tx: activity.count(tx, [late]))
    assert await database.read(rollup) == [
        ("a", MONDAY, "m1", "message", 1, NIGHT - timedelta(minutes=10)),
        ("a", MONDAY + timedelta(days=1), "m1", "message", 1, NIGHT),
    ]
    assert await database.read(lambda tx: rollups.differing(tx, LONG_AGO)) == []


_members = st.sampled_from(["m1", "m2", "m3", "m4"])
_actions = st.builds(
    lambda community, member, kind, minute: (community, member, kind, minute),
    st.sampled_from(["a", "b"]),
    _members,
    st.sampled_from(["message", "checkin", "join", "leave"]),
    st.integers(0, 3 * 24 * 60),
)
_deeds = st.one_of(
    st.tuples(st.just("count"), st.lists(_actions, min_size=1, max_size=6)),
    st.tuples(st.just("merge"), st.tuples(_members, _members)),
    st.tuples(st.just("erase"), _members),
)


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory, sqlite_template: bytes) -> Iterator[Engine]:
    """An empty database: making one takes longer than an example."""
    path = tmp_path_factory.mktemp("rollups") / "empty.db"
    path.write_bytes(sqlite_template)
    engine = single(path)
    yield engine
    engine.dispose()


@settings(max_examples=60, deadline=None)
@given(deeds=st.lists(_deeds, max_size=12))
def test_check_finds_nothing_whatever_happens(empty: Engine, deeds: list[tuple[str, Any]]) -> None:
    with empty.connect() as tx, tx.begin() as undone:
        for number, (deed, given_) in enumerate(deeds):
            _do(tx, deed, given_, number)
        found = rollups.differing(tx, LONG_AGO)
        undone.rollback()
    assert found == []


def _do(tx: Connection, deed: str, about: Any, number: int) -> None:
    """Members who are gone, or were merged, are not met again."""
    known = merging.aliases(tx)
    if deed == "count":
        for community, member, kind, minute in about:
            who = known.get(member, member)
            at = NIGHT + timedelta(minutes=minute)
            people.arrive(tx, community, who, who, "", NIGHT)
            local = (at + timedelta(hours=8)).date()
            activity.count(tx, [Action(community, who, kind, at, local)])
    elif deed == "merge":
        old, member = about
        try:
            merging.merge(tx, old, known.get(member, member), "li", "同一个人", NIGHT)
        except merging.Unmergeable:
            return
    elif erasing.is_known(tx, about):
        erasing.erase(tx, about, [], f"qy-{number}", "li", "本人要求", NIGHT + timedelta(days=9))
