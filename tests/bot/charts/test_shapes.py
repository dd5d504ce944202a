"""The geometry of each shape, whole."""
# ruff: noqa: E501

import pytest

from bot.charts import drawn, svg
from bot.charts.theme import Theme
from sop.summary.chart import Chart, Series, Shape
from sop.summary.metrics import Number, Unit

PERSONS, RATIO = Unit.PERSONS, Unit.RATIO


def chart(
    shape: Shape, labels: tuple[str, ...], *series: tuple[str, Unit, tuple[Number | None, ...]]
) -> Chart:
    return Chart("key", "标题", shape, labels, tuple(Series(*one) for one in series))


CASES = {
    "line": (
        chart(Shape.LINE, ("周一", "周二", "周三"), ("本周", PERSONS, (4, None, 8))),
        186.0,
        """
<path d="M14.3 160L310.3 160" fill="none" stroke="strong" stroke-width="1"/>
<text x="6.3" y="164" font-size="11" text-anchor="end" fill="dim">0</text>
<path d="M14.3 122.5L310.3 122.5" fill="none" stroke="line" stroke-width="1"/>
<text x="6.3" y="126.5" font-size="11" text-anchor="end" fill="dim">2</text>
<path d="M14.3 85L310.3 85" fill="none" stroke="line" stroke-width="1"/>
<text x="6.3" y="89" font-size="11" text-anchor="end" fill="dim">4</text>
<path d="M14.3 47.5L310.3 47.5" fill="none" stroke="line" stroke-width="1"/>
<text x="6.3" y="51.5" font-size="11" text-anchor="end" fill="dim">6</text>
<path d="M14.3 10L310.3 10" fill="none" stroke="line" stroke-width="1"/>
<text x="6.3" y="14" font-size="11" text-anchor="end" fill="dim">8</text>
<text x="20.3" y="178" font-size="11" text-anchor="middle" fill="dim">周一</text>
<text x="162.3" y="178" font-size="11" text-anchor="middle" fill="dim">周二</text>
<text x="304.3" y="178" font-size="11" text-anchor="middle" fill="dim">周三</text>
<circle cx="20.3" cy="85" r="3.5" fill="one" stroke="white" stroke-width="1.5">
<title>周一 本周 4</title>
</circle>
<circle cx="304.3" cy="10" r="3.5" fill="one" stroke="white" stroke-width="1.5">
<title>周三 本周 8</title>
</circle>
<text x="320.3" y="14" font-size="12" fill="one">本周 8</text>
""",
    ),
    "bars": (
        chart(Shape.BARS, ("一群", "二群"), ("本周", RATIO, (0.5, None)), ("上周", RATIO, (0.25, 0.4))),
        103.0,
        """
<rect x="0" y="3" width="16" height="8" fill="one" rx="2"/>
<text x="21" y="11" font-size="12" fill="ink">本周</text>
<rect x="63" y="1" width="16" height="12" fill="soft" stroke="strong" rx="2"/>
<text x="84" y="11" font-size="12" fill="ink">上周</text>
<path d="M34 21L34 81" fill="none" stroke="strong" stroke-width="1"/>
<text x="34" y="95" font-size="11" text-anchor="middle" fill="dim">0%</text>
<path d="M128.7 21L128.7 81" fill="none" stroke="line" stroke-width="1"/>
<text x="128.7" y="95" font-size="11" text-anchor="middle" fill="dim">20%</text>
<path d="M223.3 21L223.3 81" fill="none" stroke="line" stroke-width="1"/>
<text x="223.3" y="95" font-size="11" text-anchor="middle" fill="dim">40%</text>
<path d="M318 21L318 81" fill="none" stroke="line" stroke-width="1"/>
<text x="318" y="95" font-size="11" text-anchor="middle" fill="dim">60%</text>
<rect x="34" y="24" width="118.3" height="24" fill="soft" stroke="strong" rx="2">
<title>一群 上周 25.0%</title>
</rect>
<rect x="34" y="28" width="236.7" height="16" fill="one" rx="2">
<title>一群 本周 50.0%</title>
</rect>
<text x="0" y="40" font-size="12" fill="ink">一群</text>
<text x="276.7" y="40" font-size="12" fill="ink">50.0%</text>
<rect x="34" y="54" width="189.3" height="24" fill="soft" stroke="strong" rx="2">
<title>二群 上周 40.0%</title>
</rect>
<text x="0" y="70" font-size="12" fill="ink">二群</text>
<text x="229.3" y="70" font-size="12" fill="dim">无数据</text>
""",
    ),
    "stack": (
        chart(Shape.STACK, ("林悦",), ("准时", PERSONS, (3,)), ("晚", PERSONS, (1,))),
        72,
        """
<rect x="0" y="2" width="10" height="10" fill="one" rx="2"/>
<text x="15" y="11" font-size="12" fill="ink">准时</text>
<rect x="55" y="2" width="10" height="10" fill="two" rx="2"/>
<text x="70" y="11" font-size="12" fill="ink">晚</text>
<path d="M34 20L34 50" fill="none" stroke="strong" stroke-width="1"/>
<path d="M114.7 20L114.7 50" fill="none" stroke="line" stroke-width="1"/>
<path d="M195.4 20L195.4 50" fill="none" stroke="line" stroke-width="1"/>
<path d="M276.1 20L276.1 50" fill="none" stroke="line" stroke-width="1"/>
<path d="M356.9 20L356.9 50" fill="none" stroke="line" stroke-width="1"/>
<text x="34" y="64" font-size="11" text-anchor="middle" fill="dim">0</text>
<text x="356.9" y="64" font-size="11" text-anchor="middle" fill="dim">4</text>
<text x="0" y="39" font-size="12" fill="ink">林悦</text>
<rect x="34" y="24" width="241.1" height="22" fill="one" rx="2">
<title>林悦 准时 3</title>
</rect>
<text x="154.6" y="39" font-size="11" text-anchor="middle" fill="white">3</text>
<rect x="276.1" y="24" width="79.7" height="22" fill="two" rx="2">
<title>林悦 晚 1</title>
</rect>
<text x="316" y="39" font-size="11" text-anchor="middle" fill="white">1</text>
""",
    ),
    "funnel": (
        chart(Shape.FUNNEL, ("入群", "玩过"), ("人数", PERSONS, (10, 4))),
        78,
        """
<text x="0" y="17" font-size="12" fill="ink">入群</text>
<rect x="34" y="0" width="304.3" height="26" fill="one" rx="2">
<title>入群 10</title>
</rect>
<text x="344.3" y="17" font-size="12" font-weight="700" fill="ink">10</text>
<text x="0" y="65" font-size="12" fill="ink">玩过</text>
<rect x="34" y="48" width="121.7" height="26" fill="one" rx="2">
<title>玩过 4</title>
</rect>
<text x="161.7" y="65" font-size="12" font-weight="700" fill="ink">4</text>
<text x="34" y="41" font-size="11" fill="dim">↓ 6，到这一步 40.0%</text>
""",
    ),
    "heat": (
        chart(Shape.HEAT, ("第 0 周", "第 1 周"), ("11-09", RATIO, (0.8, 0.3)), ("11-16", RATIO, (0.5, None))),
        76,
        """
<text x="121.7" y="12" font-size="11" text-anchor="middle" fill="dim">第 0 周</text>
<text x="280.6" y="12" font-size="11" text-anchor="middle" fill="dim">第 1 周</text>
<text x="0" y="37" font-size="12" fill="ink">11-09</text>
<rect x="42.2" y="20" width="156.9" height="24" fill="one" rx="2">
<title>11-09 第 0 周 80.0%</title>
</rect>
<text x="120.7" y="36" font-size="11" text-anchor="middle" fill="white">80.0%</text>
<rect x="201.1" y="20" width="156.9" height="24" fill="one" fill-opacity="0.25" rx="2">
<title>11-09 第 1 周 30.0%</title>
</rect>
<text x="279.6" y="36" font-size="11" text-anchor="middle" fill="ink">30.0%</text>
<text x="0" y="63" font-size="12" fill="ink">11-16</text>
<rect x="42.2" y="46" width="156.9" height="24" fill="one" fill-opacity="0.55" rx="2">
<title>11-16 第 0 周 50.0%</title>
</rect>
<text x="120.7" y="62" font-size="11" text-anchor="middle" fill="ink">50.0%</text>
""",
    ),
    "dots": (
        chart(Shape.DOTS, ("海报",), ("人数", PERSONS, (20,)), ("留下", RATIO, (0.5,))),
        259.0,
        """
<text x="0" y="12" font-size="11" fill="ink">↑ 留下</text>
<path d="M28.5 221L348 221" fill="none" stroke="strong" stroke-width="1"/>
<text x="20.5" y="225" font-size="11" text-anchor="end" fill="dim">0%</text>
<path d="M28.5 156L348 156" fill="none" stroke="line" stroke-width="1"/>
<text x="20.5" y="160" font-size="11" text-anchor="end" fill="dim">20%</text>
<path d="M28.5 91L348 91" fill="none" stroke="line" stroke-width="1"/>
<text x="20.5" y="95" font-size="11" text-anchor="end" fill="dim">40%</text>
<path d="M28.5 26L348 26" fill="none" stroke="line" stroke-width="1"/>
<text x="20.5" y="30" font-size="11" text-anchor="end" fill="dim">60%</text>
<text x="28.5" y="237" font-size="11" text-anchor="middle" fill="dim">0</text>
<text x="108.3" y="237" font-size="11" text-anchor="middle" fill="dim">5</text>
<text x="188.2" y="237" font-size="11" text-anchor="middle" fill="dim">10</text>
<text x="268.1" y="237" font-size="11" text-anchor="middle" fill="dim">15</text>
<text x="348" y="237" font-size="11" text-anchor="middle" fill="dim">20</text>
<text x="360" y="253" font-size="11" text-anchor="end" fill="ink">人数 →</text>
<circle cx="348" cy="58.5" r="5.5" fill="one" stroke="white" stroke-width="1.5">
<title>海报 人数 20，留下 50.0%</title>
</circle>
<text x="315" y="62.5" font-size="12" stroke="white" stroke-width="4" stroke-linejoin="round" paint-order="stroke" fill="ink">海报</text>
""",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_shape_is_drawn(name: str, theme: Theme) -> None:
    made, height, marks = CASES[name]
    ink = drawn(made, theme)
    assert (ink.height, ink.marks) == (height, marks.strip().replace(">\n<", "><"))


def test_missing_value_breaks_the_line(theme: Theme) -> None:
    made = chart(Shape.LINE, tuple("一二三四五"), ("周", PERSONS, (1, 2, None, 4, 5)))
    lines = [one for one in drawn(made, theme).marks.split("<") if 'stroke="one"' in one]
    assert lines == [
        'path d="M20.3 135L94.3 110" fill="none" stroke="one" stroke-width="2.5"/>',
        'path d="M242.3 60L316.3 35" fill="none" stroke="one" stroke-width="2.5"/>',
    ]


def test_chart_is_an_image_with_a_name(theme: Theme) -> None:
    made = Chart("key", "活跃率（%）<b>", Shape.LINE, (), (), "没有“会话存档”")
    assert svg(made, theme) == (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 360 44" role="img" '
        'aria-label="活跃率（%）&lt;b&gt;。没有“会话存档”">'
        '<text x="180" y="28" font-size="12" text-anchor="middle" fill="dim">无数据</text></svg>'
    )


def test_narrow_range_says_that_the_axis_does_not_begin_at_zero(theme: Theme) -> None:
    made = chart(Shape.LINE, ("W46", "W47"), ("成员", PERSONS, (1800, 1914)))
    assert "纵轴不从 0 开始" in drawn(made, theme).marks


def test_series_is_told_apart_without_colour(theme: Theme) -> None:
    made = chart(Shape.LINE, ("一", "二"), ("本周", PERSONS, (1, 2)), ("上周", PERSONS, (2, 3)))
    assert drawn(made, theme).marks.count("stroke-dasharray") == 1


def test_negative_bar_lies_left_of_zero(theme: Theme) -> None:
    made = chart(Shape.BARS, ("甲", "乙"), ("净增", PERSONS, (-10, 10)))
    bars = [one for one in drawn(made, theme).marks.split("<") if 'fill="one"' in one]
    assert bars == [
        'rect x="22" y="7" width="148" height="16" fill="one" rx="2">',
        'rect x="170" y="37" width="148" height="16" fill="one" rx="2">',
    ]


def test_stage_with_nobody_before_has_no_share(theme: Theme) -> None:
    made = chart(Shape.FUNNEL, ("入群", "玩过"), ("人数", PERSONS, (0, 0)))
    assert "↓ 0<" in drawn(made, theme).marks


def test_share_of_the_second_series_is_written(theme: Theme) -> None:
    shares = ("留下", RATIO, (None, 0.4567))
    made = chart(Shape.FUNNEL, ("入群", "玩过"), ("人数", PERSONS, (100, 46)), shares)
    assert "↓ 54，到这一步 45.7%" in drawn(made, theme).marks
