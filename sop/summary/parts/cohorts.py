"""What became of those who joined in each of the last eight weeks."""

from collections.abc import Callable, Iterator

from sop.summary.chart import Chart, Series, Shape
from sop.summary.details import CohortFigures
from sop.summary.division import ratio
from sop.summary.metrics import Unit
from sop.summary.parts import Part
from sop.summary.period import Period
from sop.summary.table import Column, Row, Table
from sop.summary.wording import unheard_line

Counts = Callable[[CohortFigures], tuple[int, ...]]

_PRESENT = (
    "cohorts_present",
    "留存：各周新人周末还在群的",
    "周末在群的人",
    lambda one: one.present,
)
_ACTIVE = (
    "cohorts_active",
    "活跃：各周新人本人有行为的",
    "这一周有计数行为的人（进群、退群不算）",
    lambda one: one.active,
)
_KINDS: tuple[tuple[str, str, str, Counts], ...] = (_PRESENT, _ACTIVE)
_NOTE = "第 0 周是第一次入群的那一周，一直按那时的人算；还没到的周是空的。"


def tables(period: Period) -> Iterator[Table]:
    """Persons, a row for each week of joining; the shares are in the charts."""
    cohorts = period.details.cohorts
    if not any(one.size for one in cohorts):
        return
    for key, title, definition, counts in _KINDS:
        weeks = tuple(
            Column(
                f"week_{number}",
                f"第 {number} 周",
                Unit.PERSONS,
                definition,
                may_be_ahead=True,
            )
            for number in range(len(cohorts))
        )
        rows = [
            Row((one.monday, one.size, *_padded(counts(one), len(cohorts))))
            for one in cohorts
            if one.size
        ]
        head = (
            Column("monday", "入群的那周"),
            Column("size", "新人", Unit.PERSONS, "第一次进入任一社群的人"),
        )
        yield Table(key, f"{title}人数", (*head, *weeks), tuple(rows), _note(period, key))


def charts(period: Period) -> Iterator[Chart]:
    """The same as shares of the joined."""
    cohorts = period.details.cohorts
    if not any(one.size for one in cohorts):
        return
    for key, title, _, counts in _KINDS:
        rows = tuple(
            Series(
                f"{one.monday:%m-%d} 起（{one.size:,} 人）",
                Unit.RATIO,
                tuple(
                    None if number is None else ratio(number, one.size)
                    for number in _padded(counts(one), len(cohorts))
                ),
            )
            for one in cohorts
            if one.size
        )
        labels = tuple(f"第 {number} 周" for number in range(len(cohorts)))
        yield Chart(
            f"{key}_rate",
            f"{title}比例",
            Shape.HEAT,
            labels,
            rows,
            _note(period, key),
            "入群的那周",
        )


def _padded(counts: tuple[int, ...], weeks: int) -> tuple[int | None, ...]:
    return (*counts, *(None,) * (weeks - len(counts)))


def _note(period: Period, key: str) -> str:
    quiet = unheard_line(period.now.unheard) if key == "cohorts_active" else ""
    return f"{_NOTE}{quiet}。" if quiet else _NOTE


PART = Part("cohorts", "新人留存", 12, tables, charts)
