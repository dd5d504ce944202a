"""Personal invitations, and who came by them.

waiting ──► credited
   │  ▲
   ▼  │ (a colleague looks)
  held ──► refused ◄── waiting
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, func, select, update

from storage.rows import every, for_change, insert_new, insert_one, one, pick
from storage.tables.people import Membership
from storage.tables.referrals import Invitation, Referral
from storage.types import table

_INVITATION = table(Invitation)
_REFERRAL = table(Referral)
_STAY = table(Membership)


@dataclass(frozen=True, slots=True)
class InvitationRow:
    """A member's own way into a community."""

    code: str
    community: str
    member: str
    status: str
    config_id: str
    qr_code: str
    reply_to: Mapping[str, Any] | None
    attempts: int
    reason: str
    due_at: datetime


@dataclass(frozen=True, slots=True)
class ReferralRow:
    """Somebody who came by an invitation."""

    id: int
    community: str
    inviter: str
    invited: str
    status: str
    reason: str
    day: date
    joined_at: datetime


@dataclass(frozen=True, slots=True)
class InviterRow:
    """How many came by a member's invitation, and what became of them; who was refused (came
    before, is a colleague, looked organised) counts in nothing."""

    inviter: str
    came: int
    waiting: int
    held: int
    credited: int


def want(
    tx: Connection,
    code: str,
    community: str,
    member: str,
    reply_to: Mapping[str, Any] | None,
    now: datetime,
) -> None:
    """A member wants an invitation. Asked for again before it is there, the answer goes to the
    newer question; one that failed is tried again."""
    row = {"code": code, "community": community, "member": member}
    insert_new(tx, _INVITATION, [row | {"status": "wanted", "due_at": now, "created_at": now}])
    again = update(_INVITATION).where(
        _INVITATION.c.code == code, _INVITATION.c.status.in_(("wanted", "failed"))
    )
    tx.execute(again.values(status="wanted", reply_to=reply_to, due_at=now))


def invitation(tx: Connection, community: str, member: str) -> InvitationRow | None:
    """A member's invitation into a community."""
    query = pick(_INVITATION, InvitationRow).where(
        _INVITATION.c.community == community, _INVITATION.c.member == member
    )
    return one(tx, query, InvitationRow)


def invitation_of(tx: Connection, code: str) -> InvitationRow | None:
    """The invitation with a code."""
    query = pick(_INVITATION, InvitationRow).where(_INVITATION.c.code == code)
    return one(tx, query, InvitationRow)


def wanted(tx: Connection, now: datetime, limit: int) -> list[InvitationRow]:
    """Invitations for which WeCom is to be asked, longest due first."""
    query = pick(_INVITATION, InvitationRow).where(
        _INVITATION.c.status == "wanted", _INVITATION.c.due_at <= now
    )
    in_order = query.order_by(_INVITATION.c.due_at, _INVITATION.c.code)
    return every(tx, in_order.limit(limit), InvitationRow)


def next_wanted(tx: Connection) -> datetime | None:
    """When WeCom is to be asked next."""
    query = select(func.min(_INVITATION.c.due_at)).where(_INVITATION.c.status == "wanted")
    at: datetime | None = tx.execute(query).scalar()
    return at


def ready(tx: Connection, code: str, config_id: str, qr_code: str) -> InvitationRow | None:
    """WeCom has made it. The row as it was before, None if it is no longer wanted."""
    return _answered(
        tx, code, {"status": "ready", "config_id": config_id, "qr_code": qr_code, "reason": ""}
    )


def failed(tx: Connection, code: str, reason: str) -> InvitationRow | None:
    """WeCom will not make it. The row as it was before, None if it is no longer wanted."""
    return _answered(tx, code, {"status": "failed", "reason": reason})


def _answered(tx: Connection, code: str, values: Mapping[str, Any]) -> InvitationRow | None:
    query = pick(_INVITATION, InvitationRow).where(
        _INVITATION.c.code == code, _INVITATION.c.status == "wanted"
    )
    row = one(tx, for_change(tx, query), InvitationRow)
    if row is not None:
        tx.execute(
            update(_INVITATION).where(_INVITATION.c.code == code).values(**values, reply_to=None)
        )
    return row


def put_off(tx: Connection, code: str, reason: str, until: datetime) -> None:
    """WeCom gave no answer that tells: it is asked again later."""
    later = update(_INVITATION).where(_INVITATION.c.code == code, _INVITATION.c.status == "wanted")
    tx.execute(later.values(due_at=until, reason=reason, attempts=_INVITATION.c.attempts + 1))


def keep(
    tx: Connection,
    *,
    community: str,
    inviter: str,
    invited: str,
    code: str,
    status: str,
    reason: str,
    day: date,
    joined_at: datetime,
) -> bool:
    """Writes down who came by whose invitation. False if it was written before."""
    row = {
        "community": community,
        "inviter": inviter,
        "invited": invited,
        "code": code,
        "status": status,
        "reason": reason,
        "day": day,
        "joined_at": joined_at,
    }
    return insert_one(tx, _REFERRAL, row) is not None


def of(tx: Connection, inviter: str) -> list[ReferralRow]:
    """Everybody who came by a member's invitations, oldest first."""
    query = pick(_REFERRAL, ReferralRow).where(_REFERRAL.c.inviter == inviter)
    return every(tx, query.order_by(_REFERRAL.c.joined_at, _REFERRAL.c.id), ReferralRow)


def of_invited(tx: Connection, invited: str) -> list[ReferralRow]:
    """How a person came, by community, the earliest first."""
    query = pick(_REFERRAL, ReferralRow).where(_REFERRAL.c.invited == invited)
    return every(tx, query.order_by(_REFERRAL.c.joined_at, _REFERRAL.c.id), ReferralRow)


def waiting(tx: Connection, community: str, joined_until: datetime) -> list[ReferralRow]:
    """Who waits in a community and joined by then, oldest first."""
    query = pick(_REFERRAL, ReferralRow).where(
        _REFERRAL.c.community == community,
        _REFERRAL.c.status == "waiting",
        _REFERRAL.c.joined_at <= joined_until,
    )
    in_order = query.order_by(_REFERRAL.c.joined_at, _REFERRAL.c.id)
    return every(tx, for_change(tx, in_order), ReferralRow)


def recorded(tx: Connection, community: str) -> set[str]:
    """Everybody whose coming into a community by an invitation was written down."""
    query = select(_REFERRAL.c.invited).where(_REFERRAL.c.community == community)
    return set(tx.execute(query).scalars())


def credited(tx: Connection, inviter: str, since: datetime) -> int:
    """How many joined by a member's invitation since an instant and were credited."""
    query = select(func.count()).where(
        _REFERRAL.c.inviter == inviter,
        _REFERRAL.c.status == "credited",
        _REFERRAL.c.joined_at >= since,
    )
    return tx.execute(query).scalar_one()


def been_elsewhere(tx: Connection, member: str, community: str) -> bool:
    """Whether a member is or was in any community, the present stay in this one left out."""
    this_one = (_STAY.c.community == community) & _STAY.c.left_at.is_(None)
    query = select(_STAY.c.id).where(_STAY.c.member == member, ~this_one)
    return tx.execute(query.limit(1)).first() is not None


def settle(tx: Connection, referral: int, status: str, reason: str, now: datetime) -> bool:
    """What waits is credited or refused. False if it waits no longer."""
    change = update(_REFERRAL).where(_REFERRAL.c.id == referral, _REFERRAL.c.status == "waiting")
    values = {"status": status, "reason": reason, "settled_at": now}
    return tx.execute(change.values(values)).rowcount == 1


def hold(tx: Connection, community: str, inviter: str, since: datetime, reason: str) -> int:
    """What waits of an inviter since an instant waits for a person. Returns how many."""
    change = update(_REFERRAL).where(
        _REFERRAL.c.community == community,
        _REFERRAL.c.inviter == inviter,
        _REFERRAL.c.joined_at >= since,
        _REFERRAL.c.status == "waiting",
    )
    return tx.execute(change.values(status="held", reason=reason)).rowcount


def decide(
    tx: Connection, community: str, inviter: str, status: str, reason: str, now: datetime
) -> int:
    """A colleague looked at what is held of an inviter: it waits again, or is refused."""
    change = update(_REFERRAL).where(
        _REFERRAL.c.community == community,
        _REFERRAL.c.inviter == inviter,
        _REFERRAL.c.status == "held",
    )
    settled_at = None if status == "waiting" else now
    values = {"status": status, "reason": reason, "settled_at": settled_at}
    return tx.execute(change.values(values)).rowcount


def inviters(tx: Connection, community: str, limit: int | None = None) -> list[InviterRow]:
    """Who brought others into a community, by those credited, then by those who came."""

    def count(status: str) -> Any:
        return func.count().filter(_REFERRAL.c.status == status)

    query = (
        select(
            _REFERRAL.c.inviter, func.count(), count("waiting"), count("held"), count("credited")
        )
        .where(_REFERRAL.c.community == community, _REFERRAL.c.status != "refused")
        .group_by(_REFERRAL.c.inviter)
        .order_by(count("credited").desc(), func.count().desc(), _REFERRAL.c.inviter)
    )
    return every(tx, query.limit(limit), InviterRow)
