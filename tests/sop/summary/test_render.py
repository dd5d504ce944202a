"""What people get: the chat card, the Markdown document and the JSON, whole."""

import json
from dataclasses import replace
from datetime import date, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sop.community import Community, DeliveryMode
from sop.summary.card import BYTES, render
from sop.summary.figures import CampaignFigures, GameFigures, StepFigures, WeekFigures
from sop.summary.markdown import document
from sop.summary.period import Period
from sop.summary.summary import summarise
from sop.summary.wording import cut

SHANGHAI = ZoneInfo("Asia/Shanghai")

CARD = """\
## 全部社群 · 周报
<font color="comment">2026 年第 48 周（11 月 23 日至 11 月 29 日）</font>

成员数 **140** <font color="info">↑ 12</font>
周活跃成员 **64** <font color="info">↑ 34</font>
活跃率 **47.6%**（64/134.57） <font color="info">↑ 21.4 个百分点</font>

新增 **15**，流失 3（入群 16 人次，退群 4 人次）
日均活跃 22.57，黏性 35.3%（22.57/64）
发言 40 人，人均消息 1.54（215/140）
沉默 20 人，回流 2 人

**游戏** 掷骰子 2 局 18 人；知识问答 2 局 22 人
参与率 27.3%（35/128）
**新人** 入群 15 → 玩过 12 → 抽奖 11 → 到账 4

**SOP** 完成 **7/8**，准时 6/7，已确认 2/3
> ✅ 周一 内容 mon-brief 2/2
> ⏰ 周二 掷骰子 2/2 晚了
> ❌ 周三 内容 wed-tip 1/2 未完成
> ✅ 周四 知识问答 2/2
> ⏭ 周五 周五抽奖 已取消

**奖金** 投放 ¥5,100.00，已发出 **¥367.50**（7.2%）
已领取 ¥64.00，已退回 ¥0.00
单客成本：每名新增 ¥4.27，每名活跃 ¥1.00

**值得注意**
1. 有 1 项到期未执行：周三内容 wed-tip。
2. 交给客户经理的 3 条话术，还有 1 条没有确认已发。
3. 有 1 项晚于执行窗口：周二掷骰子。"""

EMPTY_CARD = """\
## 新客群 · 周报
<font color="comment">2026 年第 48 周（11 月 23 日至 11 月 29 日）</font>

成员数 **0** <font color="comment">持平</font>
周活跃成员 **0** <font color="comment">持平</font>
活跃率 **无数据**（七天成员数的平均值为 0）

新增 **0**，流失 0（入群 0 人次，退群 0 人次）
日均活跃 0.00，黏性 无数据（周活跃成员为 0）
发言 0 人，人均消息 无数据（周末成员数为 0）
沉默 0 人，回流 0 人

**游戏** 本周没有
参与率 无数据（周初在群的成员为 0）

**SOP** 本周没有步骤"""

DOCUMENT = """\
# 全部社群 · 周报

2026 年第 48 周（11 月 23 日至 11 月 29 日），共 2 个社群。

## 值得注意

- 有 1 项到期未执行：周三内容 wed-tip。
- 交给客户经理的 3 条话术，还有 1 条没有确认已发。
- 有 1 项晚于执行窗口：周二掷骰子。

## 指标

| 指标 | 本周 | 分子/分母 | 上周 | 变化 | 定义 |
| --- | --- | --- | --- | --- | --- |
| 成员数 | 140 |  | 128 | ↑ 12 | 周末在群的成员，跨群去重 |
| 新增 | 15 |  | 28 | ↓ 13 | 本周第一次进入任一社群的人 |
| 流失 | 3 |  | 0 | ↑ 3 | 本周退出、周末已不在任何社群的人 |
| 净增 | 12 |  | 28 | ↓ 16 | 新增 − 流失 |
| 入群人次 | 16 |  | 28 | ↓ 12 | 本周入群事件数 |
| 退群人次 | 4 |  | 0 | ↑ 4 | 本周退群事件数 |
| 周活跃成员 | 64 |  | 30 | ↑ 34 | 本周有计数行为的成员（消息、答题、签到、抽奖、点击、进出群） |
| 活跃率 | 47.6% | 64/134.57 | 26.2% | ↑ 21.4 个百分点 | 周活跃成员 ÷ 七天成员数的平均值 |
| 日均活跃成员 | 22.57 | 158/7 | 5.57 | ↑ 17.00 | 每天至少有一次计数行为的成员数，七天平均 |
| 黏性 | 35.3% | 22.57/64 | 18.6% | ↑ 16.7 个百分点 | 日均活跃成员 ÷ 周活跃成员 |
| 发言人数 | 40 |  | 20 | ↑ 20 | 本周发过消息的成员，去重 |
| 人均消息 | 1.54 | 215/140 | 0.62 | ↑ 0.92 | 本周消息数 ÷ 周末成员数 |
| 沉默成员 | 20 |  | 22 | ↓ 2 | 入群超过 14 天，且最近 14 天没有计数行为的成员 |
| 回流 | 2 |  | 0 | ↑ 2 | 周初为沉默成员，本周又有计数行为（退群不算）的人 |
| 游戏参与率 | 27.3% | 35/128 | 10.0% | ↑ 17.3 个百分点 | 本周玩过游戏的人 ÷ 周初在群的成员 |
| 漏斗·入群 | 15 |  | 28 | ↓ 13 | 本周入群的人，去重 |
| 漏斗·玩过游戏 | 80.0% | 12/15 | 35.7% | ↑ 44.3 个百分点 | 其中到周末玩过游戏的人 ÷ 入群的人 |
| 漏斗·抽过奖 | 91.7% | 11/12 | 80.0% | ↑ 11.7 个百分点 | 其中到周末抽过奖的人 ÷ 玩过游戏的人 |
| 漏斗·已到账 | 36.4% | 4/11 | 0.0% | ↑ 36.4 个百分点 | 其中到周末奖金已到账的人 ÷ 抽过奖的人 |
| 预算执行率·已发出 | 7.2% | ¥367.50/¥5,100.00 | 无数据 |  | 截至周末累计已发出 ÷ 投放 |
| 预算执行率·已领取 | 1.2% | ¥64.00/¥5,100.00 | 无数据 |  | 截至周末累计已领取 ÷ 投放 |
| 单客成本（每名新增） | ¥4.27 | ¥64.00/15 | ¥0.00 | ↑ ¥4.27 | 本周已领取金额 ÷ 新增 |
| 单客成本（每名活跃） | ¥1.00 | ¥64.00/64 | ¥0.00 | ↑ ¥1.00 | 本周已领取金额 ÷ 周活跃成员 |
| SOP 完成率 | 87.5% | 7/8 | 无数据 |  | 已执行 ÷ 应执行（注明原因取消的不算应执行） |
| SOP 准时率 | 85.7% | 6/7 | 无数据 |  | 在执行窗口内执行的 ÷ 已执行 |
| RM 确认率 | 66.7% | 2/3 | 无数据 |  | 客户经理确认已发 ÷ 交给客户经理发送 |
| 跟进完成率 | 66.7% | 2/3 | 无数据 |  | 已完成的跟进 ÷ 本周到期的跟进 |

## 执行

| 日期 | 步骤 | 应执行 | 已执行 | 准时 | 取消 | 交付 | 确认 |
| --- | --- | --- | --- | --- | --- | --- | --- |
| 周一 11-23 | 内容 mon-brief（wealth-weekly/mon-brief） | 2 | 2 | 2 | 0 | 1 | 1 |
| 周二 11-24 | 掷骰子（wealth-weekly/tue-dice） | 2 | 2 | 1 | 0 | 1 | 1 |
| 周三 11-25 | 内容 wed-tip（wealth-weekly/wed-tip） | 2 | 1 | 1 | 0 | 1 | 0 |
| 周四 11-26 | 知识问答（wealth-weekly/thu-quiz） | 2 | 2 | 2 | 0 | 0 | 0 |
| 周五 11-27 | 周五抽奖（wealth-weekly/fri-draw） | 0 | 0 | 0 | 2 | 0 | 0 |

## 游戏

| 游戏 | 局数 | 人数 | 人次 | 奖励（元） |
| --- | --- | --- | --- | --- |
| 掷骰子 | 2 | 18 | 20 | 25.00 |
| 知识问答 | 2 | 22 | 25 | 30.00 |

## 奖金（截至周末累计）

| 活动或奖池 | 投放 | 已发出 | 已领取 | 已退回 | 本周中奖人数 |
| --- | --- | --- | --- | --- | --- |
| 入群礼 | 5,000.00 | 312.50 | 64.00 | 0.00 | 11 |
| 游戏奖池 | 100.00 | 55.00 | 0.00 | 0.00 | 7 |

## 入群渠道

| 渠道 | 入群人次 | 周末仍在群 |
| --- | --- | --- |
| qr | 10 | 9 |
| 未知 | 6 | 6 |

## 客户经理

| 客户经理 | 社群 | 应执行 | 已执行 | 准时 | 确认/交付 | 跟进完成/到期 |
| --- | --- | --- | --- | --- | --- | --- |
| 林悦 | 2 | 8 | 7 | 6 | 2/3 | 2/3 |
"""


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
    "findings": [
        "有 1 项到期未执行：周三内容 wed-tip。",
        "交给客户经理的 3 条话术，还有 1 条没有确认已发。",
        "有 1 项晚于执行窗口：周二掷骰子。",
    ],
}


def community(id: str) -> Community:
    labels = frozenset({"wealth"})
    return Community(id, id, f"wr-{id}", "linyue", DeliveryMode.ROBOT, labels, SHANGHAI)


def test_card_of_a_busy_week(now: WeekFigures, before: WeekFigures) -> None:
    assert render(summarise(Period(now, before, (), SHANGHAI, "全部社群"))) == CARD


def test_card_of_a_community_without_members(empty: WeekFigures) -> None:
    assert render(summarise(Period(empty, empty, (), SHANGHAI, "新客群"))) == EMPTY_CARD


def test_document_of_a_busy_week(now: WeekFigures, before: WeekFigures) -> None:
    assert document(summarise(Period(now, before, (), SHANGHAI, "全部社群"))) == DOCUMENT


def test_json_of_a_busy_week(now: WeekFigures, before: WeekFigures) -> None:
    summary = summarise(Period(now, before, (community("a"), community("b")), SHANGHAI, "全部社群"))
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
        "definition": "周活跃成员 ÷ 七天成员数的平均值",
    }
    assert list(metrics) == [metric.key for metric in summary.metrics]


def test_targets_stand_in_every_form(now: WeekFigures, before: WeekFigures) -> None:
    week = replace(now, targets=(("active_rate", 0.4), ("game_participation", 0.95)))
    summary = summarise(Period(week, before, (), SHANGHAI, "全部社群"))
    lines = ["- ✅ 活跃率 47.6%，目标 40.0%", "- ⬜ 游戏参与率 27.3%，目标 95.0%"]
    assert render(summary).split("**目标**\n")[1].split("\n\n")[0].splitlines() == lines
    assert document(summary).split("## 目标\n\n")[1].split("\n\n")[0].splitlines() == lines
    assert summary.as_json()["metrics"]["active_rate"]["target"] == 0.4


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
    lines = render(summarise(Period(week, before, (), SHANGHAI, "全部社群"))).splitlines()
    shown = [line for line in lines if line.startswith("> ")]
    late = sum(line.endswith("晚了") for line in shown)
    assert (late, shown[-1]) == (10, f"> 另有 {30 - len(shown) + 1} 项")


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    steps=st.integers(0, 80),
    name=st.text(max_size=60),
    scope=st.text(max_size=60),
)
def test_card_always_fits_one_message(now: WeekFigures, steps: int, name: str, scope: str) -> None:
    figures = replace(now, members_at_end=10**7, wau=10**7, messages=10**9)
    week = long_week(figures, steps, name)
    card = render(summarise(Period(week, now, (), SHANGHAI, scope)))
    assert len(card.encode()) <= BYTES


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
