"""What a summary is made of: the week, the weeks before it, and the week broken down."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from zoneinfo import ZoneInfo

from sop.community import Community
from sop.summary.details import Compared, Details
from sop.summary.figures import WeekFigures

WEEKS_OF_THE_MEAN = 4


@dataclass(frozen=True, slots=True)
class Period:
    """One week of one scope beside its past."""

    now: WeekFigures
    before: WeekFigures
    """The week before."""
    communities: tuple[Community, ...]
    zone: ZoneInfo
    scope: str
    """What people call it."""
    earlier: tuple[WeekFigures, ...] = ()
    """The weeks before that, newest first, as many as the four-week mean needs (`before` is the
    first of the four)."""
    details: Details = field(default_factory=Details)
    details_before: Compared = field(default_factory=Compared)

    @property
    def monday(self) -> date:
        """The first day."""
        return self.now.monday

    @property
    def past(self) -> Sequence[WeekFigures]:
        """The four weeks that the mean is taken over, newest first."""
        return (self.before, *self.earlier)[:WEEKS_OF_THE_MEAN]
