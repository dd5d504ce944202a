"""How follow-ups ended in the week, by what they came from and by who held them."""

from collections import Counter
from dataclasses import dataclass

from sqlalchemy import and_, or_, select

from storage.figures.scope import Scope
from storage.tables.people import FollowUp
from storage.types import table

_FOLLOW_UP = table(FollowUp)


@dataclass(frozen=True, slots=True)
class OutcomeNumbers:
    """Follow-ups of one origin: `rule/<name>`, `<plan>/<step>`, `gathering`, `command`, `link`,
    `silence`."""

    origin: str
    source: str
    """rule, step, command, link, silence."""
    created: int
    done: int
    dropped: int
    overdue: int
    """Open at the week's end, and their date past."""


def outcomes(week: Scope) -> tuple[OutcomeNumbers, ...]:
    """Everything that was made, ended or overdue in the week, by origin."""
    row = _FOLLOW_UP.c
    query = select(row.key, row.source, row.status, row.created_at, row.done_at, row.due_at).where(
        week.members(FollowUp),
        row.created_at < week.end,
        or_(row.done_at.is_(None), row.done_at >= week.start),
    )
    counts: Counter[tuple[str, str, str]] = Counter()
    for key, source, status, created_at, done_at, due_at in week.tx.execute(query).all():
        origin = origin_of(key, source)
        counts[origin, source, "created"] += created_at >= week.start
        if done_at is not None and done_at < week.end:
            counts[origin, source, status] += 1
        else:
            counts[origin, source, "overdue"] += due_at < week.end
    found = sorted({(origin, source) for (origin, source, _), n in counts.items() if n})
    return tuple(
        OutcomeNumbers(
            *one, *(counts[(*one, each)] for each in ("created", "done", "dropped", "overdue"))
        )
        for one in found
    )


def origin_of(key: str, source: str) -> str:
    """What a follow-up came from, by its key: `rule/<name>/…`, `<plan>/<step>/<day>/…`."""
    first, _, rest = key.partition("/")
    if source in ("rule", "step") and rest and first != "gathering":
        return f"{first}/{rest.partition('/')[0]}"
    return first if first == "gathering" else source


def overdue(week: Scope) -> Counter[str]:
    """How many each colleague had at the week's end that were past their date."""
    row = _FOLLOW_UP.c
    query = select(row.staff).where(
        week.members(FollowUp),
        and_(row.created_at < week.end, row.due_at < week.end),
        or_(row.done_at.is_(None), row.done_at >= week.end),
    )
    return Counter(week.tx.execute(query).scalars())
