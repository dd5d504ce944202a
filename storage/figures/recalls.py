"""What came of private messages with links: written, opened, back."""

from dataclasses import dataclass

from sqlalchemy import CTE, and_, case, distinct, exists, func, select

from storage.figures.after import BESIDES, did, local_days, within
from storage.figures.private import written, written_at
from storage.figures.scope import DAYS, Scope
from storage.figures.variants import DAYS_AFTER_MESSAGE
from storage.tables.links import Click, Link
from storage.tables.people import Daily
from storage.tables.work import Occurrence
from storage.types import table

_OCCURRENCE = table(Occurrence)
_DAILY = table(Daily)
_LINK = table(Link)
_CLICK = table(Click)


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
    personal = exists().where(_LINK.c.occurrence == _OCCURRENCE.c.key, _LINK.c.member.is_not(None))
    sent = written(week, 0, personal)
    instants = written_at(week.tx, sent)
    if not instants:
        return ()
    day = local_days(week, instants, DAYS_AFTER_MESSAGE)
    opened = _opened(week)
    in_time = opened.c.first_day <= day.c[f"d{DAYS_AFTER_MESSAGE}"]
    after = did(day, sent.c.community, sent.c.at, (*BESIDES, "click"))
    back = exists().where(after, _DAILY.c.member == sent.c.member)
    persons = (sent.c.member, case((in_time, sent.c.member)), case((back, sent.c.member)))
    query = (
        select(sent.c.plan, sent.c.step, *(func.count(distinct(each)) for each in persons))
        .join_from(sent, day, within(day, sent.c.at))
        .outerjoin(opened, and_(opened.c.key == sent.c.key, opened.c.member == sent.c.member))
        .group_by(sent.c.plan, sent.c.step)
        .order_by(sent.c.plan, sent.c.step)
    )
    return tuple(RecallNumbers(*one) for one in week.tx.execute(query).all())


def _opened(week: Scope) -> CTE:
    """When members first opened a link of an occurrence of these two weeks."""
    row = _OCCURRENCE.c
    return (
        select(row.key, _CLICK.c.member, func.min(_CLICK.c.day).label("first_day"))
        .join_from(_OCCURRENCE, _LINK, _LINK.c.occurrence == row.key)
        .join(_CLICK, _CLICK.c.link == _LINK.c.token)
        .where(
            week.here(Occurrence),
            row.day >= week.day(-DAYS),
            row.day < week.day(DAYS),
            _CLICK.c.counted,
        )
        .group_by(row.key, _CLICK.c.member)
        .cte("opened")
    )
