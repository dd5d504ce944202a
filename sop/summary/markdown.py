"""The weekly summary as a Markdown document, with every number and its definition."""

from collections.abc import Sequence

from sop.money import yuan
from sop.summary.figures import WeekFigures
from sop.summary.summary import Summary
from sop.summary.weeks import WEEKDAYS, week_title
from sop.summary.wording import change, cut, fraction, target_lines, told, unheard_line, written


def document(summary: Summary) -> str:
    """The whole summary: findings, metrics with definitions, then the lists."""
    figures = summary.figures
    sections = (
        f"# {cut(summary.scope)} · 周报\n\n{week_title(summary.monday)}，共 "
        f"{figures.communities} 个社群。",
        _note(figures),
        _findings([one.sentence for one in summary.findings]),
        _targets(summary),
        _metrics(summary),
        _steps(figures),
        _games(figures),
        _money(figures),
        _channels(figures),
        _rms(figures),
    )
    return "\n\n".join(section for section in sections if section) + "\n"


def _note(figures: WeekFigures) -> str:
    line = unheard_line(figures.unheard)
    return f"> {line}。" if line else ""


def _steps(figures: WeekFigures) -> str:
    rows = [
        (
            f"{WEEKDAYS[one.day.weekday()]} {one.day:%m-%d}",
            f"{one.title}（{one.plan}/{one.step}）",
            *(one.due, one.executed, one.on_time),
            *(one.cancelled, one.reminded, one.confirmed),
        )
        for one in figures.steps
    ]
    head = ("日期", "步骤", "应执行", "已执行", "准时", "取消", "交付", "确认")
    return _table("执行", head, rows)


def _games(figures: WeekFigures) -> str:
    rows = [
        (one.title, one.sessions, one.players, one.turns, yuan(one.reward_fen))
        for one in figures.games
    ]
    return _table("游戏", ("游戏", "局数", "人数", "人次", "奖励（元）"), rows)


def _money(figures: WeekFigures) -> str:
    rows = [
        (
            one.title,
            yuan(one.budget_fen),
            yuan(one.committed_fen),
            yuan(one.settled_fen),
            yuan(one.returned_fen),
            one.winners,
        )
        for one in figures.campaigns
    ]
    head = ("活动或奖池", "投放", "已发出", "已领取", "已退回", "本周中奖人数")
    return _table("奖金（截至周末累计）", head, rows)


def _channels(figures: WeekFigures) -> str:
    rows = [(one.via or "未知", one.joins, one.present) for one in figures.channels]
    return _table("入群渠道", ("渠道", "入群人次", "周末仍在群"), rows)


def _rms(figures: WeekFigures) -> str:
    rows = [
        (
            one.name,
            *(one.communities, one.due, one.executed, one.on_time),
            f"{one.confirmed}/{one.reminded}",
            f"{one.follow_ups_done}/{one.follow_ups_due}",
        )
        for one in figures.rms
    ]
    head = ("客户经理", "社群", "应执行", "已执行", "准时", "确认/交付", "跟进完成/到期")
    return _table("客户经理", head, rows)


def _findings(found: Sequence[str]) -> str:
    if not found:
        return ""
    return "\n".join(("## 值得注意", "", *(f"- {text}" for text in found)))


def _targets(summary: Summary) -> str:
    lines = [f"- {line}" for line in target_lines(summary.metrics)]
    return "\n".join(("## 目标", "", *lines)) if lines else ""


def _metrics(summary: Summary) -> str:
    rows = [
        (
            metric.name,
            told(metric),
            fraction(metric),
            written(metric.previous, metric.unit),
            change(metric),
            metric.definition,
        )
        for metric in summary.metrics
    ]
    return _table("指标", ("指标", "本周", "分子/分母", "上周", "变化", "定义"), rows)


def _table(title: str, head: Sequence[str], rows: Sequence[Sequence[str | int]]) -> str:
    """A section with a table; empty without rows."""
    if not rows:
        return ""
    lines = [f"## {title}", "", _row(head), _row(["---"] * len(head))]
    lines += [_row([str(cell) for cell in row]) for row in rows]
    return "\n".join(lines)


def _row(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|").replace("\n", " ") for cell in cells) + " |"
