"""The weekly summary as a chat message: one phone screen of WeCom markdown.

At most 2,048 bytes of UTF-8, the smaller of the two limits that it can meet (application message
2,048, group robot 4,096: wecom-protocol.md E.2, A.3), so that it always arrives in one piece.
Only what both dialects show is used: headings, bold, quotes, font colours.
"""

from collections.abc import Callable, Sequence
from datetime import date
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from sop.community import Community
from sop.money import yuan
from sop.summary.figures import StepFigures
from sop.summary.metrics import Metric
from sop.summary.summary import Summary, summary_of
from sop.summary.weeks import WEEKDAYS, week_title
from sop.summary.wording import change, cut, fraction, target_lines, told, unheard_line, why_missing

if TYPE_CHECKING:
    from sop.ports import Facts

BYTES = 2048
MOST_GAMES = 3
MOST_FINDINGS = 3
LONGEST_FINDING = 60


def weekly_card(
    facts: "Facts",
    communities: Sequence[Community],
    monday: date,
    zone: ZoneInfo,
    scope_name: str,
) -> str:
    """The week beginning on `monday`, over these communities, ready to be sent."""
    return render(summary_of(facts, communities, monday, zone, scope_name))


def render(summary: Summary) -> str:
    """The card; if it would be too long, on-time steps are summed up, last ones first."""
    for shown in range(len(summary.figures.steps), -1, -1):
        card = _card(summary, shown)
        if len(card.encode()) <= BYTES:
            return card
    return card


def _card(summary: Summary, steps_shown: int) -> str:
    blocks = [
        _head(summary),
        _headlines(summary),
        _targets(summary),
        _people(summary),
        _play(summary),
        _steps(summary, steps_shown),
        _money(summary),
        _findings([one.sentence for one in summary.findings[:MOST_FINDINGS]]),
    ]
    return "\n\n".join(block for block in blocks if block)


def _head(summary: Summary) -> str:
    week = f'<font color="comment">{week_title(summary.monday)}</font>'
    return f"## {cut(summary.scope)} · 周报\n{week}"


def _headlines(summary: Summary) -> str:
    lines = [_headline(summary.metric(key)) for key in ("members", "wau", "active_rate")]
    if note := unheard_line(summary.figures.unheard):
        lines.append(f'<font color="comment">{note}</font>')
    return "\n".join(lines)


def _headline(metric: Metric) -> str:
    moved = change(metric)
    colour = {"↑": "info", "↓": "warning"}.get(moved[:1], "comment")
    arrow = f' <font color="{colour}">{moved}</font>' if moved else ""
    part = why_missing(metric) if metric.value is None else fraction(metric)
    share = f"（{part}）" if part else ""
    return f"{metric.name} **{told(metric)}**{share}{arrow}"


def _targets(summary: Summary) -> str:
    lines = [f"- {line}" for line in target_lines(summary.metrics)]
    return "\n".join(("**目标**", *lines)) if lines else ""


def _people(summary: Summary) -> str:
    value = _values(summary)
    return "\n".join(
        (
            f"新增 **{value('new')}**，流失 {value('lost')}"
            f"（入群 {value('joins')} 人次，退群 {value('leaves')} 人次）",
            f"日均活跃 {value('dau')}，黏性 {_with_fraction(summary.metric('stickiness'))}",
            f"发言 {_persons(summary.metric('speakers'))}，"
            f"人均消息 {_with_fraction(summary.metric('messages_per_member'))}",
            f"沉默 {_persons(summary.metric('silent'))}，"
            f"回流 {_persons(summary.metric('returned'))}",
        )
    )


def _play(summary: Summary) -> str:
    part = summary.metric("game_participation")
    funnel = summary.figures.funnel
    games = "；".join(
        f"{cut(game.title, 12)} {game.sessions} 局 {game.players} 人"
        for game in summary.figures.games[:MOST_GAMES]
    )
    lines = [f"**游戏** {games or '本周没有'}", f"参与率 {_with_fraction(part)}"]
    if funnel.joined:
        lines.append(
            f"**新人** 入群 {funnel.joined} → 玩过 {funnel.played} → "
            f"抽奖 {funnel.drew} → 到账 {funnel.claimed}"
        )
    return "\n".join(lines)


def _steps(summary: Summary, shown: int) -> str:
    figures = summary.figures
    if not figures.steps:
        return "**SOP** 本周没有步骤"
    on_time = f"，准时 {figures.on_time}/{figures.executed}" if figures.executed else ""
    lines = [f"**SOP** 完成 **{figures.executed}/{figures.due}**{on_time}"]
    if figures.reminded:
        lines[0] += f"，已确认 {figures.confirmed}/{figures.reminded}"
    # What went wrong is kept longest when the card must be shortened; days stay in order.
    by_trouble = sorted(figures.steps, key=_went_well)
    kept = set(by_trouble[:shown])
    lines += [_step(step) for step in figures.steps if step in kept]
    hidden = len(figures.steps) - len(kept)
    if hidden:
        lines.append(f"> 另有 {hidden} 项")
    return "\n".join(lines)


def _went_well(step: StepFigures) -> bool:
    return step.due > 0 and step.due == step.executed == step.on_time


def _step(step: StepFigures) -> str:
    name = f"{WEEKDAYS[step.day.weekday()]} {cut(step.title, 16)}"
    if step.due == 0:
        return f"> ⏭ {name} 已取消"
    done = f" {step.executed}/{step.due}" if step.due > 1 else ""
    if step.executed < step.due:
        return f"> ❌ {name}{done} 未完成"
    if step.on_time < step.executed:
        return f"> ⏰ {name}{done} 晚了"
    return f"> ✅ {name}{done}"


def _money(summary: Summary) -> str:
    figures = summary.figures
    if not figures.campaigns:
        return ""
    value = _values(summary)
    committed = f"已发出 **¥{yuan(figures.committed_fen)}**（{value('budget_committed')}）"
    return "\n".join(
        (
            f"**奖金** 投放 ¥{yuan(figures.budget_fen)}，{committed}",
            f"已领取 ¥{yuan(figures.settled_by_end_fen)}，已退回 ¥{yuan(figures.returned_fen)}",
            f"单客成本：每名新增 {value('cost_per_new')}，每名活跃 {value('cost_per_active')}",
        )
    )


def _findings(found: Sequence[str]) -> str:
    if not found:
        return ""
    lines = [f"{n}. {cut(text, LONGEST_FINDING)}" for n, text in enumerate(found, start=1)]
    return "\n".join(("**值得注意**", *lines))


def _with_fraction(metric: Metric) -> str:
    """A ratio with what it was computed from, or why it cannot be."""
    part = why_missing(metric) if metric.value is None else fraction(metric)
    return f"{told(metric)}（{part}）"


def _persons(metric: Metric) -> str:
    return told(metric) if metric.value is None else f"{told(metric)} 人"


def _values(summary: Summary) -> Callable[[str], str]:
    """Written values of a summary by key."""
    metrics = {metric.key: metric for metric in summary.metrics}
    return lambda key: told(metrics[key])
