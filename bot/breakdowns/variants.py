"""The variants of steps over four weeks."""

from dataclasses import replace

from bot.step_titles import step_title
from bot.week_details import Asked
from sop.summary.details import VariantFigures
from sop.summary.intervals import design_effect
from storage.figures.variants import VariantNumbers
from storage.figures.variants import variants as numbers


def variants(asked: Asked) -> tuple[VariantFigures, ...]:
    """By plan, step and name; only where the bot hears what members say, or a variant would seem
    worse for having been given to communities without an archive."""
    heard = tuple(one.id for one in asked.communities if one.heard)
    scope = replace(asked.scope, communities=heard)
    return tuple(_variant(asked, one) for one in numbers(scope))


def _variant(asked: Asked, one: VariantNumbers) -> VariantFigures:
    return VariantFigures(
        one.plan,
        one.step,
        step_title(asked.library, one.plan, one.step),
        one.variant,
        one.reached,
        one.acted,
        communities=len(one.places),
        spread=round(design_effect([(acted, reached) for reached, acted in one.places]), 4),
    )


READ = variants
