"""What the core may ask about follow-ups."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, slots=True)
class FollowUpFacts:
    """A task for an RM about one member."""

    id: int
    """The number that people type."""
    key: str
    community: str
    member: str
    name: str
    """How the member is called, unmasked; empty when never told."""
    staff: str
    reason: str
    due_at: datetime
    created_at: datetime
    done_at: datetime | None
    """When it was done or dropped."""
    done_by: str | None
    planned_for: datetime
    """When it was due before anybody put it off."""
    priority: int
    script: str
    source: str
    """rule, step, command, link, silence."""
    status: str
    """open, done, dropped."""
    result: str
    remind_at: datetime | None
    handed_from: str | None
    escalated_at: datetime | None


class FollowUps(Protocol):
    """Reached as `Facts.follow_ups`."""

    def numbered(self, id: int) -> FollowUpFacts | None:
        """A task by its number, whatever became of it."""

    def of(self, staff: str) -> Sequence[FollowUpFacts]:
        """What a colleague still has to do, most important first, then most urgent."""

    def of_member(self, member: str, communities: Sequence[str]) -> Sequence[FollowUpFacts]:
        """Everything about a member in these communities: the open ones first, then the latest."""

    def open_in(self, community: str) -> Sequence[FollowUpFacts]:
        """What is still to be done in a community."""

    def every_open(self) -> Sequence[FollowUpFacts]:
        """What is still to be done by anybody, by colleague and due time."""

    def lately(self, rule: str, since: datetime) -> Collection[str]:
        """Members who have any open task, or whose last one by this rule ended since then."""

    def rm_of(self, community: str, member: str) -> str:
        """Who follows a member up: of the RMs who have them as a contact the community's owner,
        else the one who has had them longest; the owner where there is none."""

    def friends_of(self, member: str) -> Sequence[str]:
        """The colleagues who have a member as a contact, the one of longest standing first."""
