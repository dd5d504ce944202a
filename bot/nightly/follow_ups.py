"""Whom rules find is handed to their RM; what became pointless is closed.

After the labels of the same night, which the rules may ask for: chores come in the order of their
names.
"""

from bot.nights import Chore
from sop import follow_ups

CHORE = Chore(
    name="to_follow",
    wanted=lambda library: bool(library.plans or library.follow_rules or library.channels),
    effects=lambda one: follow_ups.nightly(one.facts, one.library, one.community, one.now),
    quiet=True,
)
