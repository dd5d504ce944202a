"""What came of private messages with links."""

from bot.step_titles import step_title
from bot.week_details import Asked
from sop.summary.details import RecallFigures
from storage.figures.recalls import recalls as numbers


def recalls(asked: Asked) -> tuple[RecallFigures, ...]:
    """By plan and step."""
    return tuple(
        RecallFigures(
            one.plan,
            one.step,
            step_title(asked.library, one.plan, one.step),
            one.written,
            one.clicked,
            one.back,
        )
        for one in numbers(asked.scope)
    )


READ = recalls
