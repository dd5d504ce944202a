"""Charts of the summary as values; `bot/charts` draws them. The table behind a chart is its own
labels × series, so that picture and numbers cannot differ."""

from dataclasses import dataclass
from enum import StrEnum

from sop.summary.metrics import Number, Unit


class Shape(StrEnum):
    """How a chart is drawn."""

    LINE = "line"
    """Labels are days or weeks; a missing value breaks the line."""
    BARS = "bars"
    """One horizontal bar for each label; a second series is the comparison, drawn behind."""
    STACK = "stack"
    """Horizontal bars of several parts."""
    FUNNEL = "funnel"
    """Labels are stages; the drop between them is written."""
    HEAT = "heat"
    """Rows are series, columns are labels, the depth of colour is the value (cohorts)."""
    DOTS = "dots"
    """Two series, x and y; a dot for each label (channel quadrants)."""


@dataclass(frozen=True, slots=True)
class Series:
    """Values in the order of the chart's labels; None: no value."""

    name: str
    unit: Unit
    values: tuple[Number | None, ...]


@dataclass(frozen=True, slots=True)
class Chart:
    """One picture with its numbers."""

    key: str
    title: str
    """What is to be seen, with the unit: `每天的活跃成员（人）`."""
    shape: Shape
    labels: tuple[str, ...]
    series: tuple[Series, ...]
    note: str = ""
    label_title: str = ""
    """What the labels are (`日期`): the head of the table's first column."""
