"""Game sessions and their players.

A community has one running session at most, and of each quiet game one more beside it.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, exists, func, select, update

from storage.rows import every, for_change, insert_new, insert_one, one, pick
from storage.tables.play import GameSession, Player
from storage.types import table

_SESSION = table(GameSession)
_PLAYER = table(Player)


class AlreadyRunning(Exception):
    """The community has a running game already, or this quiet one."""


class Conflict(Exception):
    """The session has moved on since it was read, or is over."""


@dataclass(frozen=True, slots=True)
class SessionRow:
    """One round."""

    id: int
    community: str
    game: str
    options: dict[str, Any]
    rewards: dict[str, Any] | None
    state: dict[str, Any]
    version: int
    """Grows with every turn."""
    seed: str
    status: str
    """running, finished."""
    next_at: datetime | None
    occurrence: str | None
    started_by: str | None
    beside: str | None
    """The game's name, if it is one that runs beside others."""
    started_at: datetime
    finished_at: datetime | None
    reason: str
    winners: list[str]


def begin(
    tx: Connection,
    *,
    community: str,
    game: str,
    options: dict[str, Any],
    rewards: dict[str, Any] | None,
    state: dict[str, Any],
    seed: str,
    next_at: datetime | None,
    occurrence: str | None,
    started_by: str | None,
    now: datetime,
    beside: bool = False,
) -> int:
    """Opens a session and returns its id; `beside` others if so. Raises AlreadyRunning."""
    session = insert_one(
        tx,
        _SESSION,
        {
            "community": community,
            "game": game,
            "options": options,
            "rewards": rewards,
            "state": state,
            "seed": seed,
            "next_at": next_at,
            "occurrence": occurrence,
            "started_by": started_by,
            "beside": game if beside else None,
            "started_at": now,
        },
    )
    if session is None:
        raise AlreadyRunning(community)
    return int(session)


def running(tx: Connection, community: str) -> list[SessionRow]:
    """The running sessions of a community: the one that wants its attention, then those beside
    it, oldest first."""
    rows = [SessionRow(*found) for found in tx.execute(_RUNNING_IN, {"in_community": community})]
    return sorted(rows, key=lambda row: (row.beside is not None, row.id))


def latest(tx: Connection, community: str, game: str) -> int | None:
    """The last round of a game that began in a community; None: there was none."""
    query = select(func.max(_SESSION.c.id)).where(
        _SESSION.c.community == community, _SESSION.c.game == game
    )
    number: int | None = tx.execute(query).scalar()
    return number


def all_running(tx: Connection) -> list[SessionRow]:
    """Every running session, oldest first."""
    query = pick(_SESSION, SessionRow).where(_SESSION.c.status == "running")
    return every(tx, query.order_by(_SESSION.c.id), SessionRow)


def lock(tx: Connection, session: int) -> SessionRow | None:
    """A session that still runs, held against other processes until commit."""
    query = pick(_SESSION, SessionRow).where(
        _SESSION.c.id == session, _SESSION.c.status == "running"
    )
    return one(tx, for_change(tx, query), SessionRow)


def due(tx: Connection, now: datetime) -> list[SessionRow]:
    """Running sessions that want to be woken, longest waiting first."""
    query = pick(_SESSION, SessionRow).where(
        _SESSION.c.status == "running", _SESSION.c.next_at <= now
    )
    waiting = query.order_by(_SESSION.c.next_at, _SESSION.c.id)
    return every(tx, for_change(tx, waiting, skip_locked=True), SessionRow)


def next_due(tx: Connection) -> datetime | None:
    """When the next session wants to be woken; past instants mean now."""
    at: datetime | None = tx.execute(_NEXT_DUE).scalar()
    return at


def keep(
    tx: Connection, session: int, version: int, state: dict[str, Any], next_at: datetime | None
) -> None:
    """The state after a turn that was computed from `version`. Raises Conflict."""
    given = {"of": session, "at_version": version, "later": version + 1}
    if tx.execute(_KEEP, {**given, "new_state": state, "wakes_at": next_at}).rowcount != 1:
        raise Conflict(f"session {session} is not at version {version}")


def finish(
    tx: Connection,
    session: int,
    version: int,
    state: dict[str, Any],
    reason: str,
    winners: list[str],
    now: datetime,
) -> None:
    """The round is over. Raises Conflict."""
    _turn(
        tx,
        session,
        version,
        state=state,
        next_at=None,
        status="finished",
        finished_at=now,
        reason=reason,
        winners=winners,
    )


def played(tx: Connection, session: int, member: str, at: datetime) -> bool:
    """A member took part; True the first time in this session."""
    community = tx.execute(select(_SESSION.c.community).where(_SESSION.c.id == session)).scalar()
    if community is None:
        return False
    row = {"session": session, "member": member, "community": community, "at": at}
    return insert_new(tx, _PLAYER, [row]) == 1


def players(tx: Connection, session: int) -> list[str]:
    """Who took part, in the order of their first moves."""
    query = select(_PLAYER.c.member).where(_PLAYER.c.session == session)
    return list(tx.execute(query.order_by(_PLAYER.c.at, _PLAYER.c.member)).scalars())


def played_since(tx: Connection, community: str, member: str, since: datetime) -> bool:
    """Whether a member has taken part in a game of a community since an instant."""
    given = {"here": community, "who": member, "since": since}
    return bool(tx.execute(_PLAYED_SINCE, given).scalar())


def finished_between(
    tx: Connection,
    from_: datetime,
    until: datetime,
    communities: Collection[str] | None = None,
) -> list[SessionRow]:
    """Sessions that ended in [from_, until), in order, of these communities or of all."""
    query = pick(_SESSION, SessionRow).where(
        _SESSION.c.finished_at >= from_, _SESSION.c.finished_at < until
    )
    if communities is not None:
        query = query.where(_SESSION.c.community.in_(communities))
    return every(tx, query.order_by(_SESSION.c.finished_at, _SESSION.c.id), SessionRow)


def _turn(tx: Connection, session: int, version: int, **values: Any) -> None:
    moved = (
        update(_SESSION)
        .where(
            _SESSION.c.id == session,
            _SESSION.c.version == version,
            _SESSION.c.status == "running",
        )
        .values(version=version + 1, **values)
    )
    if tx.execute(moved).rowcount != 1:
        raise Conflict(f"session {session} is not at version {version}")


# Done for every move in a game, so built once.
_KEEP = (
    update(_SESSION)
    .where(
        _SESSION.c.id == bindparam("of"),
        _SESSION.c.version == bindparam("at_version"),
        _SESSION.c.status == "running",
    )
    .values(version=bindparam("later"), state=bindparam("new_state"), next_at=bindparam("wakes_at"))
)

# Asked for every message that comes in, so built once.
_RUNNING_IN = pick(_SESSION, SessionRow).where(
    _SESSION.c.community == bindparam("in_community"), _SESSION.c.status == "running"
)
_PLAYED_SINCE = select(
    exists().where(
        _PLAYER.c.community == bindparam("here"),
        _PLAYER.c.member == bindparam("who"),
        _PLAYER.c.at >= bindparam("since"),
    )
)
_NEXT_DUE = select(func.min(_SESSION.c.next_at)).where(_SESSION.c.status == "running")
