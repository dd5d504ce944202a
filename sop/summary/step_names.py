"""Steps as sentences name them."""

from collections.abc import Sequence
from datetime import date

from sop.summary.figures import StepFigures
from sop.summary.weeks import WEEKDAYS
from sop.summary.wording import cut

LONGEST = 16
_MOST = 2


def weekday(day: date) -> str:
    """`周二`."""
    return WEEKDAYS[day.weekday()]


def short(title: str) -> str:
    """A name for the middle of a sentence."""
    return cut(title, LONGEST)


def named(step: StepFigures, gap: str = "") -> str:
    """`周二掷骰子`; the weekday once, where the title begins with it."""
    title, day = short(step.title), weekday(step.day)
    return title if title.startswith(day) else f"{day}{gap}{title}"


def names(steps: Sequence[StepFigures]) -> str:
    """`周一步骤、周二掷骰子等 4 个步骤`."""
    first = [named(step) for step in steps[:_MOST]]
    more = f"等 {len(steps)} 个步骤" if len(steps) > len(first) else ""
    return "、".join(first) + more


def again(steps: Sequence[StepFigures], before: Sequence[StepFigures]) -> str:
    """The first of the steps that is among those of the week before as well; empty: none."""
    known = {(one.plan, one.step) for one in before}
    found = [one for one in steps if (one.plan, one.step) in known]
    return short(found[0].title) if found else ""
