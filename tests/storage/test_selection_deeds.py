"""Members chosen by games, answers, clicks, messages, channels and standings, and the numbers
behind each choice, against a model in plain Python, over both databases."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, delete, insert

from storage import activity, measures, people, privacy, selection
from storage.database import Database
from storage.measures import Measure
from storage.selection import Chose, Often, Stands, Wanted, WrittenTo
from storage.tables import (
    contacts,
    gatherings,
    links,
    onboarding,
    play,
    referrals,
    standings,
)
from storage.tables import people as tables
from storage.tables import privacy as private
from storage.types import table

NOW = datetime(2026, 11, 23, 1, 30, tzinfo=UTC)
ZONE = ZoneInfo("Asia/Shanghai")
LONG_AGO = NOW - timedelta(days=365)
MEMBERS = ("wm1", "wm2", "wm3")
GAMES = ("quiz", "dice")
STEPS = ("care/first", "care/first-aid")
STAGES = ("newcomer", "growing", "drifting", "left")

_at = st.integers(1, 60).map(lambda halves: NOW - timedelta(hours=12) * halves)
_day = _at.map(lambda at: at.astimezone(ZONE).date())
_who = st.sampled_from(MEMBERS)


@dataclass(frozen=True)
class World:
    """Everything but the stays: all have been here for a year."""

    played: list[tuple[str, str, datetime]]
    right: dict[tuple[str, date], int]
    clicks: list[tuple[str, str, datetime, bool]]
    written: dict[tuple[str, str, str], datetime]
    did: list[tuple[str, datetime]]
    chose: dict[str, list[int]]
    stands: dict[str, tuple[str, str, int]]
    arrivals: list[tuple[str, str, datetime]]
    states: dict[str, str]
    opted_out: set[str]
    newcomers: set[str]


@st.composite
def worlds(draw: st.DrawFn) -> World:
    key = st.tuples(_who, st.sampled_from(STEPS), st.sampled_from(("here", "there")))
    choice = st.lists(st.integers(0, 3), min_size=2, max_size=2)
    stands = st.tuples(
        st.sampled_from(STAGES), st.sampled_from(("potential", "valuable")), st.integers(1, 5)
    )
    return World(
        played=draw(st.lists(st.tuples(_who, st.sampled_from(GAMES), _at), max_size=6)),
        right=draw(st.dictionaries(st.tuples(_who, _day), st.integers(1, 3), max_size=5)),
        clicks=draw(
            st.lists(
                st.tuples(_who, st.sampled_from(("guide", "talk")), _at, st.booleans()),
                max_size=6,
            )
        ),
        written=draw(st.dictionaries(key, _at, max_size=5)),
        did=draw(st.lists(st.tuples(_who, _at), max_size=4)),
        chose=draw(st.dictionaries(_who, choice, max_size=3)),
        stands=draw(st.dictionaries(_who, stands, max_size=3)),
        arrivals=draw(
            st.lists(
                st.tuples(_who, st.sampled_from(("", "bank", "phone")), _at),
                max_size=4,
                unique_by=lambda one: one[2],
            )
        ),
        states=draw(st.dictionaries(_who, st.sampled_from(("", "bank", "card")), max_size=3)),
        opted_out=draw(st.sets(_who, max_size=1)),
        newcomers=draw(st.sets(_who, max_size=2)),
    )


_least = st.integers(0, 3)
_most = st.none() | st.integers(0, 3)


def often(names: tuple[str, ...]) -> st.SearchStrategy[Often]:
    return st.builds(Often, _at, _least, _most, st.none() | st.sampled_from(names))


_WANTED: tuple[st.SearchStrategy[Wanted], ...] = (
    often(GAMES).map(lambda one: Wanted(played=one)),
    often(("guide", "talk")).map(lambda one: Wanted(clicked=one)),
    st.tuples(_day, _least, _most).map(lambda one: Wanted(right=one)),
    st.builds(
        Chose, st.just("ask/needs"), st.integers(0, 2), st.sets(st.integers(0, 3)).map(tuple)
    ).map(lambda one: Wanted(survey=one)),
    st.builds(
        WrittenTo,
        st.none() | st.sampled_from(STEPS),
        st.none() | _at,
        _at,
        st.sampled_from((None, True, False)),
    ).map(lambda one: Wanted(written=one)),
    st.sets(st.sampled_from(("bank", "phone", "card", "none")), min_size=1).map(
        lambda one: Wanted(channels=tuple(sorted(one)))
    ),
    st.sets(st.sampled_from(STAGES[:3]), min_size=1).map(
        lambda one: Wanted(stands=Stands(tuple(sorted(one)), NOW - timedelta(days=7)))
    ),
    st.just(Wanted(values=("valuable",))),
    st.tuples(st.integers(1, 5), st.integers(1, 5)).map(
        lambda one: Wanted(rfm=((min(one), max(one)), None, (min(one), 5)))
    ),
)


def within(count: int, least: int, most: int | None) -> bool:
    return count >= least and (most is None or count <= most)


def holds(world: World, member: str, wanted: Wanted) -> bool:
    """The conditions as their documentation has them."""
    if wanted.played is not None:
        return within(rounds(world, member, wanted.played), wanted.played.least, wanted.played.most)
    if wanted.clicked is not None:
        asked = wanted.clicked
        return within(clicks(world, member, asked), asked.least, asked.most)
    if wanted.right is not None:
        first, least, most = wanted.right
        return within(right(world, member, first), least, most)
    if wanted.survey is not None:
        return answered(world, member, wanted.survey.question) in wanted.survey.choices
    if wanted.written is not None:
        return reached(world, member, wanted.written)
    if wanted.channels:
        return channel(world, member) in wanted.channels
    stage, value, score = world.stands.get(member, ("", "", 0))
    if wanted.stands is not None:
        new = member in world.newcomers and stage in ("", "left")
        return stage in wanted.stands.stages or (new and "newcomer" in wanted.stands.stages)
    if wanted.values:
        return value in wanted.values
    assert wanted.rfm is not None
    r, _, m = wanted.rfm
    assert r is not None
    assert m is not None
    return r[0] <= score <= r[1] and m[0] <= score <= m[1]


def rounds(world: World, member: str, asked: Often) -> int:
    return sum(
        1
        for who, game, at in world.played
        if who == member and at >= asked.since and asked.name in (None, game)
    )


def clicks(world: World, member: str, asked: Often) -> int:
    return sum(
        1
        for who, name, at, counted in world.clicks
        if who == member and counted and at >= asked.since and asked.name in (None, name)
    )


def right(world: World, member: str, first: date) -> int:
    return sum(n for (who, day), n in world.right.items() if who == member and day >= first)


def answered(world: World, member: str, question: int) -> int | None:
    chosen = world.chose.get(member, [])
    return chosen[question] if question < len(chosen) else None


def written_at(world: World, member: str, step: str | None) -> datetime | None:
    return max(
        (
            at
            for (who, of, where), at in world.written.items()
            if (who, where) == (member, "here") and step in (None, of)
        ),
        default=None,
    )


def last_action(world: World, member: str) -> datetime | None:
    return max((at for who, at in world.did if who == member), default=None)


def reached(world: World, member: str, asked: WrittenTo) -> bool:
    at, last = written_at(world, member, asked.step), last_action(world, member)
    if at is None or at < asked.since or (asked.until is not None and at > asked.until):
        return False
    return asked.reacted in (None, last is not None and last > at)


def channel(world: World, member: str) -> str:
    came = [(at, by) for who, by, at in world.arrivals if who == member and by]
    return max(came)[1] if came else world.states.get(member, "")


TABLES = (
    tables.Daily, tables.Activity, tables.Membership, tables.Member, play.Player, play.GameSession,
    standings.RightAnswer, standings.Standing, links.Click, links.Link, contacts.PrivateMessage,
    gatherings.Reply, gatherings.Gathering, onboarding.Arrival, referrals.Relation,
    private.OptOut,
)  # fmt: skip


def fill(tx: Connection, world: World) -> None:
    for one in TABLES:
        tx.execute(delete(table(one)))
    for member in MEMBERS:
        joined_at = NOW - timedelta(days=1) if member in world.newcomers else LONG_AGO
        people.arrive(tx, "here", member, member, "", joined_at)
        if member in world.opted_out:
            privacy.opt_out(tx, member, NOW)
    activity.count(
        tx,
        [
            activity.Action("here", member, "message", at, at.astimezone(ZONE).date())
            for member, at in world.did
        ],
    )
    _play(tx, world)
    _click(tx, world)
    for (member, step, where), at in world.written.items():
        row = {"member": member, "occurrence": f"{step}/2026-11-02/{where}", "at": at}
        tx.execute(insert(table(contacts.PrivateMessage)).values(**row))
    for (member, day), n in world.right.items():
        row = {"community": "here", "day": day, "member": member, "n": n}
        tx.execute(insert(table(standings.RightAnswer)).values(**row))
    _ask(tx, world)
    _stand(tx, world)
    for number, (member, by, at) in enumerate(world.arrivals):
        row = {"member": member, "staff": f"li{number}", "channel": by, "at": at}
        tx.execute(insert(table(onboarding.Arrival)).values(**row))
    for member, state in world.states.items():
        row = {"member": member, "staff": "li", "state": state, "since": LONG_AGO}
        tx.execute(insert(table(referrals.Relation)).values(**row))


def _play(tx: Connection, world: World) -> None:
    for number, (member, game, at) in enumerate(world.played, start=1):
        session = {
            "id": number, "community": "here", "game": game, "options": {}, "state": {},
            "seed": "", "status": "finished", "started_at": at, "reason": "", "winners": [],
        }  # fmt: skip
        tx.execute(insert(table(play.GameSession)).values(**session))
        row = {"session": number, "member": member, "community": "here", "at": at}
        tx.execute(insert(table(play.Player)).values(**row))


def _click(tx: Connection, world: World) -> None:
    for name in ("guide", "talk"):
        link = {
            "token": name, "url": "https://bank.example.com", "community": "here",
            "occurrence": "p/s/2026-11-02/here", "name": name, "intent": "",
            "made_at": LONG_AGO, "expires_at": NOW,
        }  # fmt: skip
        tx.execute(insert(table(links.Link)).values(**link))
    for member, name, at, counted in world.clicks:
        row = {
            "link": name, "community": "here", "member": member, "at": at,
            "day": at.astimezone(ZONE).date(), "counted": counted, "why": "",
        }  # fmt: skip
        tx.execute(insert(table(links.Click)).values(**row))


def _ask(tx: Connection, world: World) -> None:
    gathering = {
        "id": 1, "community": "here", "kind": "survey", "occurrence": "ask/needs/2026-11-02/here",
        "options": {}, "phase": "", "seed": "", "opened_at": LONG_AGO, "closes_at": NOW,
        "closed_at": NOW, "reason": "", "result": {},
    }  # fmt: skip
    tx.execute(insert(table(gatherings.Gathering)).values(**gathering))
    for member, choices in world.chose.items():
        row = {"gathering": 1, "member": member, "value": {"choices": choices}, "at": NOW}
        tx.execute(insert(table(gatherings.Reply)).values(**row))


def _stand(tx: Connection, world: World) -> None:
    day = date(2026, 11, 23)
    for member, (stage, value, score) in world.stands.items():
        row = {
            "community": "here", "member": member, "stage": stage, "stage_since": day,
            "r": score, "f": score, "m": score, "value": value, "joined_on": day, "days": 1,
            "weight": 1, "day": day,
        }  # fmt: skip
        tx.execute(insert(table(standings.Standing)).values(**row))


def number_behind(wanted: Wanted, found: Measure) -> object:
    """What the measure says of the one condition."""
    if wanted.survey is not None:
        return found.answered
    if wanted.written is not None:
        return found.written_at, found.reacted
    if wanted.channels:
        return found.channel
    if wanted.stands or wanted.values or wanted.rfm:
        return found.stage, found.value, found.rfm
    return found.played, found.clicked, found.right


def number_in(world: World, member: str, wanted: Wanted) -> object:
    """The same in the model."""
    if wanted.survey is not None:
        return answered(world, member, wanted.survey.question)
    if wanted.written is not None:
        at, last = written_at(world, member, wanted.written.step), last_action(world, member)
        return at, at is not None and last is not None and last > at
    if wanted.channels:
        return channel(world, member)
    if wanted.stands or wanted.values or wanted.rfm:
        stage, value, score = world.stands.get(member, ("", "", 0))
        return stage, value, (score, score, score)
    return (
        rounds(world, member, wanted.played) if wanted.played else 0,
        clicks(world, member, wanted.clicked) if wanted.clicked else 0,
        right(world, member, wanted.right[0]) if wanted.right else 0,
    )


async def test_choice_and_its_numbers_are_the_models(database: Database) -> None:
    found = await database.write(lambda tx: compare(tx, 50))
    assert found > 12


def compare(tx: Connection, examples: int) -> int:
    found = 0

    @settings(
        max_examples=examples,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(worlds(), st.tuples(*_WANTED))
    def compared(world: World, wanted: tuple[Wanted, ...]) -> None:
        nonlocal found
        fill(tx, world)
        for one in wanted:
            expected = [
                member
                for member in MEMBERS
                if member not in world.opted_out and holds(world, member, one)
            ]
            assert [row.member for row in selection.choose(tx, "here", one)] == expected
            each = [who for who in MEMBERS if selection.holds(tx, "here", who, one)]
            assert sorted(each) == sorted(expected)
            all_at_once = selection.ids(tx, ["here", "h_re"], one)
            assert (sorted(all_at_once["here"]), all_at_once["h_re"]) == (sorted(expected), [])
            found += len(expected)
            numbers = measured(tx, one)
            assert [numbers(member) for member in MEMBERS] == [
                number_in(world, member, one) for member in MEMBERS
            ]

    compared()
    return found


def measured(tx: Connection, wanted: Wanted) -> Callable[[str], object]:
    return lambda member: number_behind(wanted, measures.measure(tx, "here", member, wanted, NOW))
