"""The same numbers for every RM, every label and every community."""

from collections.abc import Iterable, Iterator
from fractions import Fraction

from sop.summary.chart import Chart, Series, Shape
from sop.summary.details import GroupFigures
from sop.summary.division import mean, ratio
from sop.summary.figures import SILENT_DAYS
from sop.summary.metrics import Unit
from sop.summary.parts import Part
from sop.summary.period import Period
from sop.summary.table import Cell, Column, Row, Table
from sop.summary.wording import unheard_line

_KINDS = (
    ("rm", "rms", "各客户经理", "客户经理", "跨自己的群去重。主管看全部社群，没有另算的主管口径。"),
    ("label", "labels", "各标签", "社群标签", "一个社群可以有几个标签，各行不能相加。"),
    ("community", "communities", "各社群", "社群", "一个人可以在几个群，各行不能相加。"),
)
MOST_BARS = 12
_NUMBERS = (
    Column("members", "成员", Unit.PERSONS, "周末在群的成员"),
    Column("new", "新增", Unit.PERSONS, "本周第一次进入这些社群的人"),
    Column("lost", "流失", Unit.PERSONS, "本周退出、周末已不在这些社群的人"),
    Column("wau", "周活跃成员", Unit.PERSONS, "本周有计数行为的成员（退群不算）", True),
    Column("mean_members", "平均成员", Unit.MEAN, "七天成员数的平均值"),
    Column("active_rate", "活跃率", Unit.RATIO, "周活跃成员 ÷ 平均成员", True),
    Column("active_rate_before", "上周活跃率", Unit.RATIO, "上周的活跃率", True),
    Column(
        "silent",
        "沉默成员",
        Unit.PERSONS,
        f"入群超过 {SILENT_DAYS} 天，且最近 {SILENT_DAYS} 天没有计数行为的成员",
    ),
    Column("players", "玩游戏", Unit.PERSONS, "本周玩过游戏的人"),
    Column("members_at_start", "周初成员", Unit.PERSONS, "周一零点在群的成员"),
    Column("participation", "游戏参与率", Unit.RATIO, "玩游戏的人 ÷ 周初成员"),
    Column("due", "SOP 应执行", Unit.TIMES, "注明原因取消的不算"),
    Column("executed", "已执行", Unit.TIMES, "应执行里已执行的"),
    Column("completion", "完成率", Unit.RATIO, "已执行 ÷ 应执行"),
    Column("on_time", "准时", Unit.TIMES, "在执行窗口内执行的"),
    Column("punctuality", "准时率", Unit.RATIO, "准时 ÷ 已执行"),
    Column("settled", "已领取", Unit.FEN, "本周到账的奖金"),
)


def active_rate(group: GroupFigures) -> float | None:
    """None where nobody was there, or where nothing is known of what was done."""
    if group.unheard and not group.wau:
        return None
    return ratio(group.wau, Fraction(group.member_days, 7))


def tables(period: Period) -> Iterator[Table]:
    """One table for each kind that the scope has more than one group of."""
    before = {(one.kind, one.id): one for one in period.details_before.groups}
    for kind, key, title, head, note in _KINDS:
        groups = _ranked(one for one in period.details.groups if one.kind == kind)
        if not groups:
            continue
        counted = kind != "community"
        size = (Column("communities", "社群数", Unit.TIMES),) if counted else ()
        rows = [
            Row(
                (
                    one.name,
                    *((one.communities,) if counted else ()),
                    *_numbers(one, before.get((one.kind, one.id))),
                ),
                f"{kind}:{one.id}",
                bool(one.unheard),
            )
            for one in groups
        ]
        quiet = unheard_line(period.now.unheard)
        yield Table(
            key,
            title,
            (Column("name", head), *size, *_NUMBERS),
            tuple(rows),
            f"{note}{quiet}。" if quiet else note,
        )


def _ranked(groups: Iterable[GroupFigures]) -> list[GroupFigures]:
    """The most active first; those of whom nothing is known last."""
    return sorted(groups, key=lambda one: (-_rank(active_rate(one)), one.name, one.id))


def _rank(rate: float | None) -> float:
    return -1.0 if rate is None else rate


def _numbers(group: GroupFigures, before: GroupFigures | None) -> tuple[Cell, ...]:
    nobody_heard = bool(group.unheard) and group.unheard >= group.communities
    return (
        group.members_at_end,
        group.new,
        group.lost,
        None if group.unheard and not group.wau else group.wau,
        mean(group.member_days, 7),
        active_rate(group),
        None if before is None else active_rate(before),
        None if nobody_heard else group.silent,
        group.players,
        group.members_at_start,
        ratio(group.players, group.members_at_start),
        group.due,
        group.executed,
        ratio(group.executed, group.due),
        group.on_time,
        ratio(group.on_time, group.executed),
        group.settled_fen,
    )


def charts(period: Period) -> Iterator[Chart]:
    """Communities beside each other; where they are too many for a picture, RMs."""
    for kind, _, title, head, _ in reversed(_KINDS):
        groups = _ranked(one for one in period.details.groups if one.kind == kind)
        if kind != "label" and 2 <= len(groups) <= MOST_BARS:
            yield _bars(period, groups, f"{title}的活跃率", head)
            return


def _bars(period: Period, groups: list[GroupFigures], title: str, head: str) -> Chart:
    rates = {(one.kind, one.id): active_rate(one) for one in period.details_before.groups}
    return Chart(
        "active_rates",
        title,
        Shape.BARS,
        tuple(one.name for one in groups),
        (
            Series("本周", Unit.RATIO, tuple(active_rate(one) for one in groups)),
            Series("上周", Unit.RATIO, tuple(rates.get((one.kind, one.id)) for one in groups)),
        ),
        unheard_line(period.now.unheard),
        head,
    )


PART = Part("scopes", "各客户经理、标签和社群", 60, tables, charts)
