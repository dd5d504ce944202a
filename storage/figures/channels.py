"""The channels by which members came, over four weeks: how many, and what became of them."""

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Select, select

from storage.figures.crowd import Crowd
from storage.figures.scope import Scope
from storage.onboarding import STAYED
from storage.tables.onboarding import Arrival
from storage.tables.people import Membership
from storage.tables.referrals import Relation
from storage.types import table

_ARRIVAL = table(Arrival)
_RELATION = table(Relation)
_STAY = table(Membership)
WINDOW = timedelta(days=28)


@dataclass(frozen=True, slots=True)
class FlowNumbers:
    """One channel; persons, each counted where they came from first in the four weeks."""

    channel: str
    """State of a live code, else how WeCom says they joined, else empty."""
    joined: int
    old_enough: int
    """Joined at least seven days before the week's end."""
    stayed: int
    """Of these, not gone within seven days of joining."""
    active: int
    """Of the joined, did something in the week other than joining or leaving."""
    cost_fen: int
    """Paid to them between their joining and the week's end."""


@dataclass(frozen=True, slots=True)
class _Came:
    at: datetime
    left_at: datetime | None
    via: str


def flows(week: Scope, crowd: Crowd) -> tuple[FlowNumbers, ...]:
    """Who joined in the 28 days before the week's end, by channel, largest first."""
    came = _came(week)
    channel_of = _channels(week, came) if came else {}
    took_part = crowd.part_takers(week.monday)
    cost = _paid(week, crowd, came)
    by_channel: dict[str, list[str]] = defaultdict(list)
    for member, one in came.items():
        by_channel[channel_of.get(member) or one.via].append(member)
    found = [
        _flow(channel, {who: came[who] for who in members}, week.end, took_part, cost)
        for channel, members in by_channel.items()
    ]
    return tuple(sorted(found, key=lambda one: (-one.joined, one.channel)))


def _flow(
    channel: str,
    came: Mapping[str, _Came],
    end: datetime,
    took_part: set[str],
    cost: Mapping[str, int],
) -> FlowNumbers:
    old_enough = [one for one in came.values() if one.at + STAYED <= end]
    return FlowNumbers(
        channel,
        len(came),
        len(old_enough),
        sum(one.left_at is None or one.left_at >= one.at + STAYED for one in old_enough),
        len(took_part & came.keys()),
        sum(cost.get(member, 0) for member in came),
    )


def _came(week: Scope) -> dict[str, _Came]:
    """The first joining in the four weeks, by member."""
    query = (
        select(_STAY.c.member, _STAY.c.joined_at, _STAY.c.left_at, _STAY.c.via)
        .where(
            week.members(Membership),
            _STAY.c.joined_at >= week.end - WINDOW,
            _STAY.c.joined_at < week.end,
        )
        .order_by(_STAY.c.joined_at, _STAY.c.id)
    )
    found: dict[str, _Came] = {}
    for member, at, left_at, via in week.tx.execute(query).all():
        found.setdefault(member, _Came(at, left_at, via))
    return found


def _who(week: Scope) -> Select[str]:
    """Who joined in the four weeks: for asking other tables about them."""
    return select(_STAY.c.member).where(
        week.members(Membership),
        _STAY.c.joined_at >= week.end - WINDOW,
        _STAY.c.joined_at < week.end,
    )


def _channels(week: Scope, came: Mapping[str, _Came]) -> dict[str, str]:
    """By the latest arrival that has a channel, else by what WeCom keeps with the relation."""
    kept = (
        select(_RELATION.c.member, _RELATION.c.state)
        .where(_RELATION.c.state != "", _RELATION.c.since < week.end)
        .where(_RELATION.c.member.in_(_who(week)))
        .order_by(_RELATION.c.since, _RELATION.c.staff)
    )
    latest = (
        select(_ARRIVAL.c.member, _ARRIVAL.c.channel)
        .where(_ARRIVAL.c.channel != "", _ARRIVAL.c.at < week.end)
        .where(_ARRIVAL.c.member.in_(_who(week)))
        .order_by(_ARRIVAL.c.at, _ARRIVAL.c.id)
    )
    found: dict[str, str] = {}
    for query in (kept, latest):  # the later word stands
        found.update((member, channel) for member, channel in week.tx.execute(query).all())
    return {member: found[member] for member in came if member in found}


def _paid(week: Scope, crowd: Crowd, came: Mapping[str, _Came]) -> Counter[str]:
    """Whenever it was won: what counts is the payment."""
    found: Counter[str] = Counter()
    end = week.end
    for one in crowd.purse.payments:
        if one.member in came and came[one.member].at <= one.at < end:
            found[one.member] += one.fen
    return found
