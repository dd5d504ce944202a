"""Variants of steps (A/B) over four weeks, each with how sure its rate is."""

from collections.abc import Iterator

from sop.summary.chart import Chart, Series, Shape
from sop.summary.details import VariantFigures
from sop.summary.experiments import FEWEST_COMMUNITIES, Compared, compared
from sop.summary.intervals import SMALLEST_GROUP
from sop.summary.metrics import Unit
from sop.summary.parts import Part
from sop.summary.period import Period
from sop.summary.table import Column, Row, Table

_COLUMNS = (
    Column("step", "步骤"),
    Column("variant", "版本"),
    Column("communities", "社群", Unit.TIMES, "整个用这个版本的社群数；0 是按成员分配"),
    Column("acted", "有行为", Unit.PERSONS, "发到群里的到次日结束前，私信的到第三天结束前"),
    Column("reached", "送达", Unit.PERSONS, "发出时在群的成员，或收到私信的成员，去重"),
    Column("rate", "行为率", Unit.RATIO, "有行为 ÷ 送达"),
    Column("low", "行为率下限", Unit.RATIO, "95% 置信区间（Wilson），同群成员相像，已放宽"),
    Column("high", "行为率上限", Unit.RATIO, "95% 置信区间（Wilson），同群成员相像，已放宽"),
    Column("gap_low", "差距下限", Unit.RATIO, "行为率 − 对照的行为率，95% 置信区间（Newcombe）"),
    Column("gap_high", "差距上限", Unit.RATIO, "行为率 − 对照的行为率，95% 置信区间（Newcombe）"),
    Column("verdict", "结论"),
)
_NOTE = (
    "最近四周。区间不含 0 才算明显；"
    f"每个版本至少要 {SMALLEST_GROUP} 人，按社群分配的还要 {FEWEST_COMMUNITIES} 个社群，"
    "否则是数据不足。"
)


def tables(period: Period) -> Iterator[Table]:
    """A row for each variant; the first of a step is what the others are compared with."""
    rows = tuple(_row(one) for one in compared(period.details.variants))
    if rows:
        quiet = period.now.unheard
        note = f"{_NOTE}{quiet} 个群没有会话存档，不参加比较。" if quiet else _NOTE
        yield Table("experiments", "A/B 版本", _COLUMNS, rows, note)


def _row(one: Compared) -> Row:
    figures = one.figures
    cells = (
        figures.title,
        figures.variant,
        figures.communities,
        figures.acted,
        figures.reached,
        _rounded(one.rate),
        *_both(one.interval),
        *_both(one.gap),
        one.verdict,
    )
    return Row(cells, f"step:{figures.plan}/{figures.step}")


def _both(interval: tuple[float, float] | None) -> tuple[float | None, float | None]:
    return (None, None) if interval is None else (_rounded(interval[0]), _rounded(interval[1]))


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 4)


def charts(period: Period) -> Iterator[Chart]:
    """The rates side by side."""
    found = [one for one in compared(period.details.variants) if one.rate is not None]
    if not found:
        return
    yield Chart(
        "variant_rates",
        "各版本的行为率",
        Shape.BARS,
        tuple(_label(one.figures) for one in found),
        (Series("行为率", Unit.RATIO, tuple(_rounded(one.rate) for one in found)),),
        "差距是不是偶然，看表里的结论。",
        "步骤和版本",
    )


def _label(one: VariantFigures) -> str:
    return f"{one.title} · {one.variant}"


PART = Part("experiments", "A/B 测试", 70, tables, charts)
