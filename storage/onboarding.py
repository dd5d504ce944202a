"""How customers came: who added whom by which channel, and how far they got since."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Connection, and_, case, distinct, func, or_, select, update

from storage.rows import every, insert_new, insert_one, one, pick
from storage.tables.onboarding import Arrival
from storage.tables.people import Member, Membership
from storage.tables.play import Draw, Entrant, Player
from storage.tables.referrals import Relation
from storage.types import table

_ARRIVAL = table(Arrival)
_MEMBER = table(Member)
_STAY = table(Membership)
_RELATION = table(Relation)
_OPEN = _ARRIVAL.c.ended_at.is_(None)
STAYED = timedelta(days=7)
"""Who is still there after so long has stayed."""


@dataclass(frozen=True, slots=True)
class ArrivalRow:
    """A customer and the colleague whom they added; an empty `staff` for who came straight into a
    group."""

    id: int
    member: str
    staff: str
    channel: str
    at: datetime
    gate: str
    gate_at: datetime | None
    welcomed_at: datetime | None
    invited_at: datetime | None
    asked_in_at: datetime | None
    joined_at: datetime | None
    community: str
    nudged_at: datetime | None
    told_at: datetime | None
    ended_at: datetime | None


@dataclass(frozen=True, slots=True)
class FunnelRow:
    """How far those got who came by one channel; persons, each counted once."""

    channel: str
    """Empty: by no channel."""
    added: int
    passed: int
    """The bank knows them, or nobody asks."""
    refused: int
    """Strangers: not the bank's customers."""
    welcomed: int
    invited: int
    joined: int
    played: int
    drew: int
    stayed: int = 0
    """Still in the group a week after joining."""
    ripe: int = 0
    """Of whom that can be said yet: joined a week ago or longer."""


def meet(
    tx: Connection,
    member: str,
    staff: str,
    channel: str,
    at: datetime,
    gate: str,
    gate_at: datetime | None,
) -> int | None:
    """They have met; the row's id, or None if they had before and never parted. Who is in a group
    already has joined. Callbacks come out of order: they may have parted since."""
    values = {
        "member": member,
        "staff": staff,
        "channel": channel,
        "at": at,
        "gate": gate,
        "gate_at": gate_at,
        "ended_at": _ended(tx, member, staff, at),
    }
    id = insert_one(tx, _ARRIVAL, values)
    if id is None:
        return None
    here = select(_STAY.c.community, _STAY.c.joined_at).where(
        _STAY.c.member == member, _STAY.c.left_at.is_(None)
    )
    there = tx.execute(here.order_by(_STAY.c.joined_at, _STAY.c.id).limit(1)).first()
    if there is not None:
        joined(tx, there.community, member, max(at, there.joined_at))
    return int(id)


def _ended(tx: Connection, member: str, staff: str, at: datetime) -> datetime | None:
    query = select(_RELATION.c.ended_at).where(
        _RELATION.c.member == member, _RELATION.c.staff == staff, _RELATION.c.ended_at >= at
    )
    ended: datetime | None = tx.execute(query).scalar()
    return ended


def part(tx: Connection, member: str, staff: str, at: datetime) -> None:
    """They are contacts no longer."""
    tx.execute(
        update(_ARRIVAL)
        .where(_ARRIVAL.c.member == member, _ARRIVAL.c.staff == staff, _OPEN, _ARRIVAL.c.at <= at)
        .values(ended_at=at)
    )


def joined(tx: Connection, community: str, member: str, at: datetime) -> None:
    """The member is in a community: for everyone who met them and waits for that."""
    tx.execute(
        update(_ARRIVAL)
        .where(_ARRIVAL.c.member == member, _ARRIVAL.c.joined_at.is_(None), _OPEN)
        .values(joined_at=at, community=community)
    )


def judge(tx: Connection, member: str, verdict: str, at: datetime) -> list[ArrivalRow]:
    """The gate has answered `yes` or `no`: those whose arrival this changes, as they are now;
    their colleagues have to be told."""
    changed = update(_ARRIVAL).where(
        _ARRIVAL.c.member == member, _OPEN, _ARRIVAL.c.gate.not_in([verdict, "none"])
    )
    values = changed.values(gate=verdict, gate_at=at, told_at=None)
    ids = tx.execute(values.returning(_ARRIVAL.c.id)).scalars()
    query = pick(_ARRIVAL, ArrivalRow).where(_ARRIVAL.c.id.in_(sorted(ids)))
    return every(tx, query.order_by(_ARRIVAL.c.id), ArrivalRow)


def welcomed(tx: Connection, member: str, staff: str, at: datetime) -> None:
    """The first words have gone out."""
    _mark(tx, member, staff, welcomed_at=at)


def invited(tx: Connection, member: str, staff: str, at: datetime) -> None:
    """The colleague has the invitation to pass on; a later one changes nothing."""
    _mark(tx, member, staff, invited_at=at)


def asked_in(tx: Connection, member: str, staff: str, at: datetime) -> None:
    """The customer said the keyword."""
    _mark(tx, member, staff, asked_in_at=at)


def nudged(tx: Connection, member: str, staff: str, at: datetime) -> None:
    """The colleague was reminded of them."""
    _mark(tx, member, staff, nudged_at=at)


def told(tx: Connection, id: int, at: datetime) -> None:
    """The colleague knows what comes next."""
    tx.execute(update(_ARRIVAL).where(_ARRIVAL.c.id == id).values(told_at=at))


def untold(tx: Connection, limit: int) -> list[ArrivalRow]:
    """Those through the gate, or turned away, of whom the colleague was told nothing yet."""
    query = pick(_ARRIVAL, ArrivalRow).where(
        _ARRIVAL.c.told_at.is_(None), _OPEN, _ARRIVAL.c.gate != "waiting"
    )
    return every(tx, query.order_by(_ARRIVAL.c.at, _ARRIVAL.c.id).limit(limit), ArrivalRow)


def _mark(tx: Connection, member: str, staff: str, **value: datetime) -> None:
    (name,) = value
    tx.execute(
        update(_ARRIVAL)
        .where(
            _ARRIVAL.c.member == member,
            _ARRIVAL.c.staff == staff,
            _OPEN,
            _ARRIVAL.c[name].is_(None),
        )
        .values(**value)
    )


def open_arrival(tx: Connection, member: str, staff: str) -> ArrivalRow | None:
    """How far a customer got since they added this colleague; None: they are no contacts."""
    query = pick(_ARRIVAL, ArrivalRow).where(
        _ARRIVAL.c.member == member, _ARRIVAL.c.staff == staff, _OPEN
    )
    return one(tx, query, ArrivalRow)


def called(
    tx: Connection, staff: Collection[str], name: str, limit: int
) -> list[tuple[ArrivalRow, str]]:
    """(Arrival, name) of the contacts of these colleagues whose name contains `name`, newest
    first."""
    query = (
        pick(_ARRIVAL, ArrivalRow)
        .add_columns(_MEMBER.c.name)
        .join(_MEMBER, _MEMBER.c.id == _ARRIVAL.c.member)
        .where(
            _ARRIVAL.c.staff.in_(staff),
            _OPEN,
            or_(_MEMBER.c.name.contains(name, autoescape=True), _ARRIVAL.c.member == name),
        )
        .order_by(_ARRIVAL.c.at.desc(), _ARRIVAL.c.id.desc())
        .limit(limit)
    )
    return [(ArrivalRow(*row[:-1]), row[-1]) for row in tx.execute(query)]


def silent(tx: Connection, channel: str, staff: Sequence[str], until: datetime) -> list[ArrivalRow]:
    """Who was added by `until`, may come in, has not, and of whom nobody was reminded."""
    query = pick(_ARRIVAL, ArrivalRow).where(
        _ARRIVAL.c.staff.in_(staff),
        _ARRIVAL.c.channel == channel,
        _OPEN,
        _ARRIVAL.c.at <= until,
        _ARRIVAL.c.gate.in_(["none", "yes"]),
        _ARRIVAL.c.joined_at.is_(None),
        _ARRIVAL.c.nudged_at.is_(None),
    )
    return every(tx, query.order_by(_ARRIVAL.c.at, _ARRIVAL.c.id), ArrivalRow)


def names(tx: Connection, members: Collection[str]) -> dict[str, str]:
    """What these are called, as far as it is known."""
    query = select(_MEMBER.c.id, _MEMBER.c.name).where(_MEMBER.c.id.in_(members))
    return {id: name for id, name in tx.execute(query) if name}


def name(tx: Connection, member: str, called: str, at: datetime) -> None:
    """What a contact is called, who may be in no community."""
    insert_new(tx, _MEMBER, [{"id": member, "name": called, "first_seen": at}])
    tx.execute(update(_MEMBER).where(_MEMBER.c.id == member).values(name=called))


def channel_of(tx: Connection, member: str) -> str:
    """The channel by which a member came last: of their latest arrival that has one, else the
    state that WeCom keeps with the relation; empty when nobody knows."""
    latest = (
        select(_ARRIVAL.c.channel)
        .where(_ARRIVAL.c.member == member, _ARRIVAL.c.channel != "")
        .order_by(_ARRIVAL.c.at.desc(), _ARRIVAL.c.id.desc())
        .limit(1)
    )
    kept = (
        select(_RELATION.c.state)
        .where(_RELATION.c.member == member, _RELATION.c.state != "")
        .order_by(_RELATION.c.since.desc())
        .limit(1)
    )
    return tx.execute(latest).scalar() or tx.execute(kept).scalar() or ""


def funnel(tx: Connection, since: datetime, until: datetime) -> list[FunnelRow]:
    """How far those got until `until` who were added in [since, until), by channel; the largest
    first. Deeds count from the instant of adding."""
    who = _ARRIVAL.c.member
    in_group = _before(_ARRIVAL.c.joined_at, until)
    query = (
        select(
            _ARRIVAL.c.channel,
            _persons(who == who),
            _persons(_ARRIVAL.c.gate.in_(["none", "yes"])),
            _persons(_ARRIVAL.c.gate == "no"),
            _persons(_before(_ARRIVAL.c.welcomed_at, until)),
            _persons(_before(_ARRIVAL.c.invited_at, until)),
            _persons(in_group),
            _persons(and_(in_group, _did(Player, "at", until))),
            _persons(
                and_(in_group, or_(_did(Draw, "drawn_at", until), _did(Entrant, "at", until)))
            ),
        )
        .where(_ARRIVAL.c.at >= since, _ARRIVAL.c.at < until)
        .group_by(_ARRIVAL.c.channel)
        .order_by(func.count(distinct(who)).desc(), _ARRIVAL.c.channel)
    )
    ripe, stayed = _stays(tx, since, until)
    return [
        replace(one, stayed=len(stayed.get(one.channel, ())), ripe=len(ripe.get(one.channel, ())))
        for one in every(tx, query, FunnelRow)
    ]


def _before(column: ColumnElement[datetime | None], until: datetime) -> ColumnElement[bool]:
    return and_(column.is_not(None), column < until)


def _persons(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return func.count(distinct(case((condition, _ARRIVAL.c.member))))


def _did(what: type[Player | Draw | Entrant], at: str, until: datetime) -> ColumnElement[bool]:
    deed = table(what)
    return (
        select(deed.c.member)
        .where(deed.c.member == _ARRIVAL.c.member, deed.c[at] >= _ARRIVAL.c.at, deed.c[at] < until)
        .exists()
    )


def _stays(
    tx: Connection, since: datetime, until: datetime
) -> tuple[dict[str, set[str]], dict[str, set[str]]]:
    """By channel: who joined a week or longer before `until`, and who of them was there the whole
    first week."""
    query = (
        select(_ARRIVAL.c.channel, _ARRIVAL.c.member, _ARRIVAL.c.joined_at, _STAY.c.left_at)
        .outerjoin(
            _STAY,
            and_(
                _STAY.c.member == _ARRIVAL.c.member,
                _STAY.c.community == _ARRIVAL.c.community,
                _STAY.c.left_at > _ARRIVAL.c.joined_at,
            ),
        )
        .where(
            _ARRIVAL.c.at >= since, _ARRIVAL.c.at < until, _ARRIVAL.c.joined_at <= until - STAYED
        )
    )
    ripe: dict[str, set[str]] = {}
    gone: dict[str, set[str]] = {}
    for channel, member, joined_at, left_at in tx.execute(query):
        ripe.setdefault(channel, set()).add(member)
        if left_at is not None and left_at <= joined_at + STAYED:
            gone.setdefault(channel, set()).add(member)
    return ripe, {one: members - gone.get(one, set()) for one, members in ripe.items()}
