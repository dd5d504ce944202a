"""The counts of one week, before any ratio is taken.

A week is Monday 00:00 to Sunday 24:00 in a zone. Every count is over the communities asked for;
persons are distinct across them; staff are in none. Money is fen.
"""

from dataclasses import dataclass
from datetime import date

SILENT_DAYS = 14
"""No counted action for this many days makes a member silent (product.md, 沉默成员)."""


@dataclass(frozen=True, slots=True)
class StepFigures:
    """One step on one day, over all communities of the scope."""

    plan: str
    step: str
    title: str
    """What people call it (`掷骰子`); the step's id where the plan is gone."""
    day: date
    due: int
    """Occurrences that had to run: cancelled ones are not due."""
    executed: int
    on_time: int
    """Executed inside the window."""
    cancelled: int
    """Skipped by a person, with a reason."""
    reminded: int
    """Handed to an RM to send (assist mode)."""
    confirmed: int
    """Of these, confirmed as sent."""


@dataclass(frozen=True, slots=True)
class GameFigures:
    """One game over the week."""

    game: str
    title: str
    sessions: int
    players: int
    """Distinct persons."""
    turns: int
    """人次: persons counted once for each session."""
    reward_fen: int


@dataclass(frozen=True, slots=True)
class CampaignFigures:
    """One source of money, from its beginning to the week's end: a campaign's decks, or a pool."""

    source: str
    title: str
    budget_fen: int
    committed_fen: int
    settled_fen: int
    returned_fen: int
    winners: int
    """Distinct persons that won from it during the week."""


@dataclass(frozen=True, slots=True)
class ChannelFigures:
    """One way into the communities (`via`); empty where WeCom did not say."""

    via: str
    joins: int
    """Join events of the week."""
    present: int
    """Of the persons who joined, those still there at the week's end."""


@dataclass(frozen=True, slots=True)
class RmFigures:
    """One relationship manager's communities."""

    staff: str
    name: str
    communities: int
    due: int
    executed: int
    on_time: int
    reminded: int
    confirmed: int
    follow_ups_due: int
    follow_ups_done: int


@dataclass(frozen=True, slots=True)
class FunnelFigures:
    """Of the persons who joined in the week: how far they had come by its end."""

    joined: int
    played: int
    """Took part in a game."""
    drew: int
    """Of these, drew a card."""
    claimed: int
    """Of these, were paid."""


@dataclass(frozen=True, slots=True)
class WeekFigures:
    """Everything the summary of one week is computed from."""

    monday: date
    communities: int
    members_at_start: int
    members_at_end: int
    daily_members: tuple[int, ...]
    """Distinct members at the end of each of the seven days."""
    new: int
    """Persons whose first membership in the scope began in the week."""
    lost: int
    """Persons present at the start or joined since, and in no community at the end."""
    joins: int
    leaves: int
    wau: int
    dau: tuple[int, ...]
    """Distinct active members of each of the seven days."""
    speakers: int
    messages: int
    silent: int
    returned: int
    players: int
    funnel: FunnelFigures
    settled_fen: int
    """Paid in the week, whenever it was won."""
    follow_ups_due: int
    follow_ups_done: int
    steps: tuple[StepFigures, ...] = ()
    games: tuple[GameFigures, ...] = ()
    campaigns: tuple[CampaignFigures, ...] = ()
    channels: tuple[ChannelFigures, ...] = ()
    rms: tuple[RmFigures, ...] = ()
    targets: tuple[tuple[str, float], ...] = ()
    """(metric, value) that the plans of these communities set themselves, in the metric's unit."""
    unheard: int = 0
    """Communities of which nobody knows what members say there: speakers, messages, silent and
    returned members are counted without them."""
    heard_members_at_end: int = 0
    """Members at the end in the other communities; used only where some are unheard."""

    @property
    def anybody(self) -> bool:
        """Whether there were members at all: before the first joins there is nothing to average."""
        return bool(self.members_at_start or self.joins)

    @property
    def members_who_are_heard(self) -> int:
        """Whom a count of messages is to be divided by."""
        return self.heard_members_at_end if self.unheard else self.members_at_end

    @property
    def due(self) -> int:
        """Occurrences that had to run."""
        return sum(step.due for step in self.steps)

    @property
    def executed(self) -> int:
        """Occurrences that ran."""
        return sum(step.executed for step in self.steps)

    @property
    def on_time(self) -> int:
        """Occurrences that ran inside their window."""
        return sum(step.on_time for step in self.steps)

    @property
    def reminded(self) -> int:
        """Scripts handed to RMs."""
        return sum(step.reminded for step in self.steps)

    @property
    def confirmed(self) -> int:
        """Scripts that RMs confirmed as sent."""
        return sum(step.confirmed for step in self.steps)

    @property
    def budget_fen(self) -> int:
        """投放: the budgets of everything that could pay in the week."""
        return sum(one.budget_fen for one in self.campaigns)

    @property
    def committed_fen(self) -> int:
        """已发出: won so far and not returned."""
        return sum(one.committed_fen for one in self.campaigns)

    @property
    def settled_by_end_fen(self) -> int:
        """已领取: paid so far."""
        return sum(one.settled_fen for one in self.campaigns)

    @property
    def returned_fen(self) -> int:
        """已退回: unclaimed and back in the budget."""
        return sum(one.returned_fen for one in self.campaigns)
