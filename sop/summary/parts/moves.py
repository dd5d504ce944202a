"""Who came nearer and who drifted away: life-cycle stages and value groups, before → after."""

from collections.abc import Iterator

from sop.explain import STAGES, VALUES
from sop.summary.chart import Chart, Series, Shape
from sop.summary.details import MoveFigures
from sop.summary.metrics import Unit
from sop.summary.parts import Part
from sop.summary.period import Period
from sop.summary.table import Column, Row, Table

_COLUMNS = (
    Column("what", "看什么"),
    Column("before", "原来"),
    Column("after", "现在"),
    Column("members", "人数", Unit.PERSONS, "在两个群的人各算一次"),
)
_WHATS = {"stage": "生命周期", "value": "价值分层"}
_NAMES = {"stage": STAGES, "value": VALUES}
MOST_BARS = 8


def tables(period: Period) -> Iterator[Table]:
    """Stages, then values."""
    if period.details.moves:
        rows = [
            Row((_WHATS[one.what], _before(one), _after(one), one.members))
            for one in period.details.moves
        ]
        note = "周初和周末不在同一层的成员；一周里又变回来的不算。"
        yield Table("moves", "成员的变化", _COLUMNS, tuple(rows), note)


def charts(period: Period) -> Iterator[Chart]:
    """The biggest moves between stages."""
    stages = [one for one in period.details.moves if one.what == "stage"][:MOST_BARS]
    if stages:
        yield Chart(
            "stage_moves",
            "生命周期的变化（人）",
            Shape.BARS,
            tuple(f"{_before(one)} → {_after(one)}" for one in stages),
            (Series("人数", Unit.PERSONS, tuple(one.members for one in stages)),),
            label_title="变化",
        )


def _before(move: MoveFigures) -> str:
    """Nobody stands anywhere before the first night."""
    return _NAMES[move.what].get(move.before, move.before) or "刚入群"


def _after(move: MoveFigures) -> str:
    """Who has left has no value."""
    return _NAMES[move.what].get(move.after, move.after) or "已离开"


PART = Part("moves", "成员分层的变化", 14, tables, charts)
