"""How follow-ups ended, by what they came from."""

from bot.step_titles import step_title
from bot.week_details import Asked
from sop.summary.details import OutcomeFigures
from storage.figures.outcomes import OutcomeNumbers
from storage.figures.outcomes import outcomes as numbers

_TITLES = {
    "gathering": "推荐度和问卷的回访",
    "command": "同事手工交办",
    "silence": "加了好友没有入群",
    "link": "点开过链接",
}


def outcomes(asked: Asked) -> tuple[OutcomeFigures, ...]:
    """Rules and steps by name, then the others."""
    return tuple(
        OutcomeFigures(
            one.origin, _title(asked, one), one.created, one.done, one.dropped, one.overdue
        )
        for one in numbers(asked.scope)
    )


def _title(asked: Asked, one: OutcomeNumbers) -> str:
    first, _, name = one.origin.partition("/")
    if one.source == "rule":
        rule = asked.library.follow_rules.get(name)
        return name if rule is None else rule.reason
    if name:
        return step_title(asked.library, first, name)
    return _TITLES.get(first, first)


READ = outcomes
