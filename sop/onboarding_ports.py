"""What the core may ask about how customers came; part of `sop.ports.Facts`."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, slots=True)
class ArrivalFacts:
    """A customer and the colleague whom they added, and how far it got."""

    id: int
    member: str
    name: str
    """Empty while nobody knows it."""
    staff: str
    """Empty for who came straight into a group."""
    channel: str
    at: datetime
    gate: str
    """`none` (nobody asks), `waiting`, `yes`, `no`."""
    invited_at: datetime | None
    joined_at: datetime | None
    community: str
    """Where they joined."""


class OnboardingFacts(Protocol):
    """Read-only questions about channels, arrivals and the gate."""

    def gate(self, member: str) -> str:
        """Whether the bank knows somebody: `yes`, `no`, `waiting` while it has not said; `none`
        where nobody asks."""

    def channel_of(self, member: str) -> str:
        """The channel by which a member came last; empty: nobody knows."""

    def arrival(self, member: str, staff: str) -> ArrivalFacts | None:
        """The two as contacts; None if they are none, or were before anybody kept count."""

    def silent(self, channel: str, staff: Sequence[str], until: datetime) -> Sequence[ArrivalFacts]:
        """Who added one of these colleagues by `until`, may come in and has not, and of whom
        nobody was reminded."""

    def way_in(self, channel: str, community: str) -> str:
        """The address of the QR code by which a channel's customers join a community; empty while
        there is none."""
