"""The counts of one week broken down: by scope, cohort, channel, RM, variant …

Beside `figures.WeekFigures`, which sums up a scope. Persons are distinct within each row, staff are
in none; money is fen. Everything has an empty default, so that a test builds only what it is about.
"""

from dataclasses import dataclass, field
from datetime import date


@dataclass(frozen=True, slots=True)
class GroupFigures:
    """One scope inside the summary's: a manager's, an RM's, a label's communities, or one."""

    kind: str
    """`rm`, `label`, `community`."""
    id: str
    name: str
    communities: int = 0
    unheard: int = 0
    members_at_start: int = 0
    members_at_end: int = 0
    member_days: int = 0
    """Sum of the seven daily member counts: ÷ 7 is what the active rate divides by."""
    new: int = 0
    lost: int = 0
    wau: int = 0
    silent: int = 0
    players: int = 0
    due: int = 0
    executed: int = 0
    on_time: int = 0
    settled_fen: int = 0
    """Paid in the week."""


@dataclass(frozen=True, slots=True)
class CohortFigures:
    """The persons who joined in one week, and how many of them were active, and still there, in
    each week from then on (week 0 is the week of joining)."""

    monday: date
    size: int
    """Their first stay in the scope began in that week."""
    active: tuple[int, ...] = ()
    """Did something in the week other than joining or leaving."""
    present: tuple[int, ...] = ()
    """Members at the week's end."""


@dataclass(frozen=True, slots=True)
class MoveFigures:
    """Members whose life-cycle stage or RFM value changed in the week (first → last standing).

    What a day does is written in the night after it: the week's nights are Tuesday's to the next
    Monday's. Who stands in two communities counts in both.
    """

    what: str
    """`stage` or `value`."""
    before: str
    after: str
    members: int


@dataclass(frozen=True, slots=True)
class ChannelFlow:
    """One channel (`state` of a live code) or way in: volume × quality, over 28 days."""

    channel: str
    title: str
    joined: int = 0
    """Persons who joined by it in the 28 days before the week's end."""
    old_enough: int = 0
    """Of these, joined at least 7 days before the week's end."""
    stayed: int = 0
    """Of the old enough, did not leave that community within 7 days."""
    active: int = 0
    """Of the joined, with an action other than joining in the week."""
    cost_fen: int = 0
    """Paid to the joined between their joining and the week's end."""


@dataclass(frozen=True, slots=True)
class RmWork:
    """What became of the scripts and tasks handed to one RM."""

    staff: str
    name: str
    due: int = 0
    reminded: int = 0
    confirmed: int = 0
    sent: int = 0
    on_time: int = 0
    late: int = 0
    capped: int = 0
    skipped: int = 0
    expired: int = 0
    follow_ups_due: int = 0
    follow_ups_done: int = 0
    follow_ups_overdue: int = 0
    pieces: int = 0
    pieces_sent: int = 0
    pieces_on_time: int = 0
    pieces_skipped: int = 0


@dataclass(frozen=True, slots=True)
class PlanFigures:
    """One plan over the week."""

    plan: str
    title: str
    due: int = 0
    executed: int = 0
    on_time: int = 0
    cancelled: int = 0
    reminded: int = 0
    confirmed: int = 0


@dataclass(frozen=True, slots=True)
class RoundFigures:
    """One game on one day, over all communities of the scope."""

    game: str
    title: str
    day: date
    plan: str = ""
    step: str = ""
    """Of the calendar; empty where an RM started it."""
    sessions: int = 0
    players: int = 0
    members: int = 0
    """Distinct members present on that day in the communities where it was held."""


@dataclass(frozen=True, slots=True)
class VariantFigures:
    """One variant of a step over the last four weeks."""

    plan: str
    step: str
    title: str
    variant: str
    reached: int = 0
    """Persons written to, or members present where it was posted."""
    acted: int = 0
    """Of these, with an action (coming and going are none) after it and until the end of the next
    local day; of members written to: until the end of the third day after. Exact from rollups."""
    communities: int = 0
    """Communities with members that were given this variant as a whole; 0: members got it one by
    one."""
    spread: float = 1.0
    """Design effect: how many times wider than among independent persons the chance of `acted` is,
    since members of one community act alike (Rao and Scott 1992). 1 for single members."""


@dataclass(frozen=True, slots=True)
class NpsFigures:
    """Scores of the week."""

    promoters: int = 0
    passives: int = 0
    detractors: int = 0

    @property
    def n(self) -> int:
        """Everybody who gave a score."""
        return self.promoters + self.passives + self.detractors


@dataclass(frozen=True, slots=True)
class OutcomeFigures:
    """How follow-ups ended in the week: `done`, `dropped`, `overdue`, `open`, by rule or step."""

    reason: str
    title: str
    created: int = 0
    done: int = 0
    dropped: int = 0
    overdue: int = 0
    """Open at the week's end and past their date."""


@dataclass(frozen=True, slots=True)
class RecallFigures:
    """A step that wrote to members with links in the week: written → opened → back, both until
    the end of the third local day after; back: took part by more than a click."""

    plan: str
    step: str
    title: str
    written: int = 0
    clicked: int = 0
    back: int = 0


@dataclass(frozen=True, slots=True)
class Compared:
    """What is asked of the week before as well."""

    groups: tuple[GroupFigures, ...] = ()
    rounds: tuple[RoundFigures, ...] = ()
    nps: NpsFigures = field(default_factory=NpsFigures)


@dataclass(frozen=True, slots=True)
class Details(Compared):
    """Everything of one week that is not a single number of the whole scope."""

    cohorts: tuple[CohortFigures, ...] = ()
    """The last eight weeks, oldest first."""
    moves: tuple[MoveFigures, ...] = ()
    channels: tuple[ChannelFlow, ...] = ()
    rms: tuple[RmWork, ...] = ()
    plans: tuple[PlanFigures, ...] = ()
    variants: tuple[VariantFigures, ...] = ()
    outcomes: tuple[OutcomeFigures, ...] = ()
    recalls: tuple[RecallFigures, ...] = ()
    repairs: int = 0
    """Differences from WeCom that a reading mended in the week, in the groups of these communities
    and among the contacts of their owners: callbacks were lost."""
