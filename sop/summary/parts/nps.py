"""NPS of the week by the standard formula, in points, never without its n."""

from collections.abc import Iterator

from sop.steps.nps import FEW
from sop.summary.details import NpsFigures
from sop.summary.metrics import Unit
from sop.summary.parts import Part
from sop.summary.period import Period
from sop.summary.table import Column, Row, Table

TOO_FEW = "数据不足"
_COLUMNS = (
    Column("week", "周"),
    Column("promoters", "推荐者", Unit.PERSONS, "打 9 到 10 分的"),
    Column("passives", "中立者", Unit.PERSONS, "打 7 到 8 分的"),
    Column("detractors", "贬损者", Unit.PERSONS, "打 0 到 6 分的"),
    Column("n", "评分数", Unit.PERSONS, "三者之和"),
    Column("score", "NPS（分）", Unit.TIMES, "（推荐者 − 贬损者）÷ 评分数 × 100，−100 到 100"),
    Column("verdict", "够不够"),
)
_NOTE = f"本周截止的评分；不到 {FEW} 份不给分数，一两个人就能改变它。"


def tables(period: Period) -> Iterator[Table]:
    """This week and the one before."""
    now, before = period.details.nps, period.details_before.nps
    if now.n or before.n:
        yield Table("nps", "NPS", _COLUMNS, (_row("本周", now), _row("上周", before)), _NOTE)


def points(scores: NpsFigures) -> int | None:
    """-100 to 100, rounded half away from zero; None of too few scores."""
    if scores.n < FEW:
        return None
    difference = scores.promoters - scores.detractors
    size = (200 * abs(difference) + scores.n) // (2 * scores.n)
    return size if difference > 0 else -size


def _row(week: str, scores: NpsFigures) -> Row:
    classes = (scores.promoters, scores.passives, scores.detractors, scores.n)
    score = points(scores)
    return Row((week, *classes, score, TOO_FEW if score is None else "足够"))


PART = Part("nps", "推荐度（NPS）", 75, tables)
