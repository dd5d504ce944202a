"""帮助: the commands a sender may use, or how to use one of them."""

from collections.abc import Sequence

from bot.command import Command, Request, Scope, Topic, Usage
from bot.typed import plain
from sop.community import Role
from sop.diagnostics import closest
from sop.effects import Effect, Reply

_FOOT = "看某个命令怎么用，例如：帮助 推迟"


def _help(request: Request) -> list[Effect]:
    from bot.commands import all_commands, by_word  # they import this module while scanning

    mine = [one for one in all_commands() if one.roles & request.sender.roles]
    if not request.args:
        return [Reply(_overview(mine))]
    typed = request.args[0]
    command = by_word().get(plain(typed).removeprefix("/"))
    if command in mine:
        return [Reply(_one(command, mine))]
    topic = next((one for one in Topic if typed in one.value and _about(one, mine)), None)
    if topic is not None:
        lines = [f"{one.name}　{one.summary}" for one in _about(topic, mine)]
        return [Reply("\n".join([f"**{topic.value}**", *lines, "", _FOOT]))]
    near = closest(plain(typed), [one.name for one in mine])
    hint = f"您是想看“{near}”吗？" if near else "发送“帮助”可以看到全部命令。"
    raise Usage(f"没有叫“{typed}”的命令。{hint}")


def _overview(mine: Sequence[Command]) -> str:
    """Names only, by what they are about: it has to fit on a phone."""
    groups = [
        f"{topic.value}：{'、'.join(one.name for one in _about(topic, mine))}"
        for topic in Topic
        if _about(topic, mine)
    ]
    shown = [topic.value for topic in Topic if _about(topic, mine)]
    foot = [
        f"> 看一组请发：帮助 {shown[0]}　看一条请发：帮助 {mine[0].name}",
        "> 直接问也行：今天干嘛、谁该跟进、谁中奖了",
    ]
    return "\n".join(["**您可以用的命令**", *groups, *foot])


def _one(command: Command, mine: Sequence[Command]) -> str:
    others = [one.name for one in _about(command.topic, mine) if one is not command]
    lines = [
        f"**{command.name}**　{command.summary}",
        f"用法：{command.usage}",
        f"例如：{command.example}",
        f"也可以写：{'、'.join(command.aliases)}",
    ]
    if others:
        lines.append(f"同一组：{'、'.join(others)}")
    return "\n".join(lines)


def _about(topic: Topic, commands: Sequence[Command]) -> list[Command]:
    return [one for one in commands if one.topic is topic]


COMMANDS = [
    Command(
        name="帮助",
        aliases=("help", "？", "命令"),
        roles=frozenset(Role),
        scope=Scope.NONE,
        usage="帮助〔命令或分组〕",
        example="帮助 推迟",
        summary="看看能用哪些命令",
        handle=_help,
    ),
]
