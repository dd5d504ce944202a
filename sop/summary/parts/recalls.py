"""What came of private messages with links: written → opened → back."""

from collections.abc import Iterator

from sop.summary.division import ratio
from sop.summary.metrics import Unit
from sop.summary.parts import Part
from sop.summary.period import Period
from sop.summary.table import Column, Row, Table
from sop.summary.wording import unheard_line

_COLUMNS = (
    Column("step", "私信"),
    Column("written", "写给", Unit.PERSONS, "本周收到的成员，去重"),
    Column("clicked", "点开", Unit.PERSONS, "到第三天结束前点开链接的"),
    Column("click_rate", "点开率", Unit.RATIO, "点开 ÷ 写给"),
    Column("back", "回来", Unit.PERSONS, "到第三天结束前有行为的，只点链接不算"),
    Column("back_rate", "回来率", Unit.RATIO, "回来 ÷ 写给"),
)
_NOTE = "周末发出的还没有满三天。"


def tables(period: Period) -> Iterator[Table]:
    """A row for each step."""
    rows = tuple(
        Row(
            (
                one.title,
                one.written,
                one.clicked,
                ratio(one.clicked, one.written),
                one.back,
                ratio(one.back, one.written),
            ),
            f"step:{one.plan}/{one.step}",
            at_least=bool(period.now.unheard),
        )
        for one in period.details.recalls
    )
    if rows:
        quiet = unheard_line(period.now.unheard)
        yield Table("recalls", "私信召回", _COLUMNS, rows, f"{_NOTE}{quiet}。" if quiet else _NOTE)


PART = Part("recalls", "私信召回", 57, tables)
