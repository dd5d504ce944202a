"""Life cycle, RFM and value groups are worked out."""

from bot.nights import Chore
from sop import standing

CHORE = Chore(
    name="standings",
    wanted=lambda library: bool(library.plans),
    effects=lambda one: standing.nightly(one.facts, one.community, one.since, one.now),
    early=True,
    quiet=True,
)
