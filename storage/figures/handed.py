"""What relationship managers were handed to send in the week, and what became of it.

Due, reminded and confirmed are the week's own (`storage.figures.work`), so that they add up to
the headlines; what became of each task is WeCom's word, or the RM's where it is sent by hand.
"""

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import select

from storage.figures import work
from storage.figures.crowd import Crowd
from storage.figures.outcomes import overdue
from storage.figures.scope import DAYS, Scope
from storage.tables.assist_tasks import AssistTask
from storage.tables.people import Community
from storage.tables.pieces import GamePiece
from storage.tables.work import Occurrence
from storage.types import table

_COMMUNITY = table(Community)
_OCCURRENCE = table(Occurrence)
_PIECE = table(GamePiece)
_TASK = table(AssistTask)


@dataclass(frozen=True, slots=True)
class HandedNumbers:
    """One colleague's week."""

    staff: str
    due: int
    reminded: int
    confirmed: int
    sent: int
    on_time: int
    """Of the sent, inside the window."""
    late: int
    capped: int
    """WeCom's monthly ceiling was in the way."""
    skipped: int
    """By a person or a rule, with a reason: not due."""
    expired: int
    """Withdrawn unsent."""
    follow_ups_due: int
    follow_ups_done: int
    follow_ups_overdue: int
    pieces: int = 0
    """Of games, handed over one by one while they were played; not among the due."""
    pieces_sent: int = 0
    pieces_on_time: int = 0
    """Of the sent, while they were still wanted."""
    pieces_skipped: int = 0


def handed(week: Scope, crowd: Crowd) -> tuple[HandedNumbers, ...]:
    """Owners of communities in assist mode, and whoever holds follow-ups there, by id."""
    query = select(_COMMUNITY.c.id, _COMMUNITY.c.owner, _COMMUNITY.c.mode).where(
        _COMMUNITY.c.id.in_(week.communities)
    )
    owner_of = {id: owner for id, owner, mode in week.tx.execute(query) if mode == "assist"}
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for one in work.ran(crowd, week.monday):
        if one.community in owner_of:
            mine = counts[owner_of[one.community]]
            mine["due"] += one.due
            mine["skipped"] += not one.due
            mine["reminded"] += one.reminded
            mine["confirmed"] += one.confirmed
    _add_tasks(week, owner_of, counts)
    _add_pieces(week, counts)
    for task in work.follow_ups(crowd, week.monday):
        counts[task.staff]["follow_ups_due"] += 1
        counts[task.staff]["follow_ups_done"] += task.done
    for staff, n in overdue(week).items():
        counts[staff]["follow_ups_overdue"] += n
    fields = HandedNumbers.__dataclass_fields__.keys() - {"staff"}
    return tuple(
        HandedNumbers(staff, **{name: counts[staff][name] for name in fields})
        for staff in sorted(counts)
    )


def _add_tasks(
    week: Scope, owner_of: Mapping[str, str], counts: Mapping[str, Counter[str]]
) -> None:
    """What became of the tasks of the week's occurrences."""
    query = (
        select(_TASK.c.community, _TASK.c.status, _TASK.c.on_time, _TASK.c.capped)
        .join_from(_OCCURRENCE, _TASK, _TASK.c.occurrence == _OCCURRENCE.c.key)
        .where(
            week.here(Occurrence),
            _OCCURRENCE.c.day >= week.day(0),
            _OCCURRENCE.c.day < week.day(DAYS),
            _OCCURRENCE.c.status == "done",
        )
    )
    for community, status, on_time, capped in week.tx.execute(query).all():
        if community in owner_of:
            mine = counts[owner_of[community]]
            mine["sent"] += status == "sent"
            mine["on_time"] += on_time is True
            mine["late"] += on_time is False
            mine["capped"] += capped
            mine["expired"] += status == "expired"


def _add_pieces(week: Scope, counts: Mapping[str, Counter[str]]) -> None:
    """What became of the pieces of the week's games; of those neither sent nor skipped nobody
    knows."""
    piece = _PIECE.c
    query = select(piece.owner, piece.status, piece.until, piece.settled_at).where(
        week.here(GamePiece), week.during(GamePiece, "made_at"), piece.status != "kept"
    )
    for owner, status, until, settled_at in week.tx.execute(query):
        mine = counts[owner]
        mine["pieces"] += 1
        mine["pieces_sent"] += status == "sent"
        mine["pieces_on_time"] += status == "sent" and settled_at <= until
        mine["pieces_skipped"] += status == "skipped"
