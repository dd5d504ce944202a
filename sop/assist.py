"""Messages that an RM sends (assist mode): when to remind, when it is late, whom to tell.

In a customer group only a colleague may press “send” (wecom-protocol.md H.1). WeCom notifies
again at most three times in 24 hours (D.9), so there are never more reminders than that.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sop.assist_ports import AssistTask
from sop.community import Community, Staff

MOST_REMINDERS = 3
SHORTEST_GAP = timedelta(minutes=3)
"""Nobody is reminded sooner than so long after the last time."""
TOGETHER = timedelta(minutes=15)
"""Managers hear of what went by at full quarters of an hour, so that one message can hold all."""
WHERE = "“客户联系 → 群发助手”"
NO_REASON = "客户经理选择跳过"
"""A button says no more than that."""
_OPEN = ("waiting", "open")
_UNANSWERED = ("open", "expired")


def asked_until(task: AssistTask) -> datetime:
    """When the RM should have confirmed: the end of the window; where the RM was asked only after
    that, when the task is withdrawn."""
    asked = task.asked_at or task.due_at
    return task.window_ends_at if asked < task.window_ends_at else task.ends_at


def reminders(task: AssistTask) -> list[datetime]:
    """When the RM is reminded: half-way, towards the end, and at the end where late is welcome."""
    if task.asked_at is None:
        return []
    until = asked_until(task)
    span = until - task.asked_at
    wanted = [task.asked_at + span / 2, task.asked_at + span * 5 / 6]
    if until < task.ends_at:
        wanted.append(until)
    found: list[datetime] = []
    before = task.asked_at
    for one in (_minute(each) for each in wanted):
        if one - before >= SHORTEST_GAP:
            found.append(one)
            before = one
    return found[:MOST_REMINDERS]


def next_reminder(task: AssistTask) -> datetime | None:
    """The next reminder; one that nobody was there to give is not made up for."""
    if task.status != "open" or task.asked_at is None:
        return None
    last = task.reminded_at or task.asked_at
    return next((one for one in reminders(task) if one > last), None)


def escalates_at(task: AssistTask) -> datetime | None:
    """When the managers hear of it; None where they do not."""
    if task.asked_at is None or task.escalated_at is not None or task.status not in _UNANSWERED:
        return None
    until = asked_until(task)
    midnight = until.replace(hour=0, minute=0, second=0, microsecond=0)
    return midnight - (midnight - until) // TOGETHER * TOGETHER


def next_look(task: AssistTask) -> datetime | None:
    """When somebody must look at an asked task again; None: it is settled for good."""
    dues = [next_reminder(task), escalates_at(task)]
    if task.status == "open":
        dues.append(task.ends_at)
    if task.status == "cancelled":
        dues.append(task.again_at)
    return min((one for one in dues if one is not None), default=None)


def is_open(task: AssistTask) -> bool:
    """Whether the RM may still confirm it."""
    return task.status in _OPEN


def may_change(task: AssistTask) -> bool:
    """Whether it may still be skipped or put off."""
    return task.status in (*_OPEN, "expired", "cancelled")


def state(task: AssistTask, zone: ZoneInfo) -> str:
    """A mark and a few words: `📨 待确认`, `✅ 已发 09:47`, `🕒 迟发 10:20`."""
    told = "，已告知主管" if task.escalated_at else ""
    if task.status == "waiting":
        return "⏳ 正在建群发任务"
    if task.status == "open":
        whom = "已放进群发助手" if task.way == "task" else "已交给客户经理"
        at = _clock(task.asked_at or task.due_at, zone)
        reminded = f"，已提醒 {task.reminders} 次" if task.reminders else ""
        return f"📨 {whom} {at}，待确认{reminded}{told}"
    if task.status == "sent":
        at = _clock(task.sent_at or task.due_at, zone)
        return f"✅ 已发 {at}" if task.on_time else f"🕒 迟发 {at}{told}"
    if task.status == "capped":
        return "🚫 已到接收上限，没有送达"
    if task.status == "skipped":
        return f"⏭ 已跳过：{task.skipped_reason}"
    if task.status == "cancelled":
        return f"⏳ 已推迟到 {_clock(task.again_at or task.due_at, zone)}"
    if task.status == "expired":
        return f"⌛ 到时间没有确认{told}"
    return "⚠️ 没有交给客户经理"


def asked(task: AssistTask, community: Community, now: datetime) -> str:
    """What the RM reads when WeCom has the task."""
    what = f"“{community.name}”{_clock(task.due_at, community.zone)} 的“{task.title}”"
    until = asked_until(task)
    hurry = f"请在 {_clock(until, community.zone)} 前" if now < until else "请尽快"
    return f"{what}已放进企业微信的{WHERE}，{hurry}打开它，点“确认发送”。"


def by_hand(task: AssistTask, community: Community, reason: str) -> str:
    """What the RM reads where WeCom took no task."""
    what = f"“{community.name}”{_clock(task.due_at, community.zone)} 的“{task.title}”"
    where = "私信名单上的成员" if task.single else "转发到群里"
    return f"⚠️ {what}没有建成企业群发任务：{reason}。\n请把下面的话术{where}，发完点“已发”。"


def why(task: AssistTask) -> str:
    """What the RM is asked who pressed 跳过."""
    step = task.occurrence.split("/")[1]
    return f"已跳过“{task.title}”。周报里会用到原因，请补一句：跳过 {step} 原因"


def reminder(task: AssistTask, community: Community) -> str:
    """What the RM reads again who was handed the script."""
    at = _clock(task.due_at, community.zone)
    return f"“{community.name}”{at} 的“{task.title}”还没有确认，话术在上面，发到群里后点“已发”。"


def expired(task: AssistTask, community: Community, step: str) -> str:
    """What the RM reads when nobody confirmed in time."""
    at, end = (_clock(one, community.zone) for one in (task.due_at, task.ends_at))
    what = f"⌛ “{community.name}”{at} 的“{task.title}”"
    if task.asked_at is None:
        return f"{what}到 {end} 没有建成群发任务，不再发送。\n> 仍要发送：发送 {step}"
    if task.way == "task":
        return f"{what}到 {end} 没有确认，群发任务已撤回。\n> 仍要发送：发送 {step}"
    return f"{what}到 {end} 没有确认。\n> 其实已经发了：点卡片上的“已发”"


def capped(task: AssistTask, community: Community) -> str:
    """What the RM reads when WeCom let nothing through."""
    at = _clock(task.due_at, community.zone)
    who = "这些客户" if task.single else "这个群"
    return (
        f"🚫 “{community.name}”{at} 的“{task.title}”没有送达：{who}收到的企业群发到了"
        "企业微信的上限（每月的天数）。"
    )


def shortfall(task: AssistTask, community: Community, sent: int, strangers: int, over: int) -> str:
    """What the RM reads when not everybody got a private message; empty when all did."""
    if not strangers and not over:
        return ""
    missed = [f"{strangers} 位不是您的好友"] if strangers else []
    missed += [f"{over} 位到了接收上限"] if over else []
    return f"“{community.name}”的“{task.title}”：{sent} 位收到，{'，'.join(missed)}。"


def escalation(
    tasks: Iterable[AssistTask],
    communities: Mapping[str, Community],
    staff: Mapping[str, Staff],
) -> str:
    """What a manager reads: everything that went by unconfirmed, one line each."""
    lines = []
    for task in tasks:
        community = communities[task.community]
        owner = staff[task.owner].name if task.owner in staff else task.owner
        at, until = (_clock(one, community.zone) for one in (task.due_at, asked_until(task)))
        lines.append(f"{owner}　{community.name}　{at}“{task.title}”（应在 {until} 前确认）")
    return "\n".join([f"⚠️ **有 {len(lines)} 条到时间还没有确认发送**", *lines])


def _clock(instant: datetime, zone: ZoneInfo) -> str:
    return f"{instant.astimezone(zone):%H:%M}"


def _minute(instant: datetime) -> datetime:
    return instant.replace(second=0, microsecond=0)
