"""下周计划: what operators read on the last working day before the week that it is about.

One message of at most one screen: what is due on each day and in how many communities, what will
not be sent (no review stamp, no calendar, paused), what holidays move, and what money is left.
The words themselves are in `qunyun preview`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from sqlalchemy import Connection

from bot import approval
from bot import week_ahead_words as words
from bot.due import Due
from bot.letters import Origin
from bot.week_ahead_words import Ahead, Coming
from sop.community import Community
from sop.effects import Tell
from sop.holiday_moves import holiday_moves
from sop.money import yuan
from sop.occurrence import Occurrence, Phase
from sop.planner import occurrences as planned
from sop.ports import Facts
from sop.review import goes_on, whom_to_ask
from sop.summary.weeks import midnight, monday_of
from sop.unplanned import missing
from sop.workdays import UnknownYear
from storage import money, occurrences

MARK = "preview"
"""Watermark of the latest one."""
WANTED_FOR = timedelta(hours=4)
"""How late it is still of use."""
_DAY = timedelta(days=1)
_LOOK_AHEAD = 21
"""Days; no holidays are longer."""
_MOMENT = timedelta(microseconds=1)


def waiting(due: Due, tx: Connection, now: datetime) -> bool:
    """Whether its minute has come, today is the week's last working day, and it was not sent."""
    at = due.settings.preview
    if at is None:
        return False
    today = now.astimezone(due.settings.zone).date()
    instant = datetime.combine(today, at, due.settings.zone)
    if not instant <= now <= instant + WANTED_FOR or not _is_last_workday(due, today):
        return False
    sent = occurrences.watermark(tx, MARK)
    return sent is None or sent < instant


def work(tx: Connection, due: Due, now: datetime) -> None:
    """Tells every operator of the next week, if it still waits."""
    if not waiting(due, tx, now):
        return
    facts = due.facts(tx)
    operators = facts.operators()
    if operators:
        text = words.told(_ahead(tx, due, facts, now))
        effects = [Tell(one.id, text) for one in operators]
        due.runtime.apply(tx, effects, Origin(f"{MARK}@{now.isoformat()}", now))
    occurrences.set_watermark(tx, MARK, now)


def next_look(due: Due, now: datetime) -> datetime | None:
    """When the next one is due; None where nobody wants it."""
    at = due.settings.preview
    if at is None:
        return None
    today = now.astimezone(due.settings.zone).date()
    for days in range(_LOOK_AHEAD):
        instant = datetime.combine(today + days * _DAY, at, due.settings.zone)
        if instant > now and _is_last_workday(due, instant.date()):
            return instant.astimezone(now.tzinfo)
    return None


def _is_last_workday(due: Due, day: date) -> bool:
    """Of its week, Monday to Sunday: a make-up Saturday comes after Friday."""
    later = range(1, 7 - day.weekday())
    return _is_workday(due, day) and not any(_is_workday(due, day + n * _DAY) for n in later)


def _is_workday(due: Due, day: date) -> bool:
    try:
        return due.workdays.is_workday(day)
    except UnknownYear:
        return day.weekday() < 5


@dataclass
class _Group:
    """One step on one day, in all communities that it is due in; each may have its own minute."""

    title: str
    times: list[datetime] = field(default_factory=list)
    places: list[str] = field(default_factory=list)
    unstamped: bool = False


def _ahead(tx: Connection, due: Due, facts: Facts, now: datetime) -> Ahead:
    zone = due.settings.zone
    monday = monday_of(now.astimezone(zone).date()) + 7 * _DAY
    start, end = midnight(monday, zone) - _MOMENT, midnight(monday + 7 * _DAY, zone) - _MOMENT
    everywhere = facts.communities()
    open_ = [one for one in everywhere if not one.paused]
    found, unknown, moves = _planned(due, open_, start, end)
    rows = {row.key: row for row in occurrences.between(tx, start, end + _MOMENT)}
    skipped = {key for key, row in rows.items() if row.status == "skipped"}
    going = [one for one in found if one.key not in skipped]
    return Ahead(
        monday,
        tuple(_coming(due, facts, going, {key: row.due_at for key, row in rows.items()})),
        ask=whom_to_ask(facts).removeprefix("> "),
        held=tuple(file.heading for file, _ in missing(facts, due.library, now)),
        holidays=tuple(moves),
        unknown=tuple(unknown),
        paused=tuple(one.name for one in everywhere if one.paused),
        skipped=len(found) - len(going),
        budgets=tuple(_budgets(tx, due)),
    )


def _coming(
    due: Due, facts: Facts, going: Sequence[Occurrence], times: Mapping[str, datetime]
) -> list[Coming]:
    """By time; `times` of what was listed already, which may have been put off."""
    places = {one.id: one for one in facts.communities()}
    stamps: dict[tuple[str, str], bool] = {}
    groups: dict[tuple[date, str, str], _Group] = {}
    for one in going:
        at = times.get(one.key, one.due_at).astimezone(due.settings.zone)
        name = (at.date(), one.plan.plan, one.step.id)
        group = groups.setdefault(name, _Group(one.step.called(due.library)))
        group.times.append(at)
        group.places.append(places[one.community].name)
        if places[one.community].review:
            group.unstamped |= not _stamped(due, facts, one, stamps)
    steps = [
        Coming(min(one.times), max(one.times), one.title, tuple(one.places), one.unstamped)
        for one in groups.values()
    ]
    return sorted(steps, key=lambda one: (one.at, one.title))


def _planned(
    due: Due, communities: Sequence[Community], start: datetime, end: datetime
) -> tuple[list[Occurrence], list[str], list[str]]:
    """What runs, which plans cannot be planned and why, and what holidays change. What waits for
    somebody to join is nobody's plan yet."""
    found: list[Occurrence] = []
    unknown: list[str] = []
    moves: list[str] = []
    for plan in due.library.plans.values():
        try:
            runs = planned([plan], communities, start, end, due.workdays)
            moved = list(holiday_moves(plan, communities, start, end, due.workdays))
        except UnknownYear as error:
            unknown.append(f"计划“{plan.title}”{error}")
            continue
        weekly = {one.id for one in plan.steps() if plan.days_after_join(one.id) is None}
        found += [one for one in runs if one.phase is Phase.RUN and one.step.id in weekly]
        moves += [move.text for move in moved if move.step in weekly]
    return found, unknown, moves


def _stamped(due: Due, facts: Facts, one: Occurrence, known: dict[tuple[str, str], bool]) -> bool:
    name = (one.plan.plan, one.step.id)
    if name not in known:
        written = due.library.plans[one.plan.plan]
        known[name] = goes_on(facts, due.library, written, one.step.id)
    return known[name]


def _budgets(tx: Connection, due: Due) -> list[str]:
    """What is left of money that can still be won, the scarcest first."""
    lines = [
        (one.budget_fen - one.committed_fen + one.returned_fen, one)
        for one in money.budget_lines(tx)
        if one.budget_fen and _in_library(due, one.source)
    ]
    lines.sort(key=lambda pair: (pair[0] / pair[1].budget_fen, pair[1].source))
    return [
        f"{approval.title(one.source, due.library)} ¥{yuan(left)}（共 ¥{yuan(one.budget_fen)}）"
        for left, one in lines
    ]


def _in_library(due: Due, source: str) -> bool:
    kind, _, name = source.partition("/")
    return source in due.library.campaigns or (kind == "pool" and name in due.library.pools)
