"""稿件, 采用, 不采用: which stories of a topic the group may read."""

from collections.abc import Sequence
from dataclasses import dataclass

from bot.command import Command, Request, Scope, Topic, Usage, no_more
from bot.customers import shown_to
from bot.typed import plain
from sop.community import Role
from sop.effects import Effect, KeepReply, Record, Reply
from sop.gathering import OPEN
from sop.listening import kind_of
from sop.ports import GatheringFacts
from sop.stories import MOST_TAKEN, Story, stories
from sop.wording import quoted

_WHO = frozenset({Role.RM, Role.OPERATOR})
_STATES = {True: "✅ 已采用", False: "✖️ 不采用", None: "⏳ 未定"}


@dataclass(frozen=True, slots=True)
class _Collection:
    """The topic that collects stories now."""

    gathering: GatheringFacts
    subject: str
    stories: Sequence[Story]


def _collection(request: Request) -> _Collection:
    """The newest one of the community. Raises Usage without one."""
    for gathering in request.facts.gatherings(request.community.id, request.now):
        kind = kind_of(gathering)
        if kind is not None and kind.kind == "topic" and gathering.phase == OPEN:
            found = stories(request.facts.replies(gathering.id))
            return _Collection(gathering, kind.headline, found)
    raise Usage(f"“{request.community.name}”现在没有在征集投稿。")


def _list(request: Request) -> list[Effect]:
    no_more(request)
    found = _collection(request)
    lines = [f"📥 **“{found.subject}”的投稿**，共 {len(found.stories)} 篇"]
    own = request.community.id in request.sender.communities
    for one in found.stories:
        head = f"**{one.n} 号　{shown_to(one.name, own)}**　{_STATES[one.taken]}"
        lines += ["", head, quoted(one.text)]
    if found.stories:
        lines += ["", f"采用的才会在群里展示，例如：采用 {found.stories[0].n}"]
    return [Reply("\n".join(lines))]


def _take(request: Request) -> list[Effect]:
    found, chosen = _chosen(request)
    others = {one.n for one in found.stories if one.taken} | {one.n for one in chosen}
    if len(others) > MOST_TAKEN:
        raise Usage(f"最多采用 {MOST_TAKEN} 篇，再多大家读不过来。")
    return _decide(request, found, chosen, True)


def _leave(request: Request) -> list[Effect]:
    found, chosen = _chosen(request)
    return _decide(request, found, chosen, False)


def _chosen(request: Request) -> tuple[_Collection, list[Story]]:
    found = _collection(request)
    if not request.args:
        raise Usage("请写投稿的编号。")
    by_number = {one.n: one for one in found.stories}
    chosen = []
    for word in request.args:
        number = plain(word).removesuffix("号").strip(",，、")
        story = by_number.get(int(number)) if number.isdecimal() else None
        if story is None:
            known = "、".join(str(one) for one in by_number) or "还没有投稿"
            raise Usage(f"没有 {word} 号投稿。现有编号：{known}。")
        chosen.append(story)
    return found, chosen


def _decide(
    request: Request, found: _Collection, chosen: Sequence[Story], taken: bool
) -> list[Effect]:
    done = "、".join(f"{one.n} 号" for one in chosen)
    numbers = {one.n for one in chosen}
    left = [one.n for one in found.stories if one.taken is None and one.n not in numbers]
    rest = f"还没决定：{'、'.join(f'{one} 号' for one in left)}。" if left else "都决定好了。"
    action = "采用" if taken else "不采用"
    kept = [
        KeepReply(found.gathering.id, one.member, {**one.value, "taken": taken}) for one in chosen
    ]
    by = request.sender.id
    return [
        *kept,
        Reply(f"{'✅ 采用' if taken else '✖️ 不采用'} {done}。{rest}"),
        Record(by, action, request.community.id, f"“{found.subject}”{done}"),
    ]


COMMANDS = [
    Command(
        name="稿件",
        aliases=("stories",),
        roles=_WHO,
        scope=Scope.ONE,
        usage="稿件〔社群〕",
        example="稿件",
        summary="看正在征集的投稿，哪些采用了",
        handle=_list,
        private=True,
        topic=Topic.MATERIAL,
    ),
    Command(
        name="采用",
        aliases=("take",),
        roles=_WHO,
        scope=Scope.ONE,
        usage="采用 编号〔编号……〕〔社群〕",
        example="采用 1 3",
        summary="采用投稿，征集截止后在群里展示",
        handle=_take,
        private=True,
        topic=Topic.MATERIAL,
    ),
    Command(
        name="不采用",
        aliases=("leave",),
        roles=_WHO,
        scope=Scope.ONE,
        usage="不采用 编号〔编号……〕〔社群〕",
        example="不采用 2",
        summary="不展示这几篇投稿",
        handle=_leave,
        private=True,
        topic=Topic.MATERIAL,
    ),
]
