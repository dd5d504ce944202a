"""Present members of a community chosen by what they are and did, from rollups.

Every condition is one set of members made by one pass over the days that matter: an answer does
not grow with history. Who opted out of being counted is never chosen.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import (
    JSON,
    ColumnElement,
    Connection,
    ScalarSelect,
    Select,
    String,
    and_,
    bindparam,
    func,
    or_,
    select,
    type_coerce,
)

from storage import links
from storage.people import MembershipRow, stays
from storage.privacy import OPT_OUT
from storage.rows import Here, every
from storage.tables.contacts import PrivateMessage
from storage.tables.gatherings import Gathering, Reply
from storage.tables.onboarding import Arrival
from storage.tables.people import Daily, Membership, Tag
from storage.tables.play import GameSession, Player
from storage.tables.referrals import Relation
from storage.tables.standings import RightAnswer, Standing
from storage.types import table

_STAY = table(Membership)
_DAILY = table(Daily)
_TAG = table(Tag)
_PLAYER = table(Player)
_SESSION = table(GameSession)
_RIGHT = table(RightAnswer)
_SENT = table(PrivateMessage)
_STANDING = table(Standing)
_GATHERING = table(Gathering)
_REPLY = table(Reply)
_ARRIVAL = table(Arrival)
_RELATION = table(Relation)
_IDS = select(_STAY.c.member)
BESIDES = ("join", "leave")
"""Counted, but no sign that a member takes part."""


@dataclass(frozen=True, slots=True)
class Often:
    """At least and at most so many since an instant; `name` narrows what is counted."""

    since: datetime
    least: int
    most: int | None = None
    name: str | None = None


@dataclass(frozen=True, slots=True)
class Chose:
    """One of some choices (indexes) of a question (index) of a step's (`plan/step`) survey."""

    step: str
    question: int
    choices: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class WrittenTo:
    """The latest private message, of a step (`plan/step`) or of any."""

    step: str | None
    until: datetime | None
    """Not later."""
    since: datetime
    """Not earlier."""
    reacted: bool | None
    """Whether the member did something in the community after it; None: does not matter."""


@dataclass(frozen=True, slots=True)
class Intends:
    """What clicks say."""

    levels: tuple[str, ...]
    span: links.Span


@dataclass(frozen=True, slots=True)
class Stands:
    """As of last night. Who came since then is a newcomer, if that is asked and they joined in
    time."""

    stages: tuple[str, ...]
    joined_since: datetime


@dataclass(frozen=True, slots=True)
class Wanted:
    """Conditions that must all hold; None and empty ask nothing. Instants are aware UTC."""

    joined_since: datetime | None = None
    joined_until: datetime | None = None
    active_since: datetime | None = None
    silent_since: datetime | None = None
    """No action since then, and a member before it."""
    active_days: tuple[date, int, int | None] | None = None
    """(first local day, at least, at most) different days with an action."""
    did: tuple[tuple[str, date, int, int | None], ...] = ()
    """(kind, first local day, at least, at most) times."""
    played: Often | None = None
    right: tuple[date, int, int | None] | None = None
    """(first local day, at least, at most) questions answered rightly."""
    survey: Chose | None = None
    clicked: Often | None = None
    intent: Intends | None = None
    written: WrittenTo | None = None
    channels: tuple[str, ...] = ()
    stands: Stands | None = None
    values: tuple[str, ...] = ()
    rfm: tuple[tuple[int, int] | None, tuple[int, int] | None, tuple[int, int] | None] | None = None
    """(lowest, highest) scores of r, f and m."""
    tags: tuple[str, ...] = ()
    without_tags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Asked:
    """Where members are chosen: from all of a community, or whether one of them would be."""

    community: Here
    member: str | None = None

    def among(self, rows: Select[tuple[str]]) -> ColumnElement[bool]:
        """Whether a member is in the rows, of which the first column is the member's. Of the one
        member only their own rows are read."""
        if self.member is not None:
            rows = rows.where(rows.selected_columns[0] == self.member)
        return _STAY.c.member.in_(rows)


def choose(tx: Connection, community: str, wanted: Wanted) -> list[MembershipRow]:
    """The members, by name and id."""
    rows = every(tx, _narrowed(stays(), _Asked(community), wanted), MembershipRow)
    return sorted(rows, key=lambda row: (row.name, row.member))


def ids(tx: Connection, communities: Collection[str], wanted: Wanted) -> dict[str, list[str]]:
    """The ids of the same members of each community, in no order: what is counted needs no names,
    and a statement for all is made once."""
    query = _narrowed(_IDS, _Asked(bindparam("here", type_=String)), wanted)
    return {
        one: list(tx.execute(query, {"here": one, "ending": _ending(one)}).scalars())
        for one in communities
    }


def _ending(community: str) -> str:
    """The occurrences of a community as a pattern of LIKE."""
    plain = community.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return f"%/{plain}"


def holds(tx: Connection, community: str, member: str, wanted: Wanted) -> bool:
    """Whether a member would be among those chosen."""
    query = _narrowed(select(_STAY.c.id), _Asked(community, member), wanted)
    query = query.where(_STAY.c.member == member)
    return tx.execute(query).first() is not None


def _narrowed(rows: Select[Any], asked: _Asked, wanted: Wanted) -> Select[Any]:
    query = rows.where(
        _STAY.c.community == asked.community,
        _STAY.c.left_at.is_(None),
        ~asked.among(select(OPT_OUT.c.member)),
    )
    for condition in _conditions(asked, wanted):
        query = query.where(condition)
    return query


def _conditions(asked: _Asked, wanted: Wanted) -> Iterator[ColumnElement[bool]]:
    yield from _presence(asked, wanted)
    yield from _deeds(asked, wanted)
    yield from _answers(asked, wanted)
    yield from _standing(asked, wanted)
    for tag in wanted.tags:
        yield asked.among(_wearing(tag))
    for tag in wanted.without_tags:
        yield ~asked.among(_wearing(tag))


def _presence(asked: _Asked, wanted: Wanted) -> Iterator[ColumnElement[bool]]:
    if wanted.joined_since is not None:
        yield _STAY.c.joined_at >= wanted.joined_since
    if wanted.joined_until is not None:
        yield _STAY.c.joined_at <= wanted.joined_until
    if wanted.active_since is not None:
        since = wanted.active_since
        yield asked.among(_acted(asked.community, since, _DAILY.c.last_at >= since))
    if wanted.silent_since is not None:
        yield _STAY.c.joined_at <= wanted.silent_since
        since = wanted.silent_since
        yield ~asked.among(_acted(asked.community, since, _DAILY.c.last_at > since))


def _deeds(asked: _Asked, wanted: Wanted) -> Iterator[ColumnElement[bool]]:
    here = asked.community
    if wanted.active_days is not None:
        first, least, most = wanted.active_days
        days = func.count(_DAILY.c.day.distinct())
        yield from _between(asked, counted(here, first), days, least, most)
    for kind, first, least, most in wanted.did:
        times = func.sum(_DAILY.c.n)
        did = counted(here, first).where(_DAILY.c.kind == kind)
        yield from _between(asked, did, times, least, most)
    if wanted.played is not None:
        often = wanted.played
        rounds = played(here, often.since, often.name)
        yield from _between(asked, rounds, func.count(), often.least, often.most)
    if wanted.right is not None:
        first, least, most = wanted.right
        yield from _between(asked, right(here, first), func.sum(_RIGHT.c.n), least, most)
    if wanted.clicked is not None:
        often = wanted.clicked
        clicks = links.clicked(here, often.since, often.name)
        yield from _between(asked, clicks, func.count(), often.least, often.most)


def _answers(asked: _Asked, wanted: Wanted) -> Iterator[ColumnElement[bool]]:
    here = asked.community
    if wanted.survey is not None:
        survey = wanted.survey
        replied = answers(here, survey.step)
        yield asked.among(replied.where(choice(survey.question).in_(survey.choices)))
    if wanted.intent is not None:
        span = wanted.intent.span
        levels = wanted.intent.levels
        yield or_(*(asked.among(links.intent(here, level, span)) for level in levels))
    if wanted.channels:
        yield func.coalesce(*_channel()).in_(wanted.channels)
    if wanted.written is not None:
        yield asked.among(_written(here, wanted.written))


def _standing(asked: _Asked, wanted: Wanted) -> Iterator[ColumnElement[bool]]:
    here = select(_STANDING.c.member).where(_STANDING.c.community == asked.community)
    if wanted.stands is not None:
        stages = wanted.stands.stages
        stands = asked.among(here.where(_STANDING.c.stage.in_(stages)))
        if "newcomer" in stages:
            judged = here.where(_STANDING.c.stage != "left")
            stands = or_(
                stands,
                and_(_STAY.c.joined_at >= wanted.stands.joined_since, ~asked.among(judged)),
            )
        yield stands
    if wanted.values:
        yield asked.among(here.where(_STANDING.c.value.in_(wanted.values)))
    if wanted.rfm is not None:
        scores = (_STANDING.c.r, _STANDING.c.f, _STANDING.c.m)
        for score, limits in zip(scores, wanted.rfm, strict=True):
            if limits is not None:
                here = here.where(score.between(*limits))
        yield asked.among(here)


def counted(community: Here, first: date) -> Select[tuple[str]]:
    """Rollups of actions that show a member taking part, from a local day on."""
    return select(_DAILY.c.member).where(
        _DAILY.c.community == community,
        _DAILY.c.day >= first,
        _DAILY.c.kind.not_in(BESIDES),
    )


def played(community: Here, since: datetime, game: str | None) -> Select[tuple[str]]:
    """A row for each round that a member took part in, of one game or of any."""
    rounds = select(_PLAYER.c.member).where(_PLAYER.c.community == community, _PLAYER.c.at >= since)
    if game is None:
        return rounds
    return rounds.join(_SESSION, _SESSION.c.id == _PLAYER.c.session).where(_SESSION.c.game == game)


def right(community: Here, first: date) -> Select[tuple[str]]:
    """Rollups of right answers from a local day on."""
    return select(_RIGHT.c.member).where(_RIGHT.c.community == community, _RIGHT.c.day >= first)


def answers(community: Here, step: str) -> Select[tuple[str]]:
    """A row for each reply to a survey of a step that is not erased yet."""
    return (
        select(_REPLY.c.member)
        .join(_GATHERING, _GATHERING.c.id == _REPLY.c.gathering)
        .where(
            _GATHERING.c.community == community,
            _GATHERING.c.kind == "survey",
            _GATHERING.c.occurrence.startswith(f"{step}/", autoescape=True),
        )
    )


def choice(question: int) -> ColumnElement[int]:
    """What was chosen in a question of a survey, as an index; NULL where there is no such one."""
    value: ColumnElement[int] = type_coerce(_REPLY.c.value, JSON)["choices", question].as_integer()
    return value


def sent(community: Here, step: str | None) -> Select[tuple[str, datetime]]:
    """(member, when) of the private messages by which a community's RM wrote to present members,
    of one step or of any."""
    ending = _ending(community) if isinstance(community, str) else bindparam("ending", type_=String)
    present = select(_STAY.c.member).where(
        _STAY.c.community == community, _STAY.c.left_at.is_(None)
    )
    query = select(_SENT.c.member, _SENT.c.at).where(
        _SENT.c.member.in_(present),
        _SENT.c.occurrence.like(ending, escape="\\"),
    )
    if step is not None:
        query = query.where(_SENT.c.occurrence.startswith(f"{step}/", autoescape=True))
    return query


def _channel() -> tuple[ScalarSelect[str], ScalarSelect[str]]:
    """By which channel a member came, as `storage.onboarding.channel_of` has it."""
    latest = (
        select(_ARRIVAL.c.channel)
        .where(_ARRIVAL.c.member == _STAY.c.member, _ARRIVAL.c.channel != "")
        .order_by(_ARRIVAL.c.at.desc(), _ARRIVAL.c.id.desc())
    )
    kept = (
        select(_RELATION.c.state)
        .where(_RELATION.c.member == _STAY.c.member, _RELATION.c.state != "")
        .order_by(_RELATION.c.since.desc())
    )
    return latest.limit(1).scalar_subquery(), kept.limit(1).scalar_subquery()


def _written(community: Here, asked: WrittenTo) -> Select[tuple[str]]:
    messages = sent(community, asked.step).subquery()
    latest = (
        select(messages.c.member, func.max(messages.c.at).label("at"))
        .group_by(messages.c.member)
        .subquery()
    )
    query = select(latest.c.member).where(latest.c.at >= asked.since)
    if asked.until is not None:
        query = query.where(latest.c.at <= asked.until)
    if asked.reacted is None:
        return query
    # A local day may begin up to fourteen hours before the UTC one of the same date.
    days = counted(community, asked.since.date() - timedelta(days=1))
    acted = (
        days.add_columns(func.max(_DAILY.c.last_at).label("at"))
        .group_by(_DAILY.c.member)
        .subquery()
    )
    # A join, so that both sides are read once; a subquery for each member takes five times longer.
    both = query.outerjoin_from(latest, acted, acted.c.member == latest.c.member)
    after = and_(acted.c.at.is_not(None), acted.c.at > latest.c.at)
    return both.where(after if asked.reacted else ~after)


def _acted(community: Here, since: datetime, recently: ColumnElement[bool]) -> Select[tuple[str]]:
    """Who did something recently; `since` bounds the days that are looked at."""
    # A local day may begin up to fourteen hours before the UTC one of the same date.
    return counted(community, since.date() - timedelta(days=1)).where(recently)


def _between(
    asked: _Asked,
    rows: Select[tuple[str]],
    count: ColumnElement[int],
    least: int,
    most: int | None,
) -> Iterator[ColumnElement[bool]]:
    """Who is nowhere in the rows has a count of nought."""
    each = rows.group_by(rows.selected_columns[0])
    if least > 0:
        yield asked.among(each.having(count >= least))
    if most is not None:
        yield ~asked.among(each.having(count > most))


def _wearing(tag: str) -> Select[tuple[str]]:
    return select(_TAG.c.member).where(_TAG.c.tag == tag, _TAG.c.removed_at.is_(None))
