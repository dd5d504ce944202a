"""周报: the weekly summary, as it is final, or as it stands now."""

from collections.abc import Sequence
from datetime import date, timedelta

from bot import agenda
from bot.command import Command, Request, Scope, Topic, Usage
from bot.summaries import READERS, every_scope, kept_week
from bot.summaries import Scope as Chosen
from bot.typed import plain
from bot.weekly_letters import NOT_FINAL
from sop.community import Community
from sop.effects import AskSummary, Effect, Reply
from sop.summary.weeks import NoSuchWeek, monday_of, parse_week, week_label

_LAST = ("上周", "last")
_THIS = ("本周", "这周", "this")
MOST_AT_ONCE = 20
"""Communities whose numbers are worked out within the answer; of more the card is made outside of
the transaction, and follows."""


def _report(request: Request) -> list[Effect]:
    if len(request.args) > 1:
        raise Usage(f"没有看懂“{' '.join(request.args)}”。")
    this = monday_of(agenda.local(request.now, request.zone).date())
    monday = _week(request.args[0] if request.args else "上周", this)
    if monday > this:
        raise Usage("这一周还没有开始。")
    scope = _scope(request)
    card = _card(request, scope, monday)
    if scope is None:
        return [Reply(card)]
    asked = AskSummary(request.sender.id, week_label(monday), scope.id, "more" if card else "card")
    return [Reply(card or "正在统计，做好了就发给您。"), asked]


def _card(request: Request, scope: Chosen | None, monday: date) -> str:
    """The card, if it can be had at once: a final week is read, not worked out."""
    from sop.summary import weekly_card  # heavy, and asked for rarely
    from sop.summary.card import render

    kept = kept_week(request.tx, scope, monday) if scope is not None else None
    if kept is not None:
        return render(kept.summary)
    if len(request.communities) > MOST_AT_ONCE:
        return ""
    name = f"{len(request.communities)} 个社群" if scope is None else scope.name
    card = weekly_card(request.facts, request.communities, monday, request.zone, name)
    return f"{card}\n\n> {NOT_FINAL}"


def _scope(request: Request) -> Chosen | None:
    """The scope that these communities are; None where they are none that has a page."""
    ids = _ids(request.communities)
    same = [one for one in every_scope(request.settings) if _ids(one.communities) == ids]
    own = [one for one in same if one.id == f"rm:{request.sender.id}"]
    single = [one for one in same if one.id.startswith("community:")]
    return next(iter([*single, *own, *same]), None)


def _ids(communities: Sequence[Community]) -> frozenset[str]:
    return frozenset(one.id for one in communities)


def _week(typed: str, this: date) -> date:
    word = plain(typed)
    if word in _THIS:
        return this
    if word in _LAST:
        return this - timedelta(days=7)
    try:
        return parse_week(word)
    except NoSuchWeek as error:
        raise Usage(f"没有看懂“{typed}”。请写 上周、本周，或者 2026-W47 这样的周号。") from error


COMMANDS = [
    Command(
        name="周报",
        aliases=("report",),
        roles=READERS,
        scope=Scope.OPTIONAL,
        usage="周报〔上周 或 本周 或 2026-W47〕〔社群〕，不写就是上周",
        example="周报 上周",
        summary="一周的数字",
        handle=_report,
        private=True,
        topic=Topic.NUMBERS,
    ),
]
