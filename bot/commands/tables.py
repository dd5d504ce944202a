"""名单 and 导出: winners, members of a segment, open follow-ups; to be read here, or as a file."""

from collections.abc import Sequence

from bot import approval, exporting
from bot.command import Command, Request, Scope, Topic, Usage
from bot.commands.payouts import name_of
from bot.customers import shown_to
from bot.payout_words import PAYOUT_WORDS
from bot.typed import plain
from sop.community import Role
from sop.effects import Effect, Record, Reply, SendFile
from sop.money import yuan
from sop.prizes import prize_title
from sop.segment import Segment
from storage import money, payout_rows

_LEADERS = frozenset({Role.RM, Role.OPERATOR, Role.MANAGER})
_MOST_NAMED = 12
_MOST_WINNERS = 20
_MOST_MEMBERS = 20
_PEOPLE, _WINNERS, _FOLLOW_UPS = "人群", "名单", "跟进"


def _list(request: Request) -> list[Effect]:
    """Winners of a source, or members of a segment; what could be both is asked back."""
    if not request.args:
        return _only_source(request)
    first, *rest = request.args
    if first == _PEOPLE and not rest:
        return [Reply(_every_segment(request))]
    if first == _PEOPLE:
        return _members(request, _segment(request, " ".join(rest)))
    typed = " ".join(request.args)
    sources = approval.sources(typed, _sources(request), request.library)
    segments = exporting.segments(request.library, typed)
    if sources and segments:
        lines = [f"> 名单 {one}" for one in sources if plain(one) != plain(typed)]
        lines += [f"> 名单 {_PEOPLE} {one.segment}" for one in segments]
        raise Usage("\n".join([f"“{typed}”既是活动也是人群，请写明：", *lines]))
    if len(segments) == 1:
        return _members(request, segments[0])
    return _winners(request, _source(request, typed))


def _only_source(request: Request) -> list[Effect]:
    known = _sources(request)
    if len(known) == 1:
        return _winners(request, known[0])
    if not known:
        return [Reply("还没有人中奖。看人群请发：名单 人群名，例如：名单 沉睡成员")]
    titles = [approval.title(one, request.library) for one in known]
    told = [
        "**名单**　看谁中了奖，请写活动名：",
        *(f"> 名单 {one}" for one in titles[:_MOST_NAMED]),
    ]
    return [Reply("\n".join(told))]


def _sources(request: Request) -> list[str]:
    return [one.source for one in money.budget_lines(request.tx)]


def _source(request: Request, typed: str) -> str:
    """The source that is meant. Raises Usage."""
    known = _sources(request)
    found = approval.sources(typed, known, request.library)
    if len(found) == 1:
        return found[0]
    if found:
        raise Usage(f"有几个都叫“{typed}”，请写编号：{'、'.join(found)}。")
    names = "、".join(known[:_MOST_NAMED]) or "还没有"
    raise Usage(
        f"没有叫“{typed}”的活动、奖池或人群。活动和奖池：{names}。有哪些人群请发：名单 {_PEOPLE}"
    )


def _every_segment(request: Request) -> str:
    titles = [one.title for one in exporting.every_segment(request.library)]
    if not titles:
        return "计划库里还没有人群。"
    return f"**人群**\n{'、'.join(titles)}\n> 看一个请发：名单 {titles[0]}"


def _segment(request: Request, typed: str) -> Segment:
    """The segment that is meant. Raises Usage."""
    found = exporting.segments(request.library, typed)
    if len(found) == 1:
        return found[0]
    known = found or exporting.every_segment(request.library)
    names = "、".join(f"{one.title}（{one.segment}）" for one in known[:_MOST_NAMED])
    if found:
        raise Usage(f"有几个人群都叫“{typed}”，请写编号：{names}。")
    raise Usage(f"没有叫“{typed}”的人群，可以写：{names or '计划库里还没有人群'}。")


def _members(request: Request, segment: Segment) -> list[Effect]:
    if not request.sender.roles & _LEADERS:
        return [Reply("人群名单只有客户经理、运营、主管可以看。")]
    chosen = exporting.chosen(request, segment)
    total = len({member.id for _, members in chosen for member in members})
    of_all = sum(request.facts.member_count(one.id) for one, _ in chosen)
    told = [f"**{segment.title}**　{total} 位（{len(chosen)} 个社群，共 {of_all} 人次）"]
    if not total:
        return [Reply("\n".join([*told, "现在没有符合条件的成员。"]))]
    if len(chosen) > 1:
        told += [f"{one.name}：{len(members)} 位" for one, members in chosen if members]
    own = request.sender.communities
    names = list(
        dict.fromkeys(
            (member.id, shown_to(member.name, one.id in own))
            for one, members in chosen
            for member in members
        )
    )
    told += ["", "、".join(name for _, name in names[:_MOST_MEMBERS])]
    if total > _MOST_MEMBERS:
        told.append(f"……等 {total} 位")
    told.append(f"> 全部名单请发：导出 {segment.title}")
    return [Reply("\n".join(told))]


def _winners(request: Request, source: str) -> list[Effect]:
    rows = payout_rows.listing(
        request.tx, source=source, communities=exporting.whose_prizes(request)
    )
    title = approval.title(source, request.library)
    if not rows:
        return [Reply(f"“{title}”还没有人中奖。")]
    total = yuan(sum(row.amount_fen for row in rows))
    told = [f"**{title}·名单**　{len(rows)} 份，共 {total} 元"]
    told.append("、".join(_counted([row.status for row in rows])))
    newest = sorted(rows, key=lambda row: (row.won_at, row.order_no), reverse=True)
    for row in newest[:_MOST_WINNERS]:
        mark = "⚠️ " if row.flags else ""
        told.append(
            f"· {approval.tail(row)}　{mark}{name_of(request, row)}　"
            f"{prize_title(row)}　{PAYOUT_WORDS[row.status]}"
        )
    if len(rows) > _MOST_WINNERS:
        told.append(f"（只列出最近 {_MOST_WINNERS} 份，全部请发：导出 名单 {title}）")
    return [Reply("\n".join(told))]


def _counted(statuses: Sequence[str]) -> list[str]:
    return [
        f"{word} {statuses.count(status)}"
        for status, word in PAYOUT_WORDS.items()
        if status in statuses
    ]


def _export(request: Request) -> list[Effect]:
    if not request.args:
        raise Usage("请写要导出什么：人群名、“名单 活动名”或者“跟进”。")
    first, *rest = request.args
    if first == _WINNERS and rest:
        table = exporting.winners(request, _source(request, " ".join(rest)))
    elif first == _FOLLOW_UPS and not rest:
        table = exporting.open_follow_ups(request)
    else:
        named = " ".join(rest if first == _PEOPLE and rest else request.args)
        table = exporting.members(request, _segment(request, named))
    if not table.rows:
        return [Reply(f"“{table.name}”里现在一行也没有，没有导出。")]
    count = len(table.rows)
    left = f"（共 {table.total} 行，一次最多这么多）" if table.total > count else ""
    sender = request.sender.id
    return [
        SendFile(sender, table.name, table.head, table.rows),
        Reply(
            f"📄 “{table.name}”{count} 行{left}，文件马上发到您的“群运助手”。"
            "\n> 里面有客户资料，请勿转发，用完即删。"
        ),
        Record(sender, "导出", table.subject, f"{count} 行"),
    ]


COMMANDS = [
    Command(
        name="名单",
        aliases=("winners", "list"),
        roles=_LEADERS | {Role.ADMIN},
        scope=Scope.OPTIONAL,
        usage="名单 活动或人群〔社群〕",
        example="名单 沉睡成员",
        summary="谁中了奖；或者一个人群里有谁",
        handle=_list,
        private=True,
        topic=Topic.DRAWS,
    ),
    Command(
        name="导出",
        aliases=("export",),
        roles=_LEADERS,
        scope=Scope.OPTIONAL,
        usage="导出 人群〔社群〕，或者 导出 名单 活动，或者 导出 跟进",
        example="导出 沉睡成员",
        summary="把名单导出成 Excel，私信给您",
        handle=_export,
        private=True,
        topic=Topic.MEMBERS,
    ),
]
