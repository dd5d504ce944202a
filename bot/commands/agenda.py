"""今日 and 本周: what is planned, what became of it, and what to do now."""

from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta

from bot import agenda
from bot.agenda import Entry
from bot.command import Command, Request, Scope, Topic, no_more
from sop.assist import WHERE
from sop.community import Community, DeliveryMode, Role
from sop.effects import Effect, Reply
from sop.games import all_games
from sop.summary.weeks import WEEKDAYS, monday_of
from sop.unplanned import missing

_MOST_IN_FULL = 4
"""More communities than this are shown as one line each: a phone has one screen."""

_Line = Callable[[Request, Community, Entry], str]
"""How one entry is written."""


def _today(request: Request) -> list[Effect]:
    no_more(request)
    today = agenda.local(request.now, request.zone).date()
    entries = agenda.day(request, request.communities, today)
    head = f"**今日　{agenda.spoken_day(today)}**"
    if len(request.communities) > _MOST_IN_FULL:
        return [Reply("\n".join([_overview(head, "今日", request, entries), *_held(request)]))]
    blocks = [
        _community(request, one, _of(entries, one), "今天没有安排步骤。", _day_line)
        for one in request.communities
    ]
    return [Reply("\n\n".join([head, *blocks, *_held(request)]))]


def _week(request: Request) -> list[Effect]:
    no_more(request)
    monday = monday_of(agenda.local(request.now, request.zone).date())
    entries = agenda.week(request, request.communities, monday)
    head = f"**本周　{_span(monday)}**"
    if len(request.communities) > _MOST_IN_FULL:
        return [Reply("\n".join([_overview(head, "本周", request, entries), *_held(request)]))]
    blocks = [
        _community(request, one, _of(entries, one), "本周没有安排步骤。", _week_line)
        for one in request.communities
    ]
    return [Reply("\n\n".join([head, *blocks, *_held(request)]))]


def _held(request: Request) -> list[str]:
    """Files whose words these communities do not get for want of a stamp."""
    here = {one.id for one in request.communities}
    found = missing(request.facts, request.library, request.now)
    names = [file.heading for file, there in found if not here.isdisjoint(one.id for one in there)]
    return [f"❗ 还没有审核章，先不用：{'、'.join(names)}"] if names else []


def _span(monday: date) -> str:
    sunday = monday + timedelta(days=6)
    return f"{monday.month} 月 {monday.day} 日～{sunday.month} 月 {sunday.day} 日"


def _of(entries: Sequence[Entry], community: Community) -> list[Entry]:
    """One community's entries, by the time that counts now."""
    mine = [one for one in entries if one.occurrence.community == community.id]
    return sorted(mine, key=lambda one: (one.due_at, one.number))


def _community(
    request: Request,
    community: Community,
    entries: Sequence[Entry],
    nothing: str,
    line: _Line,
) -> str:
    title = f"{community.name}（已暂停）" if community.paused else community.name
    if not entries:
        return f"{title}\n{nothing}"
    lines = [line(request, community, one) for one in entries]
    return "\n".join([title, *lines, f"> 👉 {_advice(request, community, entries)}"])


def _day_line(request: Request, community: Community, entry: Entry) -> str:
    at = agenda.local(entry.due_at, request.zone)
    state = agenda.state(entry, community, request.now, request.zone)
    return f"{entry.number}. {at:%H:%M} {entry.title}（{entry.id}）{state}"


def _week_line(request: Request, community: Community, entry: Entry) -> str:
    at = agenda.local(entry.due_at, request.zone)
    state = agenda.state(entry, community, request.now, request.zone)
    weekday = WEEKDAYS[at.weekday()]
    return f"{entry.number}. {weekday} {at:%H:%M} {entry.title}（{entry.id}）{state}"


def _advice(request: Request, community: Community, entries: Sequence[Entry]) -> str:
    """What the RM should do now: the most urgent thing first."""
    game = request.facts.running_game(community.id)
    if game is not None:
        title = all_games()[game.game].title
        return f"{title}进行中，可以发：提示、揭晓、延时 60s、结束"
    for one in entries:
        if one.status == agenda.ASKED:
            return f"请决定：发送 {one.id}，或者 跳过 {one.id} 原因"
    if community.paused:
        return f"计划已暂停，恢复请发：恢复 {community.name}"
    for one in entries:
        if one.status == agenda.DONE and one.confirmed_at is None:
            if one.task is not None and one.task.way == "task":
                if one.task.status == "open":
                    return f"请在企业微信的{WHERE}里确认发送“{one.title}”"
                continue
            if one.step.spec.in_person:
                return f"请把“{one.title}”按名单发出去，再点卡片上的“已发”"
            if community.mode is DeliveryMode.ASSIST:
                return f"请把“{one.title}”的话术发到群里，再点卡片上的“已发”"
    return _next(request, entries)


def _next(request: Request, entries: Sequence[Entry]) -> str:
    ahead = [one for one in entries if one.status == agenda.PLANNED and one.due_at > request.now]
    put_off = _put_off(entries)
    if put_off and (not ahead or put_off[0][0] < ahead[0].due_at):
        at, title = put_off[0]
        return f"下一步：{agenda.when(at, request.now, request.zone)} 再请您确认“{title}”"
    if not ahead:
        return "没有要做的了，辛苦了。"
    first = ahead[0]
    when = agenda.when(first.due_at, request.now, request.zone)
    if first.unstamped:
        return f"下一步：{when} {first.title}，还没有审核章，到点不会发送"
    if first.step.remind is None or first.postponed:
        return f"下一步：{when} {first.title}"
    reminded = first.due_at - first.step.remind
    if reminded <= request.now:
        return f"下一步：{when} {first.title}，话术已发给客户经理"
    at = agenda.local(reminded, request.zone)
    return f"下一步：{when} {first.title}，{at:%H:%M} 会把话术发给客户经理"


def _put_off(entries: Sequence[Entry]) -> list[tuple[datetime, str]]:
    """What the RM put off, by the time at which it is asked again."""
    tasks = [(one.task, one.title) for one in entries if one.task is not None]
    waiting = [(task.again_at, title) for task, title in tasks if task.status == "cancelled"]
    return sorted((at, title) for at, title in waiting if at is not None)


def _overview(head: str, word: str, request: Request, entries: Sequence[Entry]) -> str:
    """One line for each community: how many are done, open, and wanting."""
    lines = []
    for community in request.communities:
        mine = _of(entries, community)
        done = sum(one.status == agenda.DONE for one in mine)
        wanting = sum(one.status in (agenda.ASKED, agenda.FAILED) for one in mine)
        marks = [f"{done}/{len(mine)} 已发"] if mine else ["无安排"]
        if wanting:
            marks.append(f"⚠️ {wanting} 待处理")
        if community.paused:
            marks.append("⏸ 已暂停")
        lines.append(f"{community.name}　{'　'.join(marks)}")
    foot = f"> 看步骤请发：{word} 社群名"
    return "\n".join([head, *lines, foot])


COMMANDS = [
    Command(
        name="今日",
        aliases=("today", "今天"),
        roles=frozenset(Role),
        scope=Scope.OPTIONAL,
        usage="今日〔社群〕",
        example="今日",
        summary="今天的步骤，现在该做什么",
        handle=_today,
        topic=Topic.TODAY,
    ),
    Command(
        name="本周",
        aliases=("week", "这周"),
        roles=frozenset(Role),
        scope=Scope.OPTIONAL,
        usage="本周〔社群〕",
        example="本周",
        summary="这一周的步骤和编号",
        handle=_week,
        topic=Topic.TODAY,
    ),
]
