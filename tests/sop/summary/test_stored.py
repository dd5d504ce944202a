"""A final week is kept whole: what comes back is the very summary that was kept."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from zoneinfo import ZoneInfo

import pytest

from sop.summary.chart import Chart, Series, Shape
from sop.summary.figures import WeekFigures
from sop.summary.finding import Finding
from sop.summary.metrics import Unit
from sop.summary.period import Period
from sop.summary.stored import Unreadable, from_plain, to_plain
from sop.summary.summary import Section, Summary, summarise
from sop.summary.table import Column, Row, Table

TABLE = Table(
    "days",
    "每天",
    (Column("day", "日期"), Column("who", "谁"), Column("rate", "率", Unit.RATIO, "甲 ÷ 乙")),
    (
        Row((date(2026, 11, 23), "=cmd|' /C calc'!A0 🎉", 0.5), "community:wealth-01", True),
        Row((None, "2026-11-23", 3)),
    ),
    "按现在的数据",
)
CHART = Chart(
    "line",
    "每天的活跃成员（人）",
    Shape.LINE,
    ("周一", "周二"),
    (Series("本周", Unit.PERSONS, (3, None)), Series("上周", Unit.MEAN, (0.0, 1.5))),
    label_title="日期",
)


@pytest.fixture
def summary(now: WeekFigures, before: WeekFigures) -> Summary:
    """A busy week with every kind of value in it."""
    now = replace(now, targets=(("active_rate", 0.4),), unheard=1, heard_members_at_end=70)
    made = summarise(Period(now, before, (), ZoneInfo("Asia/Shanghai"), "全部社群"))
    section = Section("more", "其他", (TABLE,), (CHART,))
    finding = Finding("made_up", 3.5, "有 3 人。", "下周改。", "days")
    return replace(made, sections=(*made.sections, section), findings=(*made.findings, finding))


def test_summary_comes_back_as_it_was(summary: Summary) -> None:
    kept = json.loads(json.dumps(to_plain(summary), ensure_ascii=False))
    back = from_plain(kept)
    assert back == summary
    assert back.as_json() == summary.as_json()
    assert isinstance(back.sections[-1].tables[0].rows[0].cells[0], date)
    assert back.sections[-1].tables[0].rows[1].cells[1] == "2026-11-23"


@pytest.mark.parametrize(
    "spoil",
    [
        lambda kept: {**kept, "format": 99},
        lambda kept: {"format": 1},
        lambda kept: {},
        lambda kept: {**kept, "summary": None},
        lambda kept: {**kept, "summary": {"monday": {"date": "2026-11-23"}}},
    ],
)
def test_what_is_no_summary_of_this_format(
    summary: Summary, spoil: Callable[[dict[str, object]], dict[str, object]]
) -> None:
    with pytest.raises(Unreadable):
        from_plain(spoil(to_plain(summary)))
