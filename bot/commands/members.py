"""查, 标签, 去标签: one member."""

from bot import labels, member_card
from bot.command import Command, Request, Scope, Topic, Usage
from bot.customers import Customer, Unclear, answered, find_customer, find_customers, name_for
from bot.typed import plain
from sop.community import Role
from sop.effects import Effect, Record, Reply, Tag, Untag

_LONGEST_TAG = 30
"""Characters; as WeCom's own customer tags (wecom-protocol.md D.6)."""


def _show(request: Request) -> list[Effect]:
    if not request.args:
        raise Usage("请写成员的名字。")
    typed = " ".join(request.args)
    found = find_customers(request, typed)
    by = request.sender.id
    if len(found) > 1:
        return [*member_card.which(request, typed, found), Record(by, "查", "", "几位同名")]
    (customer,) = found
    return [Reply(member_card.card(request, customer)), Record(by, "查", customer.id, "")]


def _label(request: Request) -> list[Effect]:
    """One word is a member, whose labels are asked for; the last of several is a new label."""
    if len(request.args) == 1:
        return _list(request)
    return _add(request)


def _list(request: Request) -> list[Effect]:
    typed = request.args[0]
    try:
        find_customers(request, typed)
    except Unclear as nobody:
        # “为什么 小满” asks the same, and a festival or a step is no member.
        raise Unclear(f"{nobody}\n> 要问某一步为什么没发、改了时间，请发：本周") from nobody
    customer = find_customer(request, typed, "标签 {}")
    name = name_for(request, customer)
    lines = labels.lines(request.tx, request.facts, customer.id, request.zone)
    text = "\n".join([f"**{name}**的标签", *lines]) if lines else f"{name}还没有标签。"
    return [Reply(text), Record(request.sender.id, "标签", customer.id, "")]


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
        summary="看一位成员：活跃、标签、奖品、跟进",
        handle=answered(_show),
        private=True,
        topic=Topic.MEMBERS,
    ),
    Command(
        name="标签",
        aliases=("tag",),
        roles=frozenset({Role.RM, Role.OPERATOR}),
        scope=Scope.OPTIONAL,
        usage="标签 成员〔标签〕〔社群〕",
        example="标签 王芳 关注基金",
        summary="给成员加一个标签，或看标签的来由",
        handle=answered(_label),
        private=True,
        topic=Topic.MEMBERS,
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
        topic=Topic.MEMBERS,
    ),
]
