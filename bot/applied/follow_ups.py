"""Follow-ups: tasks for RMs about members."""

from bot.runtime import Batch, Handlers
from sop import effects as does
from storage import follow_ups


def add(batch: Batch, effect: does.FollowUp) -> None:
    if batch.runtime.is_staff(effect.member):
        return
    follow_ups.add(
        batch.tx,
        key=effect.key,
        community=effect.community,
        member=effect.member,
        staff=effect.staff,
        reason=effect.reason,
        due_at=effect.due_at,
        now=batch.now,
        priority=effect.priority,
        script=effect.script,
        source=effect.source,
    )


def end(batch: Batch, effect: does.EndFollowUp) -> None:
    follow_ups.end(batch.tx, effect.key, effect.status, effect.by, effect.result, batch.now)


def reopen(batch: Batch, effect: does.ReopenFollowUp) -> None:
    follow_ups.reopen(batch.tx, effect.key)


def hand(batch: Batch, effect: does.HandFollowUp) -> None:
    follow_ups.hand(batch.tx, effect.key, effect.staff, effect.handed_from)


def put_off(batch: Batch, effect: does.PutOffFollowUp) -> None:
    follow_ups.put_off(batch.tx, effect.key, effect.due_at, effect.remind_at)


def escalate(batch: Batch, effect: does.EscalateFollowUps) -> None:
    follow_ups.escalated(batch.tx, effect.keys, batch.now)


HANDLERS: Handlers = {
    does.FollowUp: add,
    does.EndFollowUp: end,
    does.ReopenFollowUp: reopen,
    does.HandFollowUp: hand,
    does.PutOffFollowUp: put_off,
    does.EscalateFollowUps: escalate,
}
