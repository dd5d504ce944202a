"""帮助: the commands a sender may use, or how to use one of them."""

from bot.command import Command, Request, Scope, Usage
from bot.typed import plain
from sop.community import Role
from sop.diagnostics import closest
from sop.effects import Effect, Reply


def _help(request: Request) -> list[Effect]:
    from bot.commands import all_commands, by_word  # they import this module while scanning

    mine = [one for one in all_commands() if one.roles & request.sender.roles]
    if not request.args:
        lines = [f"{one.name}　{one.summary}" for one in mine]
        foot = "看某个命令怎么用，例如：帮助 推迟"
        return [Reply("\n".join(["**您可以用的命令**", *lines, "", foot]))]
    typed = request.args[0]
    command = by_word().get(plain(typed).removeprefix("/"))
    if command not in mine:
        near = closest(plain(typed), [one.name for one in mine])
        hint = f"您是想看“{near}”吗？" if near else "发送“帮助”可以看到全部命令。"
        raise Usage(f"没有叫“{typed}”的命令。{hint}")
    return [
        Reply(
            f"**{command.name}**　{command.summary}\n"
            f"用法：{command.usage}\n"
            f"例如：{command.example}\n"
            f"也可以写：{'、'.join(command.aliases)}"
        )
    ]


COMMANDS = [
    Command(
        name="帮助",
        aliases=("help", "？", "命令"),
        roles=frozenset(Role),
        scope=Scope.NONE,
        usage="帮助〔命令〕",
        example="帮助 推迟",
        summary="看看能用哪些命令",
        handle=_help,
    ),
]
