"""Charts of a rehearsal's page: small functions that draw one SVG each.

Colours are the page's variables, so that light, dark and print need no second drawing. Every chart
has a title for those who do not see it. Drawn 440 wide and scaled: letters stay readable on a
phone.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from html import escape
from zoneinfo import ZoneInfo

from markupsafe import Markup

from bot.rehearsal.result import Forecast, Kind, Shown, Talk, Turnout, Workday
from sop.money import yuan
from sop.summary.weeks import WEEKDAYS

WIDTH = 440
_BINS = 9
_ROW = 46


def participation(turnouts: Sequence[Turnout], kinds: Sequence[Kind], zone: ZoneInfo) -> Markup:
    """A bar for each game and draw: who took part by temperament, of the members there."""
    widest = max((one.people / one.members for one in turnouts if one.members), default=0)
    scale = 0.5 if widest <= 0.5 else 1.0
    parts = []
    for place, one in enumerate(turnouts):
        top = place * _ROW
        when = one.at.astimezone(zone)
        share = f"{one.people / one.members:.0%}" if one.members else "n/a"
        label = f"{WEEKDAYS[when.weekday()]} {when:%H:%M}　{one.title}"
        parts.append(_text(0, top + 14, label))
        parts.append(_text(WIDTH, top + 14, f"{one.people}/{one.members} 人 · {share}", "end num"))
        parts.append(_rect(0, top + 22, WIDTH, 12, "track"))
        left = 0.0
        for number, kind in enumerate(kinds):
            count = one.by_temperament.get(kind.name, 0)
            wide = min(WIDTH * count / max(one.members, 1) / scale, WIDTH - left)
            if count:
                said = f"{kind.title} {count} 人"
                parts.append(_rect(left, top + 22, wide, 12, f"t{number}", said))
            left += wide
    bottom = len(turnouts) * _ROW
    parts.append(_text(0, bottom + 8, "0%", "dim"))
    parts.append(_text(WIDTH, bottom + 8, f"{scale:.0%} 的群成员", "end dim"))
    return _svg(
        bottom + 14, "每局游戏、每期抽奖的参与人数，按成员脾气分段，占当时群成员的百分比", parts
    )


def costs(forecast: Forecast) -> Markup:
    """How many seeds cost how much, with the median, the 95th percentile and this rehearsal."""
    values = [*forecast.costs, forecast.here]
    low, high = min(values) // 1000 * 1000, -(-(max(values) + 1) // 1000) * 1000
    step = (high - low) / _BINS
    counts = [0] * _BINS
    for one in forecast.costs:
        counts[min(_BINS - 1, int((one - low) / step))] += 1
    most = max(1, *counts)
    base, tall = 168, 112

    def x(fen: float) -> float:
        return (fen - low) / (high - low) * WIDTH

    parts = []
    for number, count in enumerate(counts):
        if count:
            height = tall * count / most
            start, end = round(low + number * step), round(low + (number + 1) * step)
            said = f"{yuan(start)}～{yuan(end)} 元：{count} 个种子"
            parts.append(
                _rect(
                    number * WIDTH / _BINS + 2, base - height, WIDTH / _BINS - 4, height, "c0", said
                )
            )
    parts.append(f'<path class="axis" d="M0 {base}H{WIDTH}"/>')
    marks = ((forecast.p50, "一半", 12), (forecast.p95, "95%", 28), (forecast.here, "本次", 44))
    for fen, label, level in marks:
        at = x(fen)
        anchor = "end" if at > WIDTH * 0.6 else ""
        gap = -5 if anchor else 5
        parts.append(f'<path class="mark" d="M{at:.1f} {level - 9}V{base}"/>')
        parts.append(_text(at + gap, level, f"{label} {yuan(fen)}", f"{anchor} num halo"))
    parts.append(_text(0, base + 16, f"{yuan(low)} 元", "dim num"))
    parts.append(_text(WIDTH, base + 16, f"{yuan(high)} 元", "end dim num"))
    parts.append(
        _text(WIDTH / 2, base + 16, f"柱高：{forecast.seeds} 个种子里有几个", "middle dim")
    )
    return _svg(base + 24, "成本分布：多少个种子花了多少钱（元）", parts)


def workdays(days: Sequence[Workday]) -> Markup:
    """Minutes of one RM, day by day: forwarding, then reading; hosting as an outline."""
    most = max([10, *(one.minutes for one in days), *(one.hosting for one in days)])
    base, tall = 138, 118
    wide = WIDTH / max(1, len(days))
    parts = [f'<path class="axis" d="M0 {base}H{WIDTH}"/>']
    for place, one in enumerate(days):
        left = place * wide
        hosting = tall * one.hosting / most
        if one.hosting:
            said = f"陪场 {one.hosting} 分钟"
            parts.append(
                _rect(left + wide * 0.2, base - hosting, wide * 0.6, hosting, "outline", said)
            )
        forwarding = tall * (one.minutes - one.reminders - one.others) / most
        reading = tall * (one.reminders + one.others) / most
        column = (left + wide * 0.2, wide * 0.6)
        parts.append(
            _rect(
                column[0], base - forwarding, column[1], forwarding, "c0", f"转发 {one.handed} 份"
            )
        )
        said = f"提醒 {one.reminders} 条，通知 {one.others} 条"
        parts.append(_rect(column[0], base - forwarding - reading, column[1], reading, "c1", said))
        middle = left + wide / 2
        if one.minutes:
            top = base - max(hosting, forwarding + reading) - 5
            parts.append(_text(middle, top, f"{one.minutes}", "middle num"))
        if len(days) <= 14 or one.day.weekday() == 0:
            label = (
                WEEKDAYS[one.day.weekday()] if len(days) <= 7 else f"{one.day.month}/{one.day.day}"
            )
            parts.append(_text(middle, base + 16, label, "middle dim"))
    return _svg(base + 24, "每天约用多少分钟：转发、阅读，以及可选的陪场", parts)


def timeline(
    days: Sequence[date], messages: Sequence[Shown], talks: Sequence[Talk], zone: ZoneInfo
) -> Markup:
    """One row a day from 6 to 24 o'clock: posts as dots, members' words as bars behind them."""
    left, row = 62, 34
    wide = WIDTH - left

    def x(at: datetime) -> float:
        local = at.astimezone(zone)
        hours = max(6.0, local.hour + local.minute / 60 + local.second / 3600)
        return left + (hours - 6) / 18 * wide

    half_hours: dict[tuple[date, int], int] = {}
    for talk in talks:
        local = talk.at.astimezone(zone)
        key = (local.date(), max(12, local.hour * 2 + local.minute // 30))
        half_hours[key] = half_hours.get(key, 0) + 1
    most = max(half_hours.values(), default=1)
    top = {day: 20 + place * row for place, day in enumerate(days)}
    parts = []
    for hour in range(6, 25, 3):
        at = left + (hour - 6) / 18 * wide
        anchor = "end" if hour == 24 else "middle"
        parts.append(f'<path class="grid" d="M{at:.1f} 18V{20 + len(days) * row}"/>')
        parts.append(_text(at, 10, f"{hour}", f"{anchor} dim num"))
    for day, y in top.items():
        parts.append(_text(0, y + 24, f"{WEEKDAYS[day.weekday()]}", ""))
        parts.append(_text(30, y + 24, f"{day.month}/{day.day}", "dim num"))
        parts.append(f'<path class="axis" d="M{left} {y + 30}H{WIDTH}"/>')
    for (day, half), count in half_hours.items():
        if day in top:
            height = 26 * (count / most) ** 0.5
            at = left + (half / 2 - 6) / 18 * wide
            parts.append(
                _rect(at, top[day] + 30 - height, wide / 36 - 1, height, "talk", f"成员 {count} 句")
            )
    for one in messages:
        day = one.at.astimezone(zone).date()
        if day in top:
            said = f"{one.at.astimezone(zone):%H:%M} {one.text[:30]}"
            kind = "post" if one.to == "group" else "told"
            parts.append(
                f'<circle class="{kind}" cx="{x(one.at):.1f}" cy="{top[day] + 30}" r="4">'
                f"<title>{escape(said)}</title></circle>"
            )
    return _svg(26 + len(days) * row, "一周里群里何时有消息、何时有人说话", parts)


def legend(entries: Mapping[str, str]) -> Markup:
    """Names of colours, below a chart: class → words."""
    items = "".join(
        f'<li><i class="{name}"></i>{escape(words)}</li>' for name, words in entries.items()
    )
    return Markup(f'<ul class="legend">{items}</ul>')  # noqa: S704


def _rect(x: float, y: float, wide: float, high: float, name: str, said: str = "") -> str:
    title = f"<title>{escape(said)}</title>" if said else ""
    return (
        f'<rect class="{name}" x="{x:.1f}" y="{y:.1f}" width="{max(wide, 0):.1f}" '
        f'height="{max(high, 0):.1f}" rx="2">{title}</rect>'
    )


def _text(x: float, y: float, words: str, name: str = "") -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" class="{name}">{escape(words)}</text>'


def _svg(height: float, title: str, parts: Sequence[str]) -> Markup:
    """Every word in `parts` is escaped already."""
    return Markup(  # noqa: S704
        f'<svg viewBox="0 0 {WIDTH} {height:.0f}" role="img" aria-label="{escape(title)}">'
        f"<title>{escape(title)}</title>{''.join(parts)}</svg>"
    )
