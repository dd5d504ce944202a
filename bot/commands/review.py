"""审核: what waits for a stamp, the sheet of one step or file, a yes or a no with its reason."""

from bot import reviewing
from bot.command import Command, Request, Scope, Usage
from bot.reviewing import Entry
from bot.typed import plain
from sop import review
from sop.community import Role
from sop.diagnostics import closest
from sop.effects import Effect, Reply, Tell
from sop.plan import Plan

_YES = frozenset({"通过", "盖章", "ok", "pass", "stamp"})
_NO = frozenset({"退回", "撤销", "不通过", "reject", "revoke"})
_ALL = frozenset({"全部", "all"})
_LEAST_CODE = 4
"""Characters of a hash that are enough to show which sheet was read."""
_BESIDES = "**计划以外的文字**"
_LONGEST_IN_CHAT = 6000
"""Characters; a longer sheet is not read on a phone, so it is not stamped from one."""


def _review(request: Request) -> list[Effect]:
    listed = reviewing.entries(
        request.tx, request.library, request.facts.communities(), request.workdays, request.now
    )
    if not request.args:
        return [Reply(_waiting(request, listed))]
    if len(request.args) == 1 and plain(request.args[0]) in _ALL:
        return [Reply(_everything(request, listed))]
    step, verb, rest = _words(request.args)
    entry = _find(listed, step)
    if verb is None:
        return _show(request, entry)
    if plain(verb) in _YES:
        return _approve(request, entry, rest)
    return _send_back(request, entry, rest)


def _words(args: tuple[str, ...]) -> tuple[str, str | None, tuple[str, ...]]:
    """`3 通过 1a2b` and `通过 3 1a2b` mean the same. Raises Usage."""
    verbs = _YES | _NO
    if plain(args[0]) in verbs:
        if len(args) == 1:
            raise Usage("请写是哪一步。")
        return args[1], args[0], args[2:]
    if len(args) == 1:
        return args[0], None, ()
    if plain(args[1]) not in verbs:
        raise Usage(f"没有看懂“{args[1]}”：可以写“通过”或“退回”。")
    return args[0], args[1], args[2:]


def _find(listed: list[Entry], typed: str) -> Entry:
    """By number, `plan/step`, or a step's id that only one plan has. Raises Usage."""
    word = plain(typed).removesuffix("号")
    if word.isdecimal():
        found = [one for one in listed if one.number == int(word)]
    else:
        found = [one for one in listed if word in _names(one)]
    if len(found) == 1:
        return found[0]
    if found:
        names = " 或 ".join(str(one.number) for one in found)
        raise Usage(f"有几个计划都有“{typed}”，请写编号：{names}。")
    if own := [str(one.number) for one in listed if one.plan and plain(one.plan) == word]:
        raise Usage(f"“{typed}”是一个计划，请写其中一步的编号：{'、'.join(own)}。")
    near = closest(typed, {one.sheet.step or one.sheet.name for one in listed}) if listed else None
    raise Usage(
        f"没有“{typed}”这一步。"
        + (f"您是想输入“{near}”吗？" if near else "发送“审核 全部”可以看到每一步的编号。")
    )


def _names(entry: Entry) -> set[str]:
    """Besides its number; of a file also what comes after the colon."""
    _, _, file = entry.sheet.plan.partition(":")
    return {plain(entry.sheet.name), plain(entry.sheet.step or file)}


def _waiting(request: Request, listed: list[Entry]) -> str:
    waiting = [one for one in listed if one.waits]
    if not waiting:
        return "✅ 没有等待审核的步骤。\n> 看全部请发：审核 全部"
    lines = reviewing.lines(waiting, _name_of(request), request.zone, _head, _BESIDES)
    foot = f"> 看内容请发：审核 {waiting[0].number}"
    head = f"**待审核 {reviewing.counted(waiting)}**，没有审核章就不会发送"
    return "\n".join([head, *lines, foot])


def _everything(request: Request, listed: list[Entry]) -> str:
    if not listed:
        return "计划库里没有需要审核的步骤。"
    lines = reviewing.lines(listed, _name_of(request), request.zone, _head, _BESIDES)
    return "\n".join([f"**共 {reviewing.counted(listed)}**", *lines])


def _head(plan: Plan) -> str:
    return f"**{plan.title}**（{plan.plan}）"


def _show(request: Request, entry: Entry) -> list[Effect]:
    text = reviewing.whole_sheet(entry, _name_of(request), request.zone)
    if len(text) > _LONGEST_IN_CHAT:
        return [
            Reply(
                f"“{entry.sheet.title}”的审核单有 {len(text)} 字，手机上看不全，请在电脑上看："
                f"qunyun review show {entry.sheet.name}"
            )
        ]
    if entry.stamp is not None or review.may_stamp(request.sender, entry.written) is not None:
        return [Tell(request.sender.id, text)]
    title = f"审核 {entry.number}：{entry.sheet.title.partition(' · ')[2]}"
    return [Tell(request.sender.id, text, title=title, buttons=reviewing.buttons(entry))]


def _approve(request: Request, entry: Entry, rest: tuple[str, ...]) -> list[Effect]:
    if (refused := review.may_stamp(request.sender, entry.written)) is not None:
        return [Reply(refused)]
    if not rest:
        raise Usage(f"请带上审核单里的校验码；发送“审核 {entry.number}”可以看到。")
    code = plain(rest[0])
    if len(code) < _LEAST_CODE:
        raise Usage(f"校验码至少写前 {_LEAST_CODE} 位。")
    if not entry.sheet.hash.startswith(code):
        text = "校验码对不上，没有盖章：内容可能在您看过之后改过。"
        return [Reply(f"{text}\n> 请重新看：审核 {entry.number}")]
    if entry.stamp is not None:
        return [Reply(f"“{entry.sheet.title}”已经盖过章，内容没有变。")]
    return [
        *reviewing.approve(request.sender, entry.sheet),
        Reply(f"✅ 已盖章：{entry.sheet.title}（{entry.sheet.name}）"),
    ]


def _send_back(request: Request, entry: Entry, rest: tuple[str, ...]) -> list[Effect]:
    reason = " ".join(rest)
    if not reason:
        raise Usage("请写退回的原因，撰稿人和运营会看到。")
    sheet = entry.sheet
    return [
        *reviewing.send_back(request.facts, request.sender, entry.written, sheet, reason),
        Reply(f"↩️ 已退回：{sheet.title}（{sheet.name}），已告诉撰稿人和运营。"),
    ]


def _name_of(request: Request) -> reviewing.NameOf:
    def name(userid: str) -> str:
        staff = request.facts.staff(userid)
        return staff.name if staff else userid

    return name


COMMANDS = [
    Command(
        name="审核",
        aliases=("review",),
        roles=frozenset({Role.REVIEWER}),
        scope=Scope.NONE,
        usage="审核〔步骤〔通过 校验码〕〔退回 原因〕〕，步骤写编号或名称",
        example="审核 3",
        summary="看待审的步骤，盖审核章",
        handle=_review,
        private=True,
    ),
]
