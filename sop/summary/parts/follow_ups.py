"""Follow-ups: who did theirs, and how they ended by what they came from."""

from collections.abc import Iterator

from sop.summary.division import ratio
from sop.summary.metrics import Unit
from sop.summary.parts import Part
from sop.summary.period import Period
from sop.summary.table import Column, Row, Table

_OVERDUE = Column("overdue", "逾期未办", Unit.TIMES, "到周末还没办，而且过了日期的")
_RMS = (
    Column("rm", "客户经理"),
    Column("done", "已完成", Unit.TIMES, "其中到周末已完成的"),
    Column("due", "应完成", Unit.TIMES, "原定本周到期的；到期前注明原因放弃的不算"),
    Column("completion", "完成率", Unit.RATIO, "已完成 ÷ 应完成"),
    _OVERDUE,
)
_OUTCOMES = (
    Column("reason", "来自"),
    Column("created", "新建", Unit.TIMES, "本周新建的"),
    Column("done", "完成", Unit.TIMES, "本周完成的，不论何时到期"),
    Column("dropped", "放弃", Unit.TIMES, "本周不再跟进的，例如成员退群"),
    _OVERDUE,
)


def tables(period: Period) -> Iterator[Table]:
    """A row for each colleague who has some, then one for each rule and step."""
    rms = tuple(
        Row(
            (
                one.name,
                one.follow_ups_done,
                one.follow_ups_due,
                ratio(one.follow_ups_done, one.follow_ups_due),
                one.follow_ups_overdue,
            ),
            f"rm:{one.staff}",
        )
        for one in period.details.rms
        if one.follow_ups_due or one.follow_ups_overdue
    )
    if rms:
        yield Table("follow_up_rms", "每位客户经理的跟进", _RMS, rms)
    outcomes = tuple(
        Row((one.title, one.created, one.done, one.dropped, one.overdue))
        for one in period.details.outcomes
    )
    if outcomes:
        yield Table("follow_up_outcomes", "跟进的结果", _OUTCOMES, outcomes)


PART = Part("follow_ups", "跟进", 55, tables)
