"""Who came by an invitation and stayed long enough is credited."""

from bot.nights import Chore
from sop import referral

CHORE = Chore(
    name="referrals",
    wanted=lambda library: bool(library.referrals),
    effects=lambda one: referral.nightly(one.facts, one.library, one.community, one.now),
)
