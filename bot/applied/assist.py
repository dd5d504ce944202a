"""Messages that an RM sends: handed out, reminded of, confirmed, withdrawn."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from bot.facts_assist import assist_task
from bot.runtime import Batch, Handlers
from bot.wecom.content import plain_text
from bot.wecom.group_send import TEXT_BYTES
from sop import assist
from sop import effects as does
from sop.assist_ports import AssistTask
from sop.community import Community
from storage import assist_tasks, contacts, customers, lists, occurrences, outbox

WAITING, OPEN, SENT, CAPPED = "waiting", "open", "sent", "capped"
SKIPPED, EXPIRED, CANCELLED = "skipped", "expired", "cancelled"
_ANY = (WAITING, OPEN, SKIPPED, EXPIRED, CANCELLED)
_LIVE = (WAITING, OPEN)


def post(batch: Batch, effect: does.Post) -> None:
    """A step's message into a customer group: as a task, or as a script for its RM. What a step
    says in several messages is one task."""
    occurrence = effect.occurrence or ""
    community = batch.runtime.community(effect.community)
    text = plain_text(effect.text)
    # WeCom takes a group's task from the owner that the group has, whatever configuration says.
    owner = customers.owner_of(batch.tx, community.id) or community.owner
    if any(one.occurrence == occurrence for one in batch.letters.owed):
        if not batch.letters.add_to_task(occurrence, text, TEXT_BYTES):
            batch.letters.post(effect, owner)
        return
    as_task = community.tasks and len(text.encode()) <= TEXT_BYTES
    known = _ask(batch, community, owner, occurrence, effect.expires_at, as_task=as_task)
    if not known or not as_task:
        batch.letters.post(effect, owner)
        return
    batch.letters.task(
        community,
        owner,
        text,
        (),
        occurrence,
        quiet_hours=effect.quiet_hours,
        expires_at=effect.expires_at,
    )


def hand_over(batch: Batch, effect: does.HandOver) -> None:
    """What the RM sends to members: as a task where everybody gets the same words."""
    community = batch.runtime.community(effect.community)
    text = plain_text(effect.texts[0])
    as_task = effect.as_task and community.tasks and len(text.encode()) <= TEXT_BYTES
    owner = community.owner
    mine = (community, owner, effect.occurrence, effect.expires_at)
    if as_task and _ask(batch, *mine, as_task=True, members=effect.members):
        batch.letters.hand_over(effect)
        batch.letters.task(
            community,
            owner,
            text,
            effect.members,
            effect.occurrence,
            expires_at=effect.expires_at,
        )
        return
    contacts.add(batch.tx, effect.members, effect.occurrence, batch.now, effect.variant)
    batch.letters.hand_over(replace(effect, as_task=False))


def _ask(
    batch: Batch,
    community: Community,
    owner: str,
    occurrence: str,
    expires_at: datetime | None,
    *,
    as_task: bool,
    members: tuple[str, ...] = (),
) -> bool:
    """Writes down what the RM is asked; False for what is no step of the calendar."""
    row = occurrences.get(batch.tx, occurrence)
    if row is None:
        return False
    length = row.window_ends_at - row.due_at
    new = assist_tasks.NewTask(
        occurrence,
        community.id,
        owner,
        batch.runtime.called(occurrence),
        "task" if as_task else "card",
        bool(members),
        row.due_at,
        row.window_ends_at,
        expires_at or max(row.window_ends_at, batch.now + length),
    )
    assist_tasks.add(batch.tx, new, members, batch.now)
    if not as_task:
        _asked(batch, occurrence)
    return True


def opened(batch: Batch, effect: does.AssistOpened) -> None:
    if not _change(batch, effect.occurrence, (WAITING,), msgid=effect.msgid):
        return
    task = _asked(batch, effect.occurrence)
    community = batch.runtime.community(task.community)
    batch.letters.tell(
        does.Tell(
            task.owner,
            assist.asked(task, community, batch.now),
            title="请确认企业群发",
            buttons=(
                does.Button("推迟 30 分钟", f"later|{task.occurrence}"),
                does.Button("跳过", f"skip|{task.occurrence}"),
            ),
        )
    )


def by_hand(batch: Batch, effect: does.AssistByHand) -> None:
    letter = outbox.latest(batch.tx, effect.occurrence, assist_tasks.CHANNEL)
    if letter is None or not _change(batch, effect.occurrence, (WAITING,), way="card"):
        return
    task = _asked(batch, effect.occurrence)
    community = batch.runtime.community(task.community)
    text, members = str(letter.body["text"]), tuple(letter.body.get("members") or ())
    note = assist.by_hand(task, community, effect.reason)
    if not task.single:
        batch.letters.tell(does.Tell(task.owner, note))
        script = does.Post(community.id, text, occurrence=task.occurrence)
        batch.letters.post(script, task.owner)
        return
    contacts.add(batch.tx, members, task.occurrence, batch.now)
    batch.letters.hand_over(
        does.HandOver(community.id, task.title, note, (text,), task.occurrence, members)
    )


def reminded(batch: Batch, effect: does.AssistReminded) -> None:
    task = _task(batch, effect.occurrence)
    if task is None or task.status != OPEN:
        return
    count = task.reminders + 1
    _change(batch, task.occurrence, (OPEN,), reminded_at=batch.now, reminders=count)
    _look_again(batch, task.occurrence)
    if task.way == "card":
        community = batch.runtime.community(task.community)
        batch.letters.tell(does.Tell(task.owner, assist.reminder(task, community)))


def sent(batch: Batch, effect: does.AssistSent) -> None:
    task = _task(batch, effect.occurrence)
    if task is None or task.status not in _ANY:
        return
    _settle(batch, task, SENT, effect.at, sent_at=effect.at)
    occurrences.sent_after_all(batch.tx, task.occurrence, task.owner, effect.at)
    if not task.single:
        return
    members = effect.members
    contacts.add(batch.tx, members, task.occurrence, effect.at)
    statuses = dict.fromkeys(assist_tasks.receivers(batch.tx, task.occurrence), "unreached")
    statuses |= dict.fromkeys(members, "sent")
    statuses |= dict.fromkeys(effect.strangers, "not_friend")
    statuses |= dict.fromkeys(effect.over, "capped")
    assist_tasks.settle_receivers(batch.tx, task.occurrence, statuses)
    community = batch.runtime.community(task.community)
    strangers = len(statuses) - len(members) - len(effect.over)
    told = assist.shortfall(task, community, len(members), strangers, len(effect.over))
    if told:
        batch.letters.tell(does.Tell(task.owner, told))


def capped(batch: Batch, effect: does.AssistCapped) -> None:
    task = _task(batch, effect.occurrence)
    if task is None or task.status not in _ANY:
        return
    _settle(batch, task, CAPPED, effect.at, capped=True)
    members = assist_tasks.receivers(batch.tx, task.occurrence)
    assist_tasks.settle_receivers(batch.tx, task.occurrence, dict.fromkeys(members, CAPPED))
    lists.give_back(batch.tx, task.occurrence)
    community = batch.runtime.community(task.community)
    batch.letters.tell(does.Tell(task.owner, assist.capped(task, community)))


def expired(batch: Batch, effect: does.AssistExpired) -> None:
    task = _task(batch, effect.occurrence)
    if task is None or not _give_up(batch, task.occurrence, _LIVE, EXPIRED):
        return
    _look_again(batch, task.occurrence)
    if task.way == "task":
        lists.give_back(batch.tx, task.occurrence)
    community = batch.runtime.community(task.community)
    batch.letters.tell(does.Tell(task.owner, assist.expired(task, community, effect.step)))


def withdrawn(batch: Batch, effect: does.AssistWithdrawn) -> None:
    row = assist_tasks.lock(batch.tx, effect.occurrence)
    if row is None:
        return
    left = " ".join(one for one in row.withdraw.split() if one != effect.msgid)
    _change(batch, row.occurrence, (row.status,), withdraw=left, cancelled_at=batch.now)
    if not left and row.status not in _LIVE:
        _look_again(batch, row.occurrence)


def again(batch: Batch, effect: does.AssistAgain) -> None:
    task = _task(batch, effect.occurrence)
    letter = outbox.latest(batch.tx, effect.occurrence, assist_tasks.CHANNEL)
    if task is None or letter is None or task.status != CANCELLED:
        return
    fresh = dict.fromkeys(("asked_at", "reminded_at", "again_at", "cancelled_at"))
    _change(
        batch,
        task.occurrence,
        (CANCELLED,),
        status=WAITING,
        reminders=0,
        next_at=batch.now,
        **fresh,
    )
    community = batch.runtime.community(task.community)
    text, members = str(letter.body["text"]), tuple(letter.body.get("members") or ())
    batch.letters.task(
        community, task.owner, text, members, task.occurrence, expires_at=task.ends_at
    )


def escalated(batch: Batch, effect: does.AssistEscalated) -> None:
    if _change(batch, effect.occurrence, (OPEN, EXPIRED), escalated_at=batch.now):
        _look_again(batch, effect.occurrence)


def skip(batch: Batch, occurrence: str, reason: str) -> None:
    """The RM decided against it: what WeCom holds of it is withdrawn. A second reason replaces
    the first."""
    mine = (*_LIVE, EXPIRED, CANCELLED)
    if _give_up(batch, occurrence, mine, SKIPPED, again_at=None, skipped_reason=reason):
        return
    if _change(batch, occurrence, (SKIPPED,), skipped_reason=reason):
        occurrences.explain(batch.tx, occurrence, reason)


def put_off(batch: Batch, occurrence: str, until: datetime) -> bool:
    """The RM is asked again later, with a window as long as before; what expired keeps the window
    that it missed. False for what nobody was asked."""
    task = _task(batch, occurrence)
    if task is None or task.status not in (*_LIVE, EXPIRED, CANCELLED):
        return False
    by = until - task.due_at if task.status != EXPIRED else timedelta(0)
    length = task.ends_at - task.due_at
    times: dict[str, Any] = {
        "due_at": task.due_at + by,
        "window_ends_at": task.window_ends_at + by,
        "ends_at": until + length,
        "again_at": until,
    }
    if task.way == "card":
        times["again_at"] = None
        asked = {"asked_at": until, "reminded_at": None, "reminders": 0, "status": OPEN}
        _change(batch, occurrence, (*_LIVE, EXPIRED), **times, **asked)
        _ask_again(batch, _look_again(batch, occurrence), until)
        return True
    return _give_up(batch, occurrence, (*_LIVE, EXPIRED, CANCELLED), CANCELLED, **times)


def restore(batch: Batch, occurrence: str) -> bool:
    """A skip is taken back: the RM is asked once more for what was skipped; the step itself does
    not run twice. False for what nobody was asked."""
    task = _task(batch, occurrence)
    if task is None or task.status != SKIPPED:
        return False
    occurrences.reopen(batch.tx, occurrence)
    length = task.ends_at - task.due_at
    back: dict[str, Any] = {
        "skipped_reason": "",
        "ends_at": max(task.ends_at, batch.now + length),
    }
    if task.way == "task":
        back |= {"again_at": batch.now, "next_at": batch.now}
        return _change(batch, occurrence, (SKIPPED,), status=CANCELLED, **back)
    _change(batch, occurrence, (SKIPPED,), status=OPEN, **back)
    _ask_again(batch, _look_again(batch, occurrence), batch.now)
    return True


def confirm(batch: Batch, occurrence: str) -> None:
    """The RM says so by a button."""
    task = _task(batch, occurrence)
    if task is not None and task.way == "card" and task.status in (OPEN, EXPIRED):
        _settle(batch, task, SENT, batch.now, sent_at=batch.now)


def _ask_again(batch: Batch, task: AssistTask, at: datetime) -> None:
    """The script was handed over already: only the question comes once more."""
    community = batch.runtime.community(task.community)
    batch.letters.tell(
        does.Tell(
            task.owner,
            f"{community.name}的话术在上面，发到群里后点“已发”。",
            title="您说稍后再发",
            buttons=(
                does.Button("已发", f"sent|{task.occurrence}"),
                does.Button("跳过", f"skip|{task.occurrence}"),
                does.Button("推迟", f"later|{task.occurrence}"),
            ),
            not_before=at,
        )
    )


def _asked(batch: Batch, occurrence: str) -> AssistTask:
    """From now on the RM knows."""
    assist_tasks.change(batch.tx, occurrence, (WAITING,), status=OPEN, asked_at=batch.now)
    return _look_again(batch, occurrence)


def _give_up(
    batch: Batch, occurrence: str, statuses: tuple[str, ...], status: str, **values: Any
) -> bool:
    """Nobody wants it any more: a letter that waits is dropped, what WeCom has is withdrawn."""
    task = _task(batch, occurrence)
    if task is None or task.status not in statuses:
        return False
    letter = outbox.latest(batch.tx, occurrence, assist_tasks.CHANNEL)
    if letter is not None and letter.status == "pending":
        outbox.drop(batch.tx, letter.id, "不再需要这个群发任务", batch.now)
    next_at = batch.now if task.way == "task" else None
    return assist_tasks.give_up(
        batch.tx, occurrence, statuses, status=status, next_at=next_at, **values
    )


def _settle(batch: Batch, task: AssistTask, status: str, at: datetime, **values: Any) -> None:
    """It came to its end at WeCom, or by the button."""
    on_time = at <= task.window_ends_at if status == SENT else None
    done = {"status": status, "confirmed_at": at, "on_time": on_time, "withdraw": ""}
    _change(batch, task.occurrence, _ANY, next_at=None, again_at=None, **done, **values)


def _change(batch: Batch, occurrence: str, statuses: tuple[str, ...], **values: Any) -> bool:
    return assist_tasks.change(batch.tx, occurrence, statuses, **values)


def _task(batch: Batch, occurrence: str) -> AssistTask | None:
    row = assist_tasks.lock(batch.tx, occurrence)
    return None if row is None else assist_task(row)


def _look_again(batch: Batch, occurrence: str) -> AssistTask:
    """Notes when somebody must look next."""
    row = assist_tasks.lock(batch.tx, occurrence)
    assert row is not None  # noqa: S101  # changed a moment ago
    task = assist_task(row)
    looked_at = batch.now if row.withdraw else assist.next_look(task)
    _change(batch, occurrence, (row.status,), next_at=looked_at)
    return task


HANDLERS: Handlers = {
    does.AssistOpened: opened,
    does.AssistByHand: by_hand,
    does.AssistReminded: reminded,
    does.AssistSent: sent,
    does.AssistCapped: capped,
    does.AssistExpired: expired,
    does.AssistWithdrawn: withdrawn,
    does.AssistAgain: again,
    does.AssistEscalated: escalated,
}
