"""Members over five weeks: how many, who came, who went."""

from collections.abc import Iterator

from sop.summary.chart import Chart, Series, Shape
from sop.summary.figures import WeekFigures
from sop.summary.metrics import Unit
from sop.summary.parts import Part
from sop.summary.period import Period
from sop.summary.table import Cell, Column, Row, Table
from sop.summary.weeks import week_label

_COLUMNS = (
    Column("week", "周"),
    Column("members", "成员", Unit.PERSONS, "周末在群的成员，跨群去重；解散的群不算"),
    Column("new", "新增", Unit.PERSONS, "这一周第一次进入任一社群的人"),
    Column("lost", "流失", Unit.PERSONS, "这一周退出、周末已不在任何社群的人"),
    Column("net", "净增", Unit.PERSONS, "新增 − 流失"),
    Column("joins", "入群人次", Unit.TIMES, "入群事件数"),
    Column("leaves", "退群人次", Unit.TIMES, "退群事件数"),
)


def _weeks(period: Period) -> list[WeekFigures]:
    """Oldest first."""
    return [*reversed(period.past), period.now]


def tables(period: Period) -> Iterator[Table]:
    """The week and the four before it."""
    rows = [Row(_row(one)) for one in _weeks(period)]
    yield Table("people", "近五周的成员", _COLUMNS, tuple(rows))


def _row(week: WeekFigures) -> tuple[Cell, ...]:
    net = week.new - week.lost
    members, moves = week.members_at_end, (week.joins, week.leaves)
    return week_label(week.monday), members, week.new, week.lost, net, *moves


def charts(period: Period) -> Iterator[Chart]:
    """The stock and the flow apart: one is a hundred times the other."""
    weeks = _weeks(period)
    labels = tuple(week_label(one.monday) for one in weeks)
    members = tuple(one.members_at_end for one in weeks)
    new, lost = tuple(one.new for one in weeks), tuple(one.lost for one in weeks)
    yield Chart(
        "members",
        "周末的成员（人）",
        Shape.LINE,
        labels,
        (Series("成员", Unit.PERSONS, members),),
        label_title="周",
    )
    yield Chart(
        "new_and_lost",
        "每周的新增和流失（人）",
        Shape.LINE,
        labels,
        (Series("新增", Unit.PERSONS, new), Series("流失", Unit.PERSONS, lost)),
        label_title="周",
    )


PART = Part("people", "成员", 10, tables, charts)
