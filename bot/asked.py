"""A staff member's line: which command, may they, about which community, and its answer.

Everything a colleague asks leaves an audit row; what was refused too.
"""

from collections.abc import Sequence
from dataclasses import replace

from sqlalchemy import Connection

from bot.command import Command, Request, Scope, Usage
from bot.commands import by_word
from bot.due import Due, Moment
from bot.natural import meant
from bot.typed import Line, Near, as_word, naming, plain, quoted, read
from sop.community import Community, Role, Staff
from sop.effects import Effect, Record, Reply, Tell
from sop.play import CannotPlay

ROLE_NAMES = {
    Role.RM: "客户经理",
    Role.OPERATOR: "运营",
    Role.REVIEWER: "合规审核",
    Role.MANAGER: "主管",
    Role.ADMIN: "管理员",
}
MOST_CHOICES = 8
UNKNOWN = "没看懂这条指令。发“帮助”看看能做什么。"
NOT_PLAYING = "没看懂这条指令，发“帮助”看看能做什么。游戏和抽奖请成员参加，员工不计名次。"


class Refused(Exception):
    """The command is not carried out; the text says why and what to type."""


def asked(
    tx: Connection, due: Due, staff: Staff, home: Community | None, text: str, moment: Moment
) -> list[Effect]:
    """Answers one line; `home` is the group it was typed in.

    What is typed exactly is done. A sentence of everyday language is answered, if that changes
    nothing, else asked back; so is every slip of the pen.
    """
    loosely = meant(text)
    line = read(loosely or text, by_word())
    if line is None:
        return [Reply(UNKNOWN if home is None else NOT_PLAYING)]
    if isinstance(line, Near):
        if _is_keyword(due, text):  # 抽奖 looks like 开奖
            return [Reply(UNKNOWN if home is None else NOT_PLAYING)]
        return [Reply(f"您是想输入“{line.meant}”吗？\n> 例：{line.command.example}")]
    line = _of_follow_ups(line)
    command = line.command
    try:
        _allowed(command, staff)
        request = _request(tx, due, command, line.args, staff, home, moment)
        effects = _discreet(command, request, command.handle(request))
    except Usage as error:
        hint = f"{error}\n用法：{command.usage}\n例：{command.example}"
        return [Reply(hint), Record(staff.id, command.name, "", "写法不对")]
    except (Refused, CannotPlay) as error:
        return [Reply(str(error)), Record(staff.id, command.name, "", "未执行")]
    if loosely is not None and not all(_only_looks(staff, one) for one in effects):
        sure = f"您是想发“{loosely}”吗？是的话，请照样发一遍：\n> {loosely}"
        return [Reply(sure), Record(staff.id, command.name, "", "先确认")]
    if not any(isinstance(effect, Record) for effect in effects):
        about = "、".join(one.id for one in request.communities)
        # What is asked about members may hold their names: the audit outlives them.
        words = "" if command.private else " ".join(line.args)[:200]
        effects.append(Record(staff.id, command.name, about, words))
    return effects


def _of_follow_ups(line: Line) -> Line:
    """`推迟 跟进3 2h` puts off a follow-up: it is about no step, and needs no community."""
    first = plain(line.args[0]) if line.args else ""
    if line.command.name != "推迟" or not first.startswith("跟进"):
        return line
    number = first.removeprefix("跟进")
    args = (number, *line.args[1:]) if number else line.args[1:]
    return Line(by_word()["推迟跟进"], args)


def _only_looks(staff: Staff, effect: Effect) -> bool:
    """Whether an effect changes nothing and tells nobody but the sender."""
    match effect:
        case Reply():
            return True
        case Tell():
            return effect.staff == staff.id
        case Record():
            return not effect.undo
    return False


def _is_keyword(due: Due, text: str) -> bool:
    """Whether a colleague typed what members say to draw."""
    return any(plain(one.keyword) == plain(text) for one in due.library.campaigns.values())


def _discreet(command: Command, request: Request, effects: Sequence[Effect]) -> list[Effect]:
    """In a group, an answer about members or figures goes to the sender alone."""
    if request.here is None or not command.private:
        return list(effects)
    told: list[Effect] = [
        Tell(request.sender.id, one.text) if isinstance(one, Reply) else one for one in effects
    ]
    return [*told, Reply(f"“{command.name}”的结果已私信给您。")]


def _allowed(command: Command, staff: Staff) -> None:
    if not command.roles & staff.roles:
        who = "、".join(ROLE_NAMES[role] for role in Role if role in command.roles)
        raise Refused(f"“{command.name}”只有{who}可以用。")


def _request(
    tx: Connection,
    due: Due,
    command: Command,
    args: tuple[str, ...],
    staff: Staff,
    home: Community | None,
    moment: Moment,
) -> Request:
    facts = due.facts(tx)
    every = facts.communities()
    mine = [one for one in every if _may(staff, command, one)]
    request = Request(
        sender=staff,
        args=args,
        communities=(),
        now=moment.now,
        zone=due.settings.zone,
        seed=moment.seed,
        facts=facts,
        library=due.library,
        workdays=due.workdays,
        tx=tx,
        settings=due.settings,
        here=home,
    )
    if command.scope is Scope.NONE:
        return request
    # Names of foreign communities are looked up too, to refuse them without a word about them.
    named = naming(args, mine)
    if not named.named and naming(args, every).named:
        raise Refused("这个社群不归您负责。")
    if len(named.named) > 1:
        raise Refused(_which(command, named.args, list(named.named)))
    if named.named:
        return replace(request, communities=named.named, args=named.args)
    if home is not None:
        if home.id not in {one.id for one in mine}:
            raise Refused("这个社群不归您负责。")
        return replace(request, communities=(home,))
    if not mine:
        raise Refused("您名下还没有社群，请管理员在 config.yaml 里设置。")
    if command.scope is Scope.OPTIONAL or len(mine) == 1:
        return replace(request, communities=tuple(mine))
    if command.scope is Scope.PLAYING:
        concerned = [one for one in mine if facts.running_games(one.id)]
        if not concerned and len(mine) > 1:
            raise Refused("您的社群里现在没有进行中的游戏。")
    else:
        concerned = [one for one in mine if args and _has_step(due, one, args[0])]
    if len(concerned) == 1:
        return replace(request, communities=tuple(concerned))
    raise Refused(_which(command, args, concerned or mine))


def _may(staff: Staff, command: Command, community: Community) -> bool:
    """An RM acts on own communities; a role that sees all counts only where it grants."""
    granting = staff.roles & command.roles
    return community.id in staff.communities or bool(granting - {Role.RM})


def _has_step(due: Due, community: Community, step: str) -> bool:
    """Whether a plan of this community has a step of this id."""
    return any(
        plan.includes(community) and plan.in_community(community.id).step(step) is not None
        for plan in due.library.plans.values()
    )


def _which(command: Command, args: tuple[str, ...], choices: list[Community]) -> str:
    words = (command.name, *(quoted(one) for one in args))
    lines = ["> " + " ".join((*words, as_word(one, choices))) for one in choices[:MOST_CHOICES]]
    if len(choices) > MOST_CHOICES:
        lines.append(f"> ……共 {len(choices)} 个社群，写上名称即可")
    usage = [] if args else [f"用法：{command.usage}"]
    return "\n".join(["您有几个社群，请写明是哪一个：", *lines, *usage])
