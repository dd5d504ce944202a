"""Who added a colleague and has not come into the group is brought to mind."""

from bot.nights import Chore
from sop import onboarding

CHORE = Chore(
    name="onboarding",
    wanted=lambda library: bool(library.channels),
    effects=lambda one: onboarding.silent(one.facts, one.library, one.community, one.now),
)
