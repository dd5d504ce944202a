"""查, 标签, 去标签: one member."""

from datetime import datetime

from bot import agenda
from bot.command import Command, Request, Scope, Usage
from bot.commands.points import points_line
from bot.customers import Customer, answered, community_names, find_customer, name_for
from bot.typed import plain
from sop.community import Role
from sop.effects import Effect, Record, Reply, Tag, Untag
from sop.money import yuan
from sop.prizes import prize_state, prize_title
from storage import activity

_LONGEST_TAG = 30
"""Characters; as WeCom's own customer tags (wecom-protocol.md D.6)."""


def _show(request: Request) -> list[Effect]:
    if not request.args:
        raise Usage("请写成员的名字。")
    customer = find_customer(request, " ".join(request.args), "查 {}")
    lines = [f"**{name_for(request, customer)}**"]
    names = community_names(request.communities)
    for stay in customer.stays:
        joined = agenda.local(stay.joined_at, request.zone).date()
        days = (agenda.local(request.now, request.zone).date() - joined).days
        ago = "今天" if days == 0 else f"{days} 天"
        lines.append(f"{names[stay.community]}：{_day(stay.joined_at, request)}入群（{ago}）")
    lines.append(f"最近活跃：{_last_active(request, customer)}")
    lines.append(f"标签：{_tags(request, customer)}")
    lines.extend(_prizes(request, customer))
    if (points := points_line(request, customer)) is not None:
        lines.append(points)
    by = request.sender.id
    return [Reply("\n".join(lines)), Record(by, "查", customer.id, "")]


def _last_active(request: Request, customer: Customer) -> str:
    times = [
        at
        for stay in customer.stays
        if (at := activity.last_action(request.tx, stay.community).get(customer.id)) is not None
    ]
    if not times:
        return "还没有"
    return f"{_day(max(times), request)} {agenda.local(max(times), request.zone):%H:%M}"


def _tags(request: Request, customer: Customer) -> str:
    worn = [
        f"{tag}（{reason}）" if reason else tag for tag, reason in request.facts.tags(customer.id)
    ]
    return "、".join(worn) or "还没有"


def _prizes(request: Request, customer: Customer) -> list[str]:
    prizes = request.facts.payouts.prizes(customer.id)
    if not prizes:
        return ["奖品：还没有"]
    total = yuan(sum(one.amount_fen for one in prizes))
    today = agenda.local(request.now, request.zone).date()
    lines = [f"· {prize_title(one)}，{prize_state(one, today)}" for one in prizes[:3]]
    return [f"奖品：{len(prizes)} 份，共 {total} 元", *lines]


def _day(instant: datetime, request: Request) -> str:
    day = agenda.local(instant, request.zone).date()
    return f"{day.month} 月 {day.day} 日"


def _add(request: Request) -> list[Effect]:
    customer, tag = _who_and_tag(request, "标签 {} ")
    name = name_for(request, customer)
    by = request.sender
    if any(plain(worn) == plain(tag) for worn, _ in request.facts.tags(customer.id)):
        return [Reply(f"{name}已经有标签“{tag}”了。")]
    reason = f"{by.name}手动添加"
    return [
        Tag(customer.id, tag, by.id, reason),
        Reply(f"🏷 已给{name}加上标签“{tag}”。\n> 反悔请发：撤销"),
        Record(by.id, "标签", customer.id, tag, (Untag(customer.id, tag, by.id),)),
    ]


def _remove(request: Request) -> list[Effect]:
    customer, typed = _who_and_tag(request, "去标签 {} ")
    name = name_for(request, customer)
    by = request.sender
    worn = request.facts.tags(customer.id)
    found = [(tag, reason) for tag, reason in worn if plain(tag) == plain(typed)]
    if not found:
        known = "、".join(tag for tag, _ in worn)
        has = f"现有标签：{known}。" if known else "目前一个标签也没有。"
        return [Reply(f"{name}没有标签“{typed}”。{has}")]
    tag, reason = found[0]
    return [
        Untag(customer.id, tag, by.id),
        Reply(f"🏷 已去掉{name}的标签“{tag}”。\n> 反悔请发：撤销"),
        Record(by.id, "去标签", customer.id, tag, (Tag(customer.id, tag, by.id, reason),)),
    ]


def _who_and_tag(request: Request, line: str) -> tuple[Customer, str]:
    if len(request.args) < 2:
        raise Usage("请先写成员，再写标签。")
    *name, tag = request.args
    if len(tag) > _LONGEST_TAG:
        raise Usage(f"标签最多 {_LONGEST_TAG} 个字。")
    return find_customer(request, " ".join(name), line + tag), tag


COMMANDS = [
    Command(
        name="查",
        aliases=("show", "查看"),
        roles=frozenset({Role.RM, Role.OPERATOR, Role.MANAGER}),
        scope=Scope.OPTIONAL,
        usage="查 成员〔社群〕",
        example="查 王芳",
        summary="看一位成员：活跃、标签、奖品",
        handle=answered(_show),
        private=True,
    ),
    Command(
        name="标签",
        aliases=("tag",),
        roles=frozenset({Role.RM, Role.OPERATOR}),
        scope=Scope.OPTIONAL,
        usage="标签 成员 标签〔社群〕",
        example="标签 王芳 关注基金",
        summary="给成员加一个标签",
        handle=answered(_add),
        private=True,
    ),
    Command(
        name="去标签",
        aliases=("untag",),
        roles=frozenset({Role.RM, Role.OPERATOR}),
        scope=Scope.OPTIONAL,
        usage="去标签 成员 标签〔社群〕",
        example="去标签 王芳 关注基金",
        summary="去掉成员的一个标签",
        handle=answered(_remove),
        private=True,
    ),
]
