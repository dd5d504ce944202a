"""How far those came who joined in the week: joined → played → drew → claimed."""

from collections.abc import Iterator, Sequence
from itertools import pairwise

from sop.summary.chart import Chart, Series, Shape
from sop.summary.division import ratio
from sop.summary.metrics import Unit
from sop.summary.parts import Part
from sop.summary.period import Period
from sop.summary.table import Column, Row, Table

_COLUMNS = (
    Column("stage", "从哪里到哪里"),
    Column("reached", "走到的人", Unit.PERSONS, "走完这一步的人"),
    Column("previous", "上一步的人", Unit.PERSONS, "走完上一步的人"),
    Column("rate", "转化率", Unit.RATIO, "走到的人 ÷ 上一步的人"),
    Column("dropped", "停下的人", Unit.PERSONS, "上一步的人 − 走到的人"),
)
_NOTE = "本周入群的人，到周末走到了哪里；周末才来的还在路上。"


def tables(period: Period) -> Iterator[Table]:
    """A row for each step from one stage to the next."""
    stages = _stages(period)
    if not stages[0][1]:
        return
    rows = tuple(
        Row((f"{name} → {next_name}", count, of, ratio(count, of), of - count))
        for (name, of), (next_name, count) in pairwise(stages)
    )
    yield Table("newcomer_funnel", "新人走到哪一步", _COLUMNS, rows, _NOTE)


def charts(period: Period) -> Iterator[Chart]:
    """The stages with the persons who came so far."""
    stages = _stages(period)
    if not stages[0][1]:
        return
    yield Chart(
        "newcomer_stages",
        "新人走到哪一步（人）",
        Shape.FUNNEL,
        tuple(name for name, _ in stages),
        (Series("本周新人", Unit.PERSONS, tuple(count for _, count in stages)),),
        _NOTE,
        "阶段",
    )


def _stages(period: Period) -> Sequence[tuple[str, int]]:
    funnel = period.now.funnel
    return (
        ("入群", funnel.joined),
        ("玩过游戏", funnel.played),
        ("抽过奖", funnel.drew),
        ("已到账", funnel.claimed),
    )


PART = Part("funnel", "新人漏斗", 35, tables, charts)
