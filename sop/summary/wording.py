"""How the numbers are written for people: units, thousands, missing values, changes."""

from collections.abc import Iterable

from sop.money import yuan
from sop.summary.metrics import Metric, Number, Unit

NOTHING = "无数据"
UNKNOWN = "无法统计"
_MARKUP = "<>*`[]#\n\r\t"


def written(value: Number | None, unit: Unit) -> str:
    """`1,234`, `21.43`, `52.3%`, `¥4.25`, or `无数据`."""
    if value is None:
        return NOTHING
    if unit is Unit.RATIO:
        return f"{value:.1%}"
    if unit is Unit.FEN:
        return f"¥{yuan(int(value))}"
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


def fraction(metric: Metric) -> str:
    """`35/128`, in yuan where the numerator is money; empty for plain counts."""
    if metric.numerator is None or metric.denominator is None:
        return ""
    money = metric.unit is Unit.FEN or metric.key.startswith("budget_")
    upper = f"¥{yuan(int(metric.numerator))}" if money else f"{metric.numerator:,}"
    lower_is_money = metric.key.startswith("budget_")
    lower = f"¥{yuan(int(metric.denominator))}" if lower_is_money else f"{metric.denominator:,}"
    return f"{upper}/{lower}"


def target_lines(metrics: Iterable[Metric]) -> list[str]:
    """`✅ 活跃率 41.2%，目标 40.0%` for each metric that has a target."""
    return [
        f"{'✅' if one.reached else '⬜'} {one.name} {told(one)}，"
        f"目标 {written(one.target, one.unit)}"
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
