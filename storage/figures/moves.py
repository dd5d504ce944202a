"""Members who moved from one life-cycle stage, or value group, to another."""

from collections import Counter

from sqlalchemy import select

from storage.figures.scope import DAYS, Scope
from storage.tables.standings import StandingChange
from storage.types import table

_CHANGE = table(StandingChange)

Move = tuple[str, str, str]
"""What (stage or value), before, after."""


def moves(week: Scope) -> dict[Move, int]:
    """How many went from where to where between the week's beginning and its end, most first.

    Nights look back on whole days, so what the week did is written from Tuesday to the Monday
    after. Who is in two communities stands in both of them, and is counted in both.
    """
    query = (
        select(*(_CHANGE.c[name] for name in ("community", "member", "what", "before", "after")))
        .where(
            week.members(StandingChange),
            _CHANGE.c.day > week.day(0),
            _CHANGE.c.day <= week.day(DAYS),
        )
        .order_by(_CHANGE.c.day, _CHANGE.c.id)
    )
    first: dict[tuple[str, str, str], str] = {}
    last: dict[tuple[str, str, str], str] = {}
    for community, member, what, before, after in week.tx.execute(query).all():
        first.setdefault((community, member, what), before)
        last[community, member, what] = after
    counts = Counter(
        (key[2], first[key], after) for key, after in last.items() if first[key] != after
    )
    return dict(sorted(counts.items(), key=lambda one: (one[0][0], -one[1], one[0])))
