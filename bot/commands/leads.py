"""线索: people on a list whom a relationship manager is to add as contacts."""

from collections.abc import Sequence

from bot.command import Command, Request, Scope, Topic, Usage
from sop import onboarding as core
from sop.channel import Channel
from sop.community import Community, Role
from sop.effects import Effect, Record, Reply, SettleLead, Tell
from sop.unplanned import may_say
from storage import leads, onboarding
from storage.leads import LeadRow

_SHOWN = 10
_RESULTS = {
    "加上了": "added",
    "已加": "added",
    "没接": "unanswered",
    "不要": "refused",
    "还没打": "waiting",
}
_WORDS = {"waiting": "还没打", "unanswered": "没接", "added": "加上了", "refused": "不要"}
_EVERYBODY = "全部"
_LONGEST_NOTE = 100


def _leads(request: Request) -> list[Effect]:
    if not request.args:
        return [Reply(_mine(request))]
    first, *rest = request.args
    if first == _EVERYBODY:
        return [Reply(_everybody(request))]
    lead = _lead(request, first)
    if not rest:
        return _whole(request, lead)
    if rest[0] not in _RESULTS:
        raise Usage(f"“{rest[0]}”看不懂，结果写：加上了、没接、不要。")
    return _settled(request, lead, _RESULTS[rest[0]], " ".join(rest[1:]))


def _mine(request: Request) -> str:
    rows = leads.of(request.tx, request.sender.id)
    if not rows:
        return "您名下没有要加的线索。"
    lines = [f"**线索**　还有 {len(rows)} 位"]
    lines += [_line(request, one) for one in rows[:_SHOWN]]
    if len(rows) > _SHOWN:
        lines.append(f"……打完这几位，再发“线索”看后面的 {len(rows) - _SHOWN} 位")
    number = rows[0].id
    lines.append(f"> 看话术：线索 {number}　记结果：线索 {number} 加上了（或 没接、不要）")
    return "\n".join(lines)


def _line(request: Request, row: LeadRow) -> str:
    """What a lead may be offered is said to the customer, too: only with its stamp."""
    channel = request.library.channels.get(row.channel)
    held = channel is not None and not _may_say(request, channel, _home(request, channel, row))
    tried = "　没接过" if row.status == "unanswered" else ""
    offer = f"　{row.benefit}" if row.benefit and not held else ""
    note = f"　{row.note}" if row.note else ""
    return f"{row.id}. {row.name}　{row.masked}　优先级 {row.priority}{offer}{tried}{note}"


def _everybody(request: Request) -> str:
    if not request.sender.roles & {Role.OPERATOR, Role.MANAGER}:
        raise Usage("“线索 全部”只有运营和主管可以看。")
    waiting = leads.waiting_by_staff(request.tx)
    if not waiting:
        return "没有还要打的线索。"
    lines = ["**线索**　还没打完的"]
    for staff, n in sorted(waiting.items(), key=lambda one: (-one[1], one[0])):
        known = request.facts.staff(staff)
        lines.append(f"{known.name if known else staff}：{n} 位")
    return "\n".join(lines)


def _lead(request: Request, typed: str) -> LeadRow:
    """A colleague's own lead: numbers of others are nobody's business."""
    row = leads.get(request.tx, int(typed)) if typed.isdecimal() and len(typed) < 15 else None
    if row is None or row.staff != request.sender.id:
        raise Usage(f"您名下没有 {typed[:20]} 号线索，发“线索”看编号。")
    return row


def _whole(request: Request, row: LeadRow) -> list[Effect]:
    """The lead, what to say, and what to write when adding; each text alone, to be copied."""
    lines = [f"**{row.name}**　{row.masked}　优先级 {row.priority}　{_WORDS[row.status]}"]
    if row.note:
        lines.append(row.note)
    channel = request.library.channels.get(row.channel)
    texts = [] if channel is None else _texts(request, channel, row)
    if channel is not None and not _may_say(request, channel, _home(request, channel, row)):
        lines.append("⚠️ 话术和验证语还没有审核章，先不给；请催一下合规审核。")
    if texts:
        lines.append("下面依次是：" + "、".join(title for title, _ in texts))
    sender = request.sender.id
    effects: list[Effect] = [Reply("\n".join(lines))]
    effects += [Tell(sender, text) for _, text in texts]
    return [*effects, Record(sender, "线索", str(row.id), "")]


def _texts(request: Request, channel: Channel, row: LeadRow) -> Sequence[tuple[str, str]]:
    """(Title, text) of what helps with a lead."""
    home = _home(request, channel, row)
    if channel.leads is None or not _may_say(request, channel, home):
        return []
    script = channel.leads.scripts.of(row.priority)
    # As the file says now, which is what was stamped; only its name was dealt out for good.
    offers = {one.name: one.text for one in channel.leads.benefits}
    wanted = [("电话话术", script), ("加好友的验证语", channel.leads.verification)]
    return [
        (
            title,
            core.lead_text(
                request.facts,
                channel,
                text,
                row.staff,
                home,
                request.now,
                member=row.name,
                benefit=offers.get(row.variant, row.benefit),
            ),
        )
        for title, text in wanted
        if text is not None
    ]


def _may_say(request: Request, channel: Channel, home: Community | None) -> bool:
    return home is None or may_say(request.facts, request.library, channel, home)


def _home(request: Request, channel: Channel, row: LeadRow) -> Community | None:
    named = request.facts.community(row.community) if row.community else None
    return named or channel.home(request.facts.communities(), row.staff)


def _settled(request: Request, row: LeadRow, status: str, note: str) -> list[Effect]:
    if len(note) > _LONGEST_NOTE:
        raise Usage(f"备注最长 {_LONGEST_NOTE} 个字。")
    member = _contact(request, row) if status == "added" else None
    before = SettleLead(row.id, row.status, row.note, row.member)
    rest = [one for one in leads.of(request.tx, request.sender.id) if one.id != row.id]
    left = len(rest) + (status in ("waiting", "unanswered"))
    by = request.sender.id
    return [
        SettleLead(row.id, status, note or row.note, member),
        Reply(f"📝 {row.name}：{_WORDS[status]}。还有 {left} 位。\n> 反悔请发：撤销"),
        Record(by, "线索结果", str(row.id), _WORDS[status], (before,)),
    ]


def _contact(request: Request, row: LeadRow) -> str | None:
    """The new contact of that name, if there is exactly one."""
    found = onboarding.called(request.tx, [row.staff], row.name, 3)
    exact = {arrival.member for arrival, name in found if name == row.name}
    return exact.pop() if len(exact) == 1 else None


COMMANDS = [
    Command(
        name="线索",
        aliases=("leads",),
        roles=frozenset({Role.RM, Role.OPERATOR, Role.MANAGER}),
        scope=Scope.NONE,
        usage="线索〔编号〕〔加上了｜没接｜不要〕〔备注〕",
        example="线索 3 加上了",
        summary="要加好友的客户名单：看、拿话术、记结果",
        handle=_leads,
        private=True,
        topic=Topic.NEWCOMERS,
    )
]
