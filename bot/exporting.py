"""Tables for colleagues: members of a segment, winners, follow-ups.

A name is whole for the member's own RM and masked for everybody else; ids and payment data are in
no table.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from bot import agenda, approval
from bot.command import Request
from bot.customers import shown_to
from bot.facts_standings import wanted
from bot.payout_words import PAYOUT_WORDS
from bot.typed import plain
from sop.community import Community, Member, Role, accounts
from sop.explain import STAGES, VALUES
from sop.library import Library
from sop.prizes import prize_title
from sop.segment import Segment
from storage import follow_ups, member_card, overview, payout_rows, selection

MOST_ROWS = 2000
_PRIORITIES = {1: "高", 2: "中", 3: "低"}


@dataclass(frozen=True, slots=True)
class Export:
    """A table of at most `MOST_ROWS` rows."""

    name: str
    subject: str
    """What the audit calls it."""
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    total: int
    """How many rows there would be."""


def every_segment(library: Library) -> list[Segment]:
    """The segments of the library, by title."""
    return sorted(library.segments.values(), key=lambda one: one.title)


def segments(library: Library, typed: str) -> list[Segment]:
    """Those that a word means: by name, else by title."""
    word = plain(typed)
    named = [one for one in every_segment(library) if plain(one.segment) == word]
    return named or [one for one in every_segment(library) if plain(one.title) == word]


def chosen(request: Request, segment: Segment) -> list[tuple[Community, Sequence[str]]]:
    """Who is in a segment, by id, in each community of the request."""
    staff, found = accounts(request.settings.staff), dict[str, list[str]]()
    for zone in {one.zone for one in request.communities}:
        asked = wanted(segment.who, request.now, zone)
        here = [one.id for one in request.communities if one.zone == zone]
        found |= selection.ids(request.tx, here, asked)
    return [
        (one, [member for member in found[one.id] if member not in staff])
        for one in request.communities
    ]


def by_name(request: Request, segment: Segment, community: Community) -> Sequence[Member]:
    """Who is in a segment in one community, by name."""
    return request.facts.choose(community.id, segment.who, request.now)


def whose_prizes(request: Request) -> Collection[str] | None:
    """The communities whose prizes the sender may see; None: all there ever were."""
    if not request.sender.roles - {Role.RM} or request.here is not None:
        return [one.id for one in request.communities]
    every = len(request.communities) == len(request.facts.communities())
    return None if every else [one.id for one in request.communities]


def members(request: Request, segment: Segment) -> Export:
    """Who is in a segment, with where they stand."""
    rows: list[tuple[str, ...]] = []
    total = 0
    for community, ids in chosen(request, segment):
        total += len(ids)
        if ids and len(rows) < MOST_ROWS:  # a manager sees hundreds of communities
            rows += _standing_rows(request, community, by_name(request, segment, community))
    head = ("成员", "社群", "入群", "生命周期", "价值", "最近活跃", "标签")
    return Export(segment.title, f"segment/{segment.segment}", head, tuple(rows[:MOST_ROWS]), total)


def _standing_rows(
    request: Request, community: Community, found: Sequence[Member]
) -> list[tuple[str, ...]]:
    own = community.id in request.sender.communities
    kept = request.facts.standings.kept(community.id)
    labels = member_card.labels(request.tx, community.id)
    rows: list[tuple[str, ...]] = []
    for one in found:
        stands = kept.get(one.id)
        rows.append(
            (
                shown_to(one.name, own),
                community.name,
                _day(one.joined_at, request),
                STAGES[stands.stage] if stands else "",
                VALUES.get(stands.value, "") if stands else "",
                stands.last_on.isoformat() if stands and stands.last_on else "",
                "、".join(labels.get(one.id, ())),
            )
        )
    return rows


def winners(request: Request, source: str) -> Export:
    """Who won what from a source, by date."""
    mine = whose_prizes(request)
    total = sum(count for count, _ in payout_rows.tally(request.tx, source, mine).values())
    found = payout_rows.listing(request.tx, limit=MOST_ROWS, source=source, communities=mine)
    title = approval.title(source, request.library)
    called = overview.names(request.tx, [row.member for row in found])
    rows = tuple(
        (
            _name(request, row.community, called.get(row.member, "")),
            _place(request, row.community),
            prize_title(row),
            _day(row.won_at, request),
            row.payable_on.isoformat(),
            PAYOUT_WORDS[row.status],
            approval.tail(row),
        )
        for row in found
    )
    head = ("成员", "社群", "奖品", "中奖", "到账", "状态", "单号")
    return Export(f"{title}·名单", source, head, rows, total)


def open_follow_ups(request: Request) -> Export:
    """What is still to be done: the sender's own, or in all of their communities for who sees
    more."""
    if request.sender.roles - {Role.RM}:
        seen = {one.id for one in request.communities}
        found = [one for one in follow_ups.every_open(request.tx) if one.community in seen]
    else:
        found = follow_ups.open_for(request.tx, request.sender.id)
    called = overview.names(request.tx, [one.member for one in found[:MOST_ROWS]])
    rows = tuple(
        (
            str(one.id),
            _name(request, one.community, called.get(one.member, "")),
            _place(request, one.community),
            _colleague(request, one.staff),
            _PRIORITIES[one.priority],
            _day(one.due_at, request),
            one.reason,
        )
        for one in found[:MOST_ROWS]
    )
    head = ("编号", "成员", "社群", "客户经理", "优先级", "截止", "为什么")
    return Export("跟进", "follow_up", head, rows, len(found))


def _name(request: Request, community: str, name: str) -> str:
    return shown_to(name, community in request.sender.communities)


def _place(request: Request, community: str) -> str:
    known = (one.name for one in request.settings.communities if one.id == community)
    return next(known, community)


def _colleague(request: Request, staff: str) -> str:
    known = request.facts.staff(staff)
    return known.name if known else staff


def _day(instant: datetime, request: Request) -> str:
    return agenda.local(instant, request.zone).date().isoformat()
