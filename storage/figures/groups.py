"""The week of every group of communities (an RM's, a label's, one) from rows read once for all."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from storage.figures import members, play, work
from storage.figures.crowd import WEEK, Crowd
from storage.figures.scope import DAYS, Scope
from storage.figures.work import Ran


@dataclass(frozen=True, slots=True)
class GroupNumbers:
    """Counts of one group, by the definitions of `WeekNumbers`."""

    members_at_start: int
    members_at_end: int
    member_days: int
    """Sum of the seven daily member counts."""
    new: int
    lost: int
    wau: int
    silent: int
    players: int
    due: int
    executed: int
    on_time: int
    settled_fen: int


@dataclass(frozen=True, slots=True)
class _Rows:
    """What is known of the week by community, besides the crowd."""

    players: Mapping[str, Collection[str]]
    ran: Mapping[str, Sequence[Ran]]
    settled_fen: Mapping[str, int]


def by_group(
    week: Scope,
    crowd: Crowd,
    groups: Iterable[Collection[str]],
    heard: Collection[str],
    silent_days: int,
) -> list[GroupNumbers]:
    """The numbers of each group, in their order. A group is some communities of the scope;
    silence is counted in those that are `heard`."""
    rows = _Rows(
        play.by_community(crowd, week.monday), _ran(week, crowd), crowd.purse.settled(week)
    )
    return [_group(week, crowd, one, heard, silent_days, rows) for one in groups]


def _group(
    week: Scope,
    crowd: Crowd,
    group: Collection[str],
    heard: Collection[str],
    silent_days: int,
    rows: _Rows,
) -> GroupNumbers:
    persons = members.persons(crowd, group, week.monday)
    listened = [one for one in group if one in heard]
    silent = members.silent(crowd, listened, week.monday + WEEK, silent_days)
    ran = [one for community in group for one in rows.ran.get(community, ())]
    return GroupNumbers(
        members_at_start=persons.daily[0],
        members_at_end=persons.daily[DAYS],
        member_days=sum(persons.daily[1:]),
        new=len(persons.new),
        lost=len(persons.lost),
        wau=len(crowd.active(week.monday, group)),
        silent=len(silent),
        players=len(set().union(*(rows.players.get(one, ()) for one in group))),
        due=sum(one.due for one in ran),
        executed=sum(one.executed for one in ran),
        on_time=sum(one.on_time for one in ran),
        settled_fen=sum(rows.settled_fen.get(one, 0) for one in group),
    )


def _ran(week: Scope, crowd: Crowd) -> dict[str, list[Ran]]:
    found: dict[str, list[Ran]] = defaultdict(list)
    for one in work.ran(crowd, week.monday):
        found[one.community].append(one)
    return found
