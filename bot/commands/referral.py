"""邀请榜, 邀请通过, 邀请作废: who brings others, and whether what looks organised counts."""

from bot.command import Command, Request, Scope, Topic, Usage, no_more
from bot.customers import answered, find_customer, name_for, shown_to
from sop.community import Community, Role
from sop.effects import DismissReferrals, Effect, Record, ReleaseReferrals, Reply
from storage import people, referrals

_TOP = 10
_WHO = frozenset({Role.RM, Role.OPERATOR})


def _top(request: Request) -> list[Effect]:
    no_more(request)
    blocks = [_top_in(request, one) for one in request.communities]
    return [Reply("\n\n".join(["**邀请榜**", *blocks]))]


def _top_in(request: Request, community: Community) -> str:
    rows = referrals.inviters(request.tx, community.id, _TOP)
    if not rows:
        return f"{community.name}：还没有人通过专属邀请进群。"
    own = community.id in request.sender.communities
    lines = [community.name]
    for place, one in enumerate(rows, start=1):
        name = shown_to(people.name(request.tx, one.inviter), own)
        held = f"，待核对 {one.held}" if one.held else ""
        counts = f"来了 {one.came} 位，已计入 {one.credited}，还在等 {one.waiting}{held}"
        lines.append(f"{place}. {name}　{counts}")
    return "\n".join(lines)


def _release(request: Request) -> list[Effect]:
    return _decide(request, "邀请通过")


def _dismiss(request: Request) -> list[Effect]:
    return _decide(request, "邀请作废")


def _decide(request: Request, verb: str) -> list[Effect]:
    if not request.args:
        raise Usage("请写介绍人的名字。")
    customer = find_customer(request, " ".join(request.args), f"{verb} {{}}")
    held = [
        one
        for one in request.facts.referrals.of(customer.id)
        if one.status == "held" and one.community in {place.id for place in request.communities}
    ]
    name, by = name_for(request, customer), request.sender.id
    if not held:
        return [Reply(f"{name}没有待核对的邀请。")]
    effects: list[Effect] = []
    for place in dict.fromkeys(one.community for one in held):
        if verb == "邀请通过":
            effects.append(ReleaseReferrals(place, customer.id, by))
        else:
            effects.append(DismissReferrals(place, customer.id, by, "核对后不计入"))
    said = (
        f"✅ {name}带来的 {len(held)} 位已放行，留满天数后计入。"
        if verb == "邀请通过"
        else f"🚫 {name}带来的 {len(held)} 位不计入。"
    )
    return [*effects, Reply(said), Record(by, verb, customer.id, f"{len(held)} 位")]


COMMANDS = [
    Command(
        name="邀请榜",
        aliases=("inviters",),
        roles=frozenset({Role.RM, Role.OPERATOR, Role.MANAGER}),
        scope=Scope.OPTIONAL,
        usage="邀请榜〔社群〕",
        example="邀请榜",
        summary="谁带来的新朋友最多，几位已计入",
        handle=_top,
        private=True,
        topic=Topic.POINTS,
    ),
    Command(
        name="邀请通过",
        aliases=("admit",),
        roles=_WHO,
        scope=Scope.OPTIONAL,
        usage="邀请通过 介绍人〔社群〕",
        example="邀请通过 王芳",
        summary="短时间带来很多人，核对后放行",
        handle=answered(_release),
        private=True,
        topic=Topic.POINTS,
    ),
    Command(
        name="邀请作废",
        aliases=("void",),
        roles=_WHO,
        scope=Scope.OPTIONAL,
        usage="邀请作废 介绍人〔社群〕",
        example="邀请作废 王芳",
        summary="短时间带来很多人，核对后不计入",
        handle=answered(_dismiss),
        private=True,
        topic=Topic.POINTS,
    ),
]
