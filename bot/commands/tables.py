"""名单 and 导出: winners, members of a segment, open follow-ups; to be read here, or as a file."""

from collections.abc import Mapping, Sequence

from bot import approval, exporting
from bot.command import Command, Request, Scope, Topic, Usage
from bot.commands.payouts import name_of
from bot.customers import MOST_APART, shown_to
from bot.payout_words import PAYOUT_WORDS
from bot.typed import plain
from sop.community import Community, Role
from sop.diagnostics import closest
from sop.effects import Effect, Record, Reply, SendFile
from sop.money import yuan
from sop.prizes import prize_title
from sop.segment import Segment
from storage import money, overview, payout_rows

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
    if near := _near_segments(request, typed):
        raise Usage(f"没有叫“{typed}”的活动、奖池或人群。您是想看：{near}？")
    names = "、".join(known[:_MOST_NAMED]) or "还没有"
    raise Usage(
        f"没有叫“{typed}”的活动、奖池或人群。活动和奖池：{names}。有哪些人群请发：名单 {_PEOPLE}"
    )


def _near_segments(request: Request, typed: str) -> str:
    """Segments that people may mean by a part of the name, or with a slip of the pen."""
    titles = [one.title for one in exporting.every_segment(request.library)]
    word = plain(typed)
    found = [one for one in titles if word in plain(one) or plain(one) in word]
    slip = closest(typed, titles)
    return "、".join(f"“{one}”" for one in found[:_MOST_NAMED] or ([slip] if slip else []))


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
    if found:
        names = "、".join(f"{one.title}（{one.segment}）" for one in found[:_MOST_NAMED])
        raise Usage(f"有几个人群都叫“{typed}”，请写编号：{names}。")
    near = _near_segments(request, typed)
    meant = f"您是想写：{near}？" if near else f"有哪些人群请发：名单 {_PEOPLE}"
    raise Usage(f"没有叫“{typed}”的人群。{meant}")


def _members(request: Request, segment: Segment) -> list[Effect]:
    if not request.sender.roles & _LEADERS:
        return [Reply("人群名单只有客户经理、运营、主管可以看。")]
    chosen = exporting.chosen(request, segment)
    total = len({member for _, members in chosen for member in members})
    of_all = sum(overview.present(request.tx, [one.id for one, _ in chosen]).values())
    told = [f"**{segment.title}**　{total} 位（{len(chosen)} 个社群，共 {of_all} 人次）"]
    if not total:
        return [Reply("\n".join([*told, "现在没有符合条件的成员。"]))]
    if len(chosen) > 1:
        told += _in_each([(one, len(members)) for one, members in chosen if members])
    told += ["", "、".join(_first_names(request, segment, chosen))]
    if total > _MOST_MEMBERS:
        told.append(f"……等 {total} 位")
    told.append(f"> 全部名单请发：导出 {segment.title}")
    return [Reply("\n".join(told))]


def _in_each(counts: Sequence[tuple[Community, int]]) -> list[str]:
    """How many there are in each community; of many communities, in those with most."""
    shown = list(counts)
    if len(counts) > MOST_APART:
        shown = sorted(counts, key=lambda one: -one[1])[:MOST_APART]
    lines = [f"{one.name}：{number} 位" for one, number in shown]
    left = len(counts) - len(shown)
    return [*lines, f"（另外 {left} 个社群各不超过 {shown[-1][1]} 位）"] if left else lines


def _first_names(
    request: Request, segment: Segment, chosen: Sequence[tuple[Community, Sequence[str]]]
) -> list[str]:
    """The first names, in the order of communities; whoever is in several is named once."""
    names: dict[str, str] = {}
    for community, members in chosen:
        if members and len(names) < _MOST_MEMBERS:
            own = community.id in request.sender.communities
            for one in exporting.by_name(request, segment, community):
                names.setdefault(one.id, shown_to(one.name, own))
    return list(names.values())[:_MOST_MEMBERS]


def _winners(request: Request, source: str) -> list[Effect]:
    communities = exporting.whose_prizes(request)
    found = payout_rows.tally(request.tx, source, communities)
    title = approval.title(source, request.library)
    if not found:
        return [Reply(f"“{title}”还没有人中奖。")]
    count, fen = (sum(one) for one in zip(*found.values(), strict=True))
    told = [f"**{title}·名单**　{count} 份，共 {yuan(fen)} 元", "、".join(_counted(found))]
    for row in payout_rows.newest(request.tx, source, communities, _MOST_WINNERS):
        mark = "⚠️ " if row.flags else ""
        told.append(
            f"· {approval.tail(row)}　{mark}{name_of(request, row)}　"
            f"{prize_title(row)}　{PAYOUT_WORDS[row.status]}"
        )
    if count > _MOST_WINNERS:
        told.append(f"（只列出最近 {_MOST_WINNERS} 份，全部请发：导出 名单 {title}）")
    return [Reply("\n".join(told))]


def _counted(found: Mapping[str, tuple[int, int]]) -> list[str]:
    return [
        f"{word} {found[status][0]}" for status, word in PAYOUT_WORDS.items() if status in found
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
        heavy=True,
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
        heavy=True,
        topic=Topic.MEMBERS,
    ),
]
