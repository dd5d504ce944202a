"""What is known of winners when their prizes fall due."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, select

from storage.rows import every
from storage.tables.money import Award
from storage.tables.people import Member, Membership
from storage.tables.referrals import Referral
from storage.types import table

_AWARD = table(Award)
_MEMBER = table(Member)
_REFERRAL = table(Referral)
_STAY = table(Membership)
_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class WinnerRow:
    """A prize, its winner's latest stay in the community, and who brought the winner there."""

    order_no: str
    source: str
    member: str
    community: str
    name: str | None
    joined_at: datetime | None
    left_at: datetime | None
    inviter: str | None


def of_orders(tx: Connection, orders: Sequence[str]) -> list[WinnerRow]:
    """The winners of these orders, by order number."""
    stays = _STAY.alias()
    latest = (
        select(func.max(stays.c.id))
        .where(stays.c.community == _AWARD.c.community, stays.c.member == _AWARD.c.member)
        .correlate(_AWARD)
        .scalar_subquery()
    )
    inviter = (
        select(func.max(_REFERRAL.c.inviter))
        .where(_REFERRAL.c.community == _AWARD.c.community, _REFERRAL.c.invited == _AWARD.c.member)
        .correlate(_AWARD)
        .scalar_subquery()
    )
    query = (
        select(
            _AWARD.c.order_no,
            _AWARD.c.source,
            _AWARD.c.member,
            _AWARD.c.community,
            _MEMBER.c.name,
            _STAY.c.joined_at,
            _STAY.c.left_at,
            inviter,
        )
        .join_from(_AWARD, _MEMBER, _MEMBER.c.id == _AWARD.c.member, isouter=True)
        .join(_STAY, _STAY.c.id == latest, isouter=True)
        .order_by(_AWARD.c.order_no)
    )
    found: list[WinnerRow] = []
    for start in range(0, len(orders), _AT_ONCE):
        part = query.where(_AWARD.c.order_no.in_(orders[start : start + _AT_ONCE]))
        found += every(tx, part, WinnerRow)
    return found


def by_inviter(tx: Connection, source: str, inviters: Sequence[str]) -> dict[str, int]:
    """How many winners of a source each of these inviters brought."""
    query = (
        select(_REFERRAL.c.inviter, func.count(_AWARD.c.member.distinct()))
        .join_from(
            _AWARD,
            _REFERRAL,
            (_REFERRAL.c.invited == _AWARD.c.member)
            & (_REFERRAL.c.community == _AWARD.c.community),
        )
        .where(_AWARD.c.source == source, _REFERRAL.c.inviter.in_(inviters))
        .group_by(_REFERRAL.c.inviter)
    )
    return {inviter: int(count) for inviter, count in tx.execute(query)}


def by_name(tx: Connection, source: str, names: Sequence[str]) -> dict[str, int]:
    """How many winners of a source bear each of these names."""
    query = (
        select(_MEMBER.c.name, func.count(_AWARD.c.member.distinct()))
        .join_from(_AWARD, _MEMBER, _MEMBER.c.id == _AWARD.c.member)
        .where(_AWARD.c.source == source, _MEMBER.c.name.in_(names))
        .group_by(_MEMBER.c.name)
    )
    return {name: int(count) for name, count in tx.execute(query)}


def joins(tx: Connection, community: str, start: datetime, end: datetime) -> list[datetime]:
    """When people joined a community in [start, end], in order, those who left included."""
    query = select(_STAY.c.joined_at).where(
        _STAY.c.community == community, _STAY.c.joined_at >= start, _STAY.c.joined_at <= end
    )
    return list(tx.execute(query.order_by(_STAY.c.joined_at)).scalars())
