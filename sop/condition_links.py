"""What conditions refer to must be there: games, steps, links, channels."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from sop.conditions import Conditions
from sop.diagnostics import Severity, closest, did_you_mean
from sop.games import all_games

if TYPE_CHECKING:
    from sop.library import Library

MISTYPED = 70
"""Likeness, of 100, from which on a name is taken for another one with a slip."""
Misfit = tuple[tuple[str | int, ...], str, Severity]
"""Where below the conditions, what is wrong, and how badly."""


def unmet(conditions: Conditions, library: "Library") -> Iterator[Misfit]:
    """A game that does not exist selects nobody for ever; a step, link or channel that is not
    there may still come."""
    game = conditions.played.game if conditions.played else None
    if game is not None and game not in all_games():
        yield (
            ("played", "game"),
            f"没有叫“{game}”的游戏。{did_you_mean(game, all_games())}",
            "error",
        )
    if conditions.survey:
        kind = {"survey"}
        yield from _step(conditions.survey.step, ("survey", "step"), "问卷", kind, library)
    if conditions.written and conditions.written.step:
        kind = {"message", "invite"}
        yield from _step(conditions.written.step, ("written", "step"), "私信", kind, library)
    for number, channel in enumerate(conditions.channel):
        # Ways made in WeCom's own console have names too, of which no file tells.
        near = closest(channel, library.channels, likeness=MISTYPED)
        if channel not in library.channels and near is not None:
            hint = did_you_mean(channel, library.channels)
            yield ("channel", number), f"没有名为“{channel}”的渠道。{hint}", "warning"
    link = conditions.clicked.link if conditions.clicked else None
    known = {
        name for plan in library.plans.values() for step in plan.steps() for name in step.links
    }
    if link is not None and link not in known:
        near = did_you_mean(link, known)
        yield ("clicked", "link"), f"没有哪一步有叫“{link}”的链接。{near}", "warning"


def _step(
    written: str, path: tuple[str, ...], called: str, kinds: set[str], library: "Library"
) -> Iterator[Misfit]:
    plan_name, _, step_id = written.partition("/")
    plan = library.plans.get(plan_name)
    step = None if plan is None else plan.step(step_id)
    if step is None:
        steps = [
            f"{one.plan}/{each.id}"
            for one in library.plans.values()
            for each in one.steps()
            if any(spec.kind in kinds for _, spec in each.specs())
        ]
        yield path, f"没有“{written}”这一步。{did_you_mean(written, steps)}", "warning"
    elif not any(spec.kind in kinds for _, spec in step.specs()):
        yield path, f"“{written}”不是{called}，这个条件谁也选不到。", "warning"
