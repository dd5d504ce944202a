"""Answers to the core's questions about invitations (`sop.referral_ports`), read from rows."""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import Connection

from sop.referral_ports import InvitationFacts, ReferralFacts
from storage import referrals


class SqlReferralFacts:
    """One transaction's view."""

    def __init__(self, tx: Connection) -> None:
        self._tx = tx

    def credited(self, member: str, since: datetime) -> int:
        return referrals.credited(self._tx, member, since)

    def inviter_of(self, member: str) -> str | None:
        rows = referrals.of_invited(self._tx, member)
        return rows[0].inviter if rows else None

    def invitation(self, community: str, member: str) -> InvitationFacts | None:
        return _invitation(referrals.invitation(self._tx, community, member))

    def invitation_of(self, code: str) -> InvitationFacts | None:
        return _invitation(referrals.invitation_of(self._tx, code))

    def of(self, inviter: str) -> Sequence[ReferralFacts]:
        return [_referral(row) for row in referrals.of(self._tx, inviter)]

    def waiting(self, community: str, joined_until: datetime) -> Sequence[ReferralFacts]:
        rows = referrals.waiting(self._tx, community, joined_until)
        return [_referral(row) for row in rows]

    def recorded(self, community: str) -> Collection[str]:
        return referrals.recorded(self._tx, community)

    def been_elsewhere(self, member: str, community: str) -> bool:
        return referrals.been_elsewhere(self._tx, member, community)


def _invitation(row: referrals.InvitationRow | None) -> InvitationFacts | None:
    if row is None:
        return None
    return InvitationFacts(row.code, row.community, row.member, row.status, row.qr_code)


def _referral(row: referrals.ReferralRow) -> ReferralFacts:
    return ReferralFacts(
        row.id,
        row.community,
        row.inviter,
        row.invited,
        row.status,
        row.reason,
        row.day,
        row.joined_at,
    )
