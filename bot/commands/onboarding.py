"""邀请, 渠道: a customer's way into the group; what became of those who came by each channel."""

from datetime import datetime, timedelta

from bot.command import Command, Request, Scope, Topic, Usage, no_more
from bot.facts_onboarding import arrival_facts
from sop import onboarding as core
from sop.community import Role
from sop.effects import Effect, Record, Reply
from sop.onboarding_ports import ArrivalFacts
from sop.wording import shown
from storage import channel_ways, leads, onboarding

_MOST = 8
_SPAN = timedelta(days=30)


def _invite(request: Request) -> list[Effect]:
    if not request.args:
        raise Usage("请写客户的名字。")
    typed = " ".join(request.args)
    found = onboarding.called(request.tx, [request.sender.id], typed, _MOST + 1)
    if not found:
        text = f"没有找到“{typed}”。只能邀请最近加了您好友的客户，可以只写名字的一部分。"
        return [Reply(text)]
    exact = [one for one in found if typed in (one[1], one[0].member)]
    chosen = exact if len(exact) == 1 else found
    if len(chosen) > 1:
        lines = [f"{shown(name)}：邀请 {row.member}" for row, name in chosen[:_MOST]]
        return [Reply(f"名字里有“{typed}”的客户不止一位，请写明是哪一位：\n" + "\n".join(lines))]
    ((row, name),) = chosen
    arrival: ArrivalFacts = arrival_facts(row, name)
    every = request.facts.communities()
    effects = core.invite(request.facts, request.library, every, arrival, request.now)
    return [*effects, Record(request.sender.id, "邀请", row.member, "")]


def _channels(request: Request) -> list[Effect]:
    no_more(request)
    since = request.now - _SPAN
    rows = onboarding.funnel(request.tx, since, request.now)
    parts = [f"**渠道**　最近 {_SPAN.days} 天（{_day(since, request)}起）"]
    parts += [_funnel(request, one) for one in rows]
    if not rows:
        parts.append("还没有人从渠道进来。")
    parts += _results(request)
    parts += _ways(request)
    return [Reply("\n\n".join(parts))]


def _day(instant: datetime, request: Request) -> str:
    local = instant.astimezone(request.zone)
    return f"{local.month} 月 {local.day} 日"


def _title(request: Request, name: str) -> str:
    known = request.library.channels.get(name)
    return known.title if known else name or core.NO_CHANNEL


def _funnel(request: Request, row: onboarding.FunnelRow) -> str:
    steps = [f"添加 {row.added}"]
    steps += [f"通过核对 {row.passed}"] if row.passed != row.added else []
    steps += [
        f"欢迎 {row.welcomed}",
        f"邀请 {row.invited}",
        f"进群 {row.joined}",
        f"玩游戏 {row.played}",
        f"抽奖 {row.drew}",
    ]
    lines = [_title(request, row.channel), " → ".join(steps)]
    if row.refused:
        lines.append(f"不是本行客户 {row.refused} 位（另计）")
    if row.ripe:
        lines.append(
            f"进群满 7 天 {row.ripe} 位，还在 {row.stayed} 位（{row.stayed / row.ripe:.0%}）"
        )
    return "\n".join(lines)


def _results(request: Request) -> list[str]:
    rows = [one for one in leads.results(request.tx) if one.variant]
    if not rows:
        return []
    lines = ["名单线索，按权益"]
    for one in rows:
        tried = one.added + one.unanswered + one.refused
        share = f"（{one.added / tried:.0%}）" if tried else ""
        lines.append(
            f"{_title(request, one.channel)}·{one.variant}：共 {one.total}，打过 {tried}，"
            f"加上 {one.added}{share}"
        )
    return ["\n".join(lines)]


def _ways(request: Request) -> list[str]:
    lines = []
    for one in channel_ways.every_way(request.tx):
        if one.status == "failed":
            lines.append(f"⚠️ {_title(request, one.channel)}：{one.error}")
        elif one.qr_code and _is_the_door(request, one):
            lines.append(f"[{_title(request, one.channel)}]({one.qr_code})")
    return ["二维码\n" + "\n".join(lines)] if lines else []


def _is_the_door(request: Request, way: channel_ways.WayRow) -> bool:
    """Whether customers scan this one first."""
    known = request.library.channels.get(way.channel)
    return known is not None and known.way == way.kind


COMMANDS = [
    Command(
        name="邀请",
        aliases=("invite",),
        roles=frozenset({Role.RM}),
        scope=Scope.NONE,
        usage="邀请 客户",
        example="邀请 王芳",
        summary="客户想进群时，给您邀请的话和入群二维码",
        handle=_invite,
        private=True,
        topic=Topic.NEWCOMERS,
    ),
    Command(
        name="渠道",
        aliases=("channels",),
        roles=frozenset({Role.OPERATOR, Role.MANAGER}),
        scope=Scope.NONE,
        usage="渠道",
        example="渠道",
        summary="每个渠道来了多少人，走到了哪一步",
        handle=_channels,
        private=True,
        topic=Topic.NEWCOMERS,
    ),
]
