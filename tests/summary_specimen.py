"""A week made by hand that shows everything a form of the summary can show."""
# ruff: noqa: E501

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from sop.community import Community, DeliveryMode
from sop.summary.chart import Chart, Series, Shape
from sop.summary.figures import CampaignFigures, FunnelFigures, StepFigures, WeekFigures
from sop.summary.finding import Finding
from sop.summary.metrics import Number, Unit
from sop.summary.period import Period
from sop.summary.summary import Section, Summary, summarise
from sop.summary.table import Column, Row, Table

MONDAY = date(2026, 11, 16)
ZONE = ZoneInfo("Asia/Shanghai")
HOSTILE = "<script>alert(1)</script>🎉\u202eكلمة\u202c=1+1" + "长" * 180
DAYS = ("周一", "周二", "周三", "周四", "周五", "周六", "周日")


ENDS = (1914, 1860, 1814, 1776, 1746)
"""Members at the end of each week, newest first: each week's net growth more."""


def figures(back: int, *, unheard: int = 0) -> WeekFigures:
    """The week so many weeks before the specimen's."""
    monday = MONDAY - back * timedelta(days=7)
    start = 1860 - 38 * back
    step = StepFigures(
        "wealth-weekly", "tue-dice", "掷骰子", monday, 24, 23 - back, 22 - back, 0, 12, 11
    )
    return WeekFigures(
        monday=monday,
        communities=12,
        members_at_start=start,
        members_at_end=ENDS[back],
        daily_members=tuple(start + 8 * day for day in range(7)),
        new=96 - 9 * back,
        lost=42 - back,
        joins=103,
        leaves=47,
        wau=782 - 47 * back,
        dau=tuple(count - 11 * back for count in (312, 405, 298, 366, 421, 188, 164)),
        speakers=341,
        messages=2914,
        silent=488,
        returned=31,
        players=574 - 52 * back,
        funnel=FunnelFigures(96, 71, 58, 49),
        settled_fen=184320,
        follow_ups_due=37,
        follow_ups_done=33,
        steps=(step,),
        campaigns=(CampaignFigures("join-hook", "入群见面礼", 500000, 231250, 184320, 6400, 58),),
        targets=(("active_rate", 0.45), ("sop_completion", 0.95)),
        unheard=unheard,
        heard_members_at_end=1602 if unheard else 0,
    )


def place(number: int) -> Community:
    """One of the communities."""
    name = f"财富体验 {number} 群"
    return Community(
        f"wealth-{number:02d}", name, f"wr{number}", "linyue", DeliveryMode.ROBOT, frozenset(), ZONE
    )


def chart(
    key: str,
    title: str,
    shape: Shape,
    labels: Iterable[str],
    *series: tuple[str, Unit, tuple[Number | None, ...]],
) -> Chart:
    """A chart of (name, unit, values)."""
    return Chart(key, title, shape, tuple(labels), tuple(Series(*one) for one in series))


LINE = chart(
    "dau", "每天的活跃成员（人）", Shape.LINE, DAYS,
    ("本周", Unit.PERSONS, (312, 405, 298, 366, 421, 188, 164)),
    ("上周", Unit.PERSONS, (301, 352, 287, None, 398, 172, 158)),
)  # fmt: skip
MEMBERS = chart(
    "members_over_weeks", "五周的成员数（人）", Shape.LINE, ("W43", "W44", "W45", "W46", "W47"),
    ("成员", Unit.PERSONS, tuple(reversed(ENDS))),
)  # fmt: skip
BARS = chart(
    "active_rate_by_community", "各社群的活跃率", Shape.BARS,
    ("财富体验一群", "财富体验二群", "稳健理财群", "新客礼遇群", "私行沙龙群", "退休生活群"),
    ("本周", Unit.RATIO, (0.523, 0.481, 0.437, 0.402, None, 0.318)),
    ("上周", Unit.RATIO, (0.492, 0.497, 0.391, 0.405, 0.21, 0.334)),
)  # fmt: skip
STACK = chart(
    "due_split", "交给客户经理的话术（条）", Shape.STACK, ("林悦", "周文", "陈敏", "李静"),
    ("准时发出", Unit.TIMES, (22, 18, 9, 14)),
    ("晚发", Unit.TIMES, (1, 3, 6, 0)),
    ("跳过", Unit.TIMES, (0, 1, 2, 1)),
    ("未处理", Unit.TIMES, (0, 0, 5, 1)),
)  # fmt: skip
FUNNEL = chart(
    "funnel", "本周新人走到了哪一步（人）", Shape.FUNNEL, ("入群", "玩过游戏", "抽过奖", "已到账"),
    ("人数", Unit.PERSONS, (96, 71, 58, 49)),
)  # fmt: skip
HEAT = chart(
    "cohorts", "各周新人之后每周的活跃率", Shape.HEAT, tuple(f"第 {n} 周" for n in range(6)),
    ("10-12 入群", Unit.RATIO, (0.82, 0.61, 0.52, 0.47, 0.44, 0.43)),
    ("10-19 入群", Unit.RATIO, (0.79, 0.58, 0.49, 0.46, 0.41, None)),
    ("10-26 入群", Unit.RATIO, (0.84, 0.63, 0.55, 0.5, None, None)),
    ("11-02 入群", Unit.RATIO, (0.8, 0.66, 0.51, None, None, None)),
    ("11-09 入群", Unit.RATIO, (0.77, 0.59, None, None, None, None)),
    ("11-16 入群", Unit.RATIO, (0.81, None, None, None, None, None)),
)  # fmt: skip
DOTS = chart(
    "channels", "入群渠道：人数与留下的比例", Shape.DOTS,
    ("网点海报", "客户经理名片", "老带新", "公众号文章", "线下沙龙", "短信"),
    ("28 天入群（人）", Unit.PERSONS, (142, 98, 61, 37, 22, 118)),
    ("7 天后还在", Unit.RATIO, (0.61, 0.88, 0.93, 0.72, 0.95, 0.34)),
)  # fmt: skip

COMMUNITIES = Table(
    "communities", "各社群",
    (
        Column("name", "社群"),
        Column("members", "成员", Unit.PERSONS),
        Column("new", "新增", Unit.PERSONS),
        Column("lost", "流失", Unit.PERSONS),
        Column("wau", "周活跃", Unit.PERSONS, counts_actions=True),
        Column("active_rate", "活跃率", Unit.RATIO, "周活跃成员 ÷ 七天成员数的平均值"),
        Column("settled", "已领取", Unit.FEN),
        Column("day", "最近一次活动"),
    ),
    (
        Row(("财富体验一群", 412, 21, 6, 214, 0.523, 42150, date(2026, 11, 20)), "community:wealth-01"),
        Row(("财富体验二群", 388, 18, 9, 187, 0.481, 38800, date(2026, 11, 20)), "community:wealth-02"),
        Row(("私行沙龙群", 0, 0, 0, 0, None, 0, None), "community:salon", at_least=True),
        Row((HOSTILE, 9, 1, 0, 4, 0.4444, 300, date(2026, 11, 19)), "community:odd"),
    ),
    "私行沙龙群没有会话存档：活跃人数是下限。",
)  # fmt: skip
FINDINGS = (
    Finding("undone", 120, "有 1 项到期未执行：周二掷骰子（财富体验二群）。", "下周由李静值守，19:20 前确认。"),
    Finding("participation", 80, "周二掷骰子参与率 31%（上周 22%），周四歌词接龙 9%。", "下周四建议换成知识问答。", "communities"),
    Finding("channels", 60, "短信渠道 28 天带来 118 人，7 天后只留下 34%，明显低于其他渠道。", "下周先看短信里写了什么，留不住人的渠道先别加量。", "rm:linyue"),
    Finding("silent", 55, "沉默成员占 25.5%（488/1,914）。"),
)  # fmt: skip
SECTIONS = (
    Section("people", "成员", (), (MEMBERS, LINE)),
    Section("play", "游戏与新人", (), (FUNNEL,)),
    Section("work", "执行", (), (STACK, BARS)),
    Section("scopes", "社群", (COMMUNITIES,), ()),
    Section("experiments", "渠道与留存", (), (HEAT, DOTS)),
)


def specimen(scope: str = "华东分行全部社群", *, unheard: int = 0) -> Summary:
    """The week, with charts of all shapes and findings."""
    now, *past = (figures(back, unheard=unheard) for back in range(5))
    places = tuple(place(number) for number in range(1, 13))
    period = Period(now, past[0], places, ZONE, scope, tuple(past[1:]))
    return replace(summarise(period), findings=FINDINGS, sections=SECTIONS)
