"""The numbers behind a choice (`storage.selection`), of one member: why they were chosen."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Select, func, select

from storage import links, onboarding, selection
from storage.selection import Wanted
from storage.tables.gatherings import Reply
from storage.tables.people import Daily
from storage.tables.play import Player
from storage.tables.standings import RightAnswer, Standing
from storage.types import table

_DAILY = table(Daily)
_PLAYER = table(Player)
_RIGHT = table(RightAnswer)
_REPLY = table(Reply)
_STANDING = table(Standing)
LONG_AGO = timedelta(days=400)
"""How far back a last action is looked for, as far as a condition can ask."""


@dataclass(frozen=True, slots=True)
class Measure:
    """What each condition looks at; nought or None where it is not asked."""

    last_action: datetime | None
    active_days: int
    did: tuple[int, ...]
    played: int
    right: int
    answered: int | None
    clicked: int
    channel: str
    written_at: datetime | None
    reacted: bool
    stage: str
    value: str
    rfm: tuple[int, int, int]


def measure(tx: Connection, community: str, member: str, wanted: Wanted, now: datetime) -> Measure:
    """The same windows as `selection.choose`."""
    last = _last_action(tx, community, member, now)
    written_at = None if wanted.written is None else _written_at(tx, community, member, wanted)
    stands = tx.execute(
        select(*(_STANDING.c[one] for one in ("stage", "value", "r", "f", "m"))).where(
            _STANDING.c.community == community, _STANDING.c.member == member
        )
    ).first()
    stage, value, r, f, m = stands or ("", "", 0, 0, 0)
    return Measure(
        last_action=last,
        active_days=_active_days(tx, community, member, wanted),
        did=tuple(_did(tx, community, member, one) for one in wanted.did),
        played=_played(tx, community, member, wanted),
        right=_right(tx, community, member, wanted),
        answered=_answered(tx, community, member, wanted),
        clicked=_clicked(tx, community, member, wanted),
        channel=onboarding.channel_of(tx, member) if wanted.channels else "",
        written_at=written_at,
        reacted=last is not None and written_at is not None and last > written_at,
        stage=stage,
        value=value,
        rfm=(r, f, m),
    )


def _last_action(tx: Connection, community: str, member: str, now: datetime) -> datetime | None:
    days = selection.counted(community, (now - LONG_AGO).date())
    query = days.where(_DAILY.c.member == member).with_only_columns(func.max(_DAILY.c.last_at))
    found: datetime | None = tx.execute(query).scalar()
    return found


def _active_days(tx: Connection, community: str, member: str, wanted: Wanted) -> int:
    if wanted.active_days is None:
        return 0
    days = selection.counted(community, wanted.active_days[0]).where(_DAILY.c.member == member)
    return _number(tx, days.with_only_columns(func.count(_DAILY.c.day.distinct())))


def _did(
    tx: Connection, community: str, member: str, asked: tuple[str, object, int, int | None]
) -> int:
    kind, first, *_ = asked
    query = select(func.sum(_DAILY.c.n)).where(
        _DAILY.c.community == community,
        _DAILY.c.day >= first,
        _DAILY.c.member == member,
        _DAILY.c.kind == kind,
    )
    return _number(tx, query)


def _played(tx: Connection, community: str, member: str, wanted: Wanted) -> int:
    asked = wanted.played
    if asked is None:
        return 0
    rounds = selection.played(community, asked.since, asked.name)
    mine = rounds.where(_PLAYER.c.member == member)
    return _number(tx, mine.with_only_columns(func.count(_PLAYER.c.session)))


def _right(tx: Connection, community: str, member: str, wanted: Wanted) -> int:
    if wanted.right is None:
        return 0
    mine = selection.right(community, wanted.right[0]).where(_RIGHT.c.member == member)
    return _number(tx, mine.with_only_columns(func.sum(_RIGHT.c.n)))


def _answered(tx: Connection, community: str, member: str, wanted: Wanted) -> int | None:
    """The choice by which the member comes under the condition, else the latest."""
    asked = wanted.survey
    if asked is None:
        return None
    mine = selection.answers(community, asked.step).where(_REPLY.c.member == member)
    query = mine.with_only_columns(selection.choice(asked.question)).order_by(_REPLY.c.at.desc())
    found: list[int] = [one for one in tx.execute(query).scalars() if one is not None]
    fitting = [one for one in found if one in asked.choices]
    return next(iter(fitting or found), None)


def _clicked(tx: Connection, community: str, member: str, wanted: Wanted) -> int:
    asked = wanted.clicked
    if asked is None:
        return 0
    clicks = links.clicked(community, asked.since, asked.name)
    mine = clicks.where(links.CLICK.c.member == member)
    return _number(tx, mine.with_only_columns(func.count(links.CLICK.c.id)))


def _written_at(tx: Connection, community: str, member: str, wanted: Wanted) -> datetime | None:
    step = None if wanted.written is None else wanted.written.step
    messages = selection.sent(community, step).subquery()
    query = select(func.max(messages.c.at)).where(messages.c.member == member)
    found: datetime | None = tx.execute(query).scalar()
    return found


def _number(tx: Connection, query: Select[Any]) -> int:
    return int(tx.execute(query).scalar() or 0)
