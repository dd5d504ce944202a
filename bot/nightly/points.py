"""Points lapse, and the group is told a week ahead of what is going to."""

from bot.nights import Chore, Night
from sop import points
from sop.effects import Effect


def _effects(night: Night) -> list[Effect]:
    since = night.since.astimezone(night.community.zone).date()
    return points.nightly(night.facts, night.community, since, night.now)


CHORE = Chore(name="points", wanted=lambda library: bool(library.points), effects=_effects)
