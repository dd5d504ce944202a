"""What holidays did to the plans: steps that were skipped or moved, and why."""

from collections.abc import Iterator

from bot.rehearsal.result import Finding
from bot.rehearsal.stage import Script
from sop.holiday_moves import holiday_moves
from sop.workdays import UnknownYear


def decisions(script: Script) -> Iterator[Finding]:
    """One finding for each step and day that a holiday changed, in any community."""
    span, communities = script.span, script.settings.communities
    for plan in script.library.plans.values():
        try:
            for move in holiday_moves(plan, communities, span.start, span.end, script.workdays):
                yield Finding(span.start, "holiday", "", move.text)
        except UnknownYear as error:
            yield Finding(None, "holiday", "", f"{plan.plan}：{error}")
