"""跟进, 完成, 不跟, 转交, 推迟跟进: whom to call, and what came of it.

A number means one follow-up for ever, whoever types it; everybody acts on their own ones only,
and operators and managers also hand on those of others.
"""

from dataclasses import replace
from datetime import datetime, time, timedelta

from bot import agenda
from bot import follow_up_words as words
from bot.command import Command, Request, Scope, Topic, Usage
from bot.customers import answered, find_customer, name_for
from bot.follow_up_words import Reader
from bot.typed import plain
from sop import said_when
from sop.community import Role, Staff
from sop.effects import (
    Effect,
    EndFollowUp,
    FollowUp,
    HandFollowUp,
    PutOffFollowUp,
    Record,
    ReopenFollowUp,
    Reply,
    Tell,
)
from sop.follow_up_ports import FollowUpFacts
from sop.follow_ups import may_hold, workday_end
from sop.gathering import WORKDAY_ENDS

_LEADERS = frozenset({Role.RM, Role.OPERATOR, Role.MANAGER})
_HOSTS = frozenset({Role.RM, Role.OPERATOR})
_OVERSEERS = frozenset({Role.OPERATOR, Role.MANAGER})
_EVERYBODY = "全部"
_SHOWN = 10
_LONGEST = 200
_FURTHEST = timedelta(days=30)
_DUE_AT, _REMIND_AT = time(WORKDAY_ENDS), time(9)
"""What a day alone means: for a deadline, and for being reminded."""
_UNDO = "> 反悔请发：撤销"


def _follow_ups(request: Request) -> list[Effect]:
    if not request.args:
        return [Reply(_mine(request))]
    first, *rest = request.args
    if first == _EVERYBODY and not rest:
        return [Reply(_everybody(request))]
    if not rest and _number(first) is not None:
        return _whole(request, first)
    if not rest and (colleague := _colleague(request, first)) is not None:
        return [Reply(_list(request, colleague))]
    if not rest:
        raise Usage("请写为什么要跟进。")
    return _make(request, first, tuple(rest))


def _mine(request: Request) -> str:
    return _list(request, request.sender)


def _list(request: Request, staff: Staff) -> str:
    """One colleague's work; what was put off comes last."""
    reader = _reader(request)
    found = request.facts.follow_ups.of(staff.id)
    own = staff.id == request.sender.id
    whose = "" if own else f"　{staff.name}"
    if not found:
        return f"**跟进**{whose}　没有要跟进的成员。"
    found = sorted(found, key=lambda one: one.remind_at is not None)
    lines = [f"**跟进**{whose}　{words.counts(reader, found)}"]
    lines += [words.line(reader, one) for one in found[:_SHOWN]]
    if len(found) > _SHOWN:
        lines.append(f"……完成这几位，再看后面的 {len(found) - _SHOWN} 位")
    number = found[0].id
    if own:
        lines.append(f"> 看话术：跟进 {number}　记结果：完成 {number} 结果")
        lines.append(f"> 改天：推迟 跟进{number} 明天　不用跟了：不跟 {number} 原因")
    else:
        lines.append(f"> 换人跟进：转交 {number} 同事")
    return "\n".join(lines)


def _everybody(request: Request) -> str:
    if not request.sender.roles & _OVERSEERS:
        raise Usage("“跟进 全部”只有运营和主管可以看。")
    reader = _reader(request)
    by_staff: dict[str, list[FollowUpFacts]] = {}
    for one in request.facts.follow_ups.every_open():
        by_staff.setdefault(one.staff, []).append(one)
    if not by_staff:
        return "**跟进**　没有要跟进的成员。"
    every = [one for found in by_staff.values() for one in found]
    lines = [f"**跟进**　{words.counts(reader, every)}"]
    for staff, found in sorted(by_staff.items(), key=lambda each: (-len(each[1]), each[0])):
        oldest = min(found, key=lambda one: one.due_at)
        due = f"，最早一位 {words.mark(reader, oldest)}"
        lines.append(f"{reader.colleague(staff)}：{words.counts(reader, found)}{due}")
    lines.append("> 看一位同事的：跟进 同事名字")
    return "\n".join(lines)


def _whole(request: Request, typed: str) -> list[Effect]:
    """One, its script alone and ready to be forwarded, and a card to answer with."""
    one = _visible(request, typed)
    reader, by = _reader(request), request.sender.id
    effects: list[Effect] = [Reply(words.in_full(reader, one))]
    if one.status == "open" and one.staff == by:
        if one.script:
            effects.append(Tell(by, one.script))
        effects.append(words.card(reader, one))
    return [*effects, Record(by, "跟进", str(one.id), "")]


def _make(request: Request, typed: str, rest: tuple[str, ...]) -> list[Effect]:
    mine = tuple(one for one in request.facts.communities() if request.sender.may_see(one.id))
    request = replace(request, communities=mine)
    customer = find_customer(request, typed, f"跟进 {{}} {' '.join(rest)}")
    here = agenda.local(request.now, request.zone)
    if said_when.when(rest, here, _DUE_AT) is not None:
        raise Usage(f"请在“{' '.join(rest)}”前面写上为什么要跟进。")
    parts, at = said_when.split(rest, here, _DUE_AT)
    reason = " ".join(parts)
    if at is None and said_when.meant_but_wrong(parts[-1]):
        raise Usage(f"看不懂时间“{parts[-1]}”，请写以后的时间，例如 明天 15:00。")
    if len(reason) > _LONGEST:
        raise Usage(f"原因最长 {_LONGEST} 个字。")
    if at is not None and at <= request.now:
        raise Usage(f"{agenda.when(at, request.now, request.zone)} 已经过去了。")
    sender = request.sender
    own = next((one for one in customer.stays if one.community in sender.communities), None)
    place = (own or customer.stays[0]).community
    community = next(one for one in mine if one.id == place)
    staff = sender.id if own else request.facts.follow_ups.rm_of(place, customer.id)
    due = at or workday_end(request.facts, community, request.now + timedelta(days=1), 1)
    key = f"command/{sender.id}/{customer.id}/{request.now.isoformat()}"
    name = name_for(request, customer)
    by = agenda.when(due, request.now, request.zone)
    whom = "" if staff == sender.id else f"，交给{_reader(request).colleague(staff)}"
    effects: list[Effect] = [
        FollowUp(place, customer.id, staff, reason, due, key, source="command"),
        Reply(f"📌 记下了：{by} 前跟进{name}{whom}。\n> 看名单：跟进　反悔请发：撤销"),
    ]
    if staff != sender.id:
        told = f"📞 {sender.name}请您在{by} 前跟进一位成员：{reason}\n> 看名单：跟进"
        effects.append(Tell(staff, told))
    undo = (EndFollowUp(key, "dropped", sender.id, "撤销"),)
    return [*effects, Record(sender.id, "跟进", customer.id, "新建", undo)]


def _complete(request: Request) -> list[Effect]:
    one, result = _own_and_words(request, "完成哪一位")
    by = request.sender.id
    name = _reader(request).name(one)
    if one.status == "dropped":
        return [Reply(f"{one.id} 号跟进（{name}）已经不跟了：{one.result}")]
    if one.status == "done" and not result:
        return [Reply(f"{one.id} 号跟进（{name}）已经完成过了。")]
    before: Effect = ReopenFollowUp(one.key)
    if one.status == "done":
        before = EndFollowUp(one.key, "done", by, one.result)
    left = len([each for each in request.facts.follow_ups.of(by) if each.id != one.id])
    rest = f"还有 {left} 位。" if left else "您的跟进都做完了。"
    told = f"✅ 完成：{name}" + (f"，{result}" if result else "") + f"。{rest}"
    if not result:
        told += f"\n> 补一句结果：完成 {one.id} 结果"
    return [
        EndFollowUp(one.key, "done", by, result),
        Reply(f"{told}\n{_UNDO}"),
        Record(by, "完成", str(one.id), f"{one.id} 号跟进", (before,)),
    ]


def _drop(request: Request) -> list[Effect]:
    one, reason = _own_and_words(request, "不跟哪一位")
    if not reason:
        raise Usage("请写为什么不跟了，周报里会用到。")
    by = request.sender.id
    name = _reader(request).name(one)
    if one.status != "open":
        return [Reply(f"{one.id} 号跟进（{name}）已经结束了。")]
    return [
        EndFollowUp(one.key, "dropped", by, reason),
        Reply(f"🗂 不再跟进{name}：{reason}\n{_UNDO}"),
        Record(by, "不跟", str(one.id), f"{one.id} 号跟进", (ReopenFollowUp(one.key),)),
    ]


def _hand(request: Request) -> list[Effect]:
    if len(request.args) < 2:
        raise Usage("请写转交哪一位，转给谁。")
    overseer = bool(request.sender.roles & _OVERSEERS)
    one = _visible(request, request.args[0]) if overseer else _own(request, request.args[0])
    reader = _reader(request)
    if one.status != "open":
        return [Reply(f"{one.id} 号跟进（{reader.name(one)}）已经结束了。")]
    to = _somebody(request, " ".join(request.args[1:]))
    if to.id == one.staff:
        raise Usage(f"这一位本来就是{to.name}跟进。")
    if not may_hold(request.facts, to, one.community, one.member):
        raise Usage(f"{to.name}不负责“{reader.community(one)}”，不能转交。")
    by = request.sender
    there = replace(reader, staff=to)
    theirs = replace(one, staff=to.id, handed_from=one.staff)
    told: list[Effect] = [
        Tell(to.id, f"📞 {by.name}转给您一位成员\n{words.in_full(there, theirs)}")
    ]
    if one.script:
        told.append(Tell(to.id, one.script))
    if one.staff != by.id:
        told.append(Tell(one.staff, f"{by.name}把您的 {one.id} 号跟进转给了{to.name}。"))
    back = f"{by.name}收回了 {one.id} 号跟进。"
    undo = (HandFollowUp(one.key, one.staff, one.handed_from), Tell(to.id, back))
    return [
        HandFollowUp(one.key, to.id, one.staff),
        *told,
        Reply(f"🤝 已转交给{to.name}：{reader.name(one)}\n{_UNDO}"),
        Record(by.id, "转交", str(one.id), f"{one.id} 号跟进转给{to.name}", undo),
    ]


def _put_off(request: Request) -> list[Effect]:
    if len(request.args) < 2:
        raise Usage("请写推迟哪一位，推迟多久或推迟到什么时候。")
    one = _own(request, request.args[0])
    name = _reader(request).name(one)
    if one.status != "open":
        return [Reply(f"{one.id} 号跟进（{name}）已经结束了。")]
    here = agenda.local(request.now, request.zone)
    until = said_when.when(request.args[1:], here, _REMIND_AT)
    if until is None:
        said = " ".join(request.args[1:])[:20]
        raise Usage(f"看不懂“{said}”，可以写：2h、明天、明天 15:00、周五。")
    if until <= request.now:
        raise Usage(f"{agenda.when(until, request.now, request.zone)} 已经过去了。")
    if until - request.now > _FURTHEST:
        raise Usage(f"最多推迟 {_FURTHEST.days} 天；暂时不用跟的，请发：不跟 {one.id} 原因")
    spoken = agenda.when(until, request.now, request.zone)
    before = PutOffFollowUp(one.key, one.due_at, one.remind_at)
    detail = f"{one.id} 号跟进推迟到 {spoken}"
    return [
        PutOffFollowUp(one.key, max(one.due_at, put_off_due(until)), until),
        Reply(f"⏰ {name}推迟到 {spoken}，到时提醒您。\n{_UNDO}"),
        Record(request.sender.id, "推迟跟进", str(one.id), detail, (before,)),
    ]


def put_off_due(until: datetime) -> datetime:
    """When a follow-up is due of which its RM is reminded then (local): by the end of that working
    day."""
    return max(until, datetime.combine(until.date(), _DUE_AT, until.tzinfo))


def _reader(request: Request) -> Reader:
    return Reader(request.facts, request.sender, request.now, request.zone)


def _number(typed: str) -> int | None:
    """`3`, `3号`, `跟进3`."""
    word = plain(typed).removeprefix("跟进").removesuffix("号").strip()
    return int(word) if word.isdecimal() and word.isascii() and len(word) < 15 else None


def _find(request: Request, typed: str) -> FollowUpFacts | None:
    number = _number(typed)
    return None if number is None else request.facts.follow_ups.numbered(number)


def _own(request: Request, typed: str) -> FollowUpFacts:
    """One of the sender's own: numbers of others are nobody's business."""
    one = _find(request, typed)
    if one is None or one.staff != request.sender.id:
        raise Usage(f"您名下没有 {typed[:20]} 号跟进，发“跟进”看编号。")
    return one


def _visible(request: Request, typed: str) -> FollowUpFacts:
    """One of the sender's own, or of a colleague whom the sender oversees."""
    one = _find(request, typed)
    overseen = request.sender.roles & _OVERSEERS
    if one is None or (one.staff != request.sender.id and not overseen):
        raise Usage(f"您名下没有 {typed[:20]} 号跟进，发“跟进”看编号。")
    return one


def _own_and_words(request: Request, what: str) -> tuple[FollowUpFacts, str]:
    if not request.args:
        raise Usage(f"请写{what}：编号在“跟进”里看。")
    said = " ".join(request.args[1:])
    if len(said) > _LONGEST:
        raise Usage(f"最长 {_LONGEST} 个字。")
    return _own(request, request.args[0]), said


def _colleague(request: Request, typed: str) -> Staff | None:
    """A colleague whose list an overseer asks for."""
    if not request.sender.roles & _OVERSEERS:
        return None
    found = _colleagues(request, typed)
    return found[0] if len(found) == 1 else None


def _somebody(request: Request, typed: str) -> Staff:
    found = _colleagues(request, typed)
    if not found:
        raise Usage(f"没有叫“{typed[:20]}”的同事，请写姓名或 userid。")
    if len(found) > 1:
        ids = "、".join(one.id for one in found)
        raise Usage(f"有几位同事叫“{typed[:20]}”，请写 userid：{ids}。")
    return found[0]


def _colleagues(request: Request, typed: str) -> list[Staff]:
    word = plain(typed)
    every = list(request.settings.staff.values())
    by_id = [one for one in every if plain(one.id) == word]
    return by_id or [one for one in every if plain(one.name) == word]


COMMANDS = [
    Command(
        name="跟进",
        aliases=("follow",),
        roles=_LEADERS,
        scope=Scope.NONE,
        usage="跟进〔编号〕，或 跟进 成员 原因〔时间〕",
        example="跟进 王芳 想了解定投 明天 15:00",
        summary="该联系谁、为什么，记一位要跟进的",
        handle=answered(_follow_ups),
        private=True,
        topic=Topic.FOLLOW_UP,
    ),
    Command(
        name="完成",
        aliases=("done",),
        roles=_HOSTS,
        scope=Scope.NONE,
        usage="完成 编号〔结果〕",
        example="完成 3 约了周五到网点",
        summary="一位跟进完了，记下结果",
        handle=_complete,
        private=True,
        topic=Topic.FOLLOW_UP,
    ),
    Command(
        name="不跟",
        aliases=("drop",),
        roles=_HOSTS,
        scope=Scope.NONE,
        usage="不跟 编号 原因",
        example="不跟 3 已经在别的网点办了",
        summary="一位不用再跟进",
        handle=_drop,
        private=True,
        topic=Topic.FOLLOW_UP,
    ),
    Command(
        name="转交",
        aliases=("hand",),
        roles=_LEADERS,
        scope=Scope.NONE,
        usage="转交 编号 同事",
        example="转交 3 陈明",
        summary="请同事来跟进",
        handle=_hand,
        private=True,
        topic=Topic.FOLLOW_UP,
    ),
    Command(
        name="推迟跟进",
        aliases=("later",),
        roles=_HOSTS,
        scope=Scope.NONE,
        usage="推迟跟进 编号 时长或时间，时长写 2h、1d，时间写 明天、周五 15:00",
        example="推迟跟进 3 明天 15:00",
        summary="改天再联系，到时提醒",
        handle=_put_off,
        private=True,
        topic=Topic.FOLLOW_UP,
    ),
]
