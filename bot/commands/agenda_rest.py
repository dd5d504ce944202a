"""暂停 and 恢复: a community's plan rests, and goes on."""

from bot.command import Command, Request, Scope, Topic, no_more
from sop.community import Role
from sop.effects import Effect, Pause, Record, Reply, Resume

_WHO = frozenset({Role.RM, Role.OPERATOR, Role.MANAGER})


def _pause(request: Request) -> list[Effect]:
    no_more(request)
    one, by = request.community, request.sender.id
    if one.paused:
        return [Reply(f"“{one.name}”已经是暂停状态。恢复请发：恢复 {one.name}")]
    lines = [f"⏸ 已暂停“{one.name}”：计划里的步骤到点也不会发送。", f"> 恢复请发：恢复 {one.name}"]
    if request.facts.running_games(one.id):
        lines.insert(1, "正在进行的游戏不受影响，要结束请发：结束")
    return [
        Pause(one.id, by),
        Reply("\n".join(lines)),
        Record(by, "暂停", one.id, "", (Resume(one.id, by),)),
    ]


def _resume(request: Request) -> list[Effect]:
    no_more(request)
    one, by = request.community, request.sender.id
    if not one.paused:
        return [Reply(f"“{one.name}”没有暂停，计划照常进行。")]
    return [
        Resume(one.id, by),
        Reply(f"▶️ 已恢复“{one.name}”：后面的步骤照常发送，暂停期间的不会补发。"),
        Record(by, "恢复", one.id, "", (Pause(one.id, by),)),
    ]


COMMANDS = [
    Command(
        name="暂停",
        aliases=("pause",),
        roles=_WHO,
        scope=Scope.ONE,
        usage="暂停〔社群〕",
        example="暂停",
        summary="社群的计划先停下来",
        handle=_pause,
        topic=Topic.TODAY,
    ),
    Command(
        name="恢复",
        aliases=("resume",),
        roles=_WHO,
        scope=Scope.ONE,
        usage="恢复〔社群〕",
        example="恢复",
        summary="暂停之后继续",
        handle=_resume,
        topic=Topic.TODAY,
    ),
]
