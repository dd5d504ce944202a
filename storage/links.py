"""Tracked links, clicks, and what members mean by them."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import ColumnElement, Connection, Select, case, func, or_, select

from storage.rows import Here, every, insert_all, insert_new, one, pick, values
from storage.tables.contacts import PrivateMessage
from storage.tables.links import Click, Link
from storage.tables.people import Daily
from storage.types import table

LINK = table(Link)
CLICK = table(Click)
_SENT = table(PrivateMessage)
_DAILY = table(Daily)
_BESIDES = ("join", "leave")
"""Counted, but no sign that a member takes part."""


@dataclass(frozen=True, slots=True)
class LinkRow:
    """A link as it was given out."""

    token: str
    url: str
    community: str
    member: str | None
    occurrence: str
    name: str
    intent: str
    made_at: datetime
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class NewClick:
    """A link was opened; `why` says why it does not count."""

    link: str
    community: str
    member: str | None
    at: datetime
    day: date
    counted: bool
    why: str


@dataclass(frozen=True, slots=True)
class ClickRow:
    """A counted click of a member, with what was opened."""

    link: str
    name: str
    intent: str
    at: datetime
    day: date


@dataclass(frozen=True, slots=True)
class Span:
    """What the rules of intent look at, as instants."""

    since: datetime
    """Clicks from then on."""
    often: int
    """So many different links or days are more than curiosity."""
    sent_since: datetime
    sent_until: datetime
    """Links sent between these and never opened are a sign of little interest."""


@dataclass(frozen=True, slots=True)
class Funnel:
    """How many were written to by a step, opened its link, and took part again."""

    written: int
    clicked: int
    back: int


def make(tx: Connection, links: Sequence[LinkRow]) -> None:
    """Keeps links; a known token stays as it is."""
    insert_new(tx, LINK, [values(each) for each in links])


def get(tx: Connection, token: str) -> LinkRow | None:
    """A link by its token."""
    return one(tx, pick(LINK, LinkRow).where(LINK.c.token == token), LinkRow)


def click(tx: Connection, clicked: NewClick) -> None:
    """Somebody, or something, opened a link."""
    insert_all(tx, CLICK, [values(clicked)])


def counted_since(tx: Connection, token: str, since: datetime) -> bool:
    """Whether a click on a link has counted since an instant."""
    query = select(CLICK.c.id).where(CLICK.c.link == token, CLICK.c.at > since, CLICK.c.counted)
    return tx.execute(query.limit(1)).first() is not None


def clicks_of(tx: Connection, community: str, member: str, since: datetime) -> list[ClickRow]:
    """What a member opened in a community since an instant, oldest first."""
    query = (
        select(CLICK.c.link, LINK.c.name, LINK.c.intent, CLICK.c.at, CLICK.c.day)
        .join_from(CLICK, LINK, LINK.c.token == CLICK.c.link)
        .where(
            CLICK.c.community == community,
            CLICK.c.member == member,
            CLICK.c.counted,
            CLICK.c.at >= since,
        )
    )
    return every(tx, query.order_by(CLICK.c.at, CLICK.c.id), ClickRow)


def ignored(tx: Connection, community: str, member: str, span: Span) -> list[LinkRow]:
    """Links that were sent to a member and never opened, oldest first."""
    query = pick(LINK, LinkRow).where(*_ignored(community, span), LINK.c.member == member)
    return every(tx, query.order_by(LINK.c.made_at, LINK.c.token), LinkRow)


def clicked(community: Here, since: datetime, name: str | None = None) -> Select[tuple[str]]:
    """One row for each counted click of a known member, `CLICK.c.member`; with `name` only of
    links called so. To be grouped and counted by who asks."""
    query = select(CLICK.c.member).where(*_counted(community, since))
    if name is None:
        return query
    return query.join(LINK, LINK.c.token == CLICK.c.link).where(LINK.c.name == name)


def intent(community: Here, level: str, span: Span) -> Select[tuple[str]]:
    """Members whose intent is `high`, `medium` or `low`; each member has one at most."""
    keen = (
        select(CLICK.c.member)
        .join(LINK, LINK.c.token == CLICK.c.link)
        .where(*_counted(community, span.since))
        .group_by(CLICK.c.member)
        .having(
            or_(
                func.max(case((LINK.c.intent == "high", 1), else_=0)) == 1,
                func.count(CLICK.c.link.distinct()) >= span.often,
                func.count(CLICK.c.day.distinct()) >= span.often,
            )
        )
    )
    if level == "high":
        return keen
    anybody = select(CLICK.c.member).where(*_counted(community, span.since))
    if level == "medium":
        return anybody.where(CLICK.c.member.not_in(keen)).distinct()
    if level != "low":
        raise ValueError(level)
    cold = select(LINK.c.member).where(*_ignored(community, span), LINK.c.member.not_in(anybody))
    return cold.distinct()


def funnel(
    tx: Connection,
    step: str,
    communities: Collection[str],
    start: datetime,
    end: datetime,
    within: timedelta,
) -> Funnel:
    """What came of the private messages that a step (`plan/step`) sent in [start, end), each
    member once: who opened a link in it, and who took part within so long afterwards."""
    written = _written(tx, step, communities, start, end)
    members = {member for member, _ in written}
    occurrences = {occurrence for _, occurrence in written}
    opened = (
        select(CLICK.c.member, LINK.c.occurrence)
        .join_from(CLICK, LINK, LINK.c.token == CLICK.c.link)
        .where(CLICK.c.counted, CLICK.c.member.in_(members), LINK.c.occurrence.in_(occurrences))
        .distinct()
    )
    clicked = {member for member, one in tx.execute(opened) if (member, one) in written}
    return Funnel(len(members), len(clicked), len(_back(tx, communities, written, within)))


def _written(
    tx: Connection, step: str, communities: Collection[str], start: datetime, end: datetime
) -> dict[tuple[str, str], datetime]:
    query = select(_SENT.c.member, _SENT.c.occurrence, _SENT.c.at).where(
        _SENT.c.occurrence.startswith(f"{step}/", autoescape=True),
        _SENT.c.at >= start,
        _SENT.c.at < end,
    )
    return {
        (member, occurrence): at
        for member, occurrence, at in tx.execute(query)
        if occurrence.rpartition("/")[2] in communities
    }


def _back(
    tx: Connection,
    communities: Collection[str],
    written: dict[tuple[str, str], datetime],
    within: timedelta,
) -> set[str]:
    if not written:
        return set()
    members = {member for member, _ in written}
    # A local day may begin up to fourteen hours before the UTC one of the same date.
    first = min(written.values()).date() - timedelta(days=1)
    query = select(_DAILY.c.member, _DAILY.c.community, _DAILY.c.last_at).where(
        _DAILY.c.community.in_(communities),
        _DAILY.c.member.in_(members),
        _DAILY.c.day >= first,
        _DAILY.c.kind.not_in((*_BESIDES, "click")),
    )
    did: dict[tuple[str, str], list[datetime]] = {}
    for member, community, at in tx.execute(query):
        did.setdefault((member, community), []).append(at)
    return {
        member
        for (member, occurrence), sent in written.items()
        for at in did.get((member, occurrence.rpartition("/")[2]), ())
        if sent < at <= sent + within
    }


def _counted(community: Here, since: datetime) -> tuple[ColumnElement[bool], ...]:
    return (
        CLICK.c.community == community,
        CLICK.c.at >= since,
        CLICK.c.counted,
        CLICK.c.member.is_not(None),
    )


def _ignored(community: Here, span: Span) -> tuple[ColumnElement[bool], ...]:
    """Made for a member, handed over, and never opened."""
    sent = select(_SENT.c.member).where(
        _SENT.c.member == LINK.c.member, _SENT.c.occurrence == LINK.c.occurrence
    )
    opened = select(CLICK.c.id).where(CLICK.c.link == LINK.c.token, CLICK.c.counted)
    return (
        LINK.c.community == community,
        LINK.c.member.is_not(None),
        LINK.c.made_at >= span.sent_since,
        LINK.c.made_at <= span.sent_until,
        sent.exists(),
        ~opened.exists(),
    )
