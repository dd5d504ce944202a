"""What the core may ask. Answers come from the transaction that the effects will join."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Protocol
from zoneinfo import ZoneInfo

from sop.assist_ports import AssistFacts
from sop.community import Community, Member, Staff
from sop.deck_ports import DeckFacts
from sop.draws.deck import PrizeCard as PrizeCard
from sop.follow_up_ports import FollowUps
from sop.links_ports import LinkFacts
from sop.onboarding_ports import OnboardingFacts
from sop.payout_ports import PayoutFacts
from sop.points_ports import PointsFacts
from sop.privacy_ports import PrivacyFacts
from sop.question_ports import QuestionFacts
from sop.referral_ports import Referrals
from sop.segment import Conditions
from sop.standing_ports import StandingFacts
from sop.summary.period import Period


@dataclass(frozen=True, slots=True)
class GameSession:
    """A running round."""

    id: int
    community: str
    game: str
    options: dict[str, Any]
    rewards: dict[str, Any] | None
    state: dict[str, Any]
    version: int
    seed: str
    started_at: datetime
    next_at: datetime | None
    occurrence: str | None


@dataclass(frozen=True, slots=True)
class OccurrenceFacts:
    """What became of an occurrence."""

    identity: str
    due_at: datetime
    status: str
    reason: str
    ran_at: datetime | None
    confirmed_at: datetime | None


@dataclass(frozen=True, slots=True)
class GatheringFacts:
    """An open call, or one that was closed lately."""

    id: int
    community: str
    kind: str
    occurrence: str
    options: dict[str, Any]
    phase: str
    seed: str
    quiet_hours: str | None
    opened_at: datetime
    next_at: datetime | None
    closes_at: datetime
    closed_at: datetime | None


@dataclass(frozen=True, slots=True)
class ReplyFacts:
    """What one member replied to a gathering, as it stands."""

    member: str
    name: str
    value: dict[str, Any]
    at: datetime
    """Of the first reply."""


@dataclass(frozen=True, slots=True)
class Contribution:
    """How much a member took part."""

    member: Member
    days: int
    """Days with an action."""
    actions: int


class Facts(Protocol):
    """Read-only questions, answered inside the current transaction."""

    @property
    def decks(self) -> DeckFacts:
        """About decks and draws."""

    def communities(self) -> Sequence[Community]: ...
    def community(self, community: str) -> Community | None: ...
    def community_of_chat(self, chat_id: str) -> Community | None: ...
    def page_link(self, community: str, now: datetime) -> str:
        """A signed address of the member page, good for 48 hours; empty without a page."""

    def staff(self, userid: str) -> Staff | None: ...
    def is_staff(self, person: str) -> bool:
        """Whether somebody is a colleague, or the customer account of one."""

    def managers(self) -> Sequence[Staff]: ...

    @property
    def weeks_are_sent(self) -> bool:
        """Whether managers and RMs are sent every week that is over by itself (`summary:` of the
        configuration)."""

    def operators(self) -> Sequence[Staff]: ...
    def reviewers(self) -> Sequence[Staff]: ...
    def admins(self) -> Sequence[Staff]: ...

    def member(self, community: str, member: str) -> Member | None:
        """The membership, present or past; None if never there."""

    def communities_of(self, member: str) -> Collection[str]:
        """Ids of the communities where a member is present."""

    def is_customer(self, member: str) -> bool:
        """Whether any colleague has the member as a contact."""

    def find_members(self, communities: Sequence[str], name: str) -> Sequence[Member]:
        """Present members whose name contains `name`, at most 10, by name."""

    def member_count(self, community: str) -> int: ...
    def played_since(self, community: str, member: str, since: datetime) -> bool: ...
    def posts_on(self, community: str, day: date) -> int:
        """Planned steps for the group that ran on this local day (for the daily cap)."""

    def posts_in_month(self, community: str, day: date) -> int:
        """The same in this day's month (for the monthly ceiling)."""

    def used_items(self, community: str, list: str) -> Sequence[str]:
        """Ids of the list's items that this community has had, oldest first."""

    def joined_on(self, community: str, day: date) -> Sequence[Member]:
        """Present members whose stay began on this local day, by the order of joining."""

    def choose(self, community: str, conditions: Conditions, now: datetime) -> Sequence[Member]:
        """Present members of whom every condition holds, by name."""

    def last_written(self, community: str) -> Mapping[str, datetime]:
        """When present members were last written to privately; the others are left out."""

    def times_written(self, community: str, since: datetime) -> Mapping[str, int]:
        """How often present members were written to privately since an instant, by any plan; who
        was not is left out."""

    def followed_up(self, community: str, step: str) -> Collection[str]:
        """Members whom a step (`plan/step`) gave the RM to follow up, and who still wait."""

    def most_active(self, community: str, since: date) -> Sequence[Contribution]:
        """Present members who did something since a local day, best first."""

    def wearing(self, community: str, tag: str) -> Mapping[str, str]:
        """Present members that wear a label, with who put it on."""

    def taken_off(self, community: str, tag: str, since: datetime) -> Mapping[str, Collection[str]]:
        """Present members that lost a label since an instant, with everybody who took it off."""

    def expired_labels(self, community: str, day: date) -> Sequence[tuple[str, str, str]]:
        """(member, label, who put it on) of present members' labels whose last day has come."""

    def occurrence(self, identity: str) -> OccurrenceFacts | None: ...

    def stamped(self, plan: str, step: str, hash: str) -> bool:
        """Whether a reviewer's stamp for exactly this content counts."""

    @property
    def follow_ups(self) -> FollowUps: ...
    @property
    def links(self) -> LinkFacts: ...
    @property
    def assist(self) -> AssistFacts: ...
    @property
    def onboarding(self) -> OnboardingFacts: ...
    @property
    def payouts(self) -> PayoutFacts: ...
    @property
    def points(self) -> PointsFacts: ...
    @property
    def privacy(self) -> PrivacyFacts: ...
    @property
    def referrals(self) -> Referrals: ...
    @property
    def questions(self) -> QuestionFacts: ...
    @property
    def standings(self) -> StandingFacts: ...

    def running_game(self, community: str) -> GameSession | None:
        """The round that wants the group's attention."""

    def running_games(self, community: str) -> Sequence[GameSession]:
        """That one first, then the quiet rounds beside it (`sop.game.Quiet`), oldest first."""

    def pool_left(self, pool: str, budget_fen: int) -> int:
        """Fen of the pool not yet committed."""

    def tags(self, member: str) -> Sequence[tuple[str, str]]:
        """(tag, reason) pairs."""

    def checked_in(self, community: str, member: str, day: date) -> bool: ...
    def check_in_days(self, community: str, member: str, since: date) -> int:
        """On how many local days a member checked in, `since` included."""

    def answered(self, community: str, member: str, step: str) -> bool:
        """Whether a member has replied to a gathering of a step (`plan/step`); known for 30 days
        after its end."""

    def check_ins(self, community: str, day: date) -> Sequence[tuple[str, str]]:
        """(member, name) of the present members who checked in on this local day, the earliest
        first."""

    def gatherings(self, community: str, closed_since: datetime) -> Sequence[GatheringFacts]:
        """Gatherings that are open or were closed since then, newest first."""

    def reply(self, gathering: int, member: str) -> dict[str, Any] | None:
        """What a member has replied so far."""

    def reply_count(self, gathering: int) -> int:
        """How many ever replied, those who left included."""

    def replies(self, gathering: int) -> Sequence[ReplyFacts]:
        """The replies of present members, staff left out, in the order of their first."""

    def payable_on(self, drawn_on: date, working_days: int) -> date:
        """Chinese working days after a date; raises `sop.workdays.UnknownYear`."""

    def period(
        self, communities: Sequence[str], monday: date, zone: ZoneInfo, scope: str
    ) -> Period:
        """The week that begins on `monday` in `zone`, persons distinct across these communities,
        with the weeks before it; `scope` is what people call them together."""
