"""The ways in: how many came by each, whether they stayed, what they cost."""

from collections.abc import Iterator

from sop.summary.chart import Chart, Series, Shape
from sop.summary.details import ChannelFlow
from sop.summary.division import each, ratio
from sop.summary.metrics import Unit
from sop.summary.parts import Part
from sop.summary.period import Period
from sop.summary.table import Column, Row, Table
from sop.summary.wording import unheard_line

_FLOWS = (
    Column("channel", "渠道"),
    Column("joined", "入群", Unit.PERSONS, "近 28 天入群的人，按第一次入群的渠道，去重"),
    Column("active", "本周活跃", Unit.PERSONS, "其中本周有计数行为的人（进群、退群不算）", True),
    Column("active_rate", "活跃率", Unit.RATIO, "本周活跃 ÷ 入群", True),
    Column("old_enough", "满 7 天", Unit.PERSONS, "其中到周末入群已满 7 天的人"),
    Column("stayed", "还在", Unit.PERSONS, "满 7 天的人里，7 天内没有退出那个群的"),
    Column("stay_rate", "7 天留存率", Unit.RATIO, "还在 ÷ 满 7 天"),
    Column("cost", "已付奖金", Unit.FEN, "入群以后到周末付给他们的"),
    Column("cost_per_joined", "每人奖金", Unit.FEN, "已付奖金 ÷ 入群"),
)
_WAYS = (
    Column("via", "入群方式"),
    Column("joins", "入群人次", Unit.TIMES, "本周的入群事件数"),
    Column("present", "周末仍在", Unit.PERSONS, "其中周末还在任一社群的人"),
)
UNKNOWN = "未知"
_CALLED = {"": UNKNOWN, "roster": "核对名单时才发现"}
"""Ways in that are no code of WeCom's and no channel."""


def called(way: str) -> str:
    """What people call a way in."""
    return _CALLED.get(way, way)


def tables(period: Period) -> Iterator[Table]:
    """Four weeks of channels, then the week's ways in."""
    quiet = unheard_line(period.now.unheard)
    if period.details.channels:
        rows = tuple(_row(one, at_least=bool(quiet)) for one in period.details.channels)
        note = f"{quiet}。" if quiet else ""
        yield Table("channels", "近 28 天的渠道", _FLOWS, rows, note)
    if period.now.channels:
        ways = tuple(Row((called(one.via), one.joins, one.present)) for one in period.now.channels)
        yield Table("ways_in", "本周的入群方式", _WAYS, ways)


def _row(flow: ChannelFlow, *, at_least: bool) -> Row:
    unknown = at_least and not flow.active
    return Row(
        (
            _name(flow),
            flow.joined,
            None if unknown else flow.active,
            None if unknown else ratio(flow.active, flow.joined),
            flow.old_enough,
            flow.stayed,
            ratio(flow.stayed, flow.old_enough),
            flow.cost_fen,
            each(flow.cost_fen, flow.joined),
        ),
        at_least=at_least,
    )


def charts(period: Period) -> Iterator[Chart]:
    """Volume against staying; a channel of whom nobody could have stayed yet has no place."""
    flows = [one for one in period.details.channels if one.old_enough]
    if len(flows) < 2:
        return
    yield Chart(
        "channel_quality",
        "渠道：多少人来（横），多少人留（纵）",
        Shape.DOTS,
        tuple(_name(one) for one in flows),
        (
            Series("入群", Unit.PERSONS, tuple(one.joined for one in flows)),
            Series(
                "7 天留存率", Unit.RATIO, tuple(ratio(one.stayed, one.old_enough) for one in flows)
            ),
        ),
        "右上的渠道多投，右下的先改，左上的加量试。",
        "渠道",
    )


def _name(flow: ChannelFlow) -> str:
    return flow.title or called(flow.channel)


PART = Part("channels", "渠道", 16, tables, charts)
