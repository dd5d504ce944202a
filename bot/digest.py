"""早安清单: what a working day holds for each RM, and for the managers what nobody follows up.

One message to each colleague on a working day, at their minute, or within some hours of it if
nobody was there to send it; a day without anything to say is passed over. What is overdue stands
in its RM's digest every day, and after two working days in one message to the managers, so that
nothing is forgotten.
"""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta

from sqlalchemy import Connection

from bot import agenda
from bot import follow_up_words as words
from bot.agenda import Entry
from bot.command import Request
from bot.day_note import day_note
from bot.due import BEGAN, Due
from bot.follow_up_words import Reader
from bot.letters import Origin
from sop.assist import WHERE
from sop.community import DeliveryMode, Role, Staff
from sop.effects import Effect, EscalateFollowUps, Tell
from sop.follow_up_ports import FollowUpFacts
from sop.follow_ups import days_late
from sop.summary.weeks import monday_of
from sop.workdays import UnknownYear
from storage import follow_ups, leads, occurrences

MARK = "digest"
"""Watermarks: `digest` of the managers' word, `digest/<userid>` of each colleague's."""
WANTED_FOR = timedelta(hours=4)
"""How late a digest is still of use."""
MANAGERS_AFTER = 2
"""Working days after which managers hear of what is overdue."""
_MOST_STEPS = 8
_MOST_CALLS = 5
_MOST_OPEN = 4
_DAY = timedelta(days=1)
_LOOK_AHEAD = 30


def waiting(due: Due, tx: Connection, now: datetime) -> list[str]:
    """Watermarks of the digests whose minute has come."""
    chosen = due.settings.digest
    if chosen is None:
        return []
    times = {f"{MARK}/{one.id}": chosen.of(one.id) for one in due.settings.staff.values()}
    times[MARK] = chosen.at
    come = {name: at for name, one in times.items() if (at := _latest(due, one, now)) is not None}
    if not come:
        return []
    holders = follow_ups.holders(tx)
    began = occurrences.watermark(tx, BEGAN) or now
    done = occurrences.watermarks(tx, MARK)
    return [
        name
        for name, at in come.items()
        if done.get(name, began) < at and _reads(due, name, holders)
    ]


def work(tx: Connection, due: Due, name: str, now: datetime) -> None:
    """Sends one digest, if it still waits and there is something to say."""
    if name not in waiting(due, tx, now):
        return
    _, _, staff = name.partition("/")
    effects = _of_staff(tx, due, due.settings.staff[staff], now) if staff else _late(tx, due, now)
    due.runtime.apply(tx, effects, Origin(f"{name}@{now.isoformat()}", now))
    occurrences.set_watermark(tx, name, now)


def next_look(due: Due, now: datetime) -> datetime | None:
    """When the next digest is due; None where there are none."""
    chosen = due.settings.digest
    if chosen is None:
        return None
    times = {chosen.at, *(chosen.of(one.id) for one in due.settings.staff.values() if _is_rm(one))}
    today = agenda.local(now, due.settings.zone).date()
    for days in range(_LOOK_AHEAD):
        day = today + days * _DAY
        found = [datetime.combine(day, one, due.settings.zone) for one in times]
        ahead = [at for at in found if at > now]
        if ahead and _is_workday(due, day):
            return min(ahead).astimezone(now.tzinfo)
    return None


def _reads(due: Due, name: str, holders: set[str]) -> bool:
    _, _, staff = name.partition("/")
    return not staff or staff in holders or _is_rm(due.settings.staff[staff])


def _is_rm(staff: Staff) -> bool:
    return Role.RM in staff.roles


def _is_workday(due: Due, day: date) -> bool:
    try:
        return due.workdays.is_workday(day)
    except UnknownYear:
        return day.weekday() < 5


def _latest(due: Due, at: time, now: datetime) -> datetime | None:
    """Today's minute, if it has come, is not long ago, and today is a working day."""
    today = agenda.local(now, due.settings.zone).date()
    instant = datetime.combine(today, at, due.settings.zone)
    fresh = instant <= now <= instant + WANTED_FOR
    return instant if fresh and _is_workday(due, today) else None


# --- one RM's day --------------------------------------------------------------------------------


def _of_staff(tx: Connection, due: Due, staff: Staff, now: datetime) -> list[Effect]:
    facts = due.facts(tx)
    reader = Reader(facts, staff, now, due.settings.zone)
    request = Request(
        sender=staff,
        args=(),
        communities=tuple(one for one in facts.communities() if one.id in staff.communities),
        now=now,
        zone=due.settings.zone,
        seed=b"",
        facts=facts,
        library=due.library,
        workdays=due.workdays,
        tx=tx,
        settings=due.settings,
    )
    week = _week(request, reader.today)
    blocks = [
        *day_note(tx, due, request.communities, reader.today),
        *_steps(request, reader, week),
        *_calls(reader, facts.follow_ups.of(staff.id)),
        *_leads(tx, staff),
        *_open(request, week),
    ]
    if not blocks:
        return []
    head = f"☀️ **{staff.name}，早上好**　{agenda.spoken_day(reader.today)}"
    return [Tell(staff.id, "\n\n".join([head, *blocks]))]


def _week(request: Request, today: date) -> list[Entry]:
    try:
        return agenda.week(request, request.communities, monday_of(today))
    except UnknownYear:
        return []  # whom to call is worth saying all the same


def _steps(request: Request, reader: Reader, week: Sequence[Entry]) -> list[str]:
    paused = {one.id for one in request.communities if one.paused}
    today = [
        one
        for one in week
        if agenda.local(one.due_at, request.zone).date() == reader.today
        and one.status in (agenda.PLANNED, agenda.ASKED)
        and one.occurrence.community not in paused
    ]
    if not today:
        return []
    today.sort(key=lambda one: (one.due_at, one.occurrence.community, one.number))
    lines = ["**今天的步骤**"]
    for one in today[:_MOST_STEPS]:
        at = agenda.local(one.due_at, request.zone)
        lines.append(f"{at:%H:%M} {one.title}{_where(request, one)}")
    if len(today) > _MOST_STEPS:
        lines.append(f"……还有 {len(today) - _MOST_STEPS} 步，发“今日”看全部")
    return ["\n".join(lines)]


def _where(request: Request, entry: Entry) -> str:
    if len(request.communities) == 1:
        return ""
    names = {one.id: one.name for one in request.communities}
    return f"（{names[entry.occurrence.community]}）"


def _calls(reader: Reader, found: Sequence[FollowUpFacts]) -> list[str]:
    """Whom to call and why: what is overdue first."""
    if not found:
        return []
    # Stable: within each kind they stay by importance and time.
    ordered = sorted(found, key=lambda one: (one.remind_at is not None, not reader.late(one)))
    lines = [f"**要联系的客户**　{words.counts(reader, found)}"]
    lines += [words.line(reader, one) for one in ordered[:_MOST_CALLS]]
    if len(found) > _MOST_CALLS:
        lines.append(f"……还有 {len(found) - _MOST_CALLS} 位，发“跟进”看全部")
    number = ordered[0].id
    lines.append(f"> 看话术：跟进 {number}　记结果：完成 {number} 结果")
    return ["\n".join(lines)]


def _leads(tx: Connection, staff: Staff) -> list[str]:
    rows = leads.of(tx, staff.id)
    return [f"**要加的线索**　{len(rows)} 位，发“线索”看名单和话术"] if rows else []


def _open(request: Request, week: Sequence[Entry]) -> list[str]:
    """What the RM has not confirmed or decided; after a day nobody waits for it any more."""
    since = request.now - _DAY
    modes = {one.id: one.mode for one in request.communities}
    lines = [
        f"{agenda.when(one.due_at, request.now, request.zone)} {one.title}"
        f"{_where(request, one)}：{asked}"
        for one in week
        if one.due_at > since and (asked := _asked(one, modes[one.occurrence.community]))
    ]
    if not lines:
        return []
    if len(lines) > _MOST_OPEN:
        lines[_MOST_OPEN:] = [f"……还有 {len(lines) - _MOST_OPEN} 件，发“本周”看全部"]
    return ["\n".join(["**等您确认**", *lines])]


def _asked(entry: Entry, mode: DeliveryMode) -> str:
    """What is to be done about a step; empty: nothing."""
    if entry.status == agenda.ASKED:
        return f"发送 {entry.id}，或者 跳过 {entry.id} 原因"
    if entry.status != agenda.DONE or entry.confirmed_at is not None:
        return ""
    if entry.task is not None and entry.task.way == "task":
        return f"在企业微信的{WHERE}里确认发送" if entry.task.status == "open" else ""
    in_person = mode is DeliveryMode.ASSIST or entry.step.spec.in_person
    return "发出去后点卡片上的“已发”" if in_person else ""


# --- what is forgotten ---------------------------------------------------------------------------


def _late(tx: Connection, due: Due, now: datetime) -> list[Effect]:
    """One message to each manager (each operator where there is none): who is late, and how
    long."""
    facts, zone = due.facts(tx), due.settings.zone
    by_staff: dict[str, list[int]] = {}
    keys: list[str] = []
    for one in facts.follow_ups.every_open():
        days = days_late(facts, one.due_at, now, zone) if one.due_at < now else 0
        if days >= MANAGERS_AFTER:
            keys.append(one.key)
            by_staff.setdefault(one.staff, []).append(days)
    if not keys:
        return []
    lines = [f"📞 **跟进逾期**　{len(keys)} 位超过 {MANAGERS_AFTER} 个工作日没有跟进"]
    for staff, late in sorted(by_staff.items(), key=_worst_first):
        known = facts.staff(staff)
        name = known.name if known else staff
        lines.append(f"{name}：{len(late)} 位，最久的逾期 {max(late)} 个工作日")
    lines.append("> 看一位同事的：跟进 同事名字　换人：转交 编号 同事")
    text = "\n".join(lines)
    told = facts.managers() or facts.operators()
    return [*(Tell(one.id, text) for one in told), EscalateFollowUps(tuple(keys))]


def _worst_first(one: tuple[str, list[int]]) -> tuple[int, int, str]:
    staff, late = one
    return -len(late), -max(late), staff
