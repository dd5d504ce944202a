"""Game sessions, over both databases."""

from collections.abc import Callable
from datetime import datetime

import pytest
from sqlalchemy import Connection

from storage import games
from storage.database import Database
from storage.games import AlreadyRunning, Conflict, SessionRow

At = Callable[[float], datetime]


def begin(
    tx: Connection,
    now: datetime,
    community: str = "c1",
    next_at: datetime | None = None,
    game: str = "dice",
    beside: bool = False,
) -> int:
    return games.begin(
        tx,
        community=community,
        game=game,
        options={"duration": "10m"},
        rewards=None,
        state={"rolls": {}},
        seed="00ff",
        next_at=next_at,
        occurrence="weekly/tue-dice/2026-11-24/c1",
        started_by=None,
        now=now,
        beside=beside,
    )


async def test_begun_session_runs(database: Database, at: At) -> None:
    session = await database.write(lambda tx: begin(tx, at(0), next_at=at(10)))
    row = SessionRow(
        id=session,
        community="c1",
        game="dice",
        options={"duration": "10m"},
        rewards=None,
        state={"rolls": {}},
        version=1,
        seed="00ff",
        status="running",
        next_at=at(10),
        occurrence="weekly/tue-dice/2026-11-24/c1",
        started_by=None,
        beside=None,
        started_at=at(0),
        finished_at=None,
        reason="",
        winners=[],
    )
    assert await database.read(lambda tx: games.running(tx, "c1")) == [row]
    assert await database.read(games.all_running) == [row]
    assert await database.write(lambda tx: games.lock(tx, session)) == row


async def test_second_running_game_of_a_community_is_refused(database: Database, at: At) -> None:
    first = await database.write(lambda tx: begin(tx, at(0)))
    with pytest.raises(AlreadyRunning, match=r"^c1$"):
        await database.write(lambda tx: begin(tx, at(1)))
    await database.write(lambda tx: begin(tx, at(1), "c2"))
    await database.write(lambda tx: games.finish(tx, first, 1, {}, "时间到", [], at(2)))
    assert await database.write(lambda tx: begin(tx, at(3))) > first


async def test_quiet_games_run_beside_another_once_each(database: Database, at: At) -> None:
    for number, game in enumerate(("streak", "prediction")):
        await database.write(lambda tx, n=number, g=game: begin(tx, at(n), game=g, beside=True))
    await database.write(lambda tx: begin(tx, at(2)))
    with pytest.raises(AlreadyRunning):
        await database.write(lambda tx: begin(tx, at(3), game="streak", beside=True))
    with pytest.raises(AlreadyRunning):
        await database.write(lambda tx: begin(tx, at(3), game="quiz"))
    rows = await database.read(lambda tx: games.running(tx, "c1"))
    assert [(row.game, row.beside) for row in rows] == [
        ("dice", None),
        ("streak", "streak"),
        ("prediction", "prediction"),
    ]


async def test_turn_from_an_old_version_is_refused(database: Database, at: At) -> None:
    session = await database.write(lambda tx: begin(tx, at(0)))
    state = {"rolls": {"wm1": 6}}
    await database.write(lambda tx: games.keep(tx, session, 1, state, at(5)))
    with pytest.raises(Conflict):
        await database.write(lambda tx: games.keep(tx, session, 1, {"rolls": {}}, None))
    (row,) = await database.read(lambda tx: games.running(tx, "c1"))
    assert (row.state, row.version, row.next_at) == (state, 2, at(5))


async def test_finished_session_takes_no_turn(database: Database, at: At) -> None:
    session = await database.write(lambda tx: begin(tx, at(0)))
    await database.write(lambda tx: games.finish(tx, session, 1, {}, "时间到", ["wm1"], at(9)))
    with pytest.raises(Conflict):
        await database.write(lambda tx: games.keep(tx, session, 2, {}, None))
    assert await database.read(lambda tx: games.running(tx, "c1")) == []
    assert await database.write(lambda tx: games.lock(tx, session)) is None
    (row,) = await database.read(lambda tx: games.finished_between(tx, at(9), at(10)))
    assert (row.status, row.version, row.reason, row.winners, row.finished_at) == (
        "finished",
        2,
        "时间到",
        ["wm1"],
        at(9),
    )
    assert await database.read(lambda tx: games.finished_between(tx, at(0), at(9))) == []
    assert await database.read(lambda tx: games.finished_between(tx, at(9), at(10), ["c2"])) == []


async def test_due_sessions_are_longest_waiting_first(database: Database, at: At) -> None:
    for community, minute in (("c1", 5), ("c2", 3), ("c3", 9)):
        await database.write(lambda tx, c=community, m=minute: begin(tx, at(0), c, at(m)))
    await database.write(lambda tx: begin(tx, at(0), "c4", None))
    due = await database.write(lambda tx: games.due(tx, at(5)))
    assert [row.community for row in due] == ["c2", "c1"]
    assert await database.read(games.next_due) == at(3)


async def test_player_is_counted_once_in_a_session(database: Database, at: At) -> None:
    session = await database.write(lambda tx: begin(tx, at(0)))
    first = [
        await database.write(lambda tx, m=member, n=n: games.played(tx, session, m, at(n)))
        for n, member in enumerate(("wm2", "wm1", "wm2"))
    ]
    assert first == [True, True, False]
    assert await database.read(lambda tx: games.players(tx, session)) == ["wm2", "wm1"]
    assert await database.write(lambda tx: games.played(tx, 999, "wm1", at(0))) is False


@pytest.mark.parametrize(
    ("community", "member", "minute", "expected"),
    [
        ("c1", "wm1", 5, True),
        ("c1", "wm1", 6, False),
        ("c2", "wm1", 0, False),
        ("c1", "wm2", 0, False),
    ],
)
async def test_played_since_asks_for_community_member_and_time(
    database: Database, at: At, community: str, member: str, minute: int, expected: bool
) -> None:
    session = await database.write(lambda tx: begin(tx, at(0)))
    await database.write(lambda tx: games.played(tx, session, "wm1", at(5)))
    since = at(minute)
    found = await database.read(lambda tx: games.played_since(tx, community, member, since))
    assert found is expected
