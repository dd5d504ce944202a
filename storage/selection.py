"""Present members of a community chosen by what they are and did, from rollups.

Every condition is one set of members made by one pass over the days that matter: an answer does
not grow with history. Who opted out of being counted is never chosen.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import (
    JSON,
    ColumnElement,
    Connection,
    ScalarSelect,
    Select,
    and_,
    func,
    or_,
    select,
    type_coerce,
)

from storage import links
from storage.people import MembershipRow, stays
from storage.privacy import OPT_OUT
from storage.rows import every
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


def choose(tx: Connection, community: str, wanted: Wanted) -> list[MembershipRow]:
    """The members, by name and id."""
    query = stays().where(
        _STAY.c.community == community,
        _STAY.c.left_at.is_(None),
        _STAY.c.member.not_in(select(OPT_OUT.c.member)),
    )
    for condition in _conditions(community, wanted):
        query = query.where(condition)
    rows = every(tx, query, MembershipRow)
    return sorted(rows, key=lambda row: (row.name, row.member))


def _conditions(community: str, wanted: Wanted) -> Iterator[ColumnElement[bool]]:
    yield from _presence(community, wanted)
    yield from _deeds(community, wanted)
    yield from _answers(community, wanted)
    yield from _standing(community, wanted)
    for tag in wanted.tags:
        yield _STAY.c.member.in_(_wearing(tag))
    for tag in wanted.without_tags:
        yield _STAY.c.member.not_in(_wearing(tag))


def _presence(community: str, wanted: Wanted) -> Iterator[ColumnElement[bool]]:
    if wanted.joined_since is not None:
        yield _STAY.c.joined_at >= wanted.joined_since
    if wanted.joined_until is not None:
        yield _STAY.c.joined_at <= wanted.joined_until
    if wanted.active_since is not None:
        since = wanted.active_since
        yield _STAY.c.member.in_(_acted(community, since, _DAILY.c.last_at >= since))
    if wanted.silent_since is not None:
        yield _STAY.c.joined_at <= wanted.silent_since
        since = wanted.silent_since
        yield _STAY.c.member.not_in(_acted(community, since, _DAILY.c.last_at > since))


def _deeds(community: str, wanted: Wanted) -> Iterator[ColumnElement[bool]]:
    if wanted.active_days is not None:
        first, least, most = wanted.active_days
        days = func.count(_DAILY.c.day.distinct())
        yield from _between(_DAILY.c.member, counted(community, first), days, least, most)
    for kind, first, least, most in wanted.did:
        times = func.sum(_DAILY.c.n)
        did = counted(community, first).where(_DAILY.c.kind == kind)
        yield from _between(_DAILY.c.member, did, times, least, most)
    if wanted.played is not None:
        asked = wanted.played
        rounds = played(community, asked.since, asked.name)
        yield from _between(_PLAYER.c.member, rounds, func.count(), asked.least, asked.most)
    if wanted.right is not None:
        first, least, most = wanted.right
        yield from _between(
            _RIGHT.c.member, right(community, first), func.sum(_RIGHT.c.n), least, most
        )
    if wanted.clicked is not None:
        asked = wanted.clicked
        clicks = links.clicked(community, asked.since, asked.name)
        yield from _between(links.CLICK.c.member, clicks, func.count(), asked.least, asked.most)


def _answers(community: str, wanted: Wanted) -> Iterator[ColumnElement[bool]]:
    if wanted.survey is not None:
        asked = wanted.survey
        replied = answers(community, asked.step)
        yield _STAY.c.member.in_(replied.where(choice(asked.question).in_(asked.choices)))
    if wanted.intent is not None:
        span = wanted.intent.span
        yield or_(
            *(
                _STAY.c.member.in_(links.intent(community, level, span))
                for level in wanted.intent.levels
            )
        )
    if wanted.channels:
        yield func.coalesce(*_channel()).in_(wanted.channels)
    if wanted.written is not None:
        yield _STAY.c.member.in_(_written(community, wanted.written))


def _standing(community: str, wanted: Wanted) -> Iterator[ColumnElement[bool]]:
    here = select(_STANDING.c.member).where(_STANDING.c.community == community)
    if wanted.stands is not None:
        stages = wanted.stands.stages
        stands: ColumnElement[bool] = _STAY.c.member.in_(here.where(_STANDING.c.stage.in_(stages)))
        if "newcomer" in stages:
            judged = here.where(_STANDING.c.stage != "left")
            stands = or_(
                stands,
                and_(
                    _STAY.c.joined_at >= wanted.stands.joined_since,
                    _STAY.c.member.not_in(judged),
                ),
            )
        yield stands
    if wanted.values:
        yield _STAY.c.member.in_(here.where(_STANDING.c.value.in_(wanted.values)))
    if wanted.rfm is not None:
        scores = (_STANDING.c.r, _STANDING.c.f, _STANDING.c.m)
        for score, asked in zip(scores, wanted.rfm, strict=True):
            if asked is not None:
                here = here.where(score.between(*asked))
        yield _STAY.c.member.in_(here)


def counted(community: str, first: date) -> Select[tuple[str]]:
    """Rollups of actions that show a member taking part, from a local day on."""
    return select(_DAILY.c.member).where(
        _DAILY.c.community == community,
        _DAILY.c.day >= first,
        _DAILY.c.kind.not_in(BESIDES),
    )


def played(community: str, since: datetime, game: str | None) -> Select[tuple[str]]:
    """A row for each round that a member took part in, of one game or of any."""
    rounds = select(_PLAYER.c.member).where(_PLAYER.c.community == community, _PLAYER.c.at >= since)
    if game is None:
        return rounds
    return rounds.join(_SESSION, _SESSION.c.id == _PLAYER.c.session).where(_SESSION.c.game == game)


def right(community: str, first: date) -> Select[tuple[str]]:
    """Rollups of right answers from a local day on."""
    return select(_RIGHT.c.member).where(_RIGHT.c.community == community, _RIGHT.c.day >= first)


def answers(community: str, step: str) -> Select[tuple[str]]:
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


def sent(community: str, step: str | None) -> Select[tuple[str, datetime]]:
    """(member, when) of the private messages by which a community's RM wrote to present members,
    of one step or of any."""
    present = select(_STAY.c.member).where(
        _STAY.c.community == community, _STAY.c.left_at.is_(None)
    )
    query = select(_SENT.c.member, _SENT.c.at).where(
        _SENT.c.member.in_(present),
        _SENT.c.occurrence.endswith(f"/{community}", autoescape=True),
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


def _written(community: str, asked: WrittenTo) -> Select[tuple[str]]:
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


def _acted(community: str, since: datetime, recently: ColumnElement[bool]) -> Select[tuple[str]]:
    """Who did something recently; `since` bounds the days that are looked at."""
    # A local day may begin up to fourteen hours before the UTC one of the same date.
    return counted(community, since.date() - timedelta(days=1)).where(recently)


def _between(
    member: ColumnElement[str],
    rows: Select[tuple[str]],
    count: ColumnElement[int],
    least: int,
    most: int | None,
) -> Iterator[ColumnElement[bool]]:
    """Who is nowhere in the rows has a count of nought."""
    each = rows.group_by(member)
    if least > 0:
        yield _STAY.c.member.in_(each.having(count >= least))
    if most is not None:
        yield _STAY.c.member.not_in(each.having(count > most))


def _wearing(tag: str) -> Select[tuple[str]]:
    return select(_TAG.c.member).where(_TAG.c.tag == tag, _TAG.c.removed_at.is_(None))
