"""A staff member pressed a button of a card: the answer to a question the bot asked."""

from datetime import datetime, timedelta

from sop import assist
from sop.community import DeliveryMode
from sop.effects import (
    ConfirmStep,
    Effect,
    PostponeStep,
    Record,
    RestoreStep,
    RunStep,
    SettleCard,
    SkipStep,
    Tell,
)
from sop.events import Pressed
from sop.ports import Facts

LATER = timedelta(minutes=30)


def pressed(facts: Facts, event: Pressed, now: datetime) -> list[Effect]:
    """`run|…`, `skip|…`, `sent|…`, `later|<occurrence>`, and `drop|…` for what the RM decides not
    to send in person; anything else, or from a stranger, is refused without an effect."""
    verb, _, occurrence = event.key.partition("|")
    staff = facts.staff(event.sender)
    community = occurrence.rpartition("/")[2]
    task = facts.assist.task(occurrence)
    asked = task is not None and staff is not None and task.owner == staff.id
    if staff is None or not occurrence or not (asked or staff.may_see(community)):
        return [SettleCard("您没有权限")]
    row = facts.occurrence(occurrence)
    if row is None:
        return [SettleCard("这一步已经不在了")]
    by = staff.id
    place = facts.community(community)
    handed = place is not None and place.mode is DeliveryMode.ASSIST
    if verb == "sent":
        if row.confirmed_at is not None:
            return [SettleCard("已确认过")]
        return [
            ConfirmStep(occurrence, by),
            SettleCard("已发，谢谢"),
            Record(by, "确认已发", occurrence, ""),
        ]
    if row.status == "done" and verb == "run":
        return [SettleCard("已经发过了")]
    if verb == "run":
        return [
            RunStep(occurrence, by),
            SettleCard("正在发送"),
            Record(by, "补发", occurrence, ""),
        ]
    if verb in ("skip", "drop"):
        handed = handed or verb == "drop"
        if row.status == "done" and not (handed and row.confirmed_at is None):
            return [SettleCard("已经发过了")]
        if row.status == "skipped":
            return [SettleCard("已跳过")]
        return [
            SkipStep(occurrence, row.due_at, by, assist.NO_REASON),
            SettleCard("已跳过"),
            *([Tell(by, assist.why(task))] if task is not None else ()),
            Record(by, "跳过", occurrence, "卡片按钮", (RestoreStep(occurrence),)),
        ]
    if verb == "later":
        if task is not None and not assist.is_open(task):
            return [SettleCard("现在不能推迟了")]
        return [
            PostponeStep(occurrence, now + LATER, by, ""),
            SettleCard("30 分钟后再提醒"),
            Record(by, "推迟", occurrence, "卡片按钮，30 分钟"),
        ]
    return [SettleCard("按钮已失效")]
