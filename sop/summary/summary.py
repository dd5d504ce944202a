"""The weekly summary as a value, and as the JSON of `report --format json`."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from sop.community import Community
from sop.summary.chart import Chart
from sop.summary.figures import WeekFigures
from sop.summary.finding import Finding
from sop.summary.findings import findings
from sop.summary.metrics import Metric, measure
from sop.summary.parts import all_parts
from sop.summary.period import Period
from sop.summary.table import Cell, Table
from sop.summary.weeks import midnight, week_label

if TYPE_CHECKING:
    from sop.ports import Facts

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Section:
    """A part of the summary with what it shows."""

    key: str
    title: str
    tables: tuple[Table, ...]
    charts: tuple[Chart, ...]


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
    findings: tuple[Finding, ...]
    sections: tuple[Section, ...]

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
            "tables": {
                table.key: _table(table) for section in self.sections for table in section.tables
            },
            "charts": {
                chart.key: asdict(chart) for section in self.sections for chart in section.charts
            },
            "findings": [one.sentence for one in self.findings],
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
        "mean": metric.mean,
        "quality": metric.quality,
        "less_is_better": metric.less_is_better,
        "definition": metric.definition,
    }


def _table(table: Table) -> Json:
    return {
        "title": table.title,
        "note": table.note,
        "columns": [asdict(column) for column in table.columns],
        "rows": [
            {
                column.key: _plain(cell)
                for column, cell in zip(table.columns, row.cells, strict=True)
            }
            for row in table.rows
        ],
    }


def _plain(cell: Cell) -> Cell:
    return cell.isoformat() if isinstance(cell, date) else cell


def summarise(period: Period) -> Summary:
    """Measures a week beside the weeks before it."""
    return Summary(
        period.monday,
        period.zone,
        period.scope,
        tuple(community.id for community in period.communities),
        period.now,
        tuple(measure(period.now, period.past)),
        findings(period),
        tuple(
            Section(part.key, part.title, tuple(part.tables(period)), tuple(part.charts(period)))
            for part in all_parts()
        ),
    )


def summary_of(
    facts: "Facts",
    communities: Sequence[Community],
    monday: date,
    zone: ZoneInfo,
    scope: str,
) -> Summary:
    """The summary of the week that begins on `monday`, over these communities together."""
    return summarise(facts.period([one.id for one in communities], monday, zone, scope))
