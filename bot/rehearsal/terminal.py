"""A rehearsal as text: what was read when, then what came of it."""

import unicodedata
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby

from bot.rehearsal import words
from bot.rehearsal.result import Result, Shown
from bot.wecom.content import plain_text
from sop.money import yuan

WIDTH = 64
"""Columns of a message's first words; a Chinese character takes two."""


def render(result: Result, staff: Mapping[str, str]) -> str:
    """Everything that `rehearse` prints. `staff` are names by userid."""
    parts = [
        _head(result),
        *_transcript(result, staff),
        *_funnel(result),
        *_games(result),
        *_people(result),
        *_money(result),
        *_workload(result),
        *_quota(result),
        *_findings(result),
    ]
    return "\n".join(parts)


def _head(result: Result) -> str:
    places = "、".join(result.communities.values())
    return (
        f"彩排 {words.span(result)}，{words.cast(result)}，种子 {result.seed}\n"
        f"社群：{places}　客户经理：{result.host}\n"
        f"成员构成（每 100 人）：{words.mixture()}\n"
        "没有审核章的步骤也照常演；没有任何消息离开本机。"
    )


def _titled(title: str) -> list[str]:
    return ["", f"━━ {title}"]


def _transcript(result: Result, staff: Mapping[str, str]) -> Iterator[str]:
    yield from _titled("大家读到了什么")
    for day, messages in words.by_day(result.messages, result.zone):
        yield f"── {words.day_title(day)}"
        answers = Counter(one.community for one in messages if one.to == "member")
        lines = (_line(one, result, staff) for one in messages if _is_told(one))
        for line, same in groupby(lines):
            count = len(list(same))
            yield f"{line} ×{count}" if count > 1 else line
        for community, count in answers.items():
            yield f"       这一天在{result.communities[community]}逐条回答成员 {count} 次"


def _is_told(message: Shown) -> bool:
    """Answers to members are only counted; the card after a handed-over script says nothing new."""
    return message.to != "member" and not (message.buttons and message.channel == "assist")


def _line(message: Shown, result: Result, staff: Mapping[str, str]) -> str:
    buttons = "".join(f"［{one}］" for one in message.buttons)
    text = f"{_one_line(message.text)}{buttons}"
    who = words.reader(message, result, staff)
    return f"{words.clock(message.at, result.zone)}  ［{who}］ {_cut(text, WIDTH)}"


def _one_line(text: str) -> str:
    return " ".join(plain_text(text).split())


def _cut(text: str, width: int) -> str:
    used = 0
    for at, one in enumerate(text):
        used += 2 if unicodedata.east_asian_width(one) in "WF" else 1
        if used > width:
            return text[:at].rstrip() + "…"
    return text


def _funnel(result: Result) -> Iterator[str]:
    """What became of those who joined."""
    flow = result.funnel
    if flow is None:
        return
    yield from _titled("引流漏斗")
    head = ("渠道", "入群", "玩过", "抽过", "到账", "已发出（元）", "每人", "已领取（元）", "每人")
    rows = [
        (
            one.title,
            str(one.joined),
            words.step(one.played, one.joined),
            words.step(one.drew, one.joined),
            words.step(one.claimed, one.joined),
            yuan(one.committed_fen),
            yuan(one.committed_each_fen),
            yuan(one.paid_fen),
            yuan(one.paid_each_fen),
        )
        for one in (*flow.channels, flow.whole)
    ]
    yield from _table(head, rows)
    yield f"人均成本 {yuan(flow.whole.paid_each_fen)} 元（已领取 ÷ 入群人数）。"
    yield words.groups(flow)
    if flow.to_look_at:
        yield words.to_look_at(flow)


def _games(result: Result) -> Iterator[str]:
    if result.turnouts:
        yield from _titled("游戏和抽奖")
    for one in result.turnouts:
        share = words.percent(one.people, one.members)
        who = "、".join(
            f"{kind.title} {count}"
            for kind in result.kinds
            if (count := one.by_temperament.get(kind.name, 0))
        )
        when = one.at.astimezone(result.zone)
        place = result.communities[one.community]
        yield f"{when:%m-%d %H:%M} {one.title}　{place}：{one.people}/{one.members} 人（{share}）"
        yield f"    {who or '没有人参加'}"
    for game in result.games:
        when = game.started_at.astimezone(result.zone)
        reward = f"，奖励 {words.amount(game.reward_fen)}" if game.reward_fen else ""
        winners = f"{len(game.winners)} 人上榜{reward}"
        yield f"{when:%m-%d %H:%M} {game.title}：{game.answers} 次作答，{winners}"


def _people(result: Result) -> Iterator[str]:
    yield from _titled("参与（机器人听得到的社群）")
    rows = [
        (
            one.title,
            str(one.members),
            f"{one.spoke}（{words.percent(one.spoke, one.members)}）",
            str(one.words),
            str(one.played),
            str(one.drew),
            yuan(one.won_fen),
        )
        for one in result.kinds
    ]
    yield from _table(("脾气", "人数", "开过口", "发言", "玩过", "抽过", "奖金（元）"), rows)


def _money(result: Result) -> Iterator[str]:
    yield from _titled("钱")
    rows = [
        (result.titles[name], yuan(one.budget_fen), yuan(one.committed_fen), yuan(one.settled_fen))
        for name, one in result.money.items()
    ]
    if rows:
        yield from _table(("活动、奖池（元）", "投放", "已发出", "已领取"), rows)
    cost = result.forecast
    yield (
        f"这次彩排发出 {words.amount(cost.here)}；换 {cost.seeds} 个种子："
        f"一半不超过 {words.amount(cost.p50)}，95% 不超过 {words.amount(cost.p95)}，"
        f"最多 {words.amount(cost.max)}；上限 {words.amount(cost.ceiling)}。"
    )
    yield f"（{words.FORECAST_NOTE.format(seeds=cost.seeds)}）"


def _workload(result: Result) -> Iterator[str]:
    yield from _titled("客户经理的每一天")
    rows = [
        (
            one.name,
            words.day_title(one.day),
            str(one.handed),
            str(one.reminders),
            str(one.others),
            str(one.minutes),
            str(one.hosting),
        )
        for one in result.workload
        if one.minutes or one.hosting
    ]
    yield from _table(("", "日期", "转发", "提醒", "通知", "约用分钟", "陪场分钟"), rows)
    yield f"（{words.WORKLOAD_NOTE}）"


def _quota(result: Result) -> Iterator[str]:
    yield from _titled("企业微信的额度")
    rows = [
        (
            words.quota(one),
            one.whom,
            f"{one.peak}/{one.limit}",
            f"{one.at.astimezone(result.zone):%m-%d %H:%M}",
        )
        for one in result.peaks
    ]
    yield from _table(("额度", "谁收", "最忙时", "何时"), rows)
    for place in result.received:
        name = result.communities[place.community]
        ceiling = f"，每月上限 {place.ceiling} 条" if place.ceiling is not None else ""
        yield (
            f"{name}（{words.MODES[place.mode]}）读到 {place.posts} 条，"
            f"照此一个月约 {place.a_month} 条{ceiling}"
        )


def _findings(result: Result) -> Iterator[str]:
    yield from _titled("规则起了作用")
    yield from _grouped(words.grouped(result.rules, result)) if result.rules else ["没有。"]
    yield from _titled("问题")
    if not result.problems:
        yield "没有发现问题。"
        return
    yield from _grouped(words.grouped(result.problems, result, examples=10))
    yield f"共 {len(result.problems)} 个问题。"


def _grouped(groups: Sequence[words.Grouped]) -> Iterator[str]:
    for one in groups:
        place = f"（{one.community}）" if one.community else ""
        times = f" ×{one.count}" if one.count > 1 else ""
        yield f"{one.title}{times}{place}"
        yield from (f"    {example}" for example in one.examples)
        if one.count > len(one.examples):
            yield f"    …… 共 {one.count} 次"


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    """Columns side by side; the first two to the left, numbers to the right."""
    everything = [head, *rows]
    widths = [max(_width(row[at]) for row in everything) for at in range(len(head))]
    for row in everything:
        cells = []
        for at, cell in enumerate(row):
            gap = " " * (widths[at] - _width(cell))
            number = cell[:1].isdigit() or (row is head and all(r[at][:1].isdigit() for r in rows))
            cells.append(gap + cell if number else cell + gap)
        yield "  ".join(cells).rstrip()


def _width(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(one) in "WF" else 1 for one in text)
