"""Labels follow their rules."""

from bot.nights import Chore
from sop import tagging

CHORE = Chore(
    name="labels",
    wanted=lambda library: bool(library.tag_rules or library.tag_groups),
    effects=lambda one: tagging.nightly(one.facts, one.library, one.community, one.now),
)
