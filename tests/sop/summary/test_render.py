"""What people get: the chat card, the Markdown document and the JSON, whole."""

import json
import re
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sop.community import Community, DeliveryMode
from sop.summary.card import BYTES, LONGEST_FINDING, LONGEST_PROPOSAL, render
from sop.summary.chart import Chart, Series, Shape
from sop.summary.figures import CampaignFigures, GameFigures, StepFigures, WeekFigures
from sop.summary.finding import Finding
from sop.summary.markdown import document, escaped
from sop.summary.metrics import Unit
from sop.summary.period import Period
from sop.summary.summary import Section, Summary, summarise
from sop.summary.table import Column, Row, Table
from sop.summary.wording import cut

SHANGHAI = ZoneInfo("Asia/Shanghai")

_UNSEEN = frozenset(
    chr(n)
    for first, last in (
        (0, 0x1F),
        (0x7F, 0x9F),
        (0x61C, 0x61C),
        (0x200E, 0x200F),
        (0x2028, 0x202E),
        (0x2066, 0x2069),
    )
    for n in range(first, last + 1)
)
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

CARD = """\
## 全部社群 · 周报
<font color="comment">2026 年第 48 周（11 月 23 日至 11 月 29 日）</font>

成员数 **140** <font color="info">↑ 12</font>
净增 **12**（新增 15，流失 3） <font color="warning">↓ 16</font>
活跃率 **47.6%**（64/134.57） <font color="info">↑ 21.4 个百分点</font>
游戏参与率 **27.3%**（35/128） <font color="info">↑ 17.3 个百分点</font>
SOP 完成率 **87.5%**（7/8）

**值得注意**
1. 有 1 项到期未执行：周三内容 wed-tip。
> 下周三请李静值守。
2. 有 1 项晚于执行窗口：周二掷骰子。
3. 周四知识问答的参与率最高。
> 建议周二也换成知识问答。

**成员** 入群 16 人次，退群 4 人次
周活跃 64 人，日均 22.57，黏性 35.3%（22.57/64）
发言 40 人，人均消息 1.54（215/140）
沉默 20 人，回流 2 人

**游戏** 掷骰子 2 局 18 人；知识问答 2 局 22 人
**新人** 入群 15 → 玩过 12 → 抽奖 11 → 到账 4

**SOP** 完成 7/8，准时 6/7，已确认 2/3
> ✅ 周一 内容 mon-brief 2/2
> ⏰ 周二 掷骰子 2/2 晚了
> ❌ 周三 内容 wed-tip 1/2 未完成
> ✅ 周四 知识问答 2/2
> ⏭ 周五 周五抽奖 已取消

**奖金** 投放 ¥5,100.00，已发出 **¥367.50**（7.2%）
已领取 ¥64.00，已退回 ¥0.00
单客成本：每名新增 ¥4.27，每名活跃 ¥1.00"""

EMPTY_CARD = """\
## 新客群 · 周报
<font color="comment">2026 年第 48 周（11 月 23 日至 11 月 29 日）</font>

成员数 **0** <font color="comment">持平</font>
净增 **0**（新增 0，流失 0） <font color="comment">持平</font>
活跃率 **无数据**（七天成员数的平均值为 0）
游戏参与率 **无数据**（周初在群的成员为 0）
SOP 完成率 **无数据**（应执行为 0）

**成员** 入群 0 人次，退群 0 人次
周活跃 0 人，日均 0.00，黏性 无数据（周活跃成员为 0）
发言 0 人，人均消息 无数据（周末成员数为 0）
沉默 0 人，回流 0 人

**游戏** 本周没有

**SOP** 本周没有步骤"""

DOCUMENT = Path(__file__).parent / "document.md"


JSON = {
    "week": "2026-W48",
    "from": "2026-11-23T00:00:00+08:00",
    "to": "2026-11-30T00:00:00+08:00",
    "scope": {"name": "全部社群", "communities": ["a", "b"]},
    "unheard": 0,
    "steps": [
        {
            "plan": "wealth-weekly",
            "step": "mon-brief",
            "title": "内容 mon-brief",
            "day": "2026-11-23",
            "due": 2,
            "executed": 2,
            "on_time": 2,
            "cancelled": 0,
            "reminded": 1,
            "confirmed": 1,
        },
        {
            "plan": "wealth-weekly",
            "step": "tue-dice",
            "title": "掷骰子",
            "day": "2026-11-24",
            "due": 2,
            "executed": 2,
            "on_time": 1,
            "cancelled": 0,
            "reminded": 1,
            "confirmed": 1,
        },
        {
            "plan": "wealth-weekly",
            "step": "wed-tip",
            "title": "内容 wed-tip",
            "day": "2026-11-25",
            "due": 2,
            "executed": 1,
            "on_time": 1,
            "cancelled": 0,
            "reminded": 1,
            "confirmed": 0,
        },
        {
            "plan": "wealth-weekly",
            "step": "thu-quiz",
            "title": "知识问答",
            "day": "2026-11-26",
            "due": 2,
            "executed": 2,
            "on_time": 2,
            "cancelled": 0,
            "reminded": 0,
            "confirmed": 0,
        },
        {
            "plan": "wealth-weekly",
            "step": "fri-draw",
            "title": "周五抽奖",
            "day": "2026-11-27",
            "due": 0,
            "executed": 0,
            "on_time": 0,
            "cancelled": 2,
            "reminded": 0,
            "confirmed": 0,
        },
    ],
    "games": [
        {
            "game": "dice",
            "title": "掷骰子",
            "sessions": 2,
            "players": 18,
            "turns": 20,
            "reward_fen": 2500,
        },
        {
            "game": "quiz",
            "title": "知识问答",
            "sessions": 2,
            "players": 22,
            "turns": 25,
            "reward_fen": 3000,
        },
    ],
    "campaigns": [
        {
            "source": "join-hook",
            "title": "入群礼",
            "budget_fen": 500000,
            "committed_fen": 31250,
            "settled_fen": 6400,
            "returned_fen": 0,
            "winners": 11,
        },
        {
            "source": "pool/games",
            "title": "游戏奖池",
            "budget_fen": 10000,
            "committed_fen": 5500,
            "settled_fen": 0,
            "returned_fen": 0,
            "winners": 7,
        },
    ],
    "channels": [{"via": "qr", "joins": 10, "present": 9}, {"via": "", "joins": 6, "present": 6}],
    "rms": [
        {
            "staff": "linyue",
            "name": "林悦",
            "communities": 2,
            "due": 8,
            "executed": 7,
            "on_time": 6,
            "reminded": 3,
            "confirmed": 2,
            "follow_ups_due": 3,
            "follow_ups_done": 2,
        }
    ],
    "tables": {
        "games": {
            "title": "各种游戏",
            "note": "参与率是下限。",
            "columns": [
                {
                    "key": key,
                    "name": name,
                    "unit": unit,
                    "definition": told,
                    "may_be_ahead": False,
                    "counts_actions": acts,
                }
                for key, name, unit, told, acts in (
                    ("title", "游戏", None, "", False),
                    ("players", "人数", "persons", "", False),
                    ("rate", "参与率", "ratio", "人数 ÷ 在群成员", True),
                    ("mean", "人均", "mean", "", False),
                    ("reward", "奖励", "fen", "", False),
                    ("day", "日期", None, "", False),
                    ("rank", "名次", None, "", False),
                )
            ],
            "rows": [
                {
                    "title": "掷骰子",
                    "players": 1234,
                    "rate": 0.523,
                    "mean": 1.5,
                    "reward": 2500,
                    "day": "2026-11-24",
                    "rank": 2,
                },
                {
                    "title": "a|b\n<b>`*[x](y)*`</b>\\ &amp;\u202e",
                    "players": 0,
                    "rate": None,
                    "mean": None,
                    "reward": 0,
                    "day": None,
                    "rank": 1,
                },
            ],
        },
        "nobody": {
            "title": "没有行",
            "note": "",
            "columns": [
                {
                    "key": "a",
                    "name": "空",
                    "unit": None,
                    "definition": "",
                    "may_be_ahead": False,
                    "counts_actions": False,
                }
            ],
            "rows": [],
        },
    },
    "charts": {
        "days": {
            "key": "days",
            "title": "每天的人数（人）",
            "shape": "line",
            "labels": ["周一", "周二"],
            "series": [
                {"name": "本周", "unit": "persons", "values": [5, None]},
                {"name": "上周", "unit": "persons", "values": [4, 3]},
            ],
            "note": "",
            "label_title": "日期",
        },
        "told": {
            "key": "told",
            "title": "在表里的不再写一遍",
            "shape": "bars",
            "labels": ["掷骰子", "另一个"],
            "series": [{"name": "参与率", "unit": "ratio", "values": [0.523, None]}],
            "note": "",
            "label_title": "",
        },
    },
    "findings": [
        "有 1 项到期未执行：周三内容 wed-tip。下周三请李静值守。",
        "有 1 项晚于执行窗口：周二掷骰子。",
        "周四知识问答的参与率最高。建议周二也换成知识问答。",
        "沉默成员占 14.3%（20/140）。",
    ],
}


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


def test_card_of_a_busy_week(now: WeekFigures, before: WeekFigures) -> None:
    assert render(made(now, before)) == CARD


def test_card_of_a_community_without_members(empty: WeekFigures) -> None:
    assert render(made(empty, empty, "新客群", ())) == EMPTY_CARD


def test_document_of_a_busy_week(now: WeekFigures, before: WeekFigures) -> None:
    assert document(made(now, before)) == DOCUMENT.read_text(encoding="utf-8")


def test_json_of_a_busy_week(now: WeekFigures, before: WeekFigures) -> None:
    summary = made(now, before)
    found = json.loads(json.dumps(summary.as_json()))
    metrics = found.pop("metrics")
    assert found == JSON
    assert metrics["active_rate"] == {
        "name": "活跃率",
        "unit": "ratio",
        "value": 0.4756,
        "numerator": 64,
        "denominator": 134.57,
        "previous": 0.2615,
        "target": None,
        "unknown": "",
        "at_least": False,
        "mean": 0.2615,
        "quality": "",
        "less_is_better": False,
        "definition": "周活跃成员 ÷ 七天成员数的平均值",
    }
    assert list(metrics) == [metric.key for metric in summary.metrics]


def test_targets_stand_in_every_form(now: WeekFigures, before: WeekFigures) -> None:
    """The card tells first of what is not reached."""
    week = replace(now, targets=(("active_rate", 0.4), ("game_participation", 0.95)))
    summary = made(week, before)
    lines = ["- ✅ 活跃率 47.6%，目标 40.0%", "- ⬜ 游戏参与率 27.3%，目标 95.0%"]
    assert render(summary).split("**目标**\n")[1].split("\n\n")[0].splitlines() == lines[::-1]
    assert document(summary).split("## 目标\n\n")[1].split("\n\n")[0].splitlines() == lines
    assert summary.as_json()["metrics"]["active_rate"]["target"] == 0.4


def test_card_counts_the_targets_that_it_has_no_room_for(
    now: WeekFigures, before: WeekFigures
) -> None:
    keys = ("members", "new", "lost", "wau", "speakers", "silent")
    week = replace(now, targets=tuple((key, 1.0) for key in keys))
    card = render(made(week, before, findings=()))
    assert card.split("**目标**\n")[1].split("\n\n")[0].splitlines() == [
        "- ⬜ 流失 3，目标不超过 1",
        "- ⬜ 沉默成员 20，目标不超过 1",
        "- ✅ 成员数 140，目标 1",
        "- ✅ 新增 15，目标 1",
        "- 另有 2 项",
    ]


def long_week(figures: WeekFigures, steps: int, name: str) -> WeekFigures:
    """The same week with many steps, games and campaigns under a long name; each third late."""
    many = tuple(
        StepFigures(
            "p",
            f"s{n}",
            name,
            date(2026, 11, 23) + timedelta(days=n % 7),
            1,
            1,
            n % 3 != 0,
            0,
            0,
            0,
        )
        for n in range(steps)
    )
    return replace(
        figures,
        steps=many,
        games=tuple(GameFigures(f"g{n}", name, 10**6, 10**6, 10**6, 10**9) for n in range(9)),
        campaigns=tuple(
            CampaignFigures(f"c{n}", name, 10**9, 10**9, 10**9, 10**9, 10**6) for n in range(9)
        ),
    )


def test_long_card_keeps_what_went_wrong_and_counts_the_rest(
    now: WeekFigures, before: WeekFigures
) -> None:
    week = long_week(now, 30, "一个名字很长很长的步骤")
    lines = render(made(week, before, findings=())).splitlines()
    shown = [line for line in lines if line.startswith("> ")]
    late = sum(line.endswith("晚了") for line in shown)
    assert (late, shown[-1]) == (10, f"> 另有 {30 - len(shown) + 1} 项")


def test_long_findings_outlive_the_details(now: WeekFigures, before: WeekFigures) -> None:
    """Whatever else there is: five headlines, three findings, and a proposal for each."""
    found = tuple(Finding("r", 100, "甲" * 400, "乙" * 400) for _ in range(7))
    week = long_week(now, 30, "一个名字很长很长的步骤")
    card = render(made(week, before, findings=found))
    text, proposal = "甲" * (LONGEST_FINDING - 1) + "…", "乙" * (LONGEST_PROPOSAL - 1) + "…"
    told = "\n".join(f"{n}. {text}\n> {proposal}" for n in (1, 2, 3))
    assert f"SOP 完成率 **100.0%**（30/30）\n\n**值得注意**\n{told}" in card
    assert len(card.encode()) <= BYTES


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    steps=st.integers(0, 80),
    name=st.text(max_size=60),
    scope=st.text(max_size=60),
    found=st.lists(st.builds(Finding, st.just("r"), st.just(1), st.text(), st.text()), max_size=7),
    targets=st.sets(st.sampled_from(("members", "wau", "active_rate", "silent", "new", "lost"))),
    unheard=st.booleans(),
)
def test_card_always_fits_one_message(
    now: WeekFigures,
    steps: int,
    name: str,
    scope: str,
    found: list[Finding],
    targets: set[str],
    unheard: bool,
) -> None:
    figures = replace(
        now,
        members_at_end=10**7,
        wau=10**7,
        messages=10**9,
        unheard=int(unheard),
        targets=tuple((key, 1.0) for key in sorted(targets)),
    )
    week = long_week(figures, steps, name)
    card = render(made(week, now, scope, tuple(found)))
    assert len(card.encode()) <= BYTES


def test_card_of_the_longest_words_fits_one_message(now: WeekFigures) -> None:
    """Four bytes for each letter, everywhere."""
    found = tuple(Finding("r", 100, "🎉" * 400, "🎉" * 400) for _ in range(7))
    week = replace(long_week(now, 80, "🎉" * 60), unheard=1, members_at_end=10**9, wau=10**9)
    card = render(made(week, now, "🎉" * 60, found))
    assert (len(card.encode()) <= BYTES, "3. 🎉" in card) == (True, True)


@given(st.text())
def test_escaped_words_are_one_line_without_markup(text: str) -> None:
    """A reader of Markdown sees the words again, whatever they are."""
    line = escaped(text)
    assert re.search(r"[\n\r\u2028\u2029\u202e]", line) is None
    assert re.sub(r"\\.", "", line).translate(dict.fromkeys(map(ord, "|<>`*[]&\\"))) == re.sub(
        r"\\.", "", line
    )
    seen = re.sub(r"\\(.)", r"\1", line)
    assert [one for one in seen if one != " "] == [
        one for one in text if one != " " and one not in _UNSEEN
    ]


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("掷骰子", "掷骰子"),
        ("a\nb\tc", "a b c"),
        ("**<font>", "font"),
        ("\u202e反\x00", "反"),
        ("一二三四五六七", "一二三四…"),
    ],
)
def test_cut_shows_names_in_one_plain_line(text: str, shown: str) -> None:
    assert cut(text, 5) == shown
