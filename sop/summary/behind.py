"""The table behind a chart: its labels × its series, for who cannot see it or wants the numbers."""

from sop.summary.chart import Chart, Shape
from sop.summary.table import Column, Row, Table

_LABEL = "项目"


def behind(chart: Chart) -> Table:
    """One row for each label, one column for each series; as in the picture, the rows of a HEAT
    are its series. Keys are `label`, `value_1` …"""
    if chart.shape is Shape.HEAT:
        unit = chart.series[0].unit if chart.series else None
        numbers = [
            Column(f"value_{n}", name, unit, may_be_ahead=True)
            for n, name in enumerate(chart.labels, 1)
        ]
        rows = [Row((series.name, *series.values)) for series in chart.series]
    else:
        numbers = [
            Column(f"value_{n}", one.name, one.unit) for n, one in enumerate(chart.series, 1)
        ]
        rows = [
            Row((label, *(series.values[at] for series in chart.series)))
            for at, label in enumerate(chart.labels)
        ]
    head = Column("label", chart.label_title or _LABEL)
    return Table(chart.key, chart.title, (head, *numbers), tuple(rows), chart.note)
