"""What shall be done about contacts, personal invitations and who came by them. Part of
`sop.effects`."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class BecomeContact:
    """A member and a colleague became contacts."""

    staff: str
    member: str
    state: str = ""
    half: bool = False
    """Only the customer has added the other."""
    at: datetime | None = None
    """When it happened; None: now."""


@dataclass(frozen=True, slots=True)
class EndContact:
    """They are contacts no longer."""

    staff: str
    member: str
    at: datetime | None = None
    """When it happened; None: now."""


@dataclass(frozen=True, slots=True)
class AskInvitation:
    """A member wants a way of their own into the community. It is made at WeCom later, outside of
    any transaction; the answer then goes to the conversation that the handled event came from."""

    community: str
    member: str
    code: str


@dataclass(frozen=True, slots=True)
class KeepReferral:
    """Somebody came by an invitation; a second one of the same person changes nothing."""

    community: str
    inviter: str
    invited: str
    code: str
    status: str
    """waiting, held or refused."""
    reason: str
    joined_at: datetime


@dataclass(frozen=True, slots=True)
class HoldReferrals:
    """What waits of an inviter since an instant waits for a person from now on."""

    community: str
    inviter: str
    since: datetime
    reason: str


@dataclass(frozen=True, slots=True)
class ReleaseReferrals:
    """A colleague found nothing wrong: what is held of an inviter waits for its days again."""

    community: str
    inviter: str
    by: str


@dataclass(frozen=True, slots=True)
class DismissReferrals:
    """A colleague found it wrong: what is held of an inviter does not count."""

    community: str
    inviter: str
    by: str
    reason: str


@dataclass(frozen=True, slots=True)
class CreditReferral:
    """The invited stayed long enough: the inviter is credited."""

    referral: int
    community: str
    inviter: str
    invited: str


@dataclass(frozen=True, slots=True)
class RefuseReferral:
    """It does not count; the reason is for people, in Chinese."""

    referral: int
    reason: str
