"""What came of private messages with links: written, opened, back."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import exists, select

from storage.figures.after import BESIDES, Said, took_part
from storage.figures.scope import DAYS, Scope
from storage.figures.variants import DAYS_AFTER_MESSAGE
from storage.tables.contacts import PrivateMessage
from storage.tables.links import Click, Link
from storage.tables.work import Occurrence
from storage.types import table

_OCCURRENCE = table(Occurrence)
_SENT = table(PrivateMessage)
_LINK = table(Link)
_CLICK = table(Click)

Step = tuple[str, str]


@dataclass(frozen=True, slots=True)
class RecallNumbers:
    """A step that wrote to members with links in the week; distinct persons."""

    plan: str
    step: str
    written: int
    clicked: int
    """Opened a link of it until the end of the third local day after."""
    back: int
    """Took part by then, by more than a click."""


def recalls(week: Scope) -> tuple[RecallNumbers, ...]:
    """By plan and step."""
    row = _OCCURRENCE.c
    mine = (
        week.here(Occurrence),
        row.day >= week.day(-DAYS),  # handed over then, and perhaps written this week
        row.day < week.day(DAYS),
        _SENT.c.member.not_in(week.staff),
        _SENT.c.at >= week.start,
        _SENT.c.at < week.end,
    )
    sent = select(row.plan, row.step, row.community, row.key, _SENT.c.member, _SENT.c.at).join_from(
        _OCCURRENCE, _SENT, _SENT.c.occurrence == row.key
    )
    personal = exists().where(_LINK.c.occurrence == row.key, _LINK.c.member.is_not(None))
    opened = _opened(week)
    written: dict[Step, dict[Said, set[str]]] = defaultdict(lambda: defaultdict(set))
    clicked: dict[Step, set[str]] = defaultdict(set)
    reached: dict[Said, set[str]] = defaultdict(set)
    for plan, step, community, key, member, at in week.tx.execute(sent.where(*mine, personal)):
        said = Said(community, at)
        written[plan, step][said].add(member)
        reached[said].add(member)
        last = at.astimezone(week.zone).date() + timedelta(days=DAYS_AFTER_MESSAGE)
        if any(day <= last for day in opened.get((key, member), ())):
            clicked[plan, step].add(member)
    back = took_part(week, reached, DAYS_AFTER_MESSAGE, (*BESIDES, "click"))
    return tuple(
        RecallNumbers(
            *step,
            written=len(set().union(*each.values())),
            clicked=len(clicked[step]),
            back=len(set().union(*(back[said] & who for said, who in each.items()))),
        )
        for step, each in sorted(written.items())
    )


def _opened(week: Scope) -> dict[tuple[str, str], set[date]]:
    """The days on which members opened links of an occurrence of these two weeks."""
    row = _OCCURRENCE.c
    query = (
        select(row.key, _CLICK.c.member, _CLICK.c.day)
        .join_from(_OCCURRENCE, _LINK, _LINK.c.occurrence == row.key)
        .join(_CLICK, _CLICK.c.link == _LINK.c.token)
        .where(
            week.here(Occurrence),
            row.day >= week.day(-DAYS),
            row.day < week.day(DAYS),
            _CLICK.c.counted,
            _CLICK.c.member.is_not(None),
        )
    )
    found: dict[tuple[str, str], set[date]] = defaultdict(set)
    for key, member, day in week.tx.execute(query):
        found[key, member].add(day)
    return found
