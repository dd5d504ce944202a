"""What the core may ask about personal invitations and who came by them."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol


@dataclass(frozen=True, slots=True)
class InvitationFacts:
    """A member's own way into a community."""

    code: str
    community: str
    member: str
    status: str
    """wanted, ready or failed."""
    qr_code: str
    """Address of the picture; empty until it is ready."""


@dataclass(frozen=True, slots=True)
class ReferralFacts:
    """Somebody who came by an invitation."""

    id: int
    community: str
    inviter: str
    invited: str
    status: str
    """waiting, held, credited or refused."""
    reason: str
    day: date
    """Local date of joining."""
    joined_at: datetime


class Referrals(Protocol):
    """Reached as `Facts.referrals`."""

    def credited(self, member: str, since: datetime) -> int:
        """How many came by a member's invitation since an instant and were credited."""

    def inviter_of(self, member: str) -> str | None:
        """Who brought a member, whether it counts or not."""

    def invitation(self, community: str, member: str) -> InvitationFacts | None: ...
    def invitation_of(self, code: str) -> InvitationFacts | None: ...

    def of(self, inviter: str) -> Sequence[ReferralFacts]:
        """Everybody who came by a member's invitations, oldest first."""

    def waiting(self, community: str, joined_until: datetime) -> Sequence[ReferralFacts]:
        """Who waits in a community and joined by then, oldest first."""

    def recorded(self, community: str) -> Collection[str]:
        """Everybody whose coming by an invitation was written down."""

    def been_elsewhere(self, member: str, community: str) -> bool:
        """Whether a member is or was in any community, the present stay in this one left out."""
