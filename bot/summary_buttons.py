"""A colleague pressed a button of the weekly summary's card: a file is wanted."""

from bot.due import Due
from bot.summaries import may_see, scope_of
from bot.summary_forms import FORMS
from bot.weekly_letters import BUTTON
from sop.effects import AskSummary, Effect, SettleCard
from sop.events import Pressed
from sop.summary.weeks import NoSuchWeek, parse_week


def pressed(due: Due, event: Pressed) -> list[Effect]:
    """`summary|2026-W47|all|xlsx`: made and sent a moment later. The card keeps its buttons."""
    staff = due.settings.staff.get(event.sender)
    week, _, rest = event.key.removeprefix(BUTTON).partition("|")
    name, _, form = rest.rpartition("|")
    scope = scope_of(due.settings, name)
    if staff is None or scope is None or not may_see(staff, scope):
        return [SettleCard("您没有权限")]
    try:
        parse_week(week)
    except NoSuchWeek:
        return [SettleCard("按钮已失效")]
    if form not in FORMS:
        return [SettleCard("按钮已失效")]
    return [AskSummary(staff.id, week, scope.id, form)]
