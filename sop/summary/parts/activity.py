"""Active members day by day, beside the week before."""

from collections.abc import Iterator
from datetime import timedelta

from sop.summary.chart import Chart, Series, Shape
from sop.summary.division import ratio
from sop.summary.figures import WeekFigures
from sop.summary.metrics import Unit
from sop.summary.parts import Part
from sop.summary.period import Period
from sop.summary.table import Column, Row, Table
from sop.summary.weeks import WEEKDAYS
from sop.summary.wording import unheard_line

_COLUMNS = (
    Column("day", "日期"),
    Column("weekday", "星期"),
    Column("active", "活跃成员", Unit.PERSONS, "当天至少有一次计数行为的成员（退群不算）", True),
    Column("members", "成员", Unit.PERSONS, "当天结束时在群的成员"),
    Column("active_rate", "日活跃率", Unit.RATIO, "当天的活跃成员 ÷ 当天结束时的成员", True),
    Column("active_before", "上周同一天", Unit.PERSONS, "上周同一天的活跃成员", True),
)


def _active(week: WeekFigures) -> tuple[int | None, ...]:
    """Of nobody whom the bot cannot hear is known that they did nothing."""
    return tuple(None if week.unheard and not one else one for one in week.dau)


def tables(period: Period) -> Iterator[Table]:
    """A row for each day."""
    now = period.now
    rows = [
        Row(
            (
                period.monday + timedelta(days=day),
                WEEKDAYS[day],
                active,
                now.daily_members[day],
                None if active is None else ratio(active, now.daily_members[day]),
                before,
            ),
            at_least=bool(now.unheard),
        )
        for day, (active, before) in enumerate(
            zip(_active(now), _active(period.before), strict=True)
        )
    ]
    note = unheard_line(now.unheard)
    yield Table("activity_days", "每天的活跃", _COLUMNS, tuple(rows), note)


def charts(period: Period) -> Iterator[Chart]:
    """This week's line beside the last one's."""
    yield Chart(
        "daily_active",
        "每天的活跃成员（人）",
        Shape.LINE,
        WEEKDAYS,
        (
            Series("本周", Unit.PERSONS, _active(period.now)),
            Series("上周", Unit.PERSONS, _active(period.before)),
        ),
        unheard_line(period.now.unheard),
        "星期",
    )


PART = Part("activity", "活跃", 20, tables, charts)
