"""What happens to those who come by a channel; `sop.effects` names these beside all others."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class MeetCustomer:
    """A customer added a colleague, or came straight into a group (then `staff` is empty)."""

    member: str
    staff: str
    channel: str
    """The `state` of the way by which they came; empty for any other way."""
    at: datetime


@dataclass(frozen=True, slots=True)
class PartCustomer:
    """They are contacts no longer."""

    member: str
    staff: str
    at: datetime


@dataclass(frozen=True, slots=True)
class GreetCustomer:
    """The first words to a new contact, which WeCom takes until `expires_at`."""

    code: str
    """WelcomeCode: good once."""
    text: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class HearKeyword:
    """A customer said the word that asks for the way into the group."""

    member: str
    staff: str


@dataclass(frozen=True, slots=True)
class InviteCustomer:
    """The colleague has the invitation to pass on."""

    member: str
    staff: str


@dataclass(frozen=True, slots=True)
class NudgeCustomer:
    """The colleague is reminded of somebody who has not come in."""

    member: str
    staff: str


@dataclass(frozen=True, slots=True)
class SettleLead:
    """What came of a lead: waiting, unanswered, added or refused."""

    lead: int
    status: str
    note: str
    member: str | None


@dataclass(frozen=True, slots=True)
class ToldOfCustomer:
    """The colleague knows what comes next."""

    arrival: int
