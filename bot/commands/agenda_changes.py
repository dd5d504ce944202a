"""发送, 跳过, 推迟: one step of the plan, by its number or its id."""

from datetime import datetime

from pydantic_core import PydanticCustomError

from bot import agenda
from bot.agenda import Entry
from bot.command import Command, Request, Scope, Topic, Usage
from bot.typed import plain
from sop import assist, review
from sop.community import DeliveryMode, Role
from sop.effects import (
    Effect,
    PostponeStep,
    Record,
    Reply,
    RestoreStep,
    RunStep,
    SkipStep,
)
from sop.play import ending, in_the_way
from sop.steps.game import PlayGame
from sop.times import parse_duration, parse_time

_HOSTS = frozenset({Role.RM, Role.OPERATOR})


def _send(request: Request) -> list[Effect]:
    if len(request.args) != 1:
        raise Usage("请写要发送哪一步。" if not request.args else "一次只能发送一步。")
    entry = agenda.find_step(request, request.args[0])
    name = _name(entry, request)
    community = request.community
    if entry.status == agenda.DONE:
        return _send_again(request, entry, name)
    spec = entry.step.spec
    other = in_the_way(request.facts, community, spec.name) if isinstance(spec, PlayGame) else None
    if other is not None:
        return [
            Reply(f"“{community.name}”里还有一局没有结束，请先发“{ending(other)}”，再发送{name}。")
        ]
    if community.review and not _stamped(entry, request):
        return [
            Reply(f"{name}{review.NOT_STAMPED}，不能发送。\n{review.whom_to_ask(request.facts)}")
        ]
    sent = f"✅ 正在发送{name}到“{community.name}”。"
    if community.mode is DeliveryMode.ASSIST:
        sent = f"✅ 正在把{name}的话术交给客户经理，由本人发到“{community.name}”。"
    return [
        Reply(f"{sent}\n> 发出后不能撤销。"),
        RunStep(entry.identity, request.sender.id),
        Record(request.sender.id, "发送", entry.identity, _name_for_ever(entry, request)),
    ]


def _send_again(request: Request, entry: Entry, name: str) -> list[Effect]:
    """What was withdrawn because nobody confirmed it is asked for once more."""
    task, by = entry.task, request.sender.id
    if task is None or task.status != "expired":
        return [Reply(f"{name}已经发过了，不会再发一遍。")]
    if task.way == "card":
        return [Reply(f"{name}的话术已经交给客户经理了，发到群里后请点卡片上的“已发”。")]
    return [
        Reply(f"✅ 正在把{name}重新放进企业微信的{assist.WHERE}，请客户经理确认发送。"),
        PostponeStep(entry.identity, request.now, by, "补发"),
        Record(by, "发送", entry.identity, _name_for_ever(entry, request)),
    ]


def _stamped(entry: Entry, request: Request) -> bool:
    plan = request.library.plans[entry.occurrence.plan.plan]
    return review.goes_on(request.facts, request.library, plan, entry.id)


def _skip(request: Request) -> list[Effect]:
    if not request.args:
        raise Usage("请写要跳过哪一步，以及原因。")
    entry = agenda.find_step(request, request.args[0])
    name = _name(entry, request)
    settled = _settled(entry, name)
    if settled is not None and entry.reason != assist.NO_REASON:
        return [Reply(settled)]
    reason = " ".join(request.args[1:])
    if not reason:
        raise Usage("请写跳过的原因，周报里会用到。")
    by = request.sender.id
    detail = f"{_name_for_ever(entry, request)}：{reason}"
    return [
        SkipStep(entry.identity, entry.occurrence.due_at, by, reason),
        Reply(f"⏭ 已跳过{name}（{request.community.name}）：{reason}\n> 反悔请发：撤销"),
        Record(by, "跳过", entry.identity, detail, _before_skip(entry, by)),
    ]


def _before_skip(entry: Entry, by: str) -> tuple[Effect, ...]:
    """Undo: what the RM had already is asked for again."""
    return _as_it_was(entry, by) if entry.task is None else (RestoreStep(entry.identity),)


def _postpone(request: Request) -> list[Effect]:
    if len(request.args) < 2:
        raise Usage("请写要推迟哪一步，以及推迟多久或推迟到几点。")
    entry = agenda.find_step(request, request.args[0])
    name = _name(entry, request)
    if (settled := _settled(entry, name)) is not None:
        return [Reply(settled)]
    until = _later(request, entry, request.args[1])
    reason = " ".join(request.args[2:])
    by = request.sender.id
    at = agenda.local(until, request.zone)
    detail = f"{_name_for_ever(entry, request)}推迟到 {at:%H:%M}" + (
        f"：{reason}" if reason else ""
    )
    return [
        PostponeStep(entry.identity, until, by, reason),
        Reply(f"⏳ {name}（{request.community.name}）推迟到 {at:%H:%M}。\n> 反悔请发：撤销"),
        Record(by, "推迟", entry.identity, detail, _as_it_was(entry, by)),
    ]


def _later(request: Request, entry: Entry, typed: str) -> datetime:
    """The new time: `30m` after the time that counts now, or a time of the same day."""
    word = plain(typed)
    planned = agenda.local(entry.due_at, request.zone)
    try:
        if ":" in word:
            at = parse_time(word)
            until = planned.replace(hour=at.hour, minute=at.minute, second=0, microsecond=0)
        else:
            until = max(entry.due_at, request.now) + parse_duration(word)
    except PydanticCustomError as error:
        context = error.context or {}
        raise Usage(f"{context.get('text', '')}{context.get('hint', '')}") from error
    if until <= max(entry.due_at, request.now):
        now = f"{agenda.local(request.now, request.zone):%H:%M}"
        raise Usage(f"只能往后推：这一步原定 {planned:%H:%M}，现在是 {now}。")
    if until >= agenda.end_of_day(planned.date(), request.zone):
        raise Usage("只能推迟到当天 24 点以前；当天不发请用“跳过”。")
    return until.astimezone(entry.due_at.tzinfo)


def _settled(entry: Entry, name: str) -> str | None:
    """Why nothing can be changed any more; None while it can."""
    if entry.status in agenda.OPEN or _may_be_confirmed(entry):
        return None
    if entry.status == agenda.SKIPPED:
        return f"{name}已经跳过了（{entry.reason or '没有写原因'}）。"
    if entry.status == agenda.MISSED:
        return f"{name}时间已经过了，没有执行。仍要发送请发：发送 {entry.id}"
    return f"{name}已经发过了，改不了了。"


def _may_be_confirmed(entry: Entry) -> bool:
    """Whether the RM has it, and can still decide against it."""
    task = entry.task
    return entry.status == agenda.DONE and task is not None and assist.may_change(task)


def _as_it_was(entry: Entry, by: str) -> tuple[Effect, ...]:
    """Undo: the plan's own time, or the one it had been postponed to before."""
    if entry.task is not None:
        return (PostponeStep(entry.identity, entry.task.due_at, by, ""),)
    if not entry.postponed:
        return (RestoreStep(entry.identity),)
    back = PostponeStep(entry.identity, entry.due_at, by, entry.reason)
    return (RestoreStep(entry.identity), back)


def _name(entry: Entry, request: Request) -> str:
    """`今天 19:30 的“掷骰子”`."""
    return f"{agenda.when(entry.due_at, request.now, request.zone)} 的“{entry.title}”"


def _name_for_ever(entry: Entry, request: Request) -> str:
    """`周二 11 月 24 日 19:30 的“掷骰子”`: the audit is read on other days."""
    at = agenda.local(entry.due_at, request.zone)
    return f"{agenda.spoken_day(at.date())} {at:%H:%M} 的“{entry.title}”"


COMMANDS = [
    Command(
        name="发送",
        aliases=("send",),
        roles=_HOSTS,
        scope=Scope.ONE,
        usage="发送 步骤〔社群〕，步骤写编号或名称",
        example="发送 mon-brief",
        summary="现在就发送某一步",
        handle=_send,
        topic=Topic.TODAY,
    ),
    Command(
        name="跳过",
        aliases=("skip",),
        roles=_HOSTS,
        scope=Scope.ONE,
        usage="跳过 步骤 原因〔社群〕，步骤写编号或名称",
        example="跳过 tue-dice 今晚系统维护",
        summary="某一步这次不发",
        handle=_skip,
        topic=Topic.TODAY,
    ),
    Command(
        name="推迟",
        aliases=("postpone", "延后"),
        roles=_HOSTS,
        scope=Scope.ONE,
        usage="推迟 步骤 时长或时间〔原因〕〔社群〕，时长写 30m、1h，时间写 20:30",
        example="推迟 tue-dice 30m",
        summary="某一步晚一点再发",
        handle=_postpone,
        topic=Topic.TODAY,
    ),
]
