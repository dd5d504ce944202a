"""The table behind a chart."""

from sop.summary.behind import behind
from sop.summary.chart import Chart, Series, Shape
from sop.summary.metrics import Unit
from sop.summary.table import Column, Row, Table


def test_table_behind_a_chart_has_its_numbers() -> None:
    series = (
        Series("入群", Unit.PERSONS, (12, 0)),
        Series("留下", Unit.RATIO, (0.5, None)),
    )
    chart = Chart(
        "channels", "入群渠道", Shape.DOTS, ("海报", "短信"), series, "近 28 天。", "渠道"
    )
    assert behind(chart) == Table(
        "channels",
        "入群渠道",
        (
            Column("label", "渠道"),
            Column("value_1", "入群", Unit.PERSONS),
            Column("value_2", "留下", Unit.RATIO),
        ),
        (Row(("海报", 12, 0.5)), Row(("短信", 0, None))),
        "近 28 天。",
    )


def test_table_behind_an_empty_chart_has_no_rows() -> None:
    empty = Chart("c", "空", Shape.LINE, (), (Series("一", Unit.TIMES, ()),))
    assert behind(empty) == Table(
        "c", "空", (Column("label", "项目"), Column("value_1", "一", Unit.TIMES)), ()
    )


def test_rows_of_a_heat_map_are_its_series() -> None:
    series = (
        Series("11-16 起", Unit.RATIO, (1.0, 0.5)),
        Series("11-23 起", Unit.RATIO, (1.0, None)),
    )
    chart = Chart("h", "留存", Shape.HEAT, ("第 0 周", "第 1 周"), series, label_title="入群的那周")
    assert behind(chart) == Table(
        "h",
        "留存",
        (
            Column("label", "入群的那周"),
            Column("value_1", "第 0 周", Unit.RATIO, may_be_ahead=True),
            Column("value_2", "第 1 周", Unit.RATIO, may_be_ahead=True),
        ),
        (Row(("11-16 起", 1.0, 0.5)), Row(("11-23 起", 1.0, None))),
    )
