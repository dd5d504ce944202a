"""沉默, 活跃 and 排行: whom to call, and whom to thank."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta

from bot import agenda
from bot.command import Command, Request, Scope, Topic, Usage, no_more
from bot.customers import MOST_APART, shown_to
from sop.community import Community, Role, accounts
from sop.effects import Effect, Reply
from sop.points_program import PointsProgram, program_of
from sop.summary.figures import SILENT_DAYS
from storage import activity, overview

_WHO = frozenset({Role.RM, Role.OPERATOR, Role.MANAGER})
_MOST_SILENT = 20
_MOST_ACTIVE = 10
_ACTIVE_DAYS = 7
_POINTS, _DEEDS = "积分", "活跃"


def _silent(request: Request) -> list[Effect]:
    no_more(request)
    head = f"**沉默成员　{SILENT_DAYS} 天没有任何动静**"
    if len(request.communities) > MOST_APART:
        return [Reply("\n".join([head, *_silent_among(request)]))]
    blocks = [_silent_in(request, one) for one in request.communities]
    return [Reply("\n\n".join([head, *blocks]))]


def _silent_among(request: Request) -> list[str]:
    """Of many communities, how many there are, and where most of them are."""
    ids, since = [one.id for one in request.communities], _silent_since(request)
    here = overview.present(request.tx, ids)
    found = overview.silent(request.tx, ids, since)
    total, of_all = sum(found.values()), sum(here.values())
    told = [f"{len(ids)} 个社群共 {total} 位（共 {of_all} 人次）"]
    if not total:
        return told
    concerned = [one for one in request.communities if found.get(one.id)]
    worst = sorted(concerned, key=lambda one: -found[one.id])[:MOST_APART]
    lines = [f"{one.name}：{found[one.id]} 位（共 {here[one.id]} 位）" for one in worst]
    most = ["最多的："] if len(concerned) > len(worst) else []
    return [*told, *most, *lines, f"> 看名字请发：沉默 {worst[0].name}"]


def _silent_since(request: Request) -> datetime:
    return request.now - timedelta(days=SILENT_DAYS)


def _silent_in(request: Request, community: Community) -> str:
    since = _silent_since(request)
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
    blocks = _active_blocks(request, request.communities)
    return [Reply("\n\n".join([f"**活跃成员　最近 {_ACTIVE_DAYS} 天**", *blocks]))]


def _active_blocks(request: Request, communities: Sequence[Community]) -> list[str]:
    """A block for each community, or one for all of many."""
    if len(communities) <= MOST_APART:
        return [_active_in(request, one) for one in communities]
    called = {one.id: one.name for one in communities}
    first = _first_day(request, communities[0])
    best = overview.most_active(request.tx, list(called), first, _MOST_ACTIVE)
    if not best:
        return [f"{len(communities)} 个社群里还没有人参与。"]
    lines = [
        f"{place}. {_seen(request, one.name, one.community)}（{called[one.community]}）　"
        f"{one.days} 天，{one.actions} 次"
        for place, one in enumerate(best, start=1)
    ]
    hint = f"> 看一个社群请发：活跃 {called[best[0].community]}"
    return ["\n".join([f"{len(communities)} 个社群里最活跃的", *lines, hint])]


def _first_day(request: Request, community: Community) -> date:
    today = agenda.local(request.now, community.zone).date()
    return today - timedelta(days=_ACTIVE_DAYS - 1)


def _active_in(request: Request, community: Community) -> str:
    first = _first_day(request, community)
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
    if len(request.communities) > MOST_APART:
        return [Reply("\n\n".join(["**排行**", *_ranked_among(request, by)]))]
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


def _ranked_among(request: Request, by: str) -> list[str]:
    """Of many communities a ranking for each points program; of those without, by deeds."""
    programs: dict[str, tuple[PointsProgram, list[Community]]] = {}
    without: list[Community] = []
    for one in request.communities:
        program = None if by == _DEEDS else program_of(request.library, one)
        if program is None:
            without.append(one)
        else:
            programs.setdefault(program.points, (program, []))[1].append(one)
    blocks = [_best_among(request, *one) for one in programs.values()]
    if without and by == _POINTS:
        return [*blocks, f"{len(without)} 个社群没有积分计划。"]
    return [*blocks, *(_active_blocks(request, without) if without else [])]


def _best_among(request: Request, program: PointsProgram, communities: Sequence[Community]) -> str:
    called = {one.id: one.name for one in communities}
    staff = accounts(request.settings.staff)
    best = overview.earned_most(request.tx, list(called), _MOST_ACTIVE, staff)
    head = f"{len(communities)} 个社群　{program.title}"
    if not best:
        return f"{head}：还没有人得到。"
    lines = [
        f"{place}. {_seen(request, one.name, one.community)}（{called[one.community]}）　"
        f"累计 {one.earned} 分"
        for place, one in enumerate(best, start=1)
    ]
    hint = f"> 看一个社群请发：排行 {_POINTS} {called[best[0].community]}"
    return "\n".join([head, *lines, hint])


def _best_in(request: Request, community: Community, program: PointsProgram) -> str:
    best = request.facts.points.ranking(community.id, _MOST_ACTIVE)
    if not best:
        return f"{community.name}：还没有人得{program.title}。"
    own = community.id in request.sender.communities
    lines = [f"{one.place}. {shown_to(one.name, own)}　累计 {one.earned} 分" for one in best]
    return "\n".join([f"{community.name}　{program.title}", *lines])


def _seen(request: Request, name: str, community: str) -> str:
    return shown_to(name, community in request.sender.communities)


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
        heavy=True,
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
        heavy=True,
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
        heavy=True,
        topic=Topic.MEMBERS,
    ),
]
