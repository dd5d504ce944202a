"""Members chosen by what they did, against a model in plain Python, over both databases."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, delete

from storage import activity, people, selection, tags
from storage.database import Database
from storage.selection import Wanted
from storage.tables import people as tables
from storage.types import table
from tests.examples import examples

NOW = datetime(2026, 11, 23, 1, 30, tzinfo=UTC)
ZONE = ZoneInfo("Asia/Shanghai")
KINDS = ("message", "answer", "checkin", "draw", "click", "join", "leave")
LABELS = ("基金", "勿扰")
MEMBERS = ("wm1", "wm2", "wm3", "wm4")
NAMES = {"wm1": "丙", "wm2": "甲", "wm3": "甲", "wm4": "乙"}
COMMUNITIES = ("here", "there")

_ago = st.integers(0, 30 * 4).map(lambda quarters: timedelta(hours=6) * quarters)
_back = _ago.map(lambda ago: NOW - ago)


@dataclass(frozen=True)
class Stay:
    community: str
    member: str
    joined_at: datetime
    left_at: datetime | None


@dataclass(frozen=True)
class World:
    """Stays, actions (community, member, kind, instant) and worn labels (member, label)."""

    stays: list[Stay]
    actions: list[tuple[str, str, str, datetime]]
    worn: set[tuple[str, str]]
    taken_off: set[tuple[str, str]]


@st.composite
def worlds(draw: st.DrawFn) -> World:
    stays = []
    for community in COMMUNITIES:
        for member in draw(st.sets(st.sampled_from(MEMBERS), min_size=2)):
            joined_at, left = draw(_back), draw(st.integers(0, 3)) == 0
            stays.append(Stay(community, member, joined_at, NOW if left else None))
    who = st.tuples(st.sampled_from(COMMUNITIES), st.sampled_from(MEMBERS))
    actions = draw(st.lists(st.tuples(who, st.sampled_from(KINDS), _back), max_size=30))
    label = st.tuples(st.sampled_from(MEMBERS), st.sampled_from(LABELS))
    worn = draw(st.sets(label))
    return World(
        stays,
        [(*one, kind, at) for one, kind, at in actions],
        worn,
        draw(st.sets(label)) - worn,
    )


_day = _back.map(lambda at: at.astimezone(ZONE).date())
_least = st.integers(0, 3)
_most = st.none() | st.integers(0, 3)
_labels = st.lists(st.sampled_from(LABELS), max_size=2, unique=True).map(tuple)
_CONDITIONS: dict[str, st.SearchStrategy[object]] = {
    "joined_since": _back,
    "joined_until": _back,
    "active_since": _back,
    "silent_since": _back,
    "active_days": st.tuples(_day, _least, _most),
    "did": st.lists(st.tuples(st.sampled_from(KINDS[:5]), _day, _least, _most), max_size=2).map(
        tuple
    ),
    "tags": _labels,
    "without_tags": _labels,
}


@st.composite
def wishes(draw: st.DrawFn) -> Wanted:
    """One to three conditions: of many at once nearly nobody would be chosen."""
    names = draw(st.sets(st.sampled_from(sorted(_CONDITIONS)), min_size=1, max_size=3))
    given: dict[str, Any] = {name: draw(_CONDITIONS[name]) for name in sorted(names)}
    return Wanted(**given)


def local_day(at: datetime) -> date:
    return at.astimezone(ZONE).date()


def within(count: int, least: int, most: int | None) -> bool:
    return count >= least and (most is None or count <= most)


def holds(world: World, stay: Stay, wanted: Wanted) -> bool:
    """The conditions as their documentation has them, one by one."""
    mine = [
        (kind, at)
        for community, member, kind, at in world.actions
        if (community, member) == (stay.community, stay.member) and kind not in ("join", "leave")
    ]
    since, until = wanted.joined_since, wanted.joined_until
    active, silent = wanted.active_since, wanted.silent_since
    worn = {label for member, label in world.worn if member == stay.member}
    checks = [
        since is None or stay.joined_at >= since,
        until is None or stay.joined_at <= until,
        active is None or any(at >= active for _, at in mine),
        silent is None or (stay.joined_at <= silent and not any(at > silent for _, at in mine)),
        worn.issuperset(wanted.tags),
        not worn & set(wanted.without_tags),
    ]
    if wanted.active_days is not None:
        first, least, most = wanted.active_days
        days = {local_day(at) for _, at in mine if local_day(at) >= first}
        checks.append(within(len(days), least, most))
    for kind, first, least, most in wanted.did:
        times = sum(1 for one, at in mine if one == kind and local_day(at) >= first)
        checks.append(within(times, least, most))
    return all(checks)


def fill(tx: Connection, world: World) -> None:
    for one in (tables.Daily, tables.Activity, tables.Tag, tables.Membership, tables.Member):
        tx.execute(delete(table(one)))
    for stay in world.stays:
        name = NAMES[stay.member]
        people.arrive(tx, stay.community, stay.member, name, "", stay.joined_at)
        if stay.left_at is not None:
            people.depart(tx, stay.community, stay.member, stay.left_at)
    activity.count(
        tx,
        [
            activity.Action(community, member, kind, at, local_day(at))
            for community, member, kind, at in world.actions
        ],
    )
    for member, label in sorted(world.worn | world.taken_off):
        tags.add(tx, member, label, "lin", "", NOW)
    for member, label in sorted(world.taken_off):
        tags.remove(tx, member, label, "lin", NOW)


async def test_choice_is_the_models(database: Database) -> None:
    def compare(tx: Connection) -> int:
        found = 0

        @settings(
            max_examples=examples(100, 150),
            deadline=None,
            database=None,
            suppress_health_check=list(HealthCheck),
        )
        @given(worlds(), st.lists(wishes(), min_size=1, max_size=4))
        def compared(world: World, wanted: list[Wanted]) -> None:
            nonlocal found
            fill(tx, world)
            for one in wanted:
                expected = [
                    stay.member
                    for stay in sorted(
                        world.stays, key=lambda stay: (NAMES[stay.member], stay.member)
                    )
                    if stay.community == "here" and stay.left_at is None and holds(world, stay, one)
                ]
                assert [row.member for row in selection.choose(tx, "here", one)] == expected
                each = [who for who in MEMBERS if selection.holds(tx, "here", who, one)]
                assert sorted(each) == sorted(expected)
                all_at_once = selection.ids(tx, ["here", "h_re"], one)
                assert (sorted(all_at_once["here"]), all_at_once["h_re"]) == (sorted(expected), [])
                found += len(expected)

        compared()
        return found

    assert await database.write(compare) > 20


async def test_choice_of_nothing_is_everybody_present(database: Database) -> None:
    def prepare(tx: Connection) -> None:
        for member in MEMBERS:
            people.arrive(tx, "here", member, NAMES[member], "qr", NOW)
        people.depart(tx, "here", "wm4", NOW)

    await database.write(prepare)
    rows = await database.read(lambda tx: selection.choose(tx, "here", Wanted()))
    assert rows == [
        people.MembershipRow(member, NAMES[member], "here", NOW, None, "qr")
        for member in ("wm1", "wm2", "wm3")
    ]
