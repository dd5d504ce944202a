"""Rounds of games by local day, beside who was there to play."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select

from storage.figures.crowd import Crowd
from storage.figures.scope import Scope
from storage.tables.play import GameSession, Player
from storage.types import table

_SESSION = table(GameSession)
_PLAYER = table(Player)

Round = tuple[date, str]
"""Local day, game."""


@dataclass(frozen=True, slots=True)
class RoundNumbers:
    """One game on one local day."""

    game: str
    day: date
    occurrences: tuple[str, ...]
    """Of the calendar; none for what a colleague started."""
    sessions: int
    players: int
    """Distinct; of a game over days also those who played later."""
    members: int
    """Distinct members there on that day where it was held, and the players among the others."""


def rounds(week: Scope, crowd: Crowd) -> tuple[RoundNumbers, ...]:
    """The rounds that began in the week, by day and game."""
    query = select(
        _SESSION.c.id, _SESSION.c.game, _SESSION.c.community, _SESSION.c.occurrence,
        _SESSION.c.started_at,
    ).where(week.here(GameSession), week.during(GameSession, "started_at"))  # fmt: skip
    round_of: dict[int, Round] = {}
    places: dict[Round, set[str]] = defaultdict(set)
    occurrences: dict[Round, set[str]] = defaultdict(set)
    for id, game, community, occurrence, started_at in week.tx.execute(query).all():
        key = started_at.astimezone(week.zone).date(), game
        round_of[id] = key
        places[key].add(community)
        if occurrence is not None:
            occurrences[key].add(occurrence)
    sessions = Counter(round_of.values())
    players = _players(week, round_of)
    return tuple(
        RoundNumbers(
            key[1],
            key[0],
            tuple(sorted(occurrences[key])),
            sessions=sessions[key],
            players=len(players[key]),
            members=len(players[key] | _there(crowd, key[0], places[key])),
        )
        for key in sorted(places)
    )


def _players(week: Scope, round_of: Mapping[int, Round]) -> dict[Round, set[str]]:
    query = select(_PLAYER.c.session, _PLAYER.c.member).where(
        week.members(Player), _PLAYER.c.at >= week.start
    )
    found: dict[Round, set[str]] = defaultdict(set)
    for session, member in week.tx.execute(query).all():
        if session in round_of:
            found[round_of[session]].add(member)
    return found


def _there(crowd: Crowd, day: date, communities: Iterable[str]) -> set[str]:
    """Who was in one of the communities at some time of a day."""
    next_midnight = crowd.midnight(day) + 1
    return {
        stay.member
        for stay in crowd.stays(communities)
        if stay.joined <= next_midnight <= stay.left
    }
