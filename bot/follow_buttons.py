"""Buttons of cards about follow-ups: `follow|done|<number>`, `follow|later|<number>`."""

from datetime import datetime, timedelta

from bot import agenda
from bot.commands.follow_ups import put_off_due
from bot.due import Due
from bot.follow_up_words import BUTTON as BUTTON
from sop.effects import (
    Effect,
    EndFollowUp,
    PutOffFollowUp,
    Record,
    ReopenFollowUp,
    SettleCard,
    Tell,
)
from sop.events import Pressed
from sop.ports import Facts
from sop.workdays import UnknownYear

_AGAIN_AT = 9
"""Hour of the next working day at which the RM is reminded."""


def pressed(facts: Facts, due: Due, event: Pressed, now: datetime) -> list[Effect]:
    """What the button does; for whoever does not have the follow-up (any more), nothing."""
    _, _, rest = event.key.partition("|")
    verb, _, number = rest.partition("|")
    one = facts.follow_ups.numbered(int(number)) if number.isdecimal() else None
    if one is None or one.staff != event.sender:
        return [SettleCard("不归您跟进了")]
    if one.status != "open":
        return [SettleCard("已经结束了")]
    by = event.sender
    if verb == "done":
        return [
            EndFollowUp(one.key, "done", by, ""),
            SettleCard("已完成"),
            Tell(by, f"✅ {one.id} 号跟进完成了。补一句结果：完成 {one.id} 结果"),
            Record(by, "完成", str(one.id), f"{one.id} 号跟进", (ReopenFollowUp(one.key),)),
        ]
    if verb != "later":
        return [SettleCard("按钮已失效")]
    until = _next_morning(facts, due, now)
    spoken = f"{until.month} 月 {until.day} 日 {until:%H:%M}"
    before = PutOffFollowUp(one.key, one.due_at, one.remind_at)
    detail = f"{one.id} 号跟进推迟到 {spoken}"
    return [
        PutOffFollowUp(one.key, max(one.due_at, put_off_due(until)), until),
        SettleCard(f"{spoken} 提醒您"),
        Record(by, "推迟跟进", str(one.id), detail, (before,)),
    ]


def _next_morning(facts: Facts, due: Due, now: datetime) -> datetime:
    here = agenda.local(now, due.settings.zone)
    try:
        day = facts.payable_on(here.date(), 1)
    except UnknownYear:
        day = here.date() + timedelta(days=1)
    return datetime(day.year, day.month, day.day, _AGAIN_AT, tzinfo=due.settings.zone)
