"""A preview as text: the week at a glance, then every message in full."""

from collections.abc import Iterator, Sequence
from datetime import date

from bot.preview.week import Entry, Part, Week
from sop.diagnostics import columns
from sop.summary.weeks import WEEKDAYS, week_label

BY = {"robot": "机器人发", "assist": "客户经理转发", "aibot": "智能机器人发"}
PHASES = {
    "announce": "📣 群里预告",
    "remind": "⏰ 提醒客户经理",
    "names": "💌 交给客户经理，名单到时才知道",
}
_MARK = "│ "


def render(week: Week) -> str:
    """Everything, for a terminal of any width."""
    blocks = [_head(week), _glance(week), *_days(week), _newcomers(week), _foot(week)]
    return "\n\n".join(block for block in blocks if block)


def day_title(day: date) -> str:
    """`周一 11 月 23 日`."""
    return f"{WEEKDAYS[day.weekday()]} {day.month} 月 {day.day} 日"


def _head(week: Week) -> str:
    first, last = week.days[0], week.days[-1]
    names = "、".join(one.name for one in week.communities)
    lines = [
        f"预览 {week_label(week.monday)}（{day_title(first)}—{day_title(last)}）",
        f"社群：{names}",
        *(f"放假：{one}" for one in week.holidays),
        *(f"出错：{one}" for one in week.errors),
    ]
    return "\n".join(lines)


def _glance(week: Week) -> str:
    """One line for each step, so that the week is seen before it is read."""
    rows = [
        (
            day_title(day) if number == 0 else "",
            f"{one.due_at.astimezone(week.zone):%H:%M}",
            one.title,
            one.community.name,
            "⚠️" if one.conflicts else one.stamp.partition(" ")[0],
        )
        for day in week.days
        for number, one in enumerate(week.on(day))
    ]
    widths = [max((columns(row[place]) for row in rows), default=0) for place in range(5)]
    return "\n".join(
        "  ".join(_padded(cell, width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    )


def _padded(text: str, width: int) -> str:
    return text + " " * (width - columns(text))


def _days(week: Week) -> Iterator[str]:
    for day in week.days:
        entries = week.on(day)
        if entries:
            yield "\n\n".join([f"———— {day_title(day)} ————", *(_entry(one) for one in entries)])


def _newcomers(week: Week) -> str:
    if not week.newcomers:
        return ""
    lines = ["———— 有人入群以后 ————"]
    for one in week.newcomers:
        name = f"{one.occurrence.plan.plan}/{one.occurrence.step.id}"
        at = f"{one.occurrence.step.at:%H:%M}"
        lines += ["", f"第 {one.days} 天 {at} {one.community.name}　{one.title}（{name}）"]
        lines += [f"  {_MARK}{line}".rstrip() for line in one.text.split("\n")]
    return "\n".join(lines)


def _entry(one: Entry) -> str:
    zone = one.community.zone
    kind = one.occurrence.step.spec.title
    name = f"{one.occurrence.plan.plan}/{one.occurrence.step.id}"
    facts = (kind, by_whom(one), name, one.stamp)
    head = f"{one.due_at.astimezone(zone):%H:%M} {one.community.name}　{one.title}"
    lines = [
        f"{head}（{'，'.join(fact for fact in facts if fact)}）",
        *(f"  ⚠️ {conflict}" for conflict in one.conflicts),
        *(f"  {note}" for note in one.notes),
    ]
    for part in one.parts:
        lines += _part(part, one)
    return "\n".join(lines)


def by_whom(one: Entry) -> str:
    """Through whom it reaches people."""
    if one.occurrence.step.spec.to_members:
        return "客户经理逐个联系"
    return BY[one.community.mode.value]


def _part(part: Part, one: Entry) -> Sequence[str]:
    at = part.at.astimezone(one.community.zone)
    to = PHASES.get(part.phase) or ("💬 群里" if part.for_group else "🔔 私信同事")
    size = f"{part.size}/{part.limit} 字节"
    buttons = f"　{'　'.join(f'[{one}]' for one in part.buttons)}" if part.buttons else ""
    head = f"  {at:%H:%M} {to}，{size}{buttons}"
    if part.repeats:
        return [f"{head}，内容同下"]
    return [
        head,
        *(f"  {_MARK}{line}".rstrip() for line in part.text.split("\n")),
    ]


def _foot(week: Week) -> str:
    sent = sum(one.sent for one in week.entries)
    text = f"共 {len(week.entries)} 步，{sent} 步会执行"
    if week.conflicts:
        text += f"，{week.conflicts} 步需要看一看（⚠️）"
    return f"{text}。题目、点数和牌序由随机种子决定，这里只是一种可能。"
