"""Games and the way from joining to a prize."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from sqlalchemy import func, select

from storage.figures.crowd import Crowd
from storage.figures.money import POOLS, paid_by
from storage.figures.scope import Scope
from storage.merging import id_that_counts
from storage.tables.money import Award, Payout
from storage.tables.play import Draw, GameSession, Player
from storage.types import table

_SESSION = table(GameSession)
_DRAW = table(Draw)
_PLAYER = table(Player)
_AWARD = table(Award)
_PAYOUT = table(Payout)


@dataclass(frozen=True, slots=True)
class GameNumbers:
    """The rounds of one game that began in the week. `turns` counts a person once a round."""

    game: str
    sessions: int
    players: int
    turns: int
    reward_fen: int


@dataclass(frozen=True, slots=True)
class FunnelNumbers:
    """Of those who joined in the week, how many had played, then drawn, then been paid."""

    joined: int
    played: int
    drew: int
    claimed: int


def players(week: Scope) -> set[str]:
    """Who took part in a game."""
    return week.persons(Player, week.during(Player, "at"))


def by_community(crowd: Crowd, monday: date) -> Mapping[str, set[str]]:
    """The same of a week, in each community; read once."""
    return crowd.once(_by_community, monday)


def _by_community(crowd: Crowd, monday: date) -> Mapping[str, set[str]]:
    week = crowd.scope(monday)
    query = (
        select(_PLAYER.c.community, _PLAYER.c.member)
        .distinct()
        .where(week.members(Player), week.during(Player, "at"))
    )
    found: dict[str, set[str]] = defaultdict(set)
    for community, member in week.tx.execute(query).all():
        found[community].add(member)
    return found


def funnel(week: Scope, joined: set[str], who_played: set[str]) -> FunnelNumbers:
    """The way of the persons who joined in the week, as far as they had come by its end; a draw
    under an old id is the person's."""
    played = joined & who_played
    drawn = (
        select(id_that_counts(_DRAW.c.member))
        .distinct()
        .where(week.members(Draw), week.during(Draw, "drawn_at"))
    )
    drew = played & week.set(drawn) if played else set()
    paid = (
        select(id_that_counts(_AWARD.c.member))
        .distinct()
        .join(_PAYOUT, _PAYOUT.c.order_no == _AWARD.c.order_no)
        .where(
            week.members(Award),
            week.during(Award, "won_at"),
            _AWARD.c.source.not_like(POOLS),
            paid_by(week.end),
        )
    )
    claimed = drew & week.set(paid) if drew else set()
    return FunnelNumbers(len(joined), len(played), len(drew), len(claimed))


def games(week: Scope) -> tuple[GameNumbers, ...]:
    """The rounds of the week by game, by name."""
    rounds = week.pairs(
        select(_SESSION.c.id, _SESSION.c.game).where(
            week.here(GameSession), week.during(GameSession, "started_at")
        )
    )
    sessions: dict[str, int] = defaultdict(int)
    persons: dict[str, set[str]] = defaultdict(set)
    turns: dict[str, int] = defaultdict(int)
    for game in rounds.values():
        sessions[game] += 1
    took_part = select(_PLAYER.c.session, _PLAYER.c.member).where(
        week.members(Player), _PLAYER.c.at >= week.start
    )
    for session, member in week.tx.execute(took_part).all():
        if session in rounds:
            persons[rounds[session]].add(member)
            turns[rounds[session]] += 1
    rewards = _rewards(week, rounds)
    return tuple(
        GameNumbers(game, sessions[game], len(persons[game]), turns[game], rewards[game])
        for game in sorted(sessions)
    )


def _rewards(week: Scope, rounds: dict[int, str]) -> dict[str, int]:
    """Fen won by game. The award's key names its round: `game/<session>/<member>`."""
    query = (
        select(_AWARD.c.key, func.sum(_AWARD.c.amount_fen))
        .where(week.members(Award), _AWARD.c.won_at >= week.start, _AWARD.c.source.like(POOLS))
        .group_by(_AWARD.c.key)
    )
    total: dict[str, int] = defaultdict(int)
    for key, fen in week.tx.execute(query).all():
        kind, _, rest = key.partition("/")
        session = rest.partition("/")[0]
        if kind == "game" and session.isdigit() and int(session) in rounds:
            total[rounds[int(session)]] += int(fen)
    return total
