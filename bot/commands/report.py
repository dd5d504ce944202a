"""周报: the weekly summary, now."""

from datetime import date, timedelta

from bot import agenda
from bot.command import Command, Request, Scope, Topic, Usage
from bot.typed import plain
from sop.community import Role
from sop.effects import Effect, Reply
from sop.summary.weeks import NoSuchWeek, monday_of, parse_week

_LAST = ("上周", "last")
_THIS = ("本周", "这周", "this")


def _report(request: Request) -> list[Effect]:
    from sop.summary import weekly_card  # heavy, and asked for rarely

    if len(request.args) > 1:
        raise Usage(f"没有看懂“{' '.join(request.args)}”。")
    this = monday_of(agenda.local(request.now, request.zone).date())
    monday = _week(request.args[0] if request.args else "上周", this)
    if monday > this:
        raise Usage("这一周还没有开始。")
    names = [one.name for one in request.communities]
    scope = names[0] if len(names) == 1 else f"{len(names)} 个社群"
    card = weekly_card(request.facts, request.communities, monday, request.zone, scope)
    return [Reply(card)]


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
        roles=frozenset({Role.RM, Role.OPERATOR, Role.MANAGER}),
        scope=Scope.OPTIONAL,
        usage="周报〔上周 或 本周 或 2026-W47〕〔社群〕，不写就是上周",
        example="周报 上周",
        summary="一周的数字",
        handle=_report,
        private=True,
        topic=Topic.NUMBERS,
    ),
]
