"""How the numbers are written for people: units, thousands, missing values, changes."""

from collections.abc import Iterable
from datetime import date

from sop.money import yuan
from sop.summary.metrics import Metric, Number, Unit
from sop.summary.table import Cell, Column, Row

NOTHING = "无数据"
UNKNOWN = "无法统计"
COMPLETE = "完整"
QUIET = "本周没有超出平常波动的变化，也没有没做完的事。"
"""Where nothing is worth noticing."""
MEAN = "前四周平均"
"""The head of `averaged`."""
_MARKUP = "<>*`[]#\n\r\t"


def written(value: Number | None, unit: Unit) -> str:
    """`1,234`, `21.43`, `52.3%`, `¥4.25`, or `无数据`."""
    if value is None:
        return NOTHING
    if unit is Unit.RATIO:
        return f"{value:.1%}"
    if unit is Unit.FEN:
        return f"{'-' if value < 0 else ''}¥{yuan(abs(int(value)))}"
    if unit is Unit.MEAN:
        return f"{value:,.2f}"
    return f"{int(value):,}"


def told(metric: Metric) -> str:
    """Its value; `≥ 35` where more may have happened than is known, `无法统计` where nothing is."""
    if metric.unknown:
        return UNKNOWN
    return f"{'≥ ' if metric.at_least else ''}{written(metric.value, metric.unit)}"


def unheard_line(unheard: int) -> str:
    """What the numbers leave out; empty where every community is heard."""
    if not unheard:
        return ""
    return f"无法统计：{unheard} 个群没有会话存档，那里的聊天不在数字里"


def why_missing(metric: Metric) -> str:
    """What a metric without a value was to be divided by: `周初在群的成员为 0`."""
    if metric.unknown:
        return metric.unknown
    divisor = metric.definition.rpartition("÷")[2].partition("（")[0].strip()
    return f"{divisor}为 0"


def state(metric: Metric) -> str:
    """How complete its data are: `完整`, what is missing, or why there is no value."""
    if metric.value is None:
        return why_missing(metric)
    return metric.quality or COMPLETE


def averaged(metric: Metric) -> str:
    """The mean of the four weeks before; it may have a fraction where the metric has none."""
    counted = metric.unit in (Unit.PERSONS, Unit.TIMES)
    broken = metric.mean is not None and metric.mean % 1 != 0
    return written(metric.mean, Unit.MEAN if counted and broken else metric.unit)


def aim(metric: Metric) -> str:
    """`目标 40.0%`, or `目标不超过 30` where less is better; for a metric that has a target."""
    most = "不超过" if metric.less_is_better else ""
    return f"目标{most} {written(metric.target, metric.unit)}"


def parts(metric: Metric) -> tuple[tuple[Number, Unit], tuple[Number, Unit]] | None:
    """Numerator and denominator, each with how it is written; None for plain counts."""
    if metric.numerator is None or metric.denominator is None:
        return None
    lower_is_money = metric.key.startswith("budget_")
    upper_is_money = lower_is_money or metric.unit is Unit.FEN
    upper = Unit.FEN if upper_is_money else _unit_of(metric.numerator)
    lower = Unit.FEN if lower_is_money else _unit_of(metric.denominator)
    return (metric.numerator, upper), (metric.denominator, lower)


def fraction(metric: Metric) -> str:
    """`35/128`, in yuan where it is money; empty for plain counts."""
    both = parts(metric)
    return "" if both is None else "/".join(written(number, unit) for number, unit in both)


def _unit_of(number: Number) -> Unit:
    return Unit.MEAN if isinstance(number, float) else Unit.TIMES


def shown(row: Row, column: Column, cell: Cell) -> str:
    """A cell of a table: words as they are, days as `2026-11-23`, numbers by their unit; `≥ 14`
    where more may have happened than is known."""
    if isinstance(cell, str):
        return cell
    if isinstance(cell, date):
        return cell.isoformat()
    if cell is None or column.unit is None:
        return ("" if column.may_be_ahead else NOTHING) if cell is None else str(cell)
    least = "≥ " if row.at_least and column.counts_actions else ""
    return f"{least}{written(cell, column.unit)}"


def target_lines(metrics: Iterable[Metric]) -> list[str]:
    """`✅ 活跃率 41.2%，目标 40.0%` for each metric that has a target."""
    return [
        f"{'✅' if one.reached else '⬜'} {one.name} {told(one)}，{aim(one)}"
        for one in metrics
        if one.target is not None
    ]


def change(metric: Metric) -> str:
    """`↑ 12`, `↓ 3.1 个百分点`, `持平`; empty if either week has no value."""
    by = metric.change
    if by is None:
        return ""
    size = _size(abs(by), metric.unit)
    if size is None:
        return "持平"
    return f"{'↑' if by > 0 else '↓'} {size}"


def _size(by: Number, unit: Unit) -> str | None:
    """The amount of a change; None if nothing is left of it after rounding."""
    if unit is Unit.RATIO:
        points = f"{by * 100:.1f}"
        return None if points == "0.0" else f"{points} 个百分点"
    return written(by, unit) if by else None


def cut(text: str, most: int = 20) -> str:
    """A name in one line: markup and control characters out, at most `most` characters."""
    plain = " ".join("".join(" " if char in _MARKUP else char for char in text).split())
    shown = "".join(char for char in plain if char.isprintable())
    return shown if len(shown) <= most else shown[: most - 1] + "…"
