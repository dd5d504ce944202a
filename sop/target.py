"""Weekly targets of a plan (目标): what a metric of the summary shall reach.

Ratios are written as percentages (`40%`), money in yuan (`1.50`), counts as numbers.
"""

import re
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import BeforeValidator, GetJsonSchemaHandler, ValidationError
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, InitErrorDetails, PydanticCustomError

from sop.community import Community
from sop.diagnostics import did_you_mean
from sop.times import KEY, wrong

if TYPE_CHECKING:
    from sop.plan import Plan

_PERCENT = re.compile(r"([0-9]{1,3}(?:\.[0-9]{1,2})?)\s*%")
_PERCENT_TEXT = r"^\s*(0?[0-9]{1,2}(\.[0-9]{1,2})?|100(\.0{1,2})?)\s*%\s*$"


def parse_targets(value: object) -> object:
    """Metric keys or their Chinese names → the value in the metric's own unit."""
    from sop.summary.metrics import units  # heavy, and few plans have targets

    if not isinstance(value, dict):
        return value
    known = units()
    by_name = {name: key for key, (name, _) in known.items()}
    found: dict[str, float] = {}
    faults: list[InitErrorDetails] = []
    for written, target in value.items():
        key = by_name.get(str(written), str(written))
        try:
            if key not in known:
                near = did_you_mean(str(written), [*known, *by_name])
                at = (str(written), KEY)
                raise wrong("unknown-metric", f"周报里没有“{written}”这个指标。", near, at)
            found[key] = _number(target, known[key][1], str(written))
        except PydanticCustomError as error:
            faults.append({"type": error, "input": target})
    if faults:
        raise ValidationError.from_exception_data("Targets", faults)
    return found


def _number(target: Any, unit: str, written: str) -> float:
    if unit == "ratio":
        percent = _PERCENT.fullmatch(str(target).strip())
        if percent is None or Decimal(percent[1]) > 100:
            raise wrong(
                "value", f"看不懂目标“{target}”。", "比率写成百分数，例如 40%。", (written,)
            )
        return float(Decimal(percent[1]) / 100)
    if isinstance(target, bool) or not isinstance(target, int | float) or target < 0:
        raise wrong("value", f"看不懂目标“{target}”。", "请写一个数，例如 30。", (written,))
    return float(round(target * 100)) if unit == "fen" else float(target)


def targets_of(
    plans: "Iterable[Plan]", communities: Sequence[Community]
) -> tuple[tuple[str, float], ...]:
    """What the plans of these communities agree on: where two want different values of one
    metric, there is no single target."""
    wanted: dict[str, set[float]] = {}
    for plan in plans:
        if any(plan.includes(one) for one in communities):
            for metric, value in plan.targets.items():
                wanted.setdefault(metric, set()).add(value)
    return tuple((metric, min(values)) for metric, values in wanted.items() if len(values) == 1)


class _Metrics:
    """What an editor offers: every metric by its key and by its name, with its own unit."""

    def __get_pydantic_json_schema__(
        self, core_schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        from sop.summary.metrics import units  # heavy, and only a schema needs it here

        values: dict[str, JsonSchemaValue] = {}
        for key, (name, unit) in units().items():
            percent = {"type": "string", "pattern": _PERCENT_TEXT, "examples": ["40%"]}
            value = percent if unit == "ratio" else {"type": "number", "minimum": 0}
            values[key] = {**value, "description": name}
            values[name] = {**value, "description": key}
        return {"type": "object", "properties": values, "additionalProperties": False}


Targets = Annotated[
    dict[str, float],
    BeforeValidator(parse_targets),
    _Metrics(),
]
"""Values in the metric's unit: ratios from 0 to 1, money in fen."""
