"""The counts behind the weekly summary, from daily rollups and histories, never from raw activity.

A week is Monday 00:00 to Sunday 24:00 in a zone; persons are distinct across the communities asked
for; staff are left out everywhere. Definitions: product.md, "What each number means".
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from storage.figures import members, money, play, work
from storage.figures.members import ViaNumbers
from storage.figures.money import SourceNumbers
from storage.figures.play import FunnelNumbers, GameNumbers
from storage.figures.scope import DAYS, Scope
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
) -> WeekNumbers:
    """Everything of the week that begins on `monday` in `zone`, for these communities together.

    What depends on messages is counted over those that are `heard` (None: all of them).
    """
    nobody = tuple(sorted(staff))
    week = Scope(tx, tuple(communities), monday, zone, nobody)
    listened = tuple(one for one in communities if heard is None or one in heard)
    talk = Scope(tx, listened, monday, zone, nobody)
    present = members.present(week, week.end)
    joins, leaves = members.moves(week, "joined_at"), members.moves(week, "left_at")
    active = members.active(week, 0, DAYS)
    talking = active if talk == week else members.active(talk, 0, DAYS)
    returned = members.silent(talk, monday, silent_days) & talking
    ran = work.occurrences(week)
    follow_ups = work.follow_ups(week)
    return WeekNumbers(
        members_at_start=members.count_present(week, week.start),
        members_at_end=len(present),
        daily_members=tuple(
            members.count_present(week, week.midnight(day)) for day in range(1, DAYS + 1)
        ),
        new=len(set(joins) - members.present_before(week)),
        lost=len(set(leaves) - present),
        joins=joins.total(),
        leaves=leaves.total(),
        wau=len(active),
        dau=members.daily_active(week),
        speakers=len(members.active(talk, 0, DAYS, only="message")),
        messages=members.messages(talk),
        silent=len(members.silent(talk, monday + timedelta(days=DAYS), silent_days)),
        returned=len(returned),
        players=len(play.players(week)),
        funnel=play.funnel(week, set(joins)),
        settled_fen=money.settled(week),
        follow_ups_due=len(follow_ups),
        follow_ups_done=sum(task.done for task in follow_ups),
        steps=work.by_step(ran),
        games=play.games(week),
        sources=money.sources(week),
        vias=members.vias(week, present),
        owners=work.by_owner(work.owners(week), ran, follow_ups),
        heard_members_at_end=members.count_present(talk, talk.end),
    )
