"""积分 and 加分: what a member has, and points by hand."""

import re

from bot import agenda
from bot.command import Command, Request, Scope, Topic, Usage
from bot.customers import Customer, answered, find_customer, name_for
from sop.community import Community, Role
from sop.effects import Effect, GivePoints, Record, Reply, SpendPoints
from sop.points_program import PointsProgram, program_of

_LINES = 5
_LONGEST_REASON = 40
_NUMBER = re.compile(r"\+?([1-9][0-9]{0,5})分?")
NO_PROGRAM = "这位成员所在的群没有积分计划。"


def _show(request: Request) -> list[Effect]:
    if not request.args:
        raise Usage("请写成员的名字。")
    customer = find_customer(request, " ".join(request.args), "积分 {}")
    line = points_line(request, customer)
    if line is None:
        return [Reply(NO_PROGRAM)]
    lines = [f"**{name_for(request, customer)}**", line]
    for one in request.facts.points.history(customer.id, _LINES):
        at = agenda.local(one.at, request.zone)
        lines.append(f"· {at.month} 月 {at.day} 日　{one.reason} {one.points:+}")
    return [Reply("\n".join(lines)), Record(request.sender.id, "积分", customer.id, "")]


def points_line(request: Request, customer: Customer) -> str | None:
    """`积分：120 分（累计 320 分，白银）`; None where no points are collected."""
    found = _program(request, customer)
    if found is None:
        return None
    wallet = request.facts.points.wallet(customer.id)
    level = found[1].level(wallet.earned)
    more = f"，{level.name}" if level else ""
    return f"积分：{wallet.balance} 分（累计 {wallet.earned} 分{more}）"


def _program(request: Request, customer: Customer) -> tuple[Community, PointsProgram] | None:
    """The first of the member's communities that collects points."""
    stays = {stay.community for stay in customer.stays}
    for one in request.communities:
        program = program_of(request.library, one) if one.id in stays else None
        if program is not None:
            return one, program
    return None


def _give(request: Request) -> list[Effect]:
    typed, points, reason = _read(request.args)
    customer = find_customer(request, typed, f"加分 {{}} {points} {reason}")
    found = _program(request, customer)
    if found is None:
        return [Reply(NO_PROGRAM)]
    community, program = found
    by, name = request.sender, name_for(request, customer)
    today = request.now.astimezone(community.zone).date()
    # The same words within the same minute are one wish, sent twice.
    key = f"manual/{by.id}/{customer.id}/{points}/{reason}/{request.now:%Y%m%d%H%M}"
    if request.facts.points.knows(key):
        return [Reply(f"刚刚已经给{name}加过这 {points} 分，没有重复加。")]
    left = program.by_hand_per_day - request.facts.points.given_by(by.id, today)
    if points > left:
        most = f"每位同事一天最多手动加 {program.by_hand_per_day} 分"
        return [Reply(f"{most}，您今天还可以加 {max(left, 0)} 分。")]
    give = GivePoints(customer.id, community.id, points, "manual", reason, key, by.id)
    undo = SpendPoints(
        customer.id, community.id, points, "undo", f"撤销：{reason}", f"{key}/undo", by.id
    )
    balance = request.facts.points.balance(customer.id) + points
    return [
        give,
        Reply(f"➕ 已给{name}加 {points} 分（{reason}），现有 {balance} 分。\n> 反悔请发：撤销"),
        Record(by.id, "加分", customer.id, f"{points} 分，{reason}", (undo,)),
    ]


def _read(args: tuple[str, ...]) -> tuple[str, int, str]:
    """Member, points, reason: the first number after the name is the points."""
    for place, word in enumerate(args[1:], start=1):
        number = _NUMBER.fullmatch(word)
        if number is None:
            continue
        reason = " ".join(args[place + 1 :])
        if not reason:
            raise Usage("请在最后写加分的理由，成员会看到。")
        if len(reason) > _LONGEST_REASON:
            raise Usage(f"理由最多 {_LONGEST_REASON} 个字。")
        return " ".join(args[:place]), int(number[1]), reason
    raise Usage("请依次写成员、加多少分（大于 0 的整数）、理由。")


COMMANDS = [
    Command(
        name="积分",
        aliases=("points",),
        roles=frozenset({Role.RM, Role.OPERATOR, Role.MANAGER}),
        scope=Scope.OPTIONAL,
        usage="积分 成员〔社群〕",
        example="积分 王芳",
        summary="看一位成员的积分和最近的变动",
        handle=answered(_show),
        private=True,
        topic=Topic.POINTS,
    ),
    Command(
        name="加分",
        aliases=("give",),
        roles=frozenset({Role.RM, Role.OPERATOR}),
        scope=Scope.OPTIONAL,
        usage="加分 成员 分数 理由〔社群〕",
        example="加分 王芳 20 分享防骗经历",
        summary="手动给成员加积分，每天有上限",
        handle=answered(_give),
        private=True,
        topic=Topic.POINTS,
    ),
]
