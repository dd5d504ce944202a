"""Follow-ups as colleagues read them: a line in a list, one in full, a colleague's count."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from bot import agenda
from bot.customers import shown_to
from sop.community import Staff
from sop.effects import Button, Tell
from sop.follow_up_ports import FollowUpFacts
from sop.follow_ups import days_late
from sop.ports import Facts

BUTTON = "follow|"
"""With what the keys of these cards' buttons begin: `follow|done|<number>`, `follow|later|…`."""
_URGENT = {1: "🔴 "}
_LONGEST = 60


@dataclass(frozen=True, slots=True)
class Reader:
    """Who reads, when, and what may be asked."""

    facts: Facts
    staff: Staff
    now: datetime
    zone: ZoneInfo

    @property
    def today(self) -> date:
        """The reader's local day."""
        return agenda.local(self.now, self.zone).date()

    def name(self, one: FollowUpFacts) -> str:
        """The member's name: whole for whoever calls them and for the community's own RM."""
        own = one.staff == self.staff.id or one.community in self.staff.communities
        return shown_to(one.name, own) or "一位成员"

    def community(self, one: FollowUpFacts) -> str:
        """What the community is called."""
        known = self.facts.community(one.community)
        return known.name if known else one.community

    def colleague(self, staff: str) -> str:
        """How a colleague is called."""
        known = self.facts.staff(staff)
        return known.name if known else staff

    def clock(self, instant: datetime) -> str:
        """`明天 15:00`."""
        return agenda.when(instant, self.now, self.zone)

    def late(self, one: FollowUpFacts) -> bool:
        """Whether it should have been done by now."""
        return one.status == "open" and one.due_at < self.now

    def due_today(self, one: FollowUpFacts) -> bool:
        """Whether it is to be done later today."""
        same = agenda.local(one.due_at, self.zone).date() == self.today
        return same and not self.late(one)


def line(reader: Reader, one: FollowUpFacts) -> str:
    """`12. 🔴 王芳　‼️ 逾期 2 个工作日`, and why below it."""
    where = f"（{reader.community(one)}）" if len(reader.staff.communities) != 1 else ""
    why = one.reason.replace("\n", " ")
    short = why if len(why) <= _LONGEST else f"{why[: _LONGEST - 1]}…"
    urgent = _URGENT.get(one.priority, "")
    return f"{one.id}. {urgent}{reader.name(one)}{where}　{mark(reader, one)}\n　　{short}"


def mark(reader: Reader, one: FollowUpFacts) -> str:
    """How urgent it is by its time."""
    if reader.late(one):
        days = days_late(reader.facts, one.due_at, reader.now, reader.zone)
        return f"‼️ 逾期 {days} 个工作日" if days else "‼️ 刚过期限"
    if one.remind_at is not None:
        return f"⏰ {reader.clock(one.remind_at)} 再联系"
    return f"{reader.clock(one.due_at)} 前"


def counts(reader: Reader, found: Sequence[FollowUpFacts]) -> str:
    """`5 位，逾期 1 位，今天 2 位`."""
    late = sum(reader.late(one) for one in found)
    today = sum(reader.due_today(one) for one in found)
    parts = [f"{len(found)} 位"]
    parts += [f"逾期 {late} 位"] if late else []
    parts += [f"今天 {today} 位"] if today else []
    return "，".join(parts)


def in_full(reader: Reader, one: FollowUpFacts) -> str:
    """Everything about one."""
    urgent = _URGENT.get(one.priority, "")
    lines = [
        f"**{one.id} 号跟进　{urgent}{reader.name(one)}**　{reader.community(one)}",
        f"为什么：{one.reason}",
        f"来由：{_origin(reader, one)}",
    ]
    if one.status == "open":
        planned = ""
        if one.planned_for != one.due_at:
            planned = f"（原定 {reader.clock(one.planned_for)}）"
        lines.append(f"期限：{mark(reader, one)}{planned}")
    else:
        done = "完成" if one.status == "done" else "不再跟进"
        at = reader.clock(one.done_at) if one.done_at else ""
        lines.append(f"已{done}：{at}　{one.result}".rstrip())
    if one.staff != reader.staff.id:
        lines.append(f"负责：{reader.colleague(one.staff)}")
    return "\n".join(lines)


def card(reader: Reader, one: FollowUpFacts) -> Tell:
    """Asks whoever has it whether it was done."""
    return Tell(
        reader.staff.id,
        "联系过了请点“完成”，再补一句结果。",
        title=f"{one.id} 号跟进：{reader.name(one)}",
        buttons=(
            Button("完成", f"{BUTTON}done|{one.id}"),
            Button("下个工作日", f"{BUTTON}later|{one.id}"),
        ),
    )


def _origin(reader: Reader, one: FollowUpFacts) -> str:
    made = {
        "rule": "跟进规则",
        "command": "同事记下的",
        "link": "点了链接",
        "silence": "加好友后没有动静",
    }.get(one.source, "计划里的步骤")
    at = reader.clock(one.created_at)
    handed = f"，{reader.colleague(one.handed_from)}转来" if one.handed_from else ""
    return f"{made}，{at}{handed}"
