"""The week's work: occurrences by step and by owner RM, follow-ups."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import and_, select

from storage.figures.crowd import TOLD, WEEK, Crowd
from storage.figures.scope import DAYS, Scope
from storage.tables.people import Community, FollowUp
from storage.tables.work import Occurrence
from storage.types import table

_COMMUNITY = table(Community)
_FOLLOW_UP = table(FollowUp)
_OCCURRENCE = table(Occurrence)
_JUDGED_BY = (
    *("plan", "step", "day", "community", "status", "reason", "ran_at", "window_ends_at"),
    *("changed_by", "due_at", "planned_for", "confirmed_at"),
)
NOT_STAMPED = "还没有审核章"
"""The reason of a step that nobody stamped in time: nobody decided against it, it was missed.
The words are `sop.review.NOT_STAMPED`'s."""


@dataclass(frozen=True, slots=True)
class Ran:
    """What became of one occurrence. What was called off is not due."""

    plan: str
    step: str
    day: date
    community: str
    due: bool
    executed: bool
    on_time: bool
    reminded: bool
    """Handed to the owner RM to send (assist mode)."""
    confirmed: bool


@dataclass(frozen=True, slots=True)
class Task:
    """A follow-up that fell due in the week; done if it was by the week's end."""

    staff: str
    done: bool


@dataclass(frozen=True, slots=True)
class StepNumbers:
    """One step on one day over all communities asked for."""

    plan: str
    step: str
    day: date
    due: int
    executed: int
    on_time: int
    cancelled: int
    reminded: int
    confirmed: int


@dataclass(frozen=True, slots=True)
class OwnerNumbers:
    """The communities of one owner RM."""

    owner: str
    communities: int
    due: int
    executed: int
    on_time: int
    reminded: int
    confirmed: int
    follow_ups_due: int
    follow_ups_done: int


def ran(crowd: Crowd, monday: date) -> list[Ran]:
    """Every occurrence of the days of one of the last weeks, judged, in the order of the week.

    What still waits (postponed, or about to run, as a report is that counts its own week) is
    neither done nor missed.
    """
    return crowd.told(_ran, monday)


def _ran(crowd: Crowd, monday: date) -> dict[date, list[Ran]]:
    week, row = crowd.scope(monday), _OCCURRENCE.c
    query = (
        select(*(row[name] for name in _JUDGED_BY), _COMMUNITY.c.mode)
        .outerjoin(_COMMUNITY, _COMMUNITY.c.id == row.community)
        .where(
            week.here(Occurrence),
            and_(row.day >= week.day(DAYS - TOLD * DAYS), row.day < week.day(DAYS)),
            row.phase == "run",
            row.status != "planned",
        )
        .order_by(row.day, row.planned_for, row.plan, row.step, row.community)
    )
    weeks: dict[date, list[Ran]] = {monday - back * WEEK: [] for back in range(TOLD)}
    for one in week.tx.execute(query).mappings().all():
        weeks[one["day"] - timedelta(days=one["day"].weekday())].append(judged(one))
    return weeks


def judged(row: Mapping[Any, Any]) -> Ran:
    """What became of a row of `occurrence` with its community's `mode`."""
    executed = row["status"] == "done"
    acted_in_window = row["ran_at"] is not None and row["ran_at"] <= row["window_ends_at"]
    # Skipped by a person at the plan's own time, or by a rule while there was still time (a pause,
    # the daily cap): called off with a reason. Skipped after the window, or because nobody had
    # stamped it: missed.
    by_person = row["changed_by"] is not None and row["due_at"] == row["planned_for"]
    by_rule = acted_in_window and row["reason"] != NOT_STAMPED
    called_off = row["status"] == "skipped" and (by_person or by_rule)
    reminded = executed and row["mode"] == "assist"
    return Ran(
        plan=row["plan"],
        step=row["step"],
        day=row["day"],
        community=row["community"],
        due=not called_off,
        executed=executed,
        on_time=executed and acted_in_window,
        reminded=reminded,
        confirmed=reminded and row["confirmed_at"] is not None,
    )


def by_step(ran: Sequence[Ran]) -> tuple[StepNumbers, ...]:
    """Occurrences added up over communities, in the order of the week."""
    groups: dict[tuple[str, str, date], list[Ran]] = defaultdict(list)
    for one in ran:
        groups[one.plan, one.step, one.day].append(one)
    return tuple(
        StepNumbers(
            plan,
            step,
            day,
            due=sum(one.due for one in group),
            executed=sum(one.executed for one in group),
            on_time=sum(one.on_time for one in group),
            cancelled=sum(not one.due for one in group),
            reminded=sum(one.reminded for one in group),
            confirmed=sum(one.confirmed for one in group),
        )
        for (plan, step, day), group in groups.items()
    )


def follow_ups(crowd: Crowd, monday: date) -> list[Task]:
    """Follow-ups that were planned for one of the last weeks, put off since or not.

    What was dropped with a reason while there was time, or by itself, is not due.
    """
    return crowd.told(_follow_ups, monday)


def _follow_ups(crowd: Crowd, monday: date) -> dict[date, list[Task]]:
    week, row = crowd.scope(monday), _FOLLOW_UP.c
    starts = [week.midnight(DAYS - DAYS * weeks) for weeks in range(TOLD + 1)]
    called_off = (row.status == "dropped") & (
        (row.done_at <= row.planned_for) | (row.done_by == "system")
    )
    query = select(row.planned_for, row.staff, row.status, row.done_at).where(
        week.members(FollowUp),
        row.planned_for >= starts[-1],
        row.planned_for < starts[0],
        ~called_off,
    )
    weeks: dict[date, list[Task]] = {monday - back * WEEK: [] for back in range(TOLD)}
    for planned_for, staff, status, done_at in week.tx.execute(query).all():
        back = next(number for number, start in enumerate(starts[1:]) if planned_for >= start)
        done = status == "done" and done_at < starts[back]
        weeks[monday - back * WEEK].append(Task(staff, done))
    return weeks


def owners(week: Scope) -> dict[str, str]:
    """The owner RM of each community."""
    query = select(_COMMUNITY.c.id, _COMMUNITY.c.owner).where(_COMMUNITY.c.id.in_(week.communities))
    return week.pairs(query)


def by_owner(
    owner_of: Mapping[str, str], ran: Iterable[Ran], tasks: Sequence[Task]
) -> tuple[OwnerNumbers, ...]:
    """The week of each owner RM, by id."""
    groups: dict[str, list[Ran]] = {owner: [] for owner in sorted(set(owner_of.values()))}
    for one in ran:
        if one.community in owner_of:
            groups[owner_of[one.community]].append(one)
    return tuple(
        OwnerNumbers(
            owner,
            communities=sum(1 for other in owner_of.values() if other == owner),
            due=sum(one.due for one in group),
            executed=sum(one.executed for one in group),
            on_time=sum(one.on_time for one in group),
            reminded=sum(one.reminded for one in group),
            confirmed=sum(one.confirmed for one in group),
            follow_ups_due=sum(1 for task in tasks if task.staff == owner),
            follow_ups_done=sum(task.done for task in tasks if task.staff == owner),
        )
        for owner, group in groups.items()
    )
