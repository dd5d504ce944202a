"""The counts behind the weekly summary, from daily rollups and histories, never from raw activity.

A week is Monday 00:00 to Sunday 24:00 in a zone; persons are distinct across the communities asked
for; staff are left out everywhere. Definitions: product.md, "What each number means".
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from storage.figures import members, play, work
from storage.figures.crowd import WEEK, Crowd
from storage.figures.members import ViaNumbers
from storage.figures.money import SourceNumbers
from storage.figures.play import FunnelNumbers, GameNumbers
from storage.figures.scope import Scope
from storage.figures.work import OwnerNumbers, StepNumbers

__all__ = [
    "FunnelNumbers",
    "GameNumbers",
    "OwnerNumbers",
    "SourceNumbers",
    "StepNumbers",
    "ViaNumbers",
    "WeekNumbers",
    "week_numbers",
]


@dataclass(frozen=True, slots=True)
class WeekNumbers:
    """Counts of one week, in persons unless said otherwise; money in fen."""

    members_at_start: int
    members_at_end: int
    daily_members: tuple[int, ...]
    """At the end of each of the seven days."""
    new: int
    lost: int
    joins: int
    """Events, as `leaves`."""
    leaves: int
    wau: int
    dau: tuple[int, ...]
    speakers: int
    messages: int
    """Messages written."""
    silent: int
    returned: int
    players: int
    funnel: FunnelNumbers
    settled_fen: int
    """Paid in the week."""
    follow_ups_due: int
    follow_ups_done: int
    steps: tuple[StepNumbers, ...]
    games: tuple[GameNumbers, ...]
    sources: tuple[SourceNumbers, ...]
    vias: tuple[ViaNumbers, ...]
    owners: tuple[OwnerNumbers, ...]
    heard_members_at_end: int


def week_numbers(
    tx: Connection,
    communities: Sequence[str],
    monday: date,
    zone: ZoneInfo,
    *,
    staff: Collection[str],
    silent_days: int,
    heard: Collection[str] | None = None,
    crowd: Crowd | None = None,
    brief: bool = False,
) -> WeekNumbers:
    """Everything of the week that begins on `monday` in `zone`, for these communities together.

    What depends on messages is counted over those that are `heard` (None: all of them).
    `crowd` is who was read for these communities already; `brief`: games and owners are left out,
    which no metric is made of.
    """
    week = Scope(tx, tuple(communities), monday, zone, tuple(sorted(staff)))
    listened = tuple(one for one in communities if heard is None or one in heard)
    crowd = crowd or Crowd(tx, week.communities, monday, zone, staff)
    deeds, people = crowd.week(monday), members.persons(crowd, week.communities, monday)
    returned = members.silent(crowd, listened, monday, silent_days) & deeds.active(listened)
    players = set().union(*play.by_community(crowd, monday).values())
    ran = work.ran(crowd, monday)
    follow_ups = work.follow_ups(crowd, monday)
    return WeekNumbers(
        members_at_start=people.daily[0],
        members_at_end=len(people.present),
        daily_members=people.daily[1:],
        new=len(people.new),
        lost=len(people.lost),
        joins=people.joins.total(),
        leaves=people.leaves.total(),
        wau=len(deeds.active(week.communities)),
        dau=deeds.daily_active,
        speakers=len(set().union(*(one.spoke for one in deeds.of(listened)))),
        messages=sum(one.messages for one in deeds.of(listened)),
        silent=len(members.silent(crowd, listened, monday + WEEK, silent_days)),
        returned=len(returned),
        players=len(players),
        funnel=play.funnel(week, set(people.joins), players),
        settled_fen=sum(crowd.purse.settled(week).values()),
        follow_ups_due=len(follow_ups),
        follow_ups_done=sum(task.done for task in follow_ups),
        steps=work.by_step(ran),
        games=() if brief else play.games(week),
        sources=crowd.purse.sources(week),
        vias=people.vias,
        owners=() if brief else work.by_owner(work.owners(week), ran, follow_ups),
        heard_members_at_end=len(members.present(crowd, listened, monday)),
    )
