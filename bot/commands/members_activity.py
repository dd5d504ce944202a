"""沉默, 活跃 and 排行: whom to call, and whom to thank."""

from collections.abc import Iterable
from datetime import timedelta

from bot import agenda
from bot.command import Command, Request, Scope, Topic, Usage, no_more
from bot.customers import shown_to
from sop.community import Community, Role
from sop.effects import Effect, Reply
from sop.points_program import PointsProgram, program_of
from sop.summary.figures import SILENT_DAYS
from storage import activity

_WHO = frozenset({Role.RM, Role.OPERATOR, Role.MANAGER})
_MOST_SILENT = 20
_MOST_ACTIVE = 10
_ACTIVE_DAYS = 7
_POINTS, _DEEDS = "积分", "活跃"


def _silent(request: Request) -> list[Effect]:
    no_more(request)
    blocks = [_silent_in(request, one) for one in request.communities]
    head = f"**沉默成员　{SILENT_DAYS} 天没有任何动静**"
    return [Reply("\n\n".join([head, *blocks]))]


def _silent_in(request: Request, community: Community) -> str:
    since = request.now - timedelta(days=SILENT_DAYS)
    ids = activity.silent(request.tx, community.id, since)
    present = request.facts.member_count(community.id)
    if not ids:
        return f"{community.name}：没有沉默成员（共 {present} 位）。"
    names = _names(request, community, ids[:_MOST_SILENT])
    more = f"等 {len(ids)} 位" if len(ids) > _MOST_SILENT else ""
    return (
        f"{community.name}：{len(ids)} 位（共 {present} 位）\n"
        f"{'、'.join(names)}{more}\n"
        f"> 👉 从最早入群的排起，看详情请发：查 名字"
    )


def _active(request: Request) -> list[Effect]:
    no_more(request)
    blocks = [_active_in(request, one) for one in request.communities]
    return [Reply("\n\n".join([f"**活跃成员　最近 {_ACTIVE_DAYS} 天**", *blocks]))]


def _active_in(request: Request, community: Community) -> str:
    today = agenda.local(request.now, community.zone).date()
    first = today - timedelta(days=_ACTIVE_DAYS - 1)
    best = activity.active(request.tx, community.id, first, _MOST_ACTIVE)
    if not best:
        return f"{community.name}：还没有人参与。"
    names = _names(request, community, [member for member, _, _ in best])
    lines = [
        f"{place}. {name}　{days} 天，{actions} 次"
        for place, (name, (_, days, actions)) in enumerate(zip(names, best, strict=True), start=1)
    ]
    return "\n".join([community.name, *lines])


def _ranking(request: Request) -> list[Effect]:
    if len(request.args) > 1 or (request.args and request.args[0] not in (_POINTS, _DEEDS)):
        raise Usage(f"没有看懂“{' '.join(request.args)}”，排行可以写：{_POINTS}、{_DEEDS}。")
    by = request.args[0] if request.args else ""
    blocks = []
    for one in request.communities:
        program = program_of(request.library, one)
        if by == _POINTS and program is None:
            blocks.append(f"{one.name}：没有积分计划。")
        elif program is None or by == _DEEDS:
            blocks.append(_active_in(request, one))
        else:
            blocks.append(_best_in(request, one, program))
    return [Reply("\n\n".join(["**排行**", *blocks]))]


def _best_in(request: Request, community: Community, program: PointsProgram) -> str:
    best = request.facts.points.ranking(community.id, _MOST_ACTIVE)
    if not best:
        return f"{community.name}：还没有人得{program.title}。"
    own = community.id in request.sender.communities
    lines = [f"{one.place}. {shown_to(one.name, own)}　累计 {one.earned} 分" for one in best]
    return "\n".join([f"{community.name}　{program.title}", *lines])


def _names(request: Request, community: Community, members: Iterable[str]) -> list[str]:
    own = community.id in request.sender.communities
    known = [request.facts.member(community.id, one) for one in members]
    return [shown_to(one.name if one else "", own) for one in known]


COMMANDS = [
    Command(
        name="沉默",
        aliases=("silent",),
        roles=_WHO,
        scope=Scope.OPTIONAL,
        usage="沉默〔社群〕",
        example="沉默",
        summary="很久没有动静的成员",
        handle=_silent,
        private=True,
        topic=Topic.MEMBERS,
    ),
    Command(
        name="活跃",
        aliases=("active",),
        roles=_WHO,
        scope=Scope.OPTIONAL,
        usage="活跃〔社群〕",
        example="活跃",
        summary="最近最活跃的成员",
        handle=_active,
        private=True,
        topic=Topic.MEMBERS,
    ),
    Command(
        name="排行",
        aliases=("ranking",),
        roles=_WHO,
        scope=Scope.OPTIONAL,
        usage="排行〔积分 或 活跃〕〔社群〕，不写就看积分",
        example="排行",
        summary="积分最多、最活跃的成员",
        handle=_ranking,
        private=True,
        topic=Topic.MEMBERS,
    ),
]
