"""The weekly summary as a chat message: one phone screen of WeCom markdown.

First what a manager wants to know before opening anything: the five headlines beside last week's,
and what stands out with what to do about it; then what explains them, as far as there is room.

At most 2,048 bytes of UTF-8, the smaller of the two limits that it can meet (application message
2,048, group robot 4,096: wecom-protocol.md E.2, A.3), so that it always arrives in one piece.
Only what both dialects show is used: headings, bold, quotes, font colours.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from sop.community import Community
from sop.money import yuan
from sop.summary.figures import StepFigures
from sop.summary.headlines import headlines, made_of
from sop.summary.metrics import Metric
from sop.summary.step_names import named
from sop.summary.summary import Summary, summary_of
from sop.summary.weeks import week_title
from sop.summary.wording import change, cut, fraction, target_lines, told, unheard_line, why_missing

if TYPE_CHECKING:
    from sop.ports import Facts

BYTES = 2048
MOST_GAMES = 3
MOST_FINDINGS = 3
MOST_TARGETS = 4
LONGEST_FINDING = 72
LONGEST_PROPOSAL = 48


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
    """The card. What does not fit is left out in this order: steps that went well, the other
    steps, the details from the last on, the proposals."""
    for card in _shorter_and_shorter(summary):
        if len(card.encode()) <= BYTES:
            break
    return card


def _shorter_and_shorter(summary: Summary) -> Iterator[str]:
    top = [_head(summary), _headlines(summary), _findings(summary)]
    for shown in range(len(summary.figures.steps), -1, -1):
        details = [
            _targets(summary),
            _people(summary),
            _play(summary),
            _steps(summary, shown),
            _money(summary),
        ]
        yield _joined(top + details)
    for left in range(len(details) - 1, -1, -1):
        yield _joined(top + details[:left])
    yield _joined([*top[:2], _findings(summary, proposals=False)])


def _joined(blocks: Iterable[str]) -> str:
    return "\n\n".join(block for block in blocks if block)


def _head(summary: Summary) -> str:
    week = f'<font color="comment">{week_title(summary.monday)}</font>'
    return f"## {cut(summary.scope)} · 周报\n{week}"


def _headlines(summary: Summary) -> str:
    lines = [_headline(summary, metric) for metric in headlines(summary)]
    if note := unheard_line(summary.figures.unheard):
        lines.append(f'<font color="comment">{note}</font>')
    return "\n".join(lines)


def _headline(summary: Summary, metric: Metric) -> str:
    moved = change(metric)
    colour = {"↑": "info", "↓": "warning"}.get(moved[:1], "comment")
    arrow = f' <font color="{colour}">{moved}</font>' if moved else ""
    part = why_missing(metric) if metric.value is None else made_of(summary, metric)
    share = f"（{part}）" if part else ""
    return f"{metric.name} **{told(metric)}**{share}{arrow}"


def _targets(summary: Summary) -> str:
    """Those not reached first."""
    chosen = sorted(
        (one for one in summary.metrics if one.target is not None), key=lambda one: one.reached
    )
    if not chosen:
        return ""
    lines = [f"- {line}" for line in target_lines(chosen[:MOST_TARGETS])]
    if len(chosen) > MOST_TARGETS:
        lines.append(f"- 另有 {len(chosen) - MOST_TARGETS} 项")
    return "\n".join(("**目标**", *lines))


def _people(summary: Summary) -> str:
    value = _values(summary)
    return "\n".join(
        (
            f"**成员** 入群 {value('joins')} 人次，退群 {value('leaves')} 人次",
            f"周活跃 {_persons(summary.metric('wau'))}，日均 {value('dau')}，"
            f"黏性 {_with_fraction(summary.metric('stickiness'))}",
            f"发言 {_persons(summary.metric('speakers'))}，"
            f"人均消息 {_with_fraction(summary.metric('messages_per_member'))}",
            f"沉默 {_persons(summary.metric('silent'))}，"
            f"回流 {_persons(summary.metric('returned'))}",
        )
    )


def _play(summary: Summary) -> str:
    funnel = summary.figures.funnel
    games = "；".join(
        f"{cut(game.title, 12)} {game.sessions} 局 {game.players} 人"
        for game in summary.figures.games[:MOST_GAMES]
    )
    lines = [f"**游戏** {games or '本周没有'}"]
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
    lines = [f"**SOP** 完成 {figures.executed}/{figures.due}{on_time}"]
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
    name = named(step, " ")
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


def _findings(summary: Summary, *, proposals: bool = True) -> str:
    if not summary.findings:
        return ""
    lines = ["**值得注意**"]
    for n, one in enumerate(summary.findings[:MOST_FINDINGS], start=1):
        lines.append(f"{n}. {cut(one.text, LONGEST_FINDING)}")
        if proposals and one.proposal:
            lines.append(f"> {cut(one.proposal, LONGEST_PROPOSAL)}")
    return "\n".join(lines)


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
