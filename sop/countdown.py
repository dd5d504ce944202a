"""Rounds with a fixed length: when one ends, when the group is reminded, and who is ahead.

Games that are played against the clock share these. Of a game's state they own `ends_at`, `calls`
(instants of reminders to come) and `over`; they read `seed`.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta

from pydantic import Field, field_validator

from sop.draws.stream import Stream
from sop.game import State, turns
from sop.model import Strict
from sop.times import Duration, spoken_duration, wrong

SHORTEST = timedelta(minutes=1)
LONGEST = timedelta(days=1)
TOP = 5
"""Places named in a ranking."""
MOST_EXTENSION = 3600
"""Seconds that one 延时 gives at most."""

_LAST_CALL = timedelta(minutes=1)


class RoundOptions(Strict):
    """What every such round has in YAML."""

    duration: Duration = Field(
        default=timedelta(minutes=10), description="一局时长，1 分钟到 1 天，例如 10m"
    )

    @field_validator("duration")
    @classmethod
    def _sensible(cls, value: timedelta) -> timedelta:
        if not SHORTEST <= value <= LONGEST:
            raise wrong("duration", "一局的时长须在 1 分钟到 1 天之间。", "例如 10m。")
        return value


def clock(duration: timedelta, now: datetime) -> State:
    """The state's part that is ours, of a round that opens now."""
    ends_at = now + duration
    calls = []
    if duration >= 4 * _LAST_CALL:
        calls.append((now + duration / 2).isoformat())
    if duration >= 2 * _LAST_CALL:
        calls.append((ends_at - _LAST_CALL).isoformat())
    return {"ends_at": ends_at.isoformat(), "calls": calls, "over": None}


def ends_at(state: State) -> datetime:
    """When the round ends."""
    return datetime.fromisoformat(state["ends_at"])


def is_closed(state: State, now: datetime) -> bool:
    """Whether nothing counts any more: it is over, or its time is and nobody has closed it yet."""
    return bool(state["over"]) or now >= ends_at(state)


def left(state: State, now: datetime) -> str:
    """`5 分钟`."""
    return spoken_duration(ends_at(state) - now)


def _wake(state: State) -> datetime:
    return min(datetime.fromisoformat(one) for one in (*state["calls"], state["ends_at"]))


turn = turns(_wake)
"""A turn that wakes when the clock wants it, or is over as the state says."""


def rung(state: State, now: datetime) -> State | None:
    """The state without the reminders whose time has come; None when none has. Of those that were
    missed one is enough."""
    due = [call for call in state["calls"] if datetime.fromisoformat(call) <= now]
    return {**state, "calls": state["calls"][len(due) :]} if due else None


def extended(state: State, now: datetime, seconds: int) -> State:
    """The state with a later end, counted from now where it had passed, and a last call."""
    more = timedelta(seconds=max(1, min(seconds, MOST_EXTENSION)))
    later = max(now, ends_at(state)) + more
    last_call = later - _LAST_CALL
    calls = [last_call.isoformat()] if last_call > now else []
    return {**state, "ends_at": later.isoformat(), "calls": calls}


def closed(state: State, reason: str, winners: list[str]) -> State:
    """The state of the round that is over."""
    return {**state, "calls": [], "over": {"reason": reason, "winners": winners}}


def ranked(state: State, scores: Mapping[str, int], label: str) -> list[str]:
    """Members, most points first. Those with equally many are put in order by a number that the
    round's seed gives each of them, so that nobody gains by being early."""
    seed = bytes.fromhex(state["seed"])
    tie = {member: Stream(seed, f"{label}-tie/{member}").word() for member in scores}
    return sorted(scores, key=lambda member: (-scores[member], -tie[member], member))
