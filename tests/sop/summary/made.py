"""A week of nothing; and a summary whose findings and sections stand still, for its forms."""

from dataclasses import replace
from datetime import date
from zoneinfo import ZoneInfo

from sop.community import Community, DeliveryMode
from sop.summary.chart import Chart, Series, Shape
from sop.summary.figures import FunnelFigures, WeekFigures
from sop.summary.finding import Finding
from sop.summary.metrics import Unit
from sop.summary.period import Period
from sop.summary.summary import Section, Summary, summarise
from sop.summary.table import Column, Row, Table

SHANGHAI = ZoneInfo("Asia/Shanghai")
FINDINGS = (
    Finding("undone", 120, "有 1 项到期未执行：周三内容 wed-tip。", "下周三请李静值守。"),
    Finding("late", 101, "有 1 项晚于执行窗口：周二掷骰子。"),
    Finding("games", 30, "周四知识问答的参与率最高。", "建议周二也换成知识问答。", "games"),
    Finding("silent", 20, "沉默成员占 14.3%（20/140）。"),
)
SECTIONS = (
    Section("people", "成员", (), ()),
    Section(
        "play",
        "游戏",
        (
            Table(
                "games",
                "各种游戏",
                (
                    Column("title", "游戏"),
                    Column("players", "人数", Unit.PERSONS),
                    Column("rate", "参与率", Unit.RATIO, "人数 ÷ 在群成员", counts_actions=True),
                    Column("mean", "人均", Unit.MEAN),
                    Column("reward", "奖励", Unit.FEN),
                    Column("day", "日期"),
                    Column("rank", "名次"),
                ),
                (
                    Row(("掷骰子", 1234, 0.523, 1.5, 2500, date(2026, 11, 24), 2), at_least=True),
                    Row(("a|b\n<b>`*[x](y)*`</b>\\ &amp;\u202e", 0, None, None, 0, None, 1)),
                ),
                "参与率是下限。",
            ),
            Table("nobody", "没有行", (Column("a", "空"),), ()),
        ),
        (
            Chart(
                "days",
                "每天的人数（人）",
                Shape.LINE,
                ("周一", "周二"),
                (Series("本周", Unit.PERSONS, (5, None)), Series("上周", Unit.PERSONS, (4, 3))),
                label_title="日期",
            ),
            Chart(
                "told",
                "在表里的不再写一遍",
                Shape.BARS,
                ("掷骰子", "另一个"),
                (Series("参与率", Unit.RATIO, (0.523, None)),),
            ),
        ),
    ),
)


def blank(monday: date) -> WeekFigures:
    """A week of one community without any member or event."""
    return WeekFigures(
        monday=monday,
        communities=1,
        members_at_start=0,
        members_at_end=0,
        daily_members=(0,) * 7,
        new=0,
        lost=0,
        joins=0,
        leaves=0,
        wau=0,
        dau=(0,) * 7,
        speakers=0,
        messages=0,
        silent=0,
        returned=0,
        players=0,
        funnel=FunnelFigures(0, 0, 0, 0),
        settled_fen=0,
        follow_ups_due=0,
        follow_ups_done=0,
    )


def community(id: str) -> Community:
    labels = frozenset({"wealth"})
    return Community(id, id, f"wr-{id}", "linyue", DeliveryMode.ROBOT, labels, SHANGHAI)


def made(
    now: WeekFigures,
    before: WeekFigures,
    scope: str = "全部社群",
    findings: tuple[Finding, ...] = FINDINGS,
) -> Summary:
    """A summary whose findings and sections do not depend on any rule or part."""
    period = Period(now, before, (community("a"), community("b")), SHANGHAI, scope)
    return replace(summarise(period), findings=findings, sections=SECTIONS)
