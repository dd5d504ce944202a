"""The chat card, whole, and that it always fits one message."""

from dataclasses import replace
from datetime import date, timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sop.summary.card import BYTES, LONGEST_FINDING, LONGEST_PROPOSAL, render
from sop.summary.figures import CampaignFigures, GameFigures, StepFigures, WeekFigures
from sop.summary.finding import Finding
from tests.sop.summary.made import made

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
> ⏭ 周五抽奖 已取消

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


def test_card_of_a_busy_week(now: WeekFigures, before: WeekFigures) -> None:
    assert render(made(now, before)) == CARD


def test_card_of_a_community_without_members(empty: WeekFigures) -> None:
    assert render(made(empty, empty, "新客群", ())) == EMPTY_CARD


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
