"""The weekly summary as a value, and as the JSON of `report --format json`."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from sop.community import Community
from sop.summary.figures import WeekFigures
from sop.summary.findings import findings
from sop.summary.metrics import Metric, measure
from sop.summary.weeks import midnight, week_label

if TYPE_CHECKING:
    from sop.ports import Facts

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Summary:
    """One week of one scope, measured."""

    monday: date
    zone: ZoneInfo
    scope: str
    """What people call it: a community's name, or `全部社群`."""
    communities: tuple[str, ...]
    figures: WeekFigures
    metrics: tuple[Metric, ...]
    findings: tuple[str, ...]

    def metric(self, key: str) -> Metric:
        """A metric by its key. Raises KeyError."""
        found = {metric.key: metric for metric in self.metrics}
        return found[key]

    def as_json(self) -> Json:
        """The names of interfaces.md; null: nothing to divide by; fen; instants in the zone."""
        next_monday = self.monday + timedelta(days=7)
        figures = self.figures
        return {
            "week": week_label(self.monday),
            "from": midnight(self.monday, self.zone).astimezone(self.zone).isoformat(),
            "to": midnight(next_monday, self.zone).astimezone(self.zone).isoformat(),
            "scope": {"name": self.scope, "communities": list(self.communities)},
            "unheard": figures.unheard,
            "metrics": {metric.key: _metric(metric) for metric in self.metrics},
            "steps": [asdict(step) | {"day": step.day.isoformat()} for step in figures.steps],
            "games": [asdict(game) for game in figures.games],
            "campaigns": [asdict(campaign) for campaign in figures.campaigns],
            "channels": [asdict(channel) for channel in figures.channels],
            "rms": [asdict(rm) for rm in figures.rms],
            "findings": list(self.findings),
        }


def _metric(metric: Metric) -> Json:
    return {
        "name": metric.name,
        "unit": metric.unit.value,
        "value": metric.value,
        "numerator": metric.numerator,
        "denominator": metric.denominator,
        "previous": metric.previous,
        "target": metric.target,
        "unknown": metric.unknown,
        "at_least": metric.at_least,
        "definition": metric.definition,
    }


def summarise(
    now: WeekFigures,
    before: WeekFigures,
    communities: Sequence[Community],
    zone: ZoneInfo,
    scope: str,
) -> Summary:
    """Measures a week beside the week before it."""
    return Summary(
        now.monday,
        zone,
        scope,
        tuple(community.id for community in communities),
        now,
        tuple(measure(now, before)),
        findings(now, before),
    )


def summary_of(
    facts: "Facts",
    communities: Sequence[Community],
    monday: date,
    zone: ZoneInfo,
    scope: str,
) -> Summary:
    """The summary of the week that begins on `monday`, over these communities together."""
    ids = [community.id for community in communities]
    now = facts.week_figures(ids, monday, zone)
    before = facts.week_figures(ids, monday - timedelta(days=7), zone)
    return summarise(now, before, communities, zone, scope)
